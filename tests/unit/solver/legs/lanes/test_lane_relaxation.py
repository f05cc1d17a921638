"""Prices with whole lanes: their value is that of the formula, slopes hold, and no plan costs less."""

from dataclasses import replace

import numpy as np
import pytest

from lane_formula import formula_value
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.problem.usage import largest_use
from optimizer.solver.clock import Course
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.lanes.rounds import lane_prices
from optimizer.solver.legs.shell import shell_of
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector
from tiny_lanes import optimum_of, tiny_lanes

EXACT = SolveOptions(gap=0.0, threads=1)
SEEDS = range(24)
RAISED = range(8)
DEAR = 1e5
"""Cost of a size that no plan of these problems takes if it can do without."""


def with_lanes(seed: int, threads: int = 1) -> tuple[Problem, LaneRelaxation]:
    """A relaxation with random weights, some of them zero."""
    problem, legs = tiny_lanes(seed)
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    random = np.random.default_rng([67, seed])
    weight = random.choice([0.0, 0.3, 1.0], problem.n_measures)
    weight[problem.resource_start[:-1]] = random.random(problem.n_resources) + 0.1
    shell = shell_of(problem, legs, largest_use(problem), split=True)
    none = np.full(problem.n_rows, np.inf)
    return problem, LaneRelaxation(problem, legs, lanes, shell, weight, none, threads)


