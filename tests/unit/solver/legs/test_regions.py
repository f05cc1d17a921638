"""Regions that only a limit on the number of sites couples: their plans are joined within it."""

from itertools import product

import numpy as np
import pytest

from joined_problems import joined_legs, side_by_side, with_rule
from optimizer.problem import parts
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.problem.parts import Division, divide
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.lane_start import LaneStart
from optimizer.solver.legs import search
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.kept import lane_start_of, start_of_part
from optimizer.solver.legs.lanes.rounds import lane_prices, lane_prices_from
from optimizer.solver.legs.lanes.site_tree import SiteTree
from optimizer.solver.legs.regions.allotment import cheapest_counts
from optimizer.solver.legs.regions.sites import site_search
from optimizer.solver.legs.regions.together import Together
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Solution
from tiny_lanes import optimum_of, tiny_lanes

PAIR = (1, 5)
"""Two tiny problems with lanes and a plan."""


def two_regions(most: float) -> tuple[Problem, Legs]:
    """Both, with a limit on how many sites they open together."""
    first, second = (tiny_lanes(seed) for seed in PAIR)
    joined = side_by_side(first[0], second[0])
    return with_rule(joined, np.arange(joined.n_sizes), -np.inf, most), joined_legs(first, second)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_LEGS", 0)
    monkeypatch.setattr(parts, "LEAST_LEGS", 1)


def solved(problem: Problem, legs: Legs, threads: int) -> Solution:
    return solve_legs(problem, legs, SolveOptions(gap=1e-3, time_limit_s=60.0, threads=threads))


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("most", [0.0, 1.0, 2.0, 99.0])
def test_plan_keeps_the_limit_and_bound_holds(most: float) -> None:
    problem, legs = two_regions(most)
    division = divide(problem, legs, share=True)
    assert division is not None
    assert len(division.parts) == 2
    optimum = optimum_of(problem)
    found = solved(problem, legs, threads=2)
    if not np.isfinite(optimum):
        assert found.decisions is None
        return
    assert found.decisions is not None
    plan = evaluate(problem, found.decisions)
    assert plan.feasible
    assert plan.objective == pytest.approx(found.objective, rel=1e-9)
    assert found.bound <= optimum * (1.0 + 1e-9) <= found.objective * (1.0 + 2e-9)
    assert found.objective <= optimum * 1.01
    assert found.prices is not None
    assert float(exact_bound(problem, found.prices, legs)) <= optimum * (1.0 + 1e-9)


@pytest.mark.usefixtures("large")
def test_a_small_region_of_a_large_problem_takes_no_time_for_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, legs = two_regions(2.0)
    monkeypatch.setattr(search, "MOST_LEGS", legs.count - 1)
    branched: list[int] = []
    monkeypatch.setattr(search.LegSearch, "branch", lambda of: branched.append(of.legs.count))
    solution = solved(problem, legs, 1)
    assert solution.decisions is not None
    assert not branched


@pytest.mark.usefixtures("large")
def test_threads_change_no_bit_of_the_plan() -> None:
    problem, legs = two_regions(2.0)
    one, two = (solved(problem, legs, threads) for threads in (1, 2))
    assert one.objective == two.objective
    assert one.decisions is not None
    assert two.decisions is not None
    np.testing.assert_array_equal(one.decisions.share, two.decisions.share)


@pytest.mark.parametrize("seed", range(40))
def test_counts_are_the_cheapest_of_all_within_the_limit(seed: int) -> None:
    random = np.random.default_rng([611, seed])
    value = [
        np.where(random.random(n) < 0.2, np.inf, random.integers(-5, 9, n).astype(float))
        for n in random.integers(1, 5, random.integers(1, 4))
    ]
    most = int(random.integers(0, 8))
    every = {
        counts: sum(own[k] for own, k in zip(value, counts, strict=True))
        for counts in product(*(range(len(own)) for own in value))
        if sum(counts) <= most
    }
    least, counts = cheapest_counts(value, most)
    assert least == min(every.values())
    assert sum(counts) <= most
    assert every[tuple(counts)] == least


def test_no_sites_to_share_out_is_one_choice() -> None:
    assert cheapest_counts([np.array([3.0]), np.array([4.0])], 0) == (7.0, [0, 0])


def priced(problem: Problem, legs: Legs, course: Course) -> tuple[Division, LaneStart]:
    """Its regions, and prices with whole lanes of the whole after some rounds."""
    division, lanes = divide(problem, legs, share=True), lanes_of(problem, legs)
    assert division is not None
    assert lanes is not None
    prices = lane_prices(problem, legs, lanes, first_prices(tied_problem(problem, legs), course), course)
    proved = prices.first(0.2).best.value
    start = lane_start_of(problem, legs, prices.stored(), proved)
    assert start is not None
    return division, start


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("most", [1.0, 2.0, 3.0])
def test_bounds_of_regions_add_up_to_that_of_the_whole_at_the_same_prices(most: float) -> None:
    problem, legs = two_regions(most)
    course = Course(SolveOptions(gap=0.0, time_limit_s=20.0, threads=1))
    division, start = priced(problem, legs, course)
    together = Together(problem, division, course)
    trees = []
    for region in together.regions:
        own = lanes_of(region.part.problem, region.part.legs)
        assert own is not None
        again = lane_prices_from(
            region.part.problem, region.part.legs, own, start_of_part(start, region.part), course
        )
        trees.append(SiteTree(again, region.choices, course.over))
    total, _ = cheapest_counts([tree.bound for tree in trees], together.most)
    assert together.fixed + total == pytest.approx(start.proved, rel=1e-9)
    for tree, region in zip(trees, together.regions, strict=True):
        assert len(tree.bound) == region.most + 1
        assert np.all(np.diff(tree.bound) <= 1e-9 * abs(start.proved))


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("most", [2.0, 3.0, 99.0])
def test_trees_raise_the_bound_of_the_whole_no_further_than_the_optimum(most: float) -> None:
    problem, legs = two_regions(most)
    found = solve_legs(problem, legs, SolveOptions(gap=1e-6, time_limit_s=20.0, threads=1))
    assert found.decisions is not None
    course = Course(SolveOptions(gap=1e-6, time_limit_s=20.0, threads=1))
    course.offer(CheckedPlan(found.decisions, found.objective))
    division, start = priced(problem, legs, course)
    trees = site_search(Together(problem, division, course), start)
    assert trees is not None
    trees.raise_bound(1.0)
    assert start.proved * (1.0 - 1e-9) <= course.floor <= optimum_of(problem) * (1.0 + 1e-9)
    trees.look_again()
    assert not trees.look_again()
    assert course.objective >= optimum_of(problem) * (1.0 - 1e-9)
