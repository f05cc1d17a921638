"""Bulk freight, storage and stock at their boundaries, with the arithmetic written out."""

import numpy as np
import pandas as pd
import pytest

from optimizer.costing.handling import handling_charges
from optimizer.costing.inland import inland_charges
from optimizer.costing.lane_supply import LaneSupply
from optimizer.costing.money import Exchange
from optimizer.costing.quote_warehouse import shared_freight
from optimizer.costing.stock import effective_markets, mean_age, safety_share, service_deviate
from optimizer.costing.storage import mean_age_cost
from optimizer.costing.warehouse import warehouse_tariff
from tiny_instance import tiny_instance

BOXES = [("20GP", 1500.0, 27.0, 22.0), ("40HQ", 2600.0, 65.0, 24.0)]


def lane(lcl=100.0, kg_per_m3=1000.0, boxes=BOXES, tiers=(), basis="rt", shipment=0.0, declaration=0.0):
    lanes = pd.DataFrame(
        {"lane": [7], "kg_per_m3": [kg_per_m3], "lcl": [lcl], "basis": [basis], "shipment_fee": [shipment],
         "declaration_fee": [declaration]}
    )  # fmt: skip
    modules = pd.DataFrame(
        [(0, *box) for box in boxes], columns=["lane_period", "container", "cost", "m3", "t"]
    )
    steps = pd.DataFrame(
        [(0, *tier) for tier in tiers], columns=["lane_period", "start", "end", "fixed", "unit_cost"]
    )
    return LaneSupply(lanes, modules, steps)


def shared(supply, m3, t):
    """Total of one shipment of `m3` and `t`, by component."""
    parts = shared_freight(supply, 7, m3, t, 1)
    return {name: round(amount, 6) for name, amount in parts.items() if amount}


@pytest.mark.parametrize(
    ("m3", "t", "expected", "arithmetic"),
    [
        (4.0, 3.0, {"lcl_freight": 400.0}, "4 m3 and 3 t: volume counts, 4 x 100"),
        (4.0, 4.0, {"lcl_freight": 400.0}, "the crossover: 4 m3 = 4 t"),
        (4.0, 4.5, {"lcl_freight": 450.0}, "4.5 t counts, 4.5 x 100"),
        (15.0, 2.0, {"lcl_freight": 1500.0}, "15 x 100 = a 20GP at 1500: break-even"),
        (15.1, 2.0, {"container_freight": 1500.0}, "1510 by LCL, 1500 in a 20GP"),
        (27.0, 2.0, {"container_freight": 1500.0}, "27 m3 still fit one 20GP"),
        (27.1, 2.0, {"container_freight": 2600.0}, "two 20GP 3000, LCL 2710, one 40HQ 2600"),
        (20.0, 22.0, {"container_freight": 1500.0}, "22 t is the payload of a 20GP"),
        (20.0, 22.1, {"lcl_freight": 2210.0}, "two 20GP 3000, one 40HQ 2600, LCL 22.1 x 100"),
    ],
)
def test_pooled_sea_freight(m3, t, expected, arithmetic):
    assert shared(lane(), m3, t) == expected, arithmetic


def test_a_lane_that_counts_500_kg_as_a_cubic_metre():
    """1 m3 and 0.8 t: 800 / 500 = 1.6 revenue tons, 160."""
    assert shared(lane(kg_per_m3=500.0), 1.0, 0.8) == {"lcl_freight": 160.0}


AIR = [(0.0, 45.0, 0.0, 6.0), (45.0, 100.0, 0.0, 5.0), (100.0, np.inf, 0.0, 4.0)]


@pytest.mark.parametrize(
    ("m3", "t", "amount", "arithmetic"),
    [
        (0.1, 0.030, 180.0, "30 kg, 0.1 x 167 = 16.7 kg: 30 x 6"),
        (0.3, 0.030, 250.5, "0.3 x 167 = 50.1 kg, above 30: 50.1 x 5"),
        (0.1, 0.0375, 225.0, "37.5 x 6 = 225 = 45 x 5: where the next break begins to pay"),
        (0.1, 0.037, 222.0, "37 x 6, below 45 x 5"),
        (0.1, 0.044999, 225.0, "x 6 = 269.994; bought as 45 kg at 5"),
        (0.1, 0.045, 225.0, "45 kg: all units at 5"),
        (0.1, 0.100, 400.0, "100 kg: all units at 4"),
    ],
)
def test_air_breaks_hold_for_all_units(m3, t, amount, arithmetic):
    supply = lane(lcl=np.nan, kg_per_m3=167.0, boxes=[], tiers=AIR, basis="kg")
    assert shared(supply, m3, t) == {"air_freight": pytest.approx(amount)}, arithmetic


def test_fees_are_shared_by_the_orders_of_the_shipment():
    """Documents 60 and declaration 40 over 50 orders: 2 each; freight 50 x 0.02 m3 = 1 m3: 100 / 50 = 2."""
    parts = shared_freight(lane(shipment=60.0, declaration=40.0), 7, 0.02, 0.01, 50)
    assert parts == pytest.approx({"lcl_freight": 2.0, "shipment_fees": 2.0})


