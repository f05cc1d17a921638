"""Joint costs reach those who cause them, and nothing is lost on the way."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimizer.plan.split import split_by_volume


def flows(*lines):
    columns = ["site", "member", "market", "mode", "period", "orders", "m3"]
    return pd.DataFrame(lines, columns=columns)


def test_rent_goes_to_the_users_of_the_site_by_volume():
    used = flows(
        ("HAM", "anna", "DE", "warehouse", "p1", 10, 3.0),
        ("HAM", "bela", "DE", "warehouse", "p1", 90, 1.0),
        ("LIL", "bela", "FR", "warehouse", "p1", 50, 5.0),
        ("", "cleo", "FR", "postal", "p1", 50, 0.0),
    )
    charges = pd.DataFrame({"site": ["HAM", "LIL"], "component": "site_rent", "amount": [80.0, 7.0]})
    split = split_by_volume(charges, used, ["site"], "m3")
    by_member = split.groupby("member")["amount"].sum()
    assert by_member.to_dict() == pytest.approx({"anna": 60.0, "bela": 27.0})


def test_a_site_kept_open_for_nobody_is_shared_by_orders_without_a_market():
    used = flows(("", "anna", "DE", "postal", "p1", 30, 0.0), ("", "bela", "DE", "postal", "p1", 10, 0.0))
    charges = pd.DataFrame({"site": ["HAM"], "component": ["site_rent"], "amount": [100.0]})
    split = split_by_volume(charges, used, ["site"], "m3").set_index("member")
    assert split["amount"].to_dict() == pytest.approx({"anna": 75.0, "bela": 25.0})
    assert set(split["market"]) == {""} and set(split["period"]) == {""}


@settings(deadline=None, max_examples=40)
@example(amounts=[1.5], lines=[("A", "x", 5e-324)])
@given(
    amounts=st.lists(st.floats(0.01, 1e6), min_size=1, max_size=3),
    lines=st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["x", "y"]), st.floats(0, 50)),
        min_size=1,
        max_size=8,
    ),
)
def test_parts_add_up_to_every_charge(amounts, lines):
    used = flows(*[(site, member, "DE", "warehouse", "p1", 1.0, m3) for site, member, m3 in lines])
    charges = pd.DataFrame({"site": list("ABC")[: len(amounts)], "component": "rent", "amount": amounts})
    split = split_by_volume(charges, used, ["site"], "m3")
    assert split["amount"].sum() == pytest.approx(sum(amounts), rel=1e-12)
    assert (split["amount"] >= 0).all()
