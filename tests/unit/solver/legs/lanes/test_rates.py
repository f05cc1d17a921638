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
from optimizer.solver.legs.lanes.rates import SupplyRates, excess_of_tiers, rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices, lane_prices
from optimizer.solver.legs.program import write_program
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


def tier_cost(problem: Problem, resource: int, quantity: float) -> float:
    """What a quantity costs in the cheapest tier that it reaches."""
    tiers = range(problem.tier_start[resource], problem.tier_start[resource + 1])
    reached = [(k, max(quantity, problem.tier_from[k])) for k in tiers]
    return min(
        problem.tier_fixed[k] + problem.tier_unit_cost[k] * level
        for k, level in reached
        if level <= problem.tier_to[k] + 1e-9
    )


@pytest.mark.parametrize("seed", range(6))
def test_excess_is_what_quantities_cost_whole_less_what_was_paid(seed: int) -> None:
    program = write_program(*tiny_lanes(seed))
    problem, columns = program.smaller, program.model.columns
    values = np.zeros(program.model.matrix.shape[1])
    few = np.random.default_rng(seed).random(problem.n_tiers)
    values[columns["u"]] = few * problem.tier_to / np.diff(problem.tier_start).max()
    values[columns["w"]] = few / np.diff(problem.tier_start).max()
    rates = SupplyRates(
        problem.module_cost,
        problem.tier_unit_cost.copy(),
        np.zeros(problem.n_gates, dtype=bool),
        np.zeros(problem.n_resources, dtype=bool),
    )
    expected = {}
    for resource in np.flatnonzero(np.diff(problem.tier_start)).tolist():
        tiers = slice(problem.tier_start[resource], problem.tier_start[resource + 1])
        bought, active = values[columns["u"]][tiers], values[columns["w"]][tiers]
        paid = problem.tier_fixed[tiers] @ active + problem.tier_unit_cost[tiers] @ bought
        expected[resource] = max(tier_cost(problem, resource, bought.sum()) - paid, 0.0)
    assert excess_of_tiers(program, rates, values) == pytest.approx(sum(expected.values()), abs=1e-9)
    assert expected
    rated = next(iter(expected))
    rates.tier[problem.tier_start[rated]] += 1.0
    assert excess_of_tiers(program, rates, values) == pytest.approx(
        sum(expected.values()) - expected[rated], abs=1e-9
    )
    assert excess_of_tiers(program, rates, np.zeros_like(values)) == 0.0
