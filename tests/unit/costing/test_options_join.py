"""Complete options: every combination is there, and only those that something beats for certain are gone."""

import numpy as np
import pandas as pd
import pytest

from optimizer.costing.option_join import Limits, best_services, join_options
from optimizer.costing.options import price
from optimizer.network import build
from tiny_instances import tiny_instance

FREE = Limits(frozenset(), False, frozenset(), frozenset())


def factors():
    direct = pd.DataFrame(
        {
            "row": [0, 0, 1],
            "market": ["M", "M", "M"],
            "period": ["t"] * 3,
            "lane": [0, 1, 0],
            "cost": [5.0, 9.0, 4.0],
            "late_share": [0.5, 0.0, 0.5],
            "co2_kg": [1.0, 2.0, 1.0],
        }
    )
    inbound = pd.DataFrame(
        {"site": ["S", "S"], "cost": [1.0, 2.0], "co2_kg": [0.1, 0.2], "provider_charge": [0.5, 0.5]}
    )
    holding = pd.DataFrame(
        {
            "inbound": [0, 1],
            "product": ["p", "p"],
            "site": ["S", "S"],
            "sale": ["t", "t"],
            "cost": [0.5, 0.1],
            "provider_charge": [0.5, 0.1],
        }
    )
    outbound = pd.DataFrame(
        {
            "row": [0, 1],
            "product": ["p", "p"],
            "site": ["S", "S"],
            "period": ["t", "t"],
            "market": ["M", "M"],
            "lane": [7, 7],
            "cost": [3.0, 3.0],
            "late_share": [0.1, 0.1],
            "co2_kg": [0.3, 0.3],
            "provider_charge": [1.0, 1.0],
        }
    )
    return direct, inbound, holding, outbound


def joined(limits):
    direct, inbound, holding, outbound = factors()
    return join_options(2, direct, inbound, holding, outbound, limits)


def test_beaten_by_a_cheaper_direct_service():
    # stocked: 3 + 1 + 0.5 = 4.5 and 3 + 2 + 0.1 = 5.1. Row 0 has direct 5 (4.5 stays), row 1 has 4
    found = joined(FREE)
    assert found.row.tolist() == [0, 0, 0, 1]
    assert found.cost.tolist() == [5.0, 9.0, 4.5, 4.0]
    assert found.beaten_directly == 3
    assert found.direct.tolist() == [0, 1, -1, 2]
    assert (found.inbound[2], found.holding[2], found.outbound[2]) == (0, 0, 0)


def test_a_later_service_beats_nobody_where_a_promise_binds():
    # both directs of row 0 that are no later than 0.1 cost 9; in row 1 there is none
    found = joined(Limits(frozenset({"M"}), False, frozenset(), frozenset()))
    assert found.row.tolist() == [0, 0, 0, 0, 1, 1, 1] and found.beaten_directly == 0


def test_a_dirtier_service_beats_nobody_under_a_carbon_cap():
    assert joined(Limits(frozenset(), True, frozenset(), frozenset())).beaten_directly == 0


def test_a_service_with_scarce_capacity_beats_nobody():
    scarce = frozenset({(0, "t")})
    assert (
        joined(Limits(frozenset(), False, frozenset(), scarce)).beaten_directly == 0
    )  # 9 beats neither 4.5 nor 5.1


def test_charges_that_count_towards_a_minimum_are_not_a_cost_of_their_own():
    # less charges 0.5 + 0.5 + 1 and 0.5 + 0.1 + 1: 2.5 and 3.5 beside direct 4 and 5
    assert joined(Limits(frozenset(), False, frozenset({"S"}), frozenset())).beaten_directly == 0


def test_best_services_keeps_the_cheap_and_the_quick():
    table = pd.DataFrame(
        {
            "row": [0] * 4,
            "market": ["M"] * 4,
            "period": ["t"] * 4,
            "lane": range(4),
            "late_share": [0.6, 0.1, 0.3, 0.1],
            "co2_kg": [1.0] * 4,
        }
    )
    cost = np.array([4.0, 6.0, 7.0, 6.0])
    assert best_services(table, ["row"], cost, FREE).tolist() == [True, False, False, False]
    promised = Limits(frozenset({"M"}), False, frozenset(), frozenset())
    assert best_services(table, ["row"], cost, promised).tolist() == [True, True, False, False]


@pytest.mark.parametrize("seed", [1, 3, 8])
def test_the_cost_of_an_option_is_the_sum_of_its_components(seed):
    instance = tiny_instance(
        seed, frozenset({"two_periods", "ahead", "own", "pooled", "air", "hub", "discount", "carbon_price"})
    )
    priced = price(instance, build(instance))
    total = np.zeros(len(priced.option_cost))
    for stage in ("direct", "inbound", "holding", "outbound"):
        table = getattr(priced, stage)
        components = (
            table[[name for name in table.columns if name.startswith("cost_")]].sum(axis=1).to_numpy()
        )
        total += np.append(components, 0.0)[getattr(priced, f"option_{stage}")]
    assert priced.option_cost == pytest.approx(total, rel=1e-12)
    assert np.all(np.diff(priced.option_row) >= 0)
    assert set(priced.option_row) == set(priced.rows["row"])
