"""Freight charges, lanes as supply, storage by age, safety stock, warehouse tariffs and openings, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from hand_instance import hand_instance
from optimizer.costing.freight import freight_prices
from optimizer.costing.horizon import horizon
from optimizer.costing.lane_supply import lane_supply
from optimizer.costing.money import Exchange
from optimizer.costing.options import price
from optimizer.costing.site_sizes import openings
from optimizer.costing.stock import effective_markets, safety_share
from optimizer.costing.storage import age_cost, mean_age_cost
from optimizer.costing.validity import pricing_dates
from optimizer.costing.warehouse import onboarding_fees, warehouse_tariff
from optimizer.errors import InfeasibleError, InputError
from optimizer.network import build


def periods_of(instance):
    return horizon(instance).assign(date=pricing_dates(instance["periods"]))


def prices_of(instance):
    return freight_prices(instance, Exchange(instance), build(instance).freight_routes, instance["periods"])


def charge(place, side, item, basis, amount, mode="*"):
    row = {"place": place, "side": side, "item": item, "basis": basis, "amount": amount, "mode": mode}
    return row | {"currency": "EUR"}


def inland_and_boxes(tables):
    """A port 1 degree of longitude from the origin on the equator: 1.3 × 111.195 = 144.55 km of road."""
    tables["places"][0] |= {"lat": 0.0, "lon": 100.0}
    tables["places"][1] |= {"lat": 0.0, "lon": 101.0}
    tables["inland_rates"] = [
        {"country": "CN", "unit": unit, "amount": amount, "amount_per_km": per_km, "currency": "EUR"}
        for unit, amount, per_km in (("40HQ", 50.0, 1.0), ("m3", 2.0, 0.1))
    ]
    lane = {"service": "sea", "mode": "sea", "from_place": "NGB", "to_place": "HAM", "currency": "EUR"}
    tables["freight_rates"].append(lane | {"unit": "40HQ", "amount": 2000.0})
    tables["containers"] = [
        {"container": "40HQ", "usable_m3": 65.0, "payload_t": 24.0, "us_road_limit_t": 19.0}
    ]
    tables["handling_charges"] += [
        charge("CN", "origin", "THC 40", "container_40", 300.0),
        charge("NGB", "origin", "THC 40", "container_40", 250.0, "sea"),  # the place wins over the country
        charge("CN", "origin", "CFS", "lcl", 11.0),
        charge("CN", "origin", "CFS", "lcl", 9.0, "sea"),  # the mode wins over *
        charge("CN", "origin", "weighing", "kg", 0.01),
        charge("DE", "destination", "processing", "pct_of_value", 0.5),
        charge("CN", "origin", "export declaration", "declaration", 30.0),
    ]


def test_all_in_prices_by_hand():
    sailing = prices_of(hand_instance(change=inland_and_boxes)).sailings.iloc[0]
    km = 1.3 * 111.1949
    assert sailing["pre_km"] == pytest.approx(km, rel=1e-5)
    assert sailing["40HQ"] == pytest.approx(2000 + 250 + 50 + km, rel=1e-6)
    assert sailing["lcl"] == pytest.approx(100 + 9 + 2 + 0.1 * km, rel=1e-6)
    assert sailing["per_kg"] == 0.01 and sailing["destination_pct"] == 0.5
    assert (sailing["per_shipment"], sailing["per_declaration"]) == (50.0, 30.0)
    assert np.isnan(sailing["20GP"])


def test_a_missing_rate_names_lane_date_and_table():
    def expired(tables):
        tables["freight_rates"][0]["valid_to"] = pd.Timestamp("2026-03-10")  # departure is 11 March

    with pytest.raises(InputError, match=r"freight_rates.*'sea NGB → HAM'.*2026-03-11"):
        price(hand_instance(change=expired), build(hand_instance(change=expired)))

    def no_trucks(tables):
        inland_and_boxes(tables)
        tables["inland_rates"] = []

    with pytest.raises(InputError, match=r"inland_rates.*YIW → NGB → HAM → HAM-1"):
        prices_of(hand_instance(change=no_trucks))


def test_lane_supply_scales_breaks_and_minimums_with_the_shipments():
    def by_air(tables):
        tables["freight_lanes"][0] |= {"kg_per_m3": 167.0, "shipments_per_month": 2.0}
        lane = {
            "service": "sea",
            "mode": "sea",
            "from_place": "NGB",
            "to_place": "HAM",
            "unit": "kg",
            "currency": "EUR",
        }
        tables["freight_rates"] = [
            lane | {"break_from_kg": 0.0, "amount": 5.0, "minimum_amount": 60.0},
            lane | {"break_from_kg": 45.0, "amount": 4.0},
        ]

    instance = hand_instance(change=by_air)
    supply = lane_supply(instance, prices_of(instance), periods_of(instance))
    # per shipment: 60 up to 12 kg, 5 a kg up to 45, then 4; two shipments double every quantity
    expected = [[0.0, 24.0, 120.0, 0.0], [24.0, 90.0, 0.0, 5.0], [90.0, np.inf, 0.0, 4.0]]
    assert supply.tiers[["start", "end", "fixed", "unit_cost"]].to_numpy().tolist() == expected
    assert supply.lanes["shipment_fee"].tolist() == [100.0]  # 50 × 2
    assert supply.lanes["basis"].tolist() == ["kg"]


def test_lcl_minimum_covers_the_main_leg_only():
    def minimum(tables):
        inland_and_boxes(tables)
        tables["freight_rates"][0]["minimum_amount"] = 150.0

    instance = hand_instance(change=minimum)
    supply = lane_supply(instance, prices_of(instance), periods_of(instance))
    ends = 9 + 2 + 0.1 * 1.3 * 111.1949
    assert supply.tiers["start"].tolist() == [0.0, 1.5]
    assert supply.tiers["fixed"].tolist() == [150.0, 0.0]
    assert supply.tiers["unit_cost"].tolist() == pytest.approx([ends, 100 + ends], rel=1e-6)
    assert supply.modules[["container", "m3", "t"]].iloc[0].tolist() == ["40HQ", 65.0, 24.0]


def test_us_roads_limit_the_payload():
    def to_us(tables):
        inland_and_boxes(tables)
        for table in ("sites", "markets"):
            tables[table][0]["country"] = "US"
        tables["places"][2]["country"] = "US"
        tables["handling_charges"] = []

    instance = hand_instance(change=to_us)
    supply = lane_supply(instance, prices_of(instance), periods_of(instance))
    assert supply.modules["t"].tolist() == [19.0]


START, END, PRICE = np.array([0.0, 30.0, 60.0]), np.array([30.0, 60.0, np.inf]), np.array([0.0, 0.5, 1.2])


@pytest.mark.parametrize("age", [0.0, 29.9, 30.0, 45.0, 60.0, 90.0])
def test_storage_by_age_against_integration(age):
    def rate(days):
        return float(PRICE[np.searchsorted(END, days, side="right")])

    first, second = age_cost(START, END, PRICE, np.array([age]))
    assert first[0] == pytest.approx(
        quad(rate, 0, age, points=[30, 60] if age > 60 else None, limit=200)[0], abs=1e-6
    )
    ages = np.linspace(0, age, 20001)
    totals = age_cost(START, END, PRICE, ages)[0]
    assert second[0] == pytest.approx(np.trapezoid(totals, ages), rel=1e-5, abs=1e-6)


def test_mean_storage_of_goods_sold_over_a_cycle():
    # ages 20 to 50: free to day 30, then 0.5 a day: mean over 30 days 0.5 · 20² / 2 / 30
    cost = mean_age_cost(START, END, PRICE, np.array([20.0]), np.array([30.0]))
    assert cost[0] == pytest.approx(0.5 * 200 / 30)
    assert mean_age_cost(START, END, PRICE, np.array([40.0]), np.array([0.0]))[0] == pytest.approx(5.0)


def test_square_root_law_of_risk_pooling():
    one, four = effective_markets(np.array([10.0, 40.0]), np.array([100.0, 400.0]))
    share = [float(safety_share(1.645, 0.3, *map(np.array, (40.0, 0.0, 30.0, k)))) for k in (one, four)]
    assert share[0] == pytest.approx(2 * share[1])
    # 90 markets of one order each, lead time 40 ± 5 days against a month: the lead time's own spread remains
    assert safety_share(1.645, 0.0, *map(np.array, (40.0, 5.0, 30.0, 90.0))) == pytest.approx(1.645 * 5 / 30)


def test_weight_steps_hold_from_their_lower_end():
    def steps(tables):
        tables["warehouse_charges"].append(
            {"provider": "p", "item": "first_unit", "weight_from_kg": 2.0, "amount": 1.9, "currency": "EUR"}
        )

    instance = hand_instance(change=steps)
    tariff = warehouse_tariff(instance, Exchange(instance), periods_of(instance).reset_index())
    asked = pd.DataFrame({"provider": "p", "period": "2026-04", "weight_kg": [0.0, 1.99, 2.0, 50.0]})
    assert tariff.charge("first_unit", asked).tolist() == [1.2, 1.2, 1.9, 1.9]
    assert tariff.charge("further_unit", asked).tolist() == [0.0] * 4


def test_onboarding_of_a_pair_wins_over_the_provider_and_forbidden_pairs_are_gone():
    def pairs(tables):
        tables["members"].append({"member": "bo", "origin": "YIW"})
        tables["member_sites"] = [{"member": "ann", "site": "HAM-1", "onboarding": 15.0, "currency": "EUR"}]

    def forbidden(tables):
        pairs(tables)
        tables["member_sites"].append({"member": "bo", "site": "HAM-1", "allowed": False})

    for change, expected in ((pairs, {"ann": 15.0, "bo": 40.0}), (forbidden, {"ann": 15.0})):
        instance = hand_instance(change=change)
        tariff = warehouse_tariff(instance, Exchange(instance), periods_of(instance).reset_index())
        fees = onboarding_fees(instance, Exchange(instance), tariff)
        assert fees.set_index("member")["fee"].to_dict() == expected


def test_openings_pay_from_the_period_they_open():
    def lease(tables):
        tables["periods"].append({"period": "2026-05", "start": "2026-05-01", "end": "2026-05-31"})
        tables["site_sizes"][0] |= {"labour_per_month": 100.0, "start_up": 1200.0, "lease_months": 12}

    instance = hand_instance(change=lease, staged_openings=True)
    tariff = warehouse_tariff(instance, Exchange(instance), periods_of(instance).reset_index())
    table = openings(instance, Exchange(instance), tariff, periods_of(instance))
    # two months: 600 rent, 200 labour, 2/12 of the start-up; one month: 300, 100, 1/12
    assert table["opens"].tolist() == ["2026-04", "2026-05"]
    assert table["cost"].tolist() == pytest.approx([600 + 200 + 200, 300 + 100 + 100])


def test_parcels_that_nobody_takes_are_named():
    def heavy(tables):
        tables["services"][0]["max_weight_kg"] = 0.5
        tables["services"][2]["max_weight_kg"] = 0.9

    instance = hand_instance(change=heavy)
    with pytest.raises(
        InfeasibleError, match=r"lamp to DE \(1,000 orders in 2026-04\): no warehouse.*post: over 0.5 kg"
    ):
        price(instance, build(instance))
