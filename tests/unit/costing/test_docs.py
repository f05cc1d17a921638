"""The costing pages: every component has one, each says what it must, and its worked example runs."""

import doctest
from importlib.resources import files
from pathlib import Path

import pytest

from optimizer.costing.direct import DIRECT_COSTS
from optimizer.costing.holding import HOLDING_COSTS
from optimizer.costing.inbound import INBOUND_COSTS
from optimizer.costing.outbound import OUTBOUND_COSTS

DOCS = Path(str(files("optimizer.costing").joinpath("docs")))
PAGES = sorted(DOCS.glob("*.md"))
SECTIONS = ("## Formula", "## Units", "## Worked example", "## Sources")


@pytest.mark.parametrize(
    "component", sorted({*DIRECT_COSTS, *INBOUND_COSTS, *HOLDING_COSTS, *OUTBOUND_COSTS})
)
def test_every_component_has_a_page(component):
    page = DOCS / f"{component}.md"
    assert page.is_file()
    text = page.read_text(encoding="utf-8")
    assert [section for section in SECTIONS if section not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_worked_example_runs(page):
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.attempted > 0
    assert result.failed == 0


def test_the_index_links_every_page():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "index.md" and f"({page.name})" not in index] == []
