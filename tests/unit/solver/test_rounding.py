"""Roundings of pooled supply cut off no plan, and raise the bound of the linear relaxation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.errors import CheckError
from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.matrix import Links, linear_model
from optimizer.problem.validate import validate_problem
from optimizer.published.alliance_family import AllianceSize, alliance_problem
from optimizer.solver.certificate import exact_bound
from optimizer.solver.limits import SolveOptions
from optimizer.solver.price import solve_price
from optimizer.solver.rounding import Roundings, join_roundings, no_roundings, with_roundings
from optimizer.solver.separation import Separator
from tiny_problems import brute_force, tiny_problem


def _relaxed(problem: Problem) -> tuple[float, np.ndarray]:
    model = linear_model(problem, Links.STRONG)
    rows = LinearConstraint(model.matrix, model.row_lower, model.row_upper)
    answer = milp(model.cost, bounds=Bounds(model.lower, model.upper), constraints=[rows])
    return float(answer.fun) + model.offset, answer.x


def _container_problem() -> Problem:
    """One row of 7 m³; a container of 10 m³ costs 20, loose cargo 3 per m³."""
    builder = ProblemBuilder()
    lane = builder.add_resources(1, overflow_price=3.0, overflow_limit=np.inf)
    space = builder.add_measures(lane, 0.0)
    builder.add_module_supply(builder.add_modules(lane, 20.0, 5), space, 10.0)
    builder.add_options(builder.add_rows([7.0]), [0.0], measures=space[None, :], amounts=np.array([[7.0]]))
    return builder.build().problem


def test_a_container_is_paid_whole() -> None:
    # By hand: 0.7 containers cost 14. With r = 7, eta = 1 the cut is 7 x <= 7 n + z: n = x, so one
    # container, 20, against loose cargo at 21.
    problem = _container_problem()
    cut = Roundings(np.array([0]), np.array([10.0]), np.array([0, 1]), np.array([0]))
    assert _relaxed(problem)[0] == pytest.approx(14.0)
    assert _relaxed(with_roundings(problem, cut)[0])[0] == pytest.approx(20.0)


def test_separation_finds_that_cut() -> None:
    problem = _container_problem()
    model = linear_model(problem, Links.STRONG)
    separator = Separator(problem, model)
    found = separator.violated(_relaxed(problem)[1])
    assert found.measure.tolist() == [0]
    assert found.row.tolist() == [0]
    matrix, upper = separator.rows(found)
    values = np.zeros(len(model.cost))
    values[model.columns["x"].start], values[model.columns["n"].start] = 1.0, 0.7
    assert (matrix @ values)[0] > upper[0] + 1.0


@pytest.mark.parametrize("seed", range(15))
def test_no_plan_is_cut_off(seed: int) -> None:
    problem = tiny_problem(seed)
    random = np.random.default_rng(seed)
    used = np.unique(problem.option_use_measure)
    cuts = no_roundings()
    for measure in random.choice(used, 3) if len(used) else []:
        row = np.flatnonzero(random.random(problem.n_rows) < 0.6)
        one = (np.array([measure]), np.array([float(random.integers(2, 12))]), np.array([0, len(row)]), row)
        cuts = join_roundings(cuts, Roundings(*one))
    wider, source = with_roundings(problem, cuts)
    validate_problem(wider)
    assert sorted(source[source < 0].tolist()) == list(range(-len(cuts), 0))
    assert brute_force(wider) == pytest.approx(brute_force(problem), rel=1e-9, abs=1e-9)


@pytest.mark.slow
def test_prices_with_cuts_prove_their_bound_exactly() -> None:
    size = AllianceSize(members=4, classes=4, markets=60, sites=8, periods=1, air_sites=2)
    problem = alliance_problem(size, 1)
    solution = solve_price(problem, SolveOptions(gap=2e-4, work_limit=1))
    prices = solution.prices
    assert prices is not None
    assert prices.split
    assert prices.cuts is not None
    with_cuts = float(exact_bound(problem, prices))
    without = float(exact_bound(problem, replace(prices, cuts=None, cut_price=None)))
    assert without < with_cuts <= solution.objective
    assert with_cuts >= solution.bound - 1e-4 * abs(solution.objective)
    wrong = replace(prices, cut_price=prices.measure[:1])
    with pytest.raises(CheckError, match="cuts"):
        exact_bound(problem, wrong)
