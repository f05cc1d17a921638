"""Trials of sets of sizes: going on from one to the next comes to what a program of each set alone does."""

from itertools import product

import numpy as np
import pytest

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.clock import Course
from optimizer.solver.legs import trials
from optimizer.solver.legs.core import opened_relaxation
from optimizer.solver.legs.lanes.rates import SupplyRates, excess_of_tiers, with_rates
from optimizer.solver.legs.program import write_part
from optimizer.solver.legs.reach import options_within
from optimizer.solver.legs.trials import Trials
from optimizer.solver.limits import SolveOptions
from optimizer.solver.reduced import restrict_options
from tiny_lanes import tiny_lanes


@pytest.fixture(autouse=True)
def however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST_ROWS_OF_REGION", 0)


def some_rates(problem: Problem, seed: int) -> SupplyRates:
    random = np.random.default_rng([31, seed])
    return SupplyRates(
        problem.module_cost * random.uniform(0.5, 2.0, problem.n_modules),
        problem.tier_unit_cost * random.integers(1, 3, problem.n_tiers),
        np.zeros(problem.n_gates, dtype=bool),
        np.zeros(problem.n_resources, dtype=bool),
    )


def sets_of_sizes(problem: Problem) -> list[Bools]:
    """Every choice of at most one size per site."""
    spans = [range(-1, int(count)) for count in np.diff(problem.site_start)]
    sets = []
    for ranks in product(*spans):
        sizes = np.zeros(problem.n_sizes, dtype=bool)
        sizes[[int(problem.site_start[site]) + rank for site, rank in enumerate(ranks) if rank >= 0]] = True
        sets.append(sizes)
    return sets


def alone(problem: Problem, legs: Legs, sizes: Bools, course: Course, rates: SupplyRates) -> float:
    """Relaxation of the program that knows no other sizes; NaN where there is no such program."""
    option = rates.within(problem, options_within(problem, sizes)[0])
    kept = restrict_options(problem, option)
    if np.any(np.diff(kept.problem.row_start) == 0):
        return np.inf
    program = write_part(problem, legs, kept)
    return (
        np.nan if program is None else opened_relaxation(with_rates(program, rates), sizes, course).objective
    )


@pytest.mark.parametrize("seed", range(25))
def test_going_on_from_set_to_set_comes_to_what_each_costs_anew(seed: int) -> None:
    problem, legs = tiny_lanes(seed)
    course, rates = Course(SolveOptions()), some_rates(problem, seed)
    found = Trials(problem, legs, course, rates)
    everything = np.ones(problem.n_sizes, dtype=bool)
    for sizes in [everything, *sets_of_sizes(problem)]:
        least, relaxed = alone(problem, legs, sizes, course, rates), found.relaxed(sizes)
        if relaxed is None:
            assert np.isnan(least) or least == np.inf
            continue
        assert relaxed.answer.values is not None
        anew = opened_relaxation(with_rates(relaxed.program, rates), sizes, course)
        assert relaxed.answer.objective == pytest.approx(anew.objective, rel=1e-6, abs=1e-6)
        assert np.isnan(least) or relaxed.answer.objective <= least * (1 + 1e-6)
        excess = excess_of_tiers(relaxed.program, rates, relaxed.answer.values)
        assert relaxed.estimate == pytest.approx(relaxed.answer.objective + excess)


def test_a_set_that_reaches_what_is_enough_or_takes_too_much_work_is_given_up() -> None:
    problem, legs = tiny_lanes(0)
    course, rates = Course(SolveOptions()), some_rates(problem, 0)
    known = {
        sizes.tobytes(): Trials(problem, legs, course, rates).relaxed(sizes)
        for sizes in sets_of_sizes(problem)
    }
    costs = {key: relaxed.estimate for key, relaxed in known.items() if relaxed is not None}
    assert len(costs) > 1
    together = Trials(problem, legs, course, rates)
    for sizes in sets_of_sizes(problem):
        cost = costs.get(sizes.tobytes())
        if cost is None:
            continue
        assert Trials(problem, legs, course, rates).relaxed(sizes, work=0.0) is None
        relaxed = together.relaxed(sizes, enough=cost + 1.0)
        assert relaxed is not None and relaxed.estimate == pytest.approx(cost)
        assert together.relaxed(sizes, enough=0.99 * cost) is None
    assert together.work > 0


def test_nothing_is_tried_once_the_time_is_up() -> None:
    problem, legs = tiny_lanes(0)
    over = Course(SolveOptions(should_stop=lambda: True))
    assert (
        Trials(problem, legs, over, some_rates(problem, 0)).relaxed(np.ones(problem.n_sizes, dtype=bool))
        is None
    )
