"""Words of the reports: complete in every language, for every component, mode, rule and column."""

import re
from pathlib import Path

import pytest

from optimizer.errors import InputError
from optimizer.plan.columns import PLAN_TABLES
from optimizer.report import language
from optimizer.report.content import LANE_COLUMNS
from optimizer.report.language import LANGUAGES, phrases, translated
from optimizer.solver.solution import Termination

PAGE = Path(language.__file__).parent / "assets" / "page"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_keys_and_the_same_gaps_to_fill(code):
    english, other = phrases("en"), phrases(code)
    assert english.keys() == other.keys()
    gaps = re.compile(r"\{\w+\}")
    assert {k: sorted(gaps.findall(v)) for k, v in english.items()} == {
        k: sorted(gaps.findall(v)) for k, v in other.items()
    }
    assert all(other.values())


def test_chinese_is_chinese():
    same = {k for k, v in phrases("zh").items() if v == phrases("en")[k]}
    assert same == {"column.m3"}


def test_every_phrase_that_the_page_names_exists():
    text = "".join(path.read_text(encoding="utf-8") for path in PAGE.iterdir())
    used = set(re.findall(r'(?:phrase\(|data-t=|data-label=)"([a-z_]+\.[a-z_]+)"', text))
    assert len(used) > 20
    assert used <= phrases("en").keys()


def test_every_column_shown_and_every_way_to_stop_has_words():
    shown = set(LANE_COLUMNS) | {column.name for column in PLAN_TABLES["openings"]}
    assert {f"column.{name}" for name in shown} <= phrases("en").keys()
    assert {f"status.{way}" for way in Termination} <= phrases("en").keys()
    assert {f"table.{name}" for name in PLAN_TABLES} <= phrases("en").keys()


def test_unknown_keys_lose_their_prefix_and_unknown_languages_are_refused():
    assert translated("t:component.brand_new", "zh") == "brand new"
    with pytest.raises(InputError, match="no table of this language"):
        phrases("fr")
