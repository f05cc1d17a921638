"""Rates of supply: what a lane costs by the unit at its mean use, and which lanes are idle."""

import numpy as np
import pytest

from optimizer.problem.cut_out import whole_part
from optimizer.problem.entries import owner
from optimizer.problem.evaluate import resource_of_measure
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.rates import SupplyRates, rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices, lane_prices
from optimizer.solver.limits import SolveOptions
from tiny_lanes import tiny_lanes


def priced(seed: int) -> tuple[Problem, LanePrices]:
    problem, legs = tiny_lanes(seed)
    course = Course(SolveOptions(gap=0.0, time_limit_s=20.0, threads=1))
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    return problem, lane_prices(
        problem, legs, lanes, first_prices(tied_problem(problem, legs), course), course
    )


@pytest.mark.parametrize("seed", range(4))
def test_unused_lanes_are_idle_and_used_ones_are_not(seed: int) -> None:
    problem, prices = priced(seed)
    lanes = prices.relaxation.lanes
    use = np.zeros(len(lanes.resource))
    busy = np.flatnonzero(lanes.resource >= 0)[:1]
    use[busy] = 1e6
    rates = rates_of_use(problem, prices.relaxation, use)
    others = np.setdiff1d(lanes.resource[lanes.resource >= 0], lanes.resource[busy])
    assert not rates.idle[lanes.resource[busy]].any()
    assert rates.idle[others].all()
    assert not np.delete(rates.idle, lanes.resource[lanes.resource >= 0]).any()


@pytest.mark.parametrize("seed", range(4))
def test_options_of_idle_lanes_are_left_out_unless_a_row_needs_them(seed: int) -> None:
    problem, prices = priced(seed)
    lanes = prices.relaxation.lanes
    rates = rates_of_use(problem, prices.relaxation, np.zeros(len(lanes.resource)))
    everything = np.ones(problem.n_options, dtype=bool)
    within = rates.within(problem, everything)
    idle_use = rates.idle[resource_of_measure(problem)[problem.option_use_measure]]
    used = np.unique(owner(problem.option_use_start)[idle_use])
    other = np.setdiff1d(np.arange(problem.n_options), used)
    needed = np.setdiff1d(np.arange(problem.n_rows), owner(problem.row_start)[other])
    if len(needed):
        assert within.all()
    else:
        assert not within[used].any()
        assert within.sum() == len(other)


def test_a_part_has_the_rates_of_its_own_supply() -> None:
    problem, prices = priced(0)
    rates = rates_of_use(problem, prices.relaxation, np.ones(len(prices.relaxation.lanes.resource)))
    same = rates.of_part(whole_part(problem, tiny_lanes(0)[1]))
    assert isinstance(same, SupplyRates)
    for own, other in zip(vars(rates).values(), vars(same).values(), strict=True):
        np.testing.assert_array_equal(own, other)