def test_handling_the_place_beats_the_country_item_by_item():
    """Hamburg has its own THC 200; documents 50 come from DE. The rail row does not apply to sea."""
    charges = """
        place,side,mode,item,basis,amount,currency
        DE,destination,sea,THC,container_40,250,EUR
        DEHAM,destination,sea,THC,container_40,200,EUR
        DE,destination,*,documents,shipment,50,EUR
        DE,destination,rail,terminal,shipment,99,EUR"""
    instance = tiny_instance(handling_charges=charges)
    ends = pd.DataFrame(
        {"sailing": [0], "place": ["DEHAM"], "country": ["DE"], "side": ["destination"], "mode": ["sea"],
         "date": pd.to_datetime(["2026-06-15"])}
    )  # fmt: skip
    row = handling_charges(instance, Exchange(instance), ends)[0].iloc[0]
    assert (row["container_40"], row["shipment"]) == (200.0, 50.0)


def test_trucking_by_container_and_part_load():
    """DE: 180 + 1.6 x 100 km = 340 a container; 0.5 + 0.04 x 100 = 4.5 a m3; no km, no charge."""
    rates = """
        country,unit,amount,amount_per_km,currency
        DE,40HQ,180,1.6,EUR
        DE,m3,0.5,0.04,EUR"""
    instance = tiny_instance(inland_rates=rates)
    legs = pd.DataFrame(
        {"leg": [0, 1], "country": "DE", "km": [100.0, 0.0], "date": pd.Timestamp("2026-06-15")}
    )
    table = inland_charges(instance, Exchange(instance), legs)
    assert table.loc[0, ["40HQ", "m3"]].tolist() == pytest.approx([340.0, 4.5])
    assert table.loc[1, ["40HQ", "m3"]].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("weight", "amount"), [(0.999, 1.5), (1.0, 1.83), (4.99, 1.83), (5.0, 2.4), (30.0, 2.4)]
)
def test_pick_fee_steps_are_from_the_weight_included(weight, amount):
    charges = """
        provider,item,weight_from_kg,amount,currency
        p,first_unit,0,1.5,EUR
        p,first_unit,1,1.83,EUR
        p,first_unit,5,2.4,EUR"""
    sites = """
        site,name,country,lat,lon,provider
        S,Site,DE,50,10,p"""
    instance = tiny_instance(warehouse_charges=charges, sites=sites)
    periods = pd.DataFrame({"period": ["t"], "date": pd.to_datetime(["2026-06-15"])})
    tariff = warehouse_tariff(instance, Exchange(instance), periods)
    asked = pd.DataFrame({"provider": ["p"], "period": ["t"], "weight_kg": [weight]})
    assert tariff.charge("first_unit", asked).tolist() == [amount]


@pytest.mark.parametrize(
    ("youngest", "cycle", "cost", "arithmetic"),
    [
        (0.0, 30.0, 0.0, "all ages within the 30 free days"),
        (0.0, 60.0, 3.75, "half the goods pay 15 days on average: 0.5 x 15 x 0.5"),
        (30.0, 0.0, 0.0, "exactly 30 days old"),
        (40.0, 0.0, 5.0, "10 days at 0.5"),
        (60.0, 0.0, 15.0, "30 days at 0.5"),
        (70.0, 0.0, 25.0, "30 x 0.5 + 10 x 1"),
        (60.0, 20.0, 25.0, "ages 60 to 80: 15 + 10 days at 1 on average"),
    ],
)
def test_storage_by_age(youngest, cycle, cost, arithmetic):
    """Free to 30 days, 0.5 a day to 60, then 1."""
    start, end, price = np.array([30.0, 60.0]), np.array([60.0, np.inf]), np.array([0.5, 1.0])
    found = mean_age_cost(start, end, price, np.array([youngest]), np.array([cycle]))
    assert found.tolist() == pytest.approx([cost]), arithmetic


def test_safety_stock():
    """z(95 %) = 1.645; L = 45, T = 30 days, cv 0.3, one market, lead time deviates 6 days:

    1.645 x sqrt(1.5 x 0.09 + 0.04) = 1.645 x sqrt(0.175) = 0.6881 of a month; four equal markets:
    1.645 x sqrt(1.5 x 0.09 / 4 + 0.04) = 0.4467.
    """
    z = service_deviate(95.0)
    shares = safety_share(z, 0.3, np.full(2, 45.0), np.full(2, 6.0), np.full(2, 30.0), np.array([1.0, 4.0]))
    assert shares.round(4).tolist() == [0.6881, 0.4467]
    assert effective_markets(np.array(100.0), np.array(5000.0)) == 2.0  # 50 + 50
    assert float(mean_age(np.array(0.0), np.array(30.0), np.array(0.5), np.array(30.0))) == 15 + 15
