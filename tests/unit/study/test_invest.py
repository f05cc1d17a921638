"""What openings are worth, on paper: start-up against the saving over parcels and over going alone."""

import numpy as np
import pandas as pd
import pytest

from hand_instance import hand_instance
from optimizer.costing.horizon import horizon
from optimizer.plan.columns import PLAN_TABLES, conform
from optimizer.plan.plan import Plan
from optimizer.study.direct_only import direct_only
from optimizer.study.invest import appraise

PERIODS = {"site_rent": ""}
"""Costs that no flow caused have no period."""


def opened_site(tables):
    """1000 orders a month; sent direct each costs 5: 5000 a month. A site costs 1200 to open for a year."""
    tables["site_sizes"][0] |= {"start_up": 1200.0, "lease_months": 12.0}


def table(name, **columns):
    blank = {column.name: "" if column.type == "text" else 0 for column in PLAN_TABLES[name]}
    return conform(name, pd.DataFrame({column: [columns.get(column, blank[column])] for column in blank}))


def plan(running=4000.0, joining=50.0):
    """A plan whose running cost is 4000 a month, with 100 of 1200 start-up and a joining fee beside it."""
    costs = {"site_start_up": 100.0, "onboarding": joining, "last_mile": running - 300, "site_rent": 300.0}
    rows = pd.concat(
        [
            table("costs", stage="joint", component=name, member="ann", period=PERIODS.get(name, "2026-04"),
                  amount=amount)
            for name, amount in costs.items()
        ]
    )  # fmt: skip
    tables = {name: conform(name, pd.DataFrame()) for name in PLAN_TABLES}
    tables["costs"] = rows.reset_index(drop=True)
    tables["openings"] = table("openings", site="HAM-1", size="s", model="3pl", from_period="2026-04")
    tables["flows"] = table("flows", member="ann", period="2026-04", orders=1000.0)
    return Plan("hand", "EUR", tables)


def against(found):
    return {one["against"]: one for one in found.against}


def test_a_year_of_savings_by_hand():
    """Outlay 1200 + 50. Direct 5000 less 4000 saves 1000 a month, twelve times: 12,000 − 1250 at 0 %.

    A month is 30 days, its middle day 15: 1000 on day 15, the next on day 45; the missing 250 of 1000 are
    a quarter of the 30 days: payback on day 22.5. Alone costs 4500: saves 500 a month: 250 on days 15 and
    45, so 1250 are paid back halfway between days 45 and 75, on day 60.
    """
    found = appraise(hand_instance(change=opened_site), plan(), {"ann": 4500.0}, rate_pct=0.0)
    assert (found.outlay, found.renewals, found.years) == (1250.0, 0.0, 1.0)
    direct, alone = against(found)["all parcels direct"], against(found)["every member alone"]
    assert direct["net_present_value"] == pytest.approx(12 * 1000 - 1250)
    assert direct["payback_days"] == pytest.approx(22.5)
    assert direct["profit_per_unit"] == pytest.approx(10750 / 1250)
    assert direct["cost_per_year"] == pytest.approx(5000 * 365 / 30)
    assert direct["saving_per_year"] == pytest.approx(1000 * 365 / 30)
    assert alone["net_present_value"] == pytest.approx(12 * 500 - 1250)
    assert alone["payback_days"] == pytest.approx(60.0)


def test_discounted_by_hand():
    """At 10 %: the sum of 1000 · 1.1^(−(15 + 30 k) / 365) over k = 0 … 11, less 1250."""
    found = appraise(hand_instance(change=opened_site), plan(), {}, rate_pct=10.0)
    value = sum(1000 * 1.1 ** (-(15 + 30 * k) / 365) for k in range(12)) - 1250
    assert against(found)["all parcels direct"]["net_present_value"] == pytest.approx(value)


def test_the_return_makes_the_value_zero():
    found = appraise(hand_instance(change=opened_site), plan(running=4890.0), {}, rate_pct=5.0)
    rate = against(found)["all parcels direct"]["return_pct"]
    again = appraise(hand_instance(change=opened_site), plan(running=4890.0), {}, rate_pct=rate)
    assert against(again)["all parcels direct"]["net_present_value"] == pytest.approx(0.0, abs=1e-6)


def test_two_years_pay_the_start_up_twice():
    """The lease ends after a year: 1200 again, on day 365."""
    found = appraise(hand_instance(change=opened_site), plan(), {}, years=2.0, rate_pct=0.0)
    assert (found.years, found.renewals) == (2.0, 1200.0)
    assert against(found)["all parcels direct"]["net_present_value"] == pytest.approx(24_000 - 1250 - 1200)


def test_a_plan_dearer_than_parcels_never_pays():
    found = against(appraise(hand_instance(change=opened_site), plan(running=5100.0), {}, rate_pct=0.0))
    assert found["all parcels direct"]["payback_days"] == np.inf
    assert found["all parcels direct"]["net_present_value"] == pytest.approx(-1200 - 1250)


def test_without_members_alone_it_says_so():
    found = against(appraise(hand_instance(change=opened_site), plan(), {"ann": None}))
    assert found["every member alone"] == {
        "against": "every member alone",
        "reason": "the run holds no plan of each member alone",
    }


def test_without_a_direct_service_it_says_so():
    def heavy(tables):
        opened_site(tables)
        tables["services"][0]["max_weight_kg"] = 0.5

    found = against(appraise(hand_instance(change=heavy), plan(), {}))
    assert found["all parcels direct"]["reason"] == "1,000 orders have no direct service, the first lamp"


def test_late_orders_of_parcels_count_at_their_price():
    """A promise of 1 day to 90 %, 2 a late order: postal (12 days) is always late: 900 of 1000 pay."""

    def promised(tables):
        tables["markets"][0] |= {
            "promise_days": 1.0, "promise_share_pct": 90.0, "late_order_amount": 2.0, "currency": "EUR",
        }  # fmt: skip

    instance = hand_instance(change=promised)
    cost, reason = direct_only(instance, horizon(instance))
    assert reason == ""
    assert cost.tolist() == pytest.approx([5000 + 2 * 900], abs=1.0)
