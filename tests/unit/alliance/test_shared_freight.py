"""Row generation and enumeration agree where members share containers, fee tiers and late orders too."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.alliance.core import core_test, least_core
from optimizer.alliance.generation import generate_core
from optimizer.alliance.nucleolus import nucleolus, prenucleolus
from optimizer.alliance.participation import Participation
from optimizer.alliance.separation import ExplicitSeparator
from optimizer.alliance.siting_separator import SitingSeparator
from shared_scenarios import four_firms, game_by_brute_force

SHARED = frozenset({"own", "pooled", "order_tiers"})
MIXES = {
    "containers": SHARED - {"order_tiers"},
    "fee tiers": SHARED,
    "late orders paid": SHARED | {"promise_soft"},
    "late orders": SHARED | {"promise_hard"},
    "start fees": SHARED | {"onboarding", "second_size"},
    "provider minimum": SHARED | {"monthly_minimum", "lcl_minimum"},
    "one site at most": SHARED | {"at_most_one", "promise_hard"},
    "line capacity": SHARED | {"carrier", "second_size"},
    "carbon price": SHARED | {"carbon_price", "air"},
    "a site that is open": SHARED | {"existing", "promise_hard", "second_size"},
}

DEAR = 400.0
"""Freight so dear that all goes by parcel, and how many may be late decides between slow and fast ones."""


DEFAULT = ("containers", "fee tiers", "provider minimum")
SEEDS = [
    pytest.param(seed, id=name, marks=[] if name in DEFAULT else [pytest.mark.slow])
    for seed, name in enumerate(MIXES)
]


@pytest.mark.parametrize("seed", SEEDS)
def test_row_generation_agrees_with_enumeration(seed):
    name, features = list(MIXES.items())[seed]
    members = four_firms(seed, features, DEAR if name == "late orders" else 1.0)
    game = game_by_brute_force(members)
    assert np.isfinite(game.upper).all()
    tolerance = 1e-6 * game.total
    found = generate_core(members)
    assert found.total[1] == pytest.approx(game.total, abs=tolerance)
    explicit = ExplicitSeparator(game)
    level = float(least_core(explicit, game.exact(game.everybody)).stages[0].level)
    assert found.slack <= tolerance
    if found.rule == "prenucleolus":
        assert found.epsilon[1] == pytest.approx(level, abs=tolerance)
    expected = nucleolus(game) if found.rule == "nucleolus" else prenucleolus(game)
    assert found.shares == pytest.approx(expected.as_floats, abs=1e-5 * game.total)
    siting = SitingSeparator(Participation(members))
    proportional = game.alone() * game.total / game.alone().sum()
    for shares in (found.shares, proportional):
        one, two = core_test(explicit, shares, tolerance), core_test(siting, shares, tolerance)
        assert two.in_core == one.in_core


def test_a_member_takes_the_late_orders_that_it_may_have_along():
    members = four_firms(1, frozenset({"own", "promise_hard"}), DEAR)
    model, game = Participation(members), game_by_brute_force(members)
    for mask in range(1, 1 << members.n):
        assert model.cost_of(mask).cost == pytest.approx(game.upper[mask], rel=1e-6)
    # with the tolerance of all four, each could send its parcels the slow and cheap way
    slow = Participation(replace(members, member_supply=None))
    assert slow.cost_of(1).cost < game.upper[1] - 1.0
