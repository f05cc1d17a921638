"""Bounds recomputed in fractions: below every optimum, and equal to what the compiled relaxation says."""

from fractions import Fraction

import numpy as np
import pytest

from optimizer.errors import CheckError
from optimizer.solver.certificate import exact_bound
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.sizes import split_sizes
from optimizer.solver.solution import Prices
from optimizer.solver.solve import solve
from optimizer.solver.split_prices import joined_prices
from optimizer.solver.tighten import tighten
from tiny_problems import brute_force, tiny_problem


def _random_prices(relaxation: Relaxation, seed: int) -> Prices:
    random = np.random.default_rng(seed)
    start = relaxation.start()
    moved = PriceVector(start.flat + random.normal(0.0, 3.0, len(start.flat)), start.ends)
    return as_prices(relaxation.layout, relaxation.project(moved))


@pytest.mark.parametrize("seed", range(30))
def test_any_prices_bound_the_optimum_and_agree_with_the_compiled_value(seed: int) -> None:
    problem = tiny_problem(seed)
    if np.any(np.diff(problem.row_start) == 0):
        pytest.skip("a row without options has no prices")
    relaxation = Relaxation(tighten(problem))
    prices = _random_prices(relaxation, seed)
    bound = exact_bound(problem, prices)
    flat = PriceVector.of(prices.row, prices.measure, prices.link_price, prices.rule)
    value = relaxation.evaluate(flat).value
    assert isinstance(bound, Fraction)
    optimum = brute_force(problem)
    assert float(bound) <= optimum + 1e-9
    if np.isfinite(value):  # it is infinite where all sizes together cannot cover the need
        assert float(bound) == pytest.approx(value, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_stored_prices_reach_the_bound_they_are_said_to(seed: int) -> None:
    problem = tiny_problem(seed)
    solution = solve(problem, SolveOptions(gap=0.9), "price")
    if solution.prices is None or solution.decisions is None:
        pytest.skip("no plan")
    assert float(exact_bound(problem, solution.prices)) <= solution.objective + 1e-9


def test_prices_of_another_problem_are_refused() -> None:
    none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    with pytest.raises(CheckError, match="prices are for"):
        exact_bound(tiny_problem(1), Prices(none, none, no, no, none, none))


@pytest.mark.parametrize("seed", range(40))
def test_prices_of_options_split_by_size_are_valued_where_they_belong(seed: int) -> None:
    problem = tiny_problem(seed, ("sizes", "measures", "fees"))
    split = split_sizes(problem)
    if split is None:
        pytest.skip("no site has several sizes that share options")
    relaxation = Relaxation(tighten(split.problem))
    start = relaxation.start()
    prices = as_prices(relaxation.layout, start, True)
    bound = float(exact_bound(problem, prices))
    optimum = brute_force(problem)
    assert bound <= optimum + 1e-9
    value = relaxation.evaluate(start).value
    if np.isfinite(value):
        assert bound == pytest.approx(value, rel=1e-7, abs=1e-6)
    joined = joined_prices(problem, prices)
    assert len(joined.measure) == problem.n_measures
    assert float(exact_bound(problem, joined)) <= optimum + 1e-9


def test_prices_that_claim_a_split_there_is_not_are_refused() -> None:
    problem = tiny_problem(1, ("fees",))
    none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    with pytest.raises(CheckError, match="no option can be split"):
        exact_bound(problem, Prices(none, none, no, no, none, none, True))
