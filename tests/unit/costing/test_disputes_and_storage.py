"""Disputed payments, and warehouses that do not store everything."""

from dataclasses import replace

import numpy as np
import pytest

from hand_instance import hand_instance
from lamp_world import world
from optimizer.costing.direct import direct_table
from optimizer.costing.disputes import dispute_cost
from optimizer.costing.enquiry import Enquiry
from optimizer.costing.options import price
from optimizer.costing.quote_bulk import quote_bulk
from optimizer.errors import InfeasibleError
from optimizer.network import build

DISPUTED = """
    market,name,country,lat,lon,remote,promise_days,late_order_amount,dispute_pct,dispute_lost_pct,dispute_amount,currency
    DE,Germany,DE,51,10,false,10,2,5,60,12,USD"""


def test_disputes_of_parcels_by_hand():
    """The line takes (10, 15) days against 10 promised: sigma 0.269, late Phi(-0.1343) = 0.44662.

    5 % of these dispute: a fee of 12 USD = 10 EUR in November (1.2 USD), 60 % lose the price of 40 EUR:
    0.44662 · 0.05 · (10 + 24) = 0.75926. The post takes (20, 30) days and is nearly always late.
    """
    instance = world(markets=DISPUTED)
    table = direct_table(instance, build(instance).direct_lanes)
    november = table[table["period"] == "2026-11"].set_index("service")
    assert november.loc["line", "cost_disputes"] == pytest.approx(0.44662 * 0.05 * 34, abs=2e-5)
    late = november.loc["post", "late_share"]
    assert november.loc["post", "cost_disputes"] == pytest.approx(late * 0.05 * 34)


def test_without_terms_or_promise_there_is_no_dispute():
    plain = world()
    assert direct_table(plain, build(plain).direct_lanes)["cost_disputes"].eq(0.0).all()
    open_ended = world(markets=DISPUTED.replace("false,10,2", "false,,"))
    assert direct_table(open_ended, build(open_ended).direct_lanes)["cost_disputes"].eq(0.0).all()


@pytest.mark.parametrize("terms", [(0.0, 60.0, 15.0), (5.0, 0.0, 0.0)])
def test_a_zero_rate_gives_zero(terms):
    assert dispute_cost(0.5, *terms, 40.0) == 0.0


def test_deliveries_from_a_warehouse_are_disputed_too():
    """Promise 1 day: the last mile of 2 days (95 %: 3) is late with p; 10 % · p · (0 + 40)."""

    def promised(tables):
        tables["markets"][0] |= {"promise_days": 1.0, "dispute_pct": 10.0, "currency": "EUR"}

    instance = hand_instance(change=promised)
    outbound = price(instance, build(instance)).outbound.iloc[0]
    assert outbound["cost_disputes"] == pytest.approx(outbound["late_share"] * 0.1 * 40.0)


def test_a_warehouse_that_does_not_store_batteries():
    def picky(tables):
        tables["products"][0]["cargo"] = "battery"
        for service in tables["services"]:
            service["accepts_battery"] = service["accepts_liquid"] = True
        tables["sites"][0]["accepts_battery"] = False

    instance = hand_instance(change=picky)
    assert price(instance, build(instance)).inbound.empty

    def nowhere(tables):
        picky(tables)
        tables["services"][0]["accepts_battery"] = False

    alone = hand_instance(change=nowhere)
    with pytest.raises(InfeasibleError, match="lamp to DE"):
        price(alone, build(alone))
    lamps = Enquiry(
        origin="YIW", to="HAM-1", weight_kg=1.0, dims_cm=(10.0, 10.0, 10.0), value=10.0, hs=("940521",),
        date=np.datetime64("2026-04-15"), quantity=1000, member="ann", cargo="battery",
    )  # fmt: skip
    answer = quote_bulk(instance, lamps)
    assert answer["routes"] == []
    reasons = {item["service"]: item["reason"] for item in answer["not_offered"]}
    assert reasons == {"site HAM-1": "does not store lithium batteries", "sea": "no site stores the goods"}
    assert quote_bulk(instance, replace(lamps, cargo="liquid"))["routes"]
