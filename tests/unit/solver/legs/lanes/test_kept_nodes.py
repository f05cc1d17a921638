"""Nodes of trees over sites that are kept for another solve leave nothing out and prove what they did."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from optimizer.problem.cut_out import whole_part
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.lane_start import LaneStart, SiteNodes
from optimizer.solver.legs import search
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes import rounds
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.kept import in_proportion, lane_start_of
from optimizer.solver.legs.lanes.kept_nodes import Half, leave_nothing_out, nodes_of_part, site_nodes
from optimizer.solver.legs.lanes.rounds import lane_prices, lane_prices_from
from optimizer.solver.legs.lanes.site_tree import SiteTree
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from tiny_lanes import assert_near_optimum, optimum_of, tiny_lanes, warm_with_lanes

STEPS = 20
"""Most steps of a tree."""

FEASIBLE = [seed for seed in range(16) if np.isfinite(optimum_of(tiny_lanes(seed)[0]))]


@pytest.fixture(autouse=True)
def with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for prices of rows: order fees are most of what these problems cost."""
    monkeypatch.setattr(rounds, "ROOM", 5.0)
    monkeypatch.setattr(rounds, "MOST_GAP", np.inf)


def course_with_plan(problem: Problem, legs: Legs) -> Course:
    found = solve_legs(problem, legs, SolveOptions(gap=1e-6, threads=1))
    assert found.decisions is not None
    course = Course(SolveOptions(gap=1e-6, time_limit_s=20.0, threads=1))
    course.offer(CheckedPlan(found.decisions, found.objective))
    return course


def started(problem: Problem, legs: Legs, start: LaneStart, course: Course) -> SiteTree:
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    return SiteTree(lane_prices_from(problem, legs, lanes, start, course), [SiteChoice(problem)], course.over)


@cache
def searched(seed: int) -> tuple[Problem, Legs, Course, LaneStart, SiteTree]:
    """A tree after some steps, and the prices that it began with."""
    problem, legs = tiny_lanes(seed)
    course, lanes = course_with_plan(problem, legs), lanes_of(problem, legs)
    assert lanes is not None
    prices = lane_prices(problem, legs, lanes, first_prices(tied_problem(problem, legs), course), course)
    proved = prices.first(0.2).best.value
    start = lane_start_of(problem, legs, prices.stored(), proved)
    assert start is not None
    tree = started(problem, legs, start, course)
    _take_steps(tree, course.objective)
    return problem, legs, course, start, tree


def _take_steps(tree: SiteTree, enough: float) -> None:
    for _ in range(STEPS):
        if tree.bound[0] >= enough or not tree.raised(0, enough):
            return


def left_by(tree: SiteTree, problem: Problem, legs: Legs) -> SiteNodes | None:
    return site_nodes(problem, [tree.kept_of(whole_part(problem, legs))])


def again(problem: Problem, legs: Legs, start: LaneStart, nodes: SiteNodes, course: Course) -> SiteTree:
    """The tree that goes on with nodes."""
    fresh = started(problem, legs, start, course)
    kept = nodes_of_part(start, nodes, whole_part(problem, legs), fresh.lanes.relaxation)
    return SiteTree(fresh.lanes, [SiteChoice(problem)], course.over, kept)


@pytest.mark.parametrize("seed", FEASIBLE)
def test_nodes_prove_again_what_they_proved(seed: int) -> None:
    problem, legs, course, start, tree = searched(seed)
    nodes = left_by(tree, problem, legs)
    if nodes is None:
        pytest.skip("the root closed the gap")
    found, optimum = again(problem, legs, start, nodes, course), optimum_of(problem)
    assert found.bound[0] >= tree.bound[0] - 1e-3 * optimum or found.bound[0] == tree.bound[0]
    assert found.bound[0] <= optimum * (1.0 + 1e-9) or found.bound[0] == np.inf


def test_some_trees_are_split() -> None:
    kept = [tree.kept_of(whole_part(problem, legs)) for problem, legs, *_, tree in map(searched, FEASIBLE)]
    assert sum(len(tree.nodes[0]) > 1 for tree in kept) >= 3