def random_prices(relaxation: LaneRelaxation, random: np.random.Generator, scale: float) -> PriceVector:
    problem, demand = relaxation.problem, relaxation.problem.row_demand
    rows, links = random.uniform(0.0, 2.0 * scale, problem.n_rows) * demand, relaxation.links
    link = random.uniform(-1.0, 3.0, len(links.gate))
    return relaxation.project(
        PriceVector.of(
            rows,
            random.uniform(-1.0, 2.0, problem.n_measures),
            link,
            random.normal(0.0, 3.0, problem.n_rules),
        )
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_value_is_that_of_the_formula_and_slopes_hold(seed: int) -> None:
    problem, relaxation = with_lanes(seed)
    random = np.random.default_rng([68, seed])
    trials = [random_prices(relaxation, random, scale) for scale in (5.0, 10.0, 20.0)]
    found = [relaxation.evaluate(trial) for trial in trials]
    for trial, at in zip(trials, found, strict=True):
        assert at.value == pytest.approx(formula_value(problem, relaxation, trial), rel=1e-7, abs=1e-6)
        for other, there in zip(trials, found, strict=True):
            most = at.value + float(at.slope.flat @ (other.flat - trial.flat))
            assert there.value <= most + 1e-7 * (1.0 + abs(most))


@pytest.mark.parametrize("seed", range(8))
def test_heads_above_the_ceilings_of_their_rows_change_nothing(seed: int) -> None:
    problem, whole = with_lanes(seed)
    problem_legs, lanes = tiny_lanes(seed)[1], whole.lanes
    trial = random_prices(whole, np.random.default_rng([72, seed]), 6.0)
    bare = PriceVector.of(trial.row, trial.measure, 0.0 * trial.link, trial.rule)
    ceiling = trial.row + 1e-9
    fewer = LaneRelaxation(problem, problem_legs, lanes, whole.shell, whole.lane_weight, ceiling, 1)
    same = PriceVector.of(trial.row, trial.measure, np.zeros(len(fewer.links.gate)), trial.rule)
    assert fewer.evaluate(same).value == pytest.approx(whole.evaluate(bare).value, rel=1e-12)
    higher = PriceVector.of(2.0 * trial.row, trial.measure, same.link, trial.rule)
    assert np.all(fewer.project(higher).row <= ceiling)


def closing_some(relaxation: LaneRelaxation, random: np.random.Generator) -> list[int]:
    """Hold some sizes closed."""
    closed = np.flatnonzero(random.random(relaxation.problem.n_sizes) < 0.5)
    relaxation.size_fixed[closed] = 0
    return closed.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_value_is_that_of_the_formula_with_sizes_closed(seed: int) -> None:
    problem, relaxation = with_lanes(seed)
    random = np.random.default_rng([73, seed])
    closed = closing_some(relaxation, random)
    trials = [random_prices(relaxation, random, scale) for scale in (6.0, 14.0)]
    found = [relaxation.evaluate(trial) for trial in trials]
    for trial, at in zip(trials, found, strict=True):
        exact = formula_value(problem, relaxation, trial, closed)
        assert at.value == pytest.approx(exact, rel=1e-7, abs=1e-6)
        assert not at.size_open[closed].any()
        for other, there in zip(trials, found, strict=True):
            most = at.value + float(at.slope.flat @ (other.flat - trial.flat))
            assert there.value <= most + 1e-7 * (1.0 + abs(most))


def test_no_plan_without_closed_sizes_costs_less() -> None:
    seen = 0
    for seed in SEEDS:
        problem, relaxation = with_lanes(seed)
        random = np.random.default_rng([76, seed])
        closed = closing_some(relaxation, random)
        cost = problem.size_cost.copy()
        cost[closed] = DEAR
        optimum = optimum_of(replace(problem, size_cost=cost))
        seen += optimum < DEAR and len(closed) > 0
        for scale in (4.0, 8.0, 16.0) if optimum < DEAR else ():
            value = relaxation.evaluate(random_prices(relaxation, random, scale)).value
            assert value <= optimum + 1e-9 * abs(value)
    assert seen > 8


@pytest.mark.parametrize("seed", SEEDS)
def test_worth_of_lanes_in_some_sizes_is_that_with_the_others_closed(seed: int) -> None:
    relaxation, random = with_lanes(seed)[1], np.random.default_rng([75, seed])
    lanes = relaxation.lanes
    prices = random_prices(relaxation, random, 12.0)
    relaxation.evaluate(prices)
    opened = random.random(relaxation.problem.n_sizes) < 0.5
    worth = relaxation.worth_at(relaxation.current, opened)
    relaxation.size_fixed[~opened] = 0
    relaxation.evaluate(prices)
    held = relaxation.worth_at(relaxation.current, opened)
    bound = lanes.site >= 0
    np.testing.assert_array_equal(worth[bound], held[bound])
    assert np.all(worth[~bound] <= held[~bound])


def test_lanes_are_worth_nothing_where_all_sizes_are_closed() -> None:
    less = 0
    for seed in range(8):
        relaxation, random = with_lanes(seed)[1], np.random.default_rng([74, seed])
        prices = random_prices(relaxation, random, 20.0)
        free = relaxation.evaluate(prices).gate_worth[relaxation._first_lane :]
        relaxation.size_fixed[:] = 0
        held = relaxation.evaluate(prices).gate_worth[relaxation._first_lane :]
        fee = relaxation.problem.gate_fee[relaxation._first_lane :]
        np.testing.assert_array_equal(held, fee)
        less += np.count_nonzero(free < fee)
    assert less > 8


@pytest.mark.parametrize("seed", range(4))
def test_threads_change_no_bit(seed: int) -> None:
    serial, parallel = with_lanes(seed)[1], with_lanes(seed, 2)[1]
    prices = random_prices(serial, np.random.default_rng([69, seed]), 12.0)
    one, other = serial.evaluate(prices), parallel.evaluate(prices)
    assert one.value == other.value
    np.testing.assert_array_equal(one.slope.flat, other.slope.flat)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_costs_less_at_any_prices(seed: int) -> None:
    problem, relaxation = with_lanes(seed)
    optimum = optimum_of(problem)
    random = np.random.default_rng([70, seed])
    for scale in (1.0, 4.0, 8.0, 16.0, 40.0) * 4:
        value = relaxation.evaluate(random_prices(relaxation, random, scale)).value
        assert value <= optimum + 1e-9 * abs(value)


@pytest.fixture(scope="module")
def raised() -> list[tuple[float, float, float, float]]:
    """Optimum, bound by prices over legs, by the first prices of whole lanes and by their last."""
    found = []
    for seed in RAISED:
        problem, legs = tiny_lanes(seed)
        course = Course(EXACT)
        start = first_prices(tied_problem(problem, legs), course)
        lanes = lanes_of(problem, legs)
        assert lanes is not None
        raising = lane_prices(problem, legs, lanes, start, course)
        before = raising.relaxation.evaluate(raising.prices).value
        last = raising.first(1.0).best.value
        optimum = optimum_of(problem)
        assert course.floor <= optimum * (1.0 + 1e-9)
        found.append((optimum, start.run.best.value, before, last))
    return found


def test_raised_prices_prove_more_than_their_start_and_not_too_much(raised: list[tuple[float, ...]]) -> None:
    for optimum, _, before, last in raised:
        assert before <= last <= optimum * (1.0 + 1e-9)
    assert np.mean([last > before for _, _, before, last in raised]) > 0.5


def test_whole_lanes_prove_more_than_prices_per_unit_where_modules_count(
    raised: list[tuple[float, ...]],
) -> None:
    assert np.mean([last > over_legs for _, over_legs, _, last in raised]) > 0.5
