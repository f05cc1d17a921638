"""Comparison of two plans whose differences are known by hand."""

import pytest

from hand_made_plan import hand_made_plan
from optimizer.errors import InputError
from optimizer.plan.plan import Plan
from optimizer.study.compare import compare, compare_plans


def test_a_dearer_last_mile_shows_in_component_member_market_and_mode():
    comparison = compare_plans({"base": hand_made_plan(), "dear": hand_made_plan(last_mile=45.0)})
    assert comparison.totals["change"].tolist() == [0.0, 15.0]
    assert comparison.totals["change_pct"].tolist() == pytest.approx([0.0, 15.0])
    first = {view: frame.iloc[0].tolist() for view, frame in comparison.costs.items()}
    assert first == {
        "component": ["last_mile", 50.0, 65.0, 15.0],
        "member": ["bela", 36.0, 51.0, 15.0],
        "market": ["FR", 60.0, 75.0, 15.0],
        "mode": ["warehouse", 60.0, 75.0, 15.0],
    }
    assert comparison.moved.empty


def test_another_size_and_another_way_are_named():
    comparison = compare_plans({"a": hand_made_plan(), "b": hand_made_plan(size="large", via="BE-LGG")})
    assert comparison.openings.values.tolist() == [["FR-LIL", "small", "large"]]
    moved = comparison.moved.set_index("site")["orders"]
    assert moved.to_dict() == {"FR-LIL": -6.0, "BE-LGG": 6.0}


def test_a_run_compared_with_itself_changes_nothing():
    comparison = compare_plans({"a": hand_made_plan(), "b": hand_made_plan()})
    assert comparison.totals["change"].tolist() == [0.0, 0.0]
    assert all((frame["change"] == 0.0).all() for frame in comparison.costs.values())


def test_currencies_do_not_mix():
    euro = Plan("euro", "EUR", hand_made_plan().tables)
    with pytest.raises(InputError, match="currencies"):
        compare_plans({"a": hand_made_plan(), "b": euro})


def test_one_run_cannot_be_compared(tmp_path):
    with pytest.raises(InputError, match="two runs"):
        compare([tmp_path])
