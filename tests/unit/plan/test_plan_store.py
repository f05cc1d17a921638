"""Plan tables on disk: same plan, same bytes; what is read is what was written."""

import pandas as pd
import pytest

from hand_made_plan import hand_made_plan
from optimizer.plan.columns import PLAN_TABLES, conform
from optimizer.plan.plan import Plan
from optimizer.plan.store import read_tables, write_tables


def test_written_twice_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_tables(hand_made_plan(), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 2 * len(PLAN_TABLES)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_reads_back_what_was_written(tmp_path):
    plan = hand_made_plan()
    write_tables(plan, tmp_path)
    for name, table in read_tables(tmp_path).items():
        pd.testing.assert_frame_equal(table, plan[name])


def test_rows_are_ordered_by_their_keys_whatever_the_order_given():
    flows = hand_made_plan()["flows"]
    pd.testing.assert_frame_equal(conform("flows", flows.iloc[::-1]), flows)


def test_a_missing_column_is_an_error():
    with pytest.raises(KeyError, match="co2_kg"):
        conform("carbon", pd.DataFrame({"member": ["a"], "market": "DE", "mode": "line", "period": "p"}))


def test_a_plan_needs_all_its_tables():
    with pytest.raises(KeyError, match="costs"):
        Plan("x", "USD", {"flows": pd.DataFrame()})


def test_cost_by_adds_up_to_the_total():
    plan = hand_made_plan()
    assert plan.cost == pytest.approx(100.0)
    assert plan.cost_by("member") == pytest.approx({"anna": 64.0, "bela": 36.0})
    assert plan.cost_by("stage") == pytest.approx({"outbound": 50.0, "direct": 40.0, "joint": 10.0})
