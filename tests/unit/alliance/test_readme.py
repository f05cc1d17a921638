"""The worked example of the documentation is what the code computes."""

import re
from pathlib import Path

import pytest

import optimizer.alliance
from optimizer.alliance.allocate import allocate
from optimizer.alliance.game import CostGame

README = Path(optimizer.alliance.__file__).parent / "README.md"


def test_the_table_of_rules_shows_computed_shares():
    result = allocate(CostGame.from_values([0, 100, 80, 150, 60, 120, 125, 190], ["a", "b", "c"]))
    rows = re.findall(
        r"^\| `(\w+)`.*\| (-?[\d.]+), (-?[\d.]+), (-?[\d.]+) \|$", README.read_text("utf-8"), re.M
    )
    assert {name for name, *_ in rows} == set(result.allocations)
    for name, *shown in rows:
        shares = result.allocations[name].shares
        assert [float(entry) for entry in shown] == pytest.approx(shares, abs=0.0051), name


def test_every_rule_is_explained():
    text = README.read_text("utf-8")
    for name in (
        "owen",
        "weighted_saving",
        "weighted_shapley",
        "weighted_nucleolus",
        "modiclus",
        "serial_fees",
    ):
        assert f"`{name}`" in text
