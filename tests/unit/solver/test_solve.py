"""The price strategy against enumeration on tiny problems with every feature."""

import numpy as np
import pytest

from optimizer.problem.evaluate import evaluate
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from optimizer.solver.solve import solve
from tiny_problems import brute_force, tiny_problem


@pytest.mark.parametrize("seed", range(40))
def test_price_strategy_agrees_with_enumeration(seed: int) -> None:
    problem = tiny_problem(seed)
    optimum = brute_force(problem)
    solution = solve(problem, SolveOptions(gap=1e-6), "price")
    if np.isinf(optimum):
        assert solution.termination is Termination.INFEASIBLE
        return
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(optimum, rel=1e-5, abs=1e-5)
    assert solution.bound <= optimum + 1e-6 * max(1.0, abs(optimum))
    assert solution.decisions is not None
    assert evaluate(problem, solution.decisions).feasible


def test_a_stop_keeps_the_best_plan_and_a_valid_bound() -> None:
    problem = tiny_problem(3)
    solution = solve(problem, SolveOptions(gap=0.0, should_stop=lambda: True), "price")
    assert solution.termination is Termination.INTERRUPTED
    assert solution.bound <= brute_force(problem) + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_warm_prices_change_nothing_but_the_way(seed: int) -> None:
    problem = tiny_problem(seed)
    cold = solve(problem, SolveOptions(gap=1e-6), "price")
    warm = solve(problem, SolveOptions(gap=1e-6), "price", cold.prices)
    assert warm.termination is cold.termination
    assert warm.objective == pytest.approx(cold.objective, rel=1e-5)


def test_the_same_seed_and_threads_give_the_same_bits() -> None:
    problem = tiny_problem(7)
    first, second = (solve(problem, SolveOptions(gap=1e-6), "price") for _ in range(2))
    assert (first.objective, first.bound) == (second.objective, second.bound)
