from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.alliance.settlement import round_to_total, settle
from optimizer.errors import InputError

SHARES = {"a": 600.0, "b": 300.0, "c": 100.0}
PLANNED = {"a": 60.0, "b": 20.0, "c": 5.0}


def test_volumes_as_planned_give_the_planned_shares():
    sheet = settle(SHARES, PLANNED, PLANNED, Decimal("1000.00"))
    assert [str(amount) for amount in sheet["amount"]] == ["600.00", "300.00", "100.00"]
    assert all(amount == 0 for amount in sheet["true_up"])


def test_by_hand_with_a_fixed_part():
    # b ships twice as much: owed 600 + (150 + 300) + 100 = 1150, of which a is 600/1150 of 2300
    actual = PLANNED | {"b": 40.0}
    sheet = settle(SHARES, PLANNED, actual, Decimal("2300.00"), fixed_part=0.5)
    assert [str(amount) for amount in sheet["amount"]] == ["1200.00", "900.00", "200.00"]


def test_who_planned_nothing_pays_the_mean_cost_per_unit():
    shares, planned = SHARES | {"d": 0.0}, PLANNED | {"d": 0.0}
    sheet = settle(shares, planned, planned | {"d": 17.0}, Decimal("1200.00"))
    assert str(sheet["amount"].iloc[3]) == "200.00"  # 17 units at 1000 / 85


@given(
    st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12),
    st.decimals(min_value="0.01", max_value="99999999", places=2),
)
@settings(deadline=None, max_examples=60)
def test_the_sheet_sums_to_the_invoice_to_the_cent(volumes, invoice):
    names = [f"m{i}" for i in range(len(volumes))]
    planned = dict.fromkeys(names, 3.0)
    sheet = settle(
        dict.fromkeys(names, 100.0 / 3), planned, dict(zip(names, volumes, strict=True)), Decimal(invoice)
    )
    assert sum(sheet["amount"]) == invoice
    total = sum(volumes)
    for volume, amount in zip(volumes, sheet["amount"], strict=True):
        assert abs(float(amount) - float(invoice) * volume / total) < 0.0101 + 1e-9 * float(invoice)


def test_the_yen_has_no_cents():
    assert [str(a) for a in round_to_total([33.4, 33.3, 33.3], Decimal("100"), places=0)] == [
        "34",
        "33",
        "33",
    ]


@pytest.mark.parametrize(
    ("planned", "actual", "fixed", "says"),
    [
        ({"a": 1}, PLANNED, 0.0, "planned volumes: found 'b, c'"),
        (PLANNED, PLANNED | {"x": 1}, 0.0, "only members have volumes"),
        (PLANNED, PLANNED | {"a": -1}, 0.0, "volumes are ≥ 0"),
        (PLANNED, dict.fromkeys(PLANNED, 0.0), 0.0, "someone shipped"),
        (PLANNED, PLANNED, 1.5, "between 0 and 1"),
    ],
)
def test_faults(planned, actual, fixed, says):
    with pytest.raises(InputError, match=says):
        settle(SHARES, planned, actual, Decimal("10.00"), fixed_part=fixed)


def test_an_invoice_with_fractions_of_a_cent_is_refused():
    with pytest.raises(InputError, match="2 decimals"):
        settle(SHARES, PLANNED, PLANNED, Decimal("10.001"))
