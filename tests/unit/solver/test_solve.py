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