@pytest.mark.parametrize("seed", FEASIBLE)
def test_nodes_bound_a_problem_that_was_edited(seed: int) -> None:
    problem, legs, _, start, tree = searched(seed)
    nodes = left_by(tree, problem, legs)
    if nodes is None:
        pytest.skip("the root closed the gap")
    for times in (0.6, 1.5):
        edited = replace(
            problem, module_cost=times * problem.module_cost, size_cost=problem.size_cost / times
        )
        optimum, course = optimum_of(edited), course_with_plan(edited, legs)
        found = again(edited, legs, start, nodes, course)
        assert found.bound[0] <= optimum * (1.0 + 1e-9)
        _take_steps(found, optimum)
        assert found.bound[0] <= optimum * (1.0 + 1e-9) or found.bound[0] == np.inf


def test_without_one_of_the_nodes_the_tree_begins_anew() -> None:
    for seed in FEASIBLE:
        problem, legs, course, start, tree = searched(seed)
        nodes = left_by(tree, problem, legs)
        if nodes is None or len(nodes.count) < 2:
            continue
        part, relaxation = whole_part(problem, legs), started(problem, legs, start, course).lanes.relaxation
        assert len(nodes_of_part(start, nodes, part, relaxation)[0]) == len(nodes.count)
        less = replace(nodes, allowed=nodes.allowed.copy())
        less.allowed[np.flatnonzero(less.allowed[:, 0])[:1], 0] = False
        if np.any(nodes.allowed[:, 0]):
            assert nodes_of_part(start, less, part, relaxation) == {}


def random_parts(seed: int) -> tuple[Problem, list[Half]]:
    """A problem's choices of sizes, split at random."""
    random = np.random.default_rng([77, seed])
    problem = tiny_lanes(seed)[0]
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    parts: list[Half] = [(np.ones(problem.n_sizes, dtype=bool), np.zeros(problem.n_sites, dtype=bool))]
    for _ in range(int(random.integers(0, 6))):
        allowed, must = parts.pop(int(random.integers(len(parts))))
        at = int(random.integers(problem.n_sites))
        if not must[at]:
            opened = must.copy()
            opened[at] = True
            parts += [(allowed, opened), (allowed & (site != at), must)]
            continue
        size = int(random.choice(np.flatnonzero(site == at)))
        alone, without = allowed & (site != at), allowed.copy()
        alone[size], without[size] = allowed[size], False
        parts += [(alone, must), (without, must)]
    return problem, parts


@pytest.mark.parametrize("seed", range(40))
def test_parts_of_a_search_leave_nothing_out(seed: int) -> None:
    problem, parts = random_parts(seed)
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))

    def held(half: Half) -> int:
        free = np.bincount(site[half[0]], minlength=problem.n_sites) + ~half[1]
        return int(np.prod(free))

    assert leave_nothing_out(problem, parts)
    for at, part in enumerate(parts):
        rest = parts[:at] + parts[at + 1 :]
        assert leave_nothing_out(problem, rest) == (held(part) == 0)
        if held(part) and len(parts) > 1:
            twice = [*rest, parts[at - 1]]
            assert not leave_nothing_out(problem, twice) or held(parts[at - 1]) == 0


def test_prices_of_rows_go_with_their_demand() -> None:
    problem, _, _, start, _ = searched(FEASIBLE[0])
    more = in_proportion(start, 3.0 * problem.row_demand)
    np.testing.assert_allclose(more.row, 3.0 * start.row)
    np.testing.assert_allclose(more.link_price, 3.0 * start.link_price)
    np.testing.assert_allclose(more.claim_price, 3.0 * start.claim_price)
    np.testing.assert_array_equal(more.measure, start.measure)
    none = in_proportion(replace(start, demand=np.zeros(problem.n_rows)), problem.row_demand)
    np.testing.assert_array_equal(none.row, start.row)


@pytest.mark.parametrize("seed", FEASIBLE[:6])
def test_a_warm_solve_goes_on_with_the_trees(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_LEGS", 0)
    problem, legs = tiny_lanes(seed)
    options = SolveOptions(gap=1e-6, time_limit_s=10.0, threads=1)
    first = solve_legs(problem, legs, options)
    warm = warm_with_lanes(problem, legs, first)
    assert warm.sites is first.sites
    dearer = replace(problem, module_cost=1.01 * problem.module_cost)
    assert_near_optimum(dearer, solve_legs(dearer, legs, options, warm))
