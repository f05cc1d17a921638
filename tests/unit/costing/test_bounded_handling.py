"""Handling by the kilogram with a minimum per shipment: in the tiers of lanes charged by the kilogram."""

import numpy as np
import pandas as pd
import pytest

from hand_instance import hand_instance
from optimizer.costing.freight import freight_prices
from optimizer.costing.horizon import horizon
from optimizer.costing.lane_choice import lane_slopes
from optimizer.costing.lane_supply import lane_supply
from optimizer.costing.money import Exchange
from optimizer.network import build
from optimizer.plan.check.freight import tier_cost


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
    charge = {"basis": "kg", "currency": "EUR"}
    tables["handling_charges"] = [
        charge | {"place": "CN", "side": "origin", "item": "terminal", "amount": 1.5, "minimum_amount": 30.0},
        charge
        | {"place": "DE", "side": "destination", "item": "terminal", "amount": 0.25, "minimum_amount": 40.0},
        charge | {"place": "DE", "side": "destination", "item": "scanning", "amount": 0.05},
    ]


def supplied(change):
    instance = hand_instance(change=change)
    periods = horizon(instance).assign(date=np.datetime64("2026-04-15"))
    prices = freight_prices(instance, Exchange(instance), build(instance).freight_routes, instance["periods"])
    return prices, lane_supply(instance, prices, periods)


@pytest.mark.parametrize(
    ("kg", "cost"),
    [
        (10.0, 60 + 30 + 40 + 0.05 * 10),  # all three minimums
        (12.0, 60 + 30 + 40 + 0.05 * 12),  # where 5 a kg reaches 60
        (20.0, 5 * 20 + 30 + 40 + 0.05 * 20),  # where 1.5 a kg reaches 30
        (40.0, 5 * 40 + 1.5 * 40 + 40 + 0.05 * 40),
        (45.0, 4 * 45 + 1.5 * 45 + 40 + 0.05 * 45),  # the break at 45 kg
        (160.0, (4 + 1.5 + 0.05) * 160 + 40),  # where 0.25 a kg reaches 40
        (200.0, (4 + 1.5 + 0.25 + 0.05) * 200),
    ],
)
def test_every_minimum_holds_per_shipment(kg, cost):
    """Two shipments a month: twice the weight for twice the money."""
    _, supply = supplied(by_air)
    tiers = supply.tiers.set_index("lane_period")
    assert tier_cost(tiers, np.array([0]), np.array([2 * kg])).tolist() == pytest.approx([2 * cost])


def test_tiers_meet_and_the_rest_stays_linear():
    prices, supply = supplied(by_air)
    tiers = supply.tiers
    assert tiers["start"].tolist() == [0.0, *tiers["end"][:-1]]
    assert np.isinf(tiers["end"].iloc[-1])
    assert prices.sailings["per_kg"].tolist() == [0.0]
    assert prices.sailings["tier_per_kg"].tolist() == pytest.approx([1.8])
    assert prices.bounded.empty


def test_charges_on_containers_stay_in_proportion_and_are_listed():
    """A minimum per kg where freight goes by volume, and a capped fee on the value, are not in tiers."""

    def capped(tables):
        tables["handling_charges"] = [
            {"place": "DE", "side": "destination", "item": "scan", "basis": "kg", "amount": 0.1,
             "minimum_amount": 20.0, "currency": "EUR"},
            {"place": "DE", "side": "destination", "item": "fee", "basis": "pct_of_value", "amount": 0.3,
             "maximum_amount": 500.0, "currency": "EUR"},
        ]  # fmt: skip

    prices, _ = supplied(capped)
    sailing = prices.sailings.iloc[0]
    assert (sailing["per_kg"], sailing["destination_pct"]) == (0.1, 0.3)
    listed = prices.bounded.set_index("item")
    assert listed.loc["scan", ["minimum_amount", "maximum_amount"]].tolist() == [20.0, np.inf]
    assert listed.loc["fee", ["minimum_amount", "maximum_amount"]].tolist() == [0.0, 500.0]
    assert isinstance(listed, pd.DataFrame)


def test_the_bounds_of_lane_choice_hold_with_minimums():
    """f(q) lies between max(g, s q) and max(g + e q, r q) with the slopes that lanes are compared by.

    Two shipments: minimums of 60, 30 and 40 each, so g = 260; the lowest rate is 4 + 1.5 + 0.25 + 0.05.
    """
    _, supply = supplied(by_air)
    slopes = lane_slopes(supply).iloc[0]
    low, flat, steep, minimum = (float(slopes[name]) for name in ("low", "flat", "steep", "minimum"))
    assert (minimum, low) == (260.0, pytest.approx(5.8))
    quantity = np.linspace(1.0, 600.0, 400)
    tiers = supply.tiers.set_index("lane_period")
    cost = tier_cost(tiers, np.zeros(len(quantity), int), quantity)
    assert np.all(cost >= np.maximum(minimum, low * quantity) - 1e-9)
    assert np.all(cost <= np.maximum(minimum + flat * quantity, steep * quantity) + 1e-9)
