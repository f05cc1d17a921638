"""Row generation over the siting model against full enumeration, empty cores and ties included."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.coalition import names_of
from optimizer.alliance.core import core_test, cost_of_stability, least_core
from optimizer.alliance.equal_profit import equal_profit
from optimizer.alliance.game import CostGame
from optimizer.alliance.generation import generate_core, separator_of
from optimizer.alliance.lexicographic import lexicographic_shares
from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.nucleolus import nucleolus, nucleolus_over, prenucleolus
from optimizer.alliance.openings import separator as opening_separator
from optimizer.alliance.openings.separator import OpeningSeparator
from optimizer.alliance.participation import Participation
from optimizer.alliance.separation import ExplicitSeparator
from optimizer.alliance.siting_games import random_siting_game
from optimizer.alliance.siting_separator import SitingSeparator


def with_ties(members: MemberProblem) -> MemberProblem:
    """Round all money, and give the last member the first one's data, so that coalitions tie."""
    problem = members.problem
    width = problem.n_rows // members.n
    rows = slice(0, problem.row_start[width]), slice(problem.row_start[-1 - width], None)
    cost, use = np.round(problem.option_cost, -1), problem.option_use_amount.copy()
    cost[rows[1]] = cost[rows[0]]
    starts = problem.option_use_start
    one = slice(starts[0], starts[problem.row_start[width]])
    use[starts[problem.row_start[-1 - width]] :] = use[one]
    fees = np.round(problem.gate_fee, -1)
    sites = problem.n_sites
    fees[-sites:] = fees[:sites]
    tied = replace(
        problem,
        option_cost=cost,
        option_use_amount=use,
        gate_fee=fees,
        size_cost=np.round(problem.size_cost, -1),
    )
    return replace(members, problem=tied)


def through_the_program(members: MemberProblem) -> SitingSeparator:
    """Return the separator for problems of every kind."""
    return SitingSeparator(Participation(members))


def through_openings(members: MemberProblem) -> OpeningSeparator:
    """Return the separator for problems whose members meet only at sites."""
    separator = separator_of(members)
    assert isinstance(separator, OpeningSeparator)
    return separator


def agree(members: MemberProblem, make=through_openings) -> bool:
    """Compare both ways on one game; tell whether its core is empty."""
    model = Participation(members)
    everybody = (1 << members.n) - 1
    game = CostGame.from_values([0.0, *(model.cost_of(mask).cost for mask in range(1, everybody + 1))])
    explicit = ExplicitSeparator(game)
    tolerance = 1e-6 * game.total
    siting = make(members)
    assert siting.total == pytest.approx(game.total, abs=tolerance)
    total = Fraction(siting.total)
    epsilon = float(least_core(explicit, game.exact(everybody)).stages[0].level)
    assert float(least_core(siting, total).stages[0].level) == pytest.approx(epsilon, abs=tolerance)
    try:
        expected, found = nucleolus(game), nucleolus_over(siting, total)
    except UndefinedRuleError:
        expected, found = prenucleolus(game), lexicographic_shares(siting, total)
    assert found.as_floats == pytest.approx(expected.as_floats, abs=1e-5 * game.total)
    assert found.slack <= tolerance
    for shares in (expected.as_floats, game.alone() * game.total / game.alone().sum()):
        one, two = core_test(explicit, shares, tolerance), core_test(siting, shares, tolerance)
        assert two.in_core == one.in_core
        assert two.least_excess[0] <= one.least_excess[1] + tolerance
    needed = cost_of_stability(explicit, game.total).subsidy
    assert cost_of_stability(siting, siting.total).subsidy == pytest.approx(needed, abs=tolerance * members.n)
    relief = max(0.0, -epsilon)
    spread = equal_profit(explicit, game.total, game.alone(), relief + tolerance).value
    value = equal_profit(siting, siting.total, game.alone(), relief + tolerance).value
    assert value == pytest.approx(spread, abs=1e-4)
    return epsilon < 0


@pytest.mark.parametrize("make", [through_openings, through_the_program])
@pytest.mark.parametrize("seed", range(3))
def test_both_ways_agree(seed, make):
    agree(random_siting_game(4 + seed % 2, seed, sites=3, sizes=2, markets=4), make)


@pytest.mark.parametrize("make", [through_openings, through_the_program])
def test_both_ways_agree_where_coalitions_tie(make):
    agree(with_ties(random_siting_game(4, 7, sites=3, sizes=2, markets=4)), make)


@pytest.mark.parametrize("seed", [4, 5, 9])
def test_larger_games_agree(seed):
    members = random_siting_game(6, seed, sites=4, sizes=3, markets=3)
    agree(with_ties(members) if seed == 9 else members)


def test_the_certificate_lists_the_tight_coalitions_with_their_plans():
    members = random_siting_game(4, 1, sites=3, sizes=2, markets=4)
    found = generate_core(members)
    table = found.certificate
    assert found.unique and found.rule in {"nucleolus", "prenucleolus"}
    assert found.slack <= 1e-6 * found.total[1]
    assert found.shares.sum() == pytest.approx(found.total[1])
    assert (table["dual"] > 0).all()
    for line in table.itertuples():
        paid = sum(found.shares[members.players.index(name)] for name in line.coalition.split(", "))
        assert line.cost - paid == pytest.approx(line.level, abs=1e-6 * found.total[1])
        assert line.bound >= line.level - 1e-6 * found.total[1]
    assert found.epsilon[0] <= found.epsilon[1] + 1e-9
    costed = [names_of(mask, members.players) for mask in found.points]
    assert all(tuple(coalition.split(", ")) in costed for coalition in table["coalition"])


@pytest.mark.parametrize("limits", [{"separation_limit_s": 1e-6}, {"accuracy": 0.01}])
def test_a_search_cut_short_says_so(limits, monkeypatch):
    monkeypatch.setattr(opening_separator, "SLICE_NODES", 3)
    members = random_siting_game(7, 1, sites=5, sizes=3, markets=8)
    whole = generate_core(members, stages=1)
    cut = generate_core(members, stages=1, **limits)
    assert cut.rule == "least_core" and cut.slack > 0 == whole.slack
    assert cut.slack <= 0.011 * whole.total[1] or "accuracy" not in limits
    assert cut.epsilon[0] <= whole.epsilon[1] + 1e-6 * whole.total[1]
    assert cut.epsilon[1] >= whole.epsilon[0] - 1e-6 * whole.total[1]


EMPTY: dict[int, bool] = {}
"""Whether the core was empty, by seed of the fifty games that have been compared."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_both_ways_agree_on_fifty_games(seed):
    members = random_siting_game(4 + seed % 6, 100 + seed, sites=4, sizes=2, markets=6)
    EMPTY[seed] = agree(with_ties(members) if seed % 3 == 0 else members)


@pytest.mark.slow
def test_some_of_the_fifty_cores_are_empty():
    if len(EMPTY) < 50:
        pytest.skip("needs all fifty games in one process")
    assert 0 < sum(EMPTY.values()) < 50
