"""The single-source strategy: what it recognises, and that it agrees with enumeration."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.errors import SolverError
from optimizer.problem import ProblemBuilder
from optimizer.problem.evaluate import evaluate
from optimizer.published import find_instances
from optimizer.published.families import facility_location
from optimizer.solver.certificate import exact_bound
from optimizer.solver.limits import SolveOptions
from optimizer.solver.single_source.recognise import single_source_form
from optimizer.solver.single_source.solve import solve_single_source
from optimizer.solver.solution import Termination
from optimizer.solver.solve import solve

EXACT = SolveOptions(gap=0.0)


def random_location(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fixed costs, costs, demands, capacities; some too tight to have a plan, some with broken costs."""
    random = np.random.default_rng([4, seed])
    sites, rows = int(random.integers(1, 5)), int(random.integers(1, 8))
    cost = random.integers(0, 30, (sites, rows)).astype(float)
    demand = random.integers(1, 10, rows).astype(float)
    capacity = random.integers(5, 6 + int(2.5 * demand.sum() / sites), sites).astype(float)
    fixed = random.integers(0, 40, sites).astype(float)
    if seed % 3 == 0:
        cost, demand, capacity = cost + random.random((sites, rows)), demand * 0.73, capacity * 0.79
    if seed % 4 == 0:
        cost -= 12.0
    return fixed, cost, demand, capacity


def enumerated(fixed, cost, demand, capacity) -> float:
    """Cheapest of all assignments that fit."""
    sites, rows = cost.shape
    best = np.inf
    for plan in product(range(sites), repeat=rows):
        load = np.bincount(plan, weights=demand, minlength=sites)
        if np.all(load <= capacity + 1e-9):
            used = np.unique(plan)
            best = min(best, fixed[used].sum() + cost[list(plan), np.arange(rows)].sum())
    return best


@given(st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_agrees_with_enumeration(seed: int) -> None:
    fixed, cost, demand, capacity = random_location(seed)
    problem = facility_location(fixed, cost, demand, capacity, single_source=True)
    solution = solve_single_source(problem, EXACT)
    best = enumerated(fixed, cost, demand, capacity)
    assert solution.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    if np.isinf(best):
        assert solution.termination is Termination.INFEASIBLE
        return
    assert solution.termination is Termination.OPTIMAL
    assert solution.bound <= best + 1e-6
    assert solution.decisions is not None
    assert evaluate(problem, solution.decisions).objective == pytest.approx(best, abs=1e-6)
    assert solution.prices is not None
    assert float(exact_bound(problem, solution.prices)) <= best + 1e-6


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_costs_of_zero_and_no_plan_at_all(scale: float) -> None:
    """Three rows of 3 do not fit two sites of 4; two do, for nothing where nothing costs anything."""
    fixed, capacity = np.full(2, 5.0 * scale), np.full(2, 4.0)
    for rows, best in ((2, 12.0 * scale), (3, np.inf)):
        cost = np.full((2, rows), scale)
        problem = facility_location(fixed, cost, np.full(rows, 3.0), capacity, single_source=True)
        solution = solve_single_source(problem, EXACT)
        assert solution.objective == best
        assert (solution.termination is Termination.INFEASIBLE) == (rows == 3)


NAMES = ["holmberg/p19", "holmberg/p32", "holmberg/p58", "diaz_fernandez/p7", "diaz_fernandez/p14"]


@pytest.mark.parametrize("name", NAMES)
def test_published_optima(name: str, benchmarks_dir: Path) -> None:
    (entry,) = find_instances(benchmarks_dir, [name])
    solution = solve(entry.load(), SolveOptions(gap=0.0, time_limit_s=120.0))
    assert entry.best is not None
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(entry.best.objective, rel=1e-9)


def two_sites() -> ProblemBuilder:
    """Two sites of capacity 5 with rows of 3 each: each site serves one row, by hand 10 + 20 + 1 + 2 = 33."""
    builder = ProblemBuilder(constant=0.0)
    rows = builder.add_rows([3.0, 3.0], single=True)
    sites = builder.add_sites(2)
    sizes = builder.add_sizes(sites, [10.0, 20.0])
    gates = builder.add_gates([0.0, 0.0], sites)
    measures = builder.add_measures(builder.add_resources(2), 0.0)
    builder.add_size_supply(sizes, measures, [5.0, 5.0])
    for row, costs in zip(rows, ([1.0, 9.0], [1.0, 2.0]), strict=True):
        builder.add_options(
            np.array([row, row]), costs, gates=gates, measures=measures, amounts=np.array([3.0, 3.0])
        )
    return builder


def test_solves_a_case_by_hand() -> None:
    solution = solve(two_sites().build().problem, EXACT)
    assert solution.objective == 33.0
    assert solution.bound == pytest.approx(33.0)
    assert "knapsacks per site" in solution.proof


def test_gate_fees_and_constants_count() -> None:
    fixed, cost, demand, capacity = random_location(5)
    plain = facility_location(fixed, cost, demand, capacity, single_source=True)
    base = solve(plain, EXACT).objective
    dearer = replace(plain, gate_fee=plain.gate_fee + 2.0, size_cost=plain.size_cost - 0.0, constant=7.0)
    moved = replace(plain, size_cost=plain.size_cost + 2.0)
    assert solve(dearer, EXACT).objective == pytest.approx(solve(moved, EXACT).objective + 7.0)
    assert base <= solve(moved, EXACT).objective


@pytest.mark.parametrize("feature", ["rule", "splittable", "second_way", "shared_measure", "overflow"])
def test_other_problems_are_left_alone(feature: str) -> None:
    builder = two_sites()
    if feature == "rule":
        builder.add_rule(0.0, 1.0, sizes=np.array([0, 1]))
    if feature == "splittable":
        builder.add_options(builder.add_rows([1.0]), [4.0])
    if feature in ("second_way", "shared_measure"):
        measure = 0 if feature == "second_way" else 1
        builder.add_options(
            np.array([0]), [4.0], gates=np.array([[0]]), measures=[[measure]], amounts=[[1.0]]
        )
    problem = builder.build().problem
    if feature == "overflow":
        problem = replace(problem, overflow_limit=np.array([1.0, 0.0]))
    assert single_source_form(problem) is None
    with pytest.raises(SolverError, match="not a single-source location problem"):
        solve(problem, EXACT, "single_source")
