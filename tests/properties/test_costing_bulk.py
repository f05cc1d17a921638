"""Bulk shipments: never cheaper when heavier or bulkier, never dearer than a pure way, zero for zero."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.costing.bulk_loads import bulk_loads, tier_price
from optimizer.costing.freight import FreightPrices
from optimizer.costing.lane_supply import LaneSupply

KINDS = {"20GP": (27.0, 22.0), "40HQ": (65.0, 24.0)}
MONEY = st.floats(1.0, 5000.0)


def sea(box, high_cube, ton, scale=1.0):
    """One sea lane with two container types and LCL; a tenth of each price arises at either end."""
    full = {"20GP": box * scale, "40GP": np.nan, "40HQ": high_cube * scale, "lcl": ton * scale}
    sailing = pd.DataFrame({"lane": [0], "period": ["p"], **{name: [price] for name, price in full.items()}})
    share = {part: sailing[list(full)] * part for part in (0.8, 0.9)}
    empty = pd.DataFrame({"sailing": [], "side": [], "amount": [], "minimum_amount": []})
    prices = FreightPrices(sailing, empty, empty, empty, main=share[0.8], border=share[0.9])
    lanes = pd.DataFrame(
        {"lane": [0], "period": ["p"], "basis": ["rt"], "kg_per_m3": [1000.0], "lcl": [full["lcl"]]}
    )
    modules = pd.DataFrame(
        [(0, name, full[name], *holds) for name, holds in KINDS.items()],
        columns=["lane_period", "container", "cost", "m3", "t"],
    )
    tiers = pd.DataFrame(columns=["lane_period", "start", "end", "fixed", "unit_cost"])
    return prices, LaneSupply(lanes, modules, tiers)


def cheapest(lane, m3, t):
    return min(load.total for load in bulk_loads(*lane, 0, m3, t))


LANES = st.builds(sea, MONEY, MONEY, st.floats(1.0, 200.0))


@given(LANES, st.floats(0.01, 300.0), st.floats(0.01, 120.0), st.floats(0.0, 50.0), st.floats(0.0, 50.0))
@settings(deadline=None, max_examples=60)
def test_a_heavier_or_bulkier_shipment_never_costs_less(lane, m3, t, bulkier, heavier):
    assert cheapest(lane, m3 + bulkier, t + heavier) >= cheapest(lane, m3, t) - 1e-6


@given(LANES, st.floats(0.01, 300.0), st.floats(0.01, 120.0))
@settings(deadline=None, max_examples=60)
def test_the_best_load_against_brute_force(lane, m3, t):
    """Containers of one type with the rest as part load are never cheaper than what is quoted.

    Every load's parts add up to the price of its containers and revenue tons, and what arises before the
    border is nine tenths of it.
    """
    prices, freight = lane
    full = prices.sailings.iloc[0]
    loads = bulk_loads(prices, freight, 0, m3, t)
    pure = max(m3, t) * full["lcl"]
    for name, (volume, payload) in KINDS.items():
        count = np.ceil(max(m3 / volume, t / payload) - 1e-9)
        pure = min(pure, count * full[name])
        full_ones = np.floor(max(m3 / volume, t / payload) + 1e-9)
        rest = max(0.0, m3 - full_ones * volume, t - full_ones * payload)
        pure = min(pure, full_ones * full[name] + rest * full["lcl"]) if full_ones else pure
    assert min(load.total for load in loads) <= pure + 1e-6
    for load in loads:
        assert abs(load.to_border - 0.9 * load.total) <= 1e-6 * max(1.0, load.total)


@given(
    MONEY, MONEY, st.floats(1.0, 200.0), st.floats(0.1, 10.0), st.floats(0.01, 300.0), st.floats(0.01, 120.0)
)
@settings(deadline=None, max_examples=40)
def test_scaling_the_currency_scales_every_part(box, high_cube, ton, scale, m3, t):
    one = bulk_loads(*sea(box, high_cube, ton), 0, m3, t)
    other = bulk_loads(*sea(box, high_cube, ton, scale), 0, m3, t)
    by_way = {load.way: load.components for load in other}
    for load in one:
        if load.way in by_way:
            for name, amount in load.components.items():
                assert abs(by_way[load.way][name] - scale * amount) <= 1e-9 * max(1.0, scale * abs(amount))


def test_a_zero_rate_gives_zero():
    assert cheapest(sea(0.0, 0.0, 0.0), 40.0, 10.0) == 0.0


@given(
    st.lists(st.tuples(st.floats(1.0, 500.0), st.floats(0.1, 9.0)), min_size=1, max_size=5),
    st.floats(0.01, 2000.0),
    st.floats(0.0, 500.0),
)
@settings(deadline=None, max_examples=100)
def test_a_break_may_be_bought_so_more_never_costs_less(steps, kg, more):
    """The price is the least over all breaks of rate × max(kg, break), by brute force; and it never falls."""
    starts = sorted({0.0, *(start for start, _ in steps[1:])})
    rates = [rate for _, rate in steps][: len(starts)] + [1.0] * (len(starts) - len(steps))
    ends = [*starts[1:], np.inf]
    tiers = pd.DataFrame({"start": starts, "end": ends, "fixed": 0.0, "unit_cost": rates})
    brute = min(
        rate * max(kg, start) for start, end, rate in zip(starts, ends, rates, strict=True) if end > kg
    )
    assert tier_price(tiers, kg)[0] == brute
    assert tier_price(tiers, kg + more)[0] >= tier_price(tiers, kg)[0] - 1e-9
