"""The legs strategy where problems are too large for a tree: plans, bounds and what it says of them."""

import numpy as np
import pytest

from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.solver.certificate import exact_bound
from optimizer.solver.legs import search, solve
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Solution, Termination
from tiny_lanes import optimum_of, tiny_lanes

GAP = 1e-3
"""Gap asked for."""


@pytest.fixture(autouse=True)
def no_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_LEGS", 0)


def solved(seed: int, seconds: float = 60.0) -> tuple[Problem, Legs, Solution]:
    problem, legs = tiny_lanes(seed)
    return (
        problem,
        legs,
        solve.solve_legs(problem, legs, SolveOptions(gap=GAP, time_limit_s=seconds, threads=1)),
    )


@pytest.mark.parametrize("seed", [1, 2, 5, 6])
def test_plan_and_bound_hold_beside_the_optimum(seed: int) -> None:
    problem, legs, found = solved(seed)
    optimum = optimum_of(problem)
    assert found.decisions is not None
    plan = evaluate(problem, found.decisions)
    assert plan.feasible
    assert plan.objective == pytest.approx(found.objective, rel=1e-9)
    assert found.bound <= optimum * (1.0 + 1e-9) <= found.objective * (1.0 + 2e-9)
    assert found.objective <= optimum * 1.01
    assert (found.termination is Termination.OPTIMAL) == (found.gap <= GAP)
    stored = float(exact_bound(problem, found.prices, legs))
    assert "the stored prices prove less" in found.proof or stored >= found.bound * (1.0 - 1e-9)


def test_where_there_is_no_plan_none_is_shown_and_prices_stay_finite() -> None:
    problem, _, found = solved(3)
    assert optimum_of(problem) == np.inf
    assert found.decisions is None
    assert found.objective == np.inf
    assert found.termination in (Termination.INFEASIBLE, Termination.WORK_LIMIT)
    assert found.prices is not None
    assert np.all(np.isfinite(found.prices.row))


def test_bound_holds_where_the_time_is_up() -> None:
    problem, _, found = solved(1, seconds=0.01)
    assert found.termination is Termination.TIME_LIMIT
    assert found.bound <= optimum_of(problem) * (1.0 + 1e-9)
