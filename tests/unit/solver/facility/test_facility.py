"""The facility strategy against brute force, flows against a linear program, and what it recognises."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from optimizer.errors import SolverError
from optimizer.problem.evaluate import evaluate
from optimizer.published.families import facility_location
from optimizer.published.generated import cornuejols
from optimizer.solver.certificate import exact_bound
from optimizer.solver.facility.flows import route
from optimizer.solver.facility.location import as_location
from optimizer.solver.facility.solve import solve_facility
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from optimizer.solver.solve import solve
from optimizer.solver.tree_proof import certified_bound
from tiny_problems import tiny_problem

EXACT = SolveOptions(gap=1e-9)


def transport_cost(cost, demand, capacity, opened):
    """Cheapest service from the open facilities, by a linear program over shares."""
    k, n = len(opened), len(demand)
    every = np.kron(np.ones(k), np.eye(n))
    room = np.kron(np.eye(k), demand)
    result = linprog(
        cost[opened].ravel(),
        A_ub=room,
        b_ub=capacity[opened],
        A_eq=every,
        b_eq=np.ones(n),
    )
    return result.fun if result.status == 0 else np.inf


def enumerate_openings(fixed, cost, demand, capacity):
    best = np.inf
    for k in range(1, len(fixed) + 1):
        for chosen in combinations(range(len(fixed)), k):
            opened = np.array(chosen)
            best = min(best, fixed[opened].sum() + transport_cost(cost, demand, capacity, opened))
    return best


def random_location(seed, capacitated=True):
    random = np.random.default_rng([77, seed])
    m, n = int(random.integers(1, 6)), int(random.integers(1, 8))
    fixed = random.integers(0, 60, m).astype(float)
    cost = random.integers(0, 40, (m, n)).astype(float)
    demand = random.integers(1, 12, n).astype(float)
    capacity = random.integers(1, 30, m).astype(float)
    if not capacitated:
        capacity = np.full(m, demand.sum())
    return fixed, cost, demand, capacity


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_capacitated_equals_enumeration(seed):
    fixed, cost, demand, capacity = random_location(seed)
    problem = facility_location(fixed, cost, demand, capacity)
    solution = solve_facility(problem, EXACT)
    best = enumerate_openings(fixed, cost, demand, capacity)
    if np.isinf(best):
        assert solution.termination is Termination.INFEASIBLE
        return
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert solution.bound <= best * (1 + 1e-9) + 1e-9
    checked = evaluate(problem, solution.decisions)
    assert checked.feasible
    assert checked.objective == pytest.approx(best, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_uncapacitated_equals_enumeration(seed):
    fixed, cost, demand, capacity = random_location(seed, capacitated=False)
    solution = solve_facility(facility_location(fixed, cost), EXACT)
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(enumerate_openings(fixed, cost, demand, capacity), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_flows_equal_a_linear_program(seed):
    fixed, cost, demand, capacity = random_location(seed)
    opened = np.arange(len(fixed))
    found, load, _ = route(cost / demand, demand, capacity, opened, np.inf)
    best = transport_cost(cost, demand, capacity, opened)
    assert np.isinf(found) if np.isinf(best) else found == pytest.approx(best, abs=1e-8)
    if np.isfinite(best):
        assert load.sum(axis=0) == pytest.approx(demand)
        assert np.all(load.sum(axis=1) <= capacity + 1e-9)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_stored_prices_prove_a_bound_below_the_optimum(seed):
    fixed, cost, demand, capacity = random_location(seed)
    problem = facility_location(fixed, cost, demand, capacity)
    solution = solve_facility(problem, EXACT)
    if solution.decisions is not None:
        proved = float(exact_bound(problem, solution.prices))
        assert proved <= solution.objective * (1 + 1e-9) + 1e-9
        if "branch" not in solution.proof:
            assert proved == pytest.approx(solution.bound, rel=1e-8, abs=1e-8)


def test_medium_instance_agrees_with_the_general_strategy():
    """25 × 40, ratio 3: large enough for a tree, with plans that no enumeration reaches."""
    problem = cornuejols(25, 40, 3.0, 2)
    ours = solve(problem, SolveOptions(gap=1e-6), "facility")
    other = solve(problem, SolveOptions(gap=1e-6), "direct")
    assert ours.termination is Termination.OPTIMAL
    assert ours.objective == pytest.approx(other.objective, rel=2e-6)


def test_auto_takes_facility_location_and_the_strategy_refuses_the_rest():
    plain = facility_location(np.array([3.0, 4.0]), np.ones((2, 3)), np.ones(3), np.array([2.0, 2.0]))
    assert as_location(plain) is not None
    single = facility_location(np.ones(2), np.ones((2, 3)), np.ones(3), np.ones(2) * 2, single_source=True)
    assert as_location(single) is None
    assert as_location(replace(plain, gate_fee=np.array([1.0, 0.0]))) is None
    assert as_location(replace(plain, measure_supply=np.array([1.0, 0.0]))) is None
    with pytest.raises(SolverError, match="facility location"):
        solve(single, SolveOptions(), "facility")
    assert as_location(tiny_problem(3, ("modules", "tiers", "pairs"))) is None


def test_no_room_is_infeasible():
    problem = facility_location(np.ones(2), np.ones((2, 3)), np.ones(3), np.array([1.0, 1.0]))
    assert solve(problem, SolveOptions()).termination is Termination.INFEASIBLE


def test_a_work_limit_keeps_a_valid_bound():
    problem = cornuejols(60, 60, 5.0, 3)
    stopped = solve_facility(problem, SolveOptions(gap=1e-9, work_limit=2))
    whole = solve_facility(problem, SolveOptions(gap=1e-6))
    assert stopped.termination is Termination.WORK_LIMIT
    assert stopped.bound <= whole.objective <= stopped.objective


def test_the_same_run_twice_is_the_same():
    problem = cornuejols(40, 60, 5.0, 1)
    first, second = (solve_facility(problem, SolveOptions(gap=1e-6)) for _ in range(2))
    assert first.objective == second.objective
    assert first.bound == second.bound
    assert np.array_equal(first.decisions.share, second.decisions.share)


def test_the_search_of_a_kernel_only_ever_improves_the_plan(monkeypatch):
    """With the kernel search made to run on a small problem, optimum and bound stay what they are."""
    problem = cornuejols(60, 60, 5.0, 2)
    plain = solve_facility(problem, SolveOptions(gap=1e-6))
    monkeypatch.setattr("optimizer.solver.facility.solve.LARGE", 5)
    monkeypatch.setattr("optimizer.solver.facility.kernel.KERNEL_NODES", 2)
    searched = solve_facility(problem, SolveOptions(gap=1e-6))
    assert searched.termination is Termination.OPTIMAL
    assert searched.objective == pytest.approx(plain.objective, rel=2e-6)
    assert certified_bound(problem, searched) >= searched.objective * (1 - 2e-6)
