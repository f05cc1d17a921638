"""The search over openings against brute force, and the kinds of problems that it refuses."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from dealt_problems import PLAYERS, of_three_rows, shared_out
from optimizer.alliance.central_shares import central_point
from optimizer.alliance.coalition import indicator
from optimizer.alliance.generation import generate_core, separator_of
from optimizer.alliance.member_problem import MemberProblem, coalition_problem
from optimizer.alliance.openings.branch import branch
from optimizer.alliance.openings.found import Found, Limits, begin_found
from optimizer.alliance.openings.room import begin_room
from optimizer.alliance.openings.separator import OpeningSeparator
from optimizer.alliance.openings.structure import site_structure
from optimizer.alliance.separation import Query
from optimizer.alliance.siting_games import random_siting_game
from optimizer.alliance.siting_separator import SitingSeparator
from optimizer.errors import InfeasibleError
from tiny_problems import brute_force

EVERYBODY = (1 << PLAYERS) - 1


def dealt(seed: int) -> MemberProblem:
    """Return a problem whose members meet only at sites and at a lane with a plain limit."""
    return shared_out(of_three_rows(seed, ("sizes", "fees", "measures", "negative")), seed)


def least(costs: dict[int, float], shares, vectors) -> float:
    """Return the least excess over coalitions with vectors · 1_S ≠ 0."""
    counts = (m for m in costs if (vectors @ indicator(m, PLAYERS)).any())
    return min((costs[m] - float(shares @ indicator(m, PLAYERS)) for m in counts), default=np.inf)


@pytest.mark.parametrize("seed", [0, 2, 3, 5, 7, 8])
def test_costs_and_least_excess_by_brute_force(seed):
    members = dealt(seed)
    structure = site_structure(members)
    if structure is None:
        assert (np.diff(members.problem.gate_size_start) == 1).any()  # a gate under one of two sizes
        return
    costs = {mask: brute_force(coalition_problem(members, mask).problem) for mask in range(1, EVERYBODY + 1)}
    if not np.isfinite(costs[EVERYBODY]):
        with pytest.raises(InfeasibleError, match="nothing can serve"):
            OpeningSeparator(structure)
        return
    separator = OpeningSeparator(structure)
    for mask, cost in costs.items():
        assert separator.cost(mask) == pytest.approx((cost, cost), abs=1e-6)
    random = np.random.default_rng(seed)
    for vectors in (None, np.array([[1, -1, 0]]), np.array([[0, 1, -1], [0, 0, 2]])):
        shares = random.uniform(0.0, 30.0, PLAYERS)
        proper = np.array([[1, -1, 0], [1, 0, -1]]) if vectors is None else vectors
        expected = least(costs, shares, proper)
        found = separator.separate(Query(shares, expected - 1e-3, 1e-6, vectors))
        assert found.rows == () and found.bound >= -1e-5
        if np.isfinite(expected):
            found = separator.separate(Query(shares, expected + 1.0, 1e-6, vectors))
            assert found.rows
            worst = min(float(row.cost) - float(shares @ row.coefficients) for row in found.rows)
            assert expected - 1e-6 <= worst <= expected + 0.5 + 1e-6
            assert found.bound <= -1.0 + 1e-6 + worst - expected


def test_costs_by_the_program_are_the_same():
    members = random_siting_game(5, 3, sites=4, sizes=3, markets=5)
    search = separator_of(members)
    assert isinstance(search, OpeningSeparator)
    for mask, plan in generate_core(members).points.items():
        assert plan.size and search.cost(mask)[0] == pytest.approx(search.cost(mask)[1], abs=1e-6)


@pytest.mark.parametrize("feature", ["single", "modules", "tiers", "overflow", "rules"])
def test_other_kinds_are_left_to_the_program(feature):
    seed = next(s for s in range(50) if _has(of_three_rows(s, (feature,)), feature))
    assert site_structure(shared_out(of_three_rows(seed, (feature,)), seed)) is None


def _has(problem, feature: str) -> bool:
    return {
        "single": problem.row_single.any(),
        "modules": problem.n_modules > 0,
        "tiers": problem.n_tiers > 0,
        "overflow": (problem.overflow_limit > 0).any(),
        "rules": problem.n_rules > 0,
    }[feature]


def test_a_fee_that_nobody_owns_is_left_to_the_program():
    members = random_siting_game(3, 1, sites=2, sizes=1, markets=2)
    assert isinstance(separator_of(members), OpeningSeparator)
    unowned = replace(members, member_of_gate=np.full(members.problem.n_gates, -1))
    assert isinstance(separator_of(unowned), SitingSeparator)


def test_the_search_says_after_each_solve_how_many_there_were():
    seen = []
    found = generate_core(random_siting_game(4, 2, sites=3, sizes=2, markets=3), on_solve=seen.append)
    assert seen == list(range(1, len(seen) + 1))
    assert found.method == "openings" and found.nodes > 0 and found.solves == len(seen)


def test_shares_of_a_proved_stage_violate_nobody():
    members = random_siting_game(6, 4, sites=4, sizes=2, markets=4)
    found = generate_core(members, stages=1)
    separator = separator_of(members)
    excess = [
        separator.cost(mask)[1] - float(found.shares @ indicator(mask, 6)) for mask in range(1, (1 << 6) - 1)
    ]
    assert min(excess) == pytest.approx(found.epsilon[1], abs=1e-6)
    assert Fraction(found.epsilon[1]) >= Fraction(found.epsilon[0])


@pytest.mark.parametrize("seed", range(4))
def test_central_points_are_optimal_and_lie_between_the_vertices(seed):
    random = np.random.default_rng(seed)
    matrix = np.column_stack([random.integers(0, 2, (30, 4)) - 0.5, np.ones(30)])
    box = np.column_stack([np.vstack([np.eye(4), -np.eye(4)]), np.zeros(8)])
    matrix, right = np.vstack([matrix, box]), np.append(random.random(30), np.ones(8))
    point = central_point(matrix, right)
    best = linprog(-np.eye(5)[-1], A_ub=matrix, b_ub=right, bounds=(None, None))
    assert point[-1] == pytest.approx(-best.fun, abs=1e-9)
    assert (matrix @ point <= right + 1e-12).all()


def test_a_face_with_a_middle_is_met_in_the_middle():
    # ε ≤ 1/2 from above; z between −1/2 and 1/2 leaves room for it: the middle is 0
    matrix = np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, 1.0]])
    assert central_point(matrix, np.array([1.0, 1.0, 0.5])) == pytest.approx([0.0, 0.5], abs=1e-6)


def test_no_central_point_where_rows_contradict():
    matrix = np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]])
    assert central_point(matrix, np.array([1.0, -1.0, -1.0])) is None


def mixture_of_two(inside: list[list[int]], state: list[int]) -> tuple[Found, int, bool]:
    """Branch on half of each of two plans over one site of one size, with members in the given state."""
    game = site_structure(random_siting_game(3, 1, sites=1, sizes=1, markets=2))
    room, found = begin_room(game), begin_found(game)
    room.node.open_sites[0], room.node.sizes[0] = 1, 1
    room.node.state[:], room.node.need[:] = state, 1
    room.cuts.weight[:2] = 0.5
    room.cuts.inside[:2], room.cuts.used[:2] = inside, 1
    limits = Limits(0.0, 1e-6, 0.5, 1000)
    top, closed = branch(game, room, limits, found, -2.0, -1.0, 2, 0)
    return found, top, closed


def test_a_mixture_split_on_a_member_that_was_fixed_later_is_no_plan():
    """Half of a plan with a member and half of one without do not price the coalition with it.

    Where prices have not converged, a member on whom the mixture is split can be fixed by its bound. The
    heaviest plan's coalition then came out with the mixture's cost, which is too low.
    """
    found, top, closed = mixture_of_two([[1, 1, 0], [1, 0, 0]], [1, 1, 0])
    assert (found.number[0], top, closed) == (0, 1, False), "looked at again, with plans that hold the member"
    found, top, closed = mixture_of_two([[1, 1, 0], [1, 1, 0]], [1, 1, 0])
    assert (found.number[0], found.mask[0], found.excess[0], closed) == (1, 3, -1.0, True)
