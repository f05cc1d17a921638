"""Options split by size: the same plans at the same cost, and a relaxation that is at least as strong."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.problem.evaluate import evaluate
from optimizer.problem.matrix import Links, linear_model
from optimizer.problem.problem import Problem
from optimizer.problem.validate import validate_problem
from optimizer.published.alliance_family import alliance_problem
from optimizer.solver.limits import SolveOptions
from optimizer.solver.price import solve_price
from optimizer.solver.reduced import lift
from optimizer.solver.sizes import split_sizes
from optimizer.solver.solve import solve
from tiny_problems import FEATURES, brute_force, tiny_problem


def _linear_bound(problem: Problem) -> float:
    model = linear_model(problem, Links.STRONG)
    rows = LinearConstraint(model.matrix, model.row_lower, model.row_upper)
    return (
        float(milp(model.cost, bounds=Bounds(model.lower, model.upper), constraints=[rows]).fun)
        + model.offset
    )


@pytest.mark.parametrize("seed", range(15))
def test_split_problem_has_the_same_optimum_and_its_plans_lift(seed: int) -> None:
    problem = tiny_problem(seed, tuple(name for name in FEATURES if name != "single"))
    split = split_sizes(problem)
    if split is None:
        assert np.all(np.diff(problem.site_start) <= 1) or problem.n_sites == 1
        return
    validate_problem(split.problem)
    optimum = brute_force(problem)
    assert brute_force(split.problem) == pytest.approx(optimum, rel=1e-9)
    solution = solve(split.problem, SolveOptions(gap=1e-6), "direct")
    if solution.decisions is not None:
        lifted = evaluate(problem, lift(split, solution.decisions))
        assert lifted.feasible
        assert lifted.objective == pytest.approx(optimum, rel=1e-5)


def test_split_relaxation_does_not_mix_sizes() -> None:
    problem = alliance_problem("S")
    split = split_sizes(problem)
    assert split is not None
    whole, parts = _linear_bound(problem), _linear_bound(split.problem)
    assert parts > whole * 1.001
    assert parts <= solve_price(problem, SolveOptions(gap=0.02)).objective


def test_one_size_per_site_is_not_split() -> None:
    assert split_sizes(tiny_problem(1, ("fees", "measures"))) is None
