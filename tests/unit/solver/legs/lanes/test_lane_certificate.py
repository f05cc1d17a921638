"""Prices with whole lanes prove in whole numbers what they claim, and nothing false when they are changed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lane_formula import formula_value
from optimizer.errors import CheckError
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.problem.usage import largest_use
from optimizer.runs.certificate import Certificate, read_certificate, write_certificate
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes.copies import measures_of_lanes
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.lanes.rounds import LanePrices, lane_prices
from optimizer.solver.legs.lanes.tariffs import tariff_measures
from optimizer.solver.legs.shell import shell_of
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector
from optimizer.solver.solution import Prices
from optimizer.solver.split_prices import joined_prices
from tiny_lanes import optimum_of, tiny_lanes

SEEDS = range(16)


def begun(seed: int) -> tuple[Problem, Legs, LanePrices]:
    """Whole lanes with a start from few steps of prices over legs."""
    problem, legs = tiny_lanes(seed)
    course = Course(SolveOptions(gap=0.0, time_limit_s=0.02, threads=1))
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    first = first_prices(tied_problem(problem, legs), course)
    return problem, legs, lane_prices(problem, legs, lanes, first, course)


def claimed(prices: LanePrices) -> float:
    return prices.relaxation.evaluate(prices.prices).value


@pytest.mark.parametrize("seed", SEEDS)
def test_stored_prices_prove_what_they_claim(seed: int) -> None:
    problem, legs, found = begun(seed)
    proved = float(exact_bound(problem, found.stored(), legs))
    assert proved == pytest.approx(claimed(found), rel=2e-9, abs=1e-9)
    assert proved <= optimum_of(problem) * (1.0 + 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_are_valued_by_the_formula(seed: int) -> None:
    problem, legs = tiny_lanes(seed)
    lanes, random = lanes_of(problem, legs), np.random.default_rng([71, seed])
    assert lanes is not None
    weight = random.choice([0.0, 0.3, 1.0], problem.n_measures)
    weight[problem.resource_start[:-1]] = random.random(problem.n_resources) + 0.1
    shell = shell_of(problem, legs, largest_use(problem), split=True)
    relaxation = LaneRelaxation(problem, legs, lanes, shell, weight, np.full(problem.n_rows, np.inf), 1)
    links = relaxation.links
    for scale in (4.0, 12.0):
        trial = relaxation.project(
            PriceVector.of(
                random.uniform(0.0, 2.0 * scale, problem.n_rows) * problem.row_demand,
                random.uniform(-1.0, 2.0, shell.problem.n_measures),
                random.uniform(-1.0, 3.0, len(links.row)),
                random.normal(0.0, 3.0, problem.n_rules),
            )
        )
        stored = Prices(
            trial.row, trial.measure, links.row, links.gate, trial.link, trial.rule, shell.split,
            lane_weight=relaxation.lane_weight,
        )  # fmt: skip
        wanted = formula_value(problem, relaxation, trial)
        assert float(exact_bound(problem, stored, legs)) == pytest.approx(wanted, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_changed_prices_prove_less_or_are_refused(seed: int) -> None:
    problem, legs, found = begun(seed)
    prices, optimum = found.stored(), optimum_of(problem)
    proved = float(exact_bound(problem, prices, legs))
    assert float(exact_bound(problem, replace(prices, row=prices.row * 0.3), legs)) < proved
    assert float(exact_bound(problem, replace(prices, row=prices.row * 10.0), legs)) <= optimum * (
        1.0 + 1e-12
    )
    weight = prices.lane_weight
    assert weight is not None
    for weights in (weight * 0.0, weight - 1.0, weight[1:], np.full(len(weight), np.nan)):
        with pytest.raises(CheckError, match=r"weight"):
            exact_bound(problem, replace(prices, lane_weight=weights), legs)
    with pytest.raises(CheckError, match="whole lanes"):
        exact_bound(problem, prices, None)
    with pytest.raises(CheckError, match="rows, measures and rules"):
        exact_bound(problem, replace(prices, measure=prices.measure[1:]), legs)


def test_prices_come_back_from_disk_and_start_another_solve(tmp_path: Path) -> None:
    problem, legs, found = begun(1)
    prices = found.stored()
    write_certificate(tmp_path, Certificate(prices))
    again = read_certificate(tmp_path).prices
    assert again is not None
    assert exact_bound(problem, again, legs) == exact_bound(problem, prices, legs)
    joined = joined_prices(problem, again, legs)
    assert joined.lane_weight is None
    whole = measures_of_lanes(problem, found.relaxation.lanes)
    whole[tariff_measures(problem, found.relaxation.lanes.tariff)] = True
    np.testing.assert_array_equal(np.isnan(joined.measure), whole)
    assert len(joined.row) == problem.n_rows
