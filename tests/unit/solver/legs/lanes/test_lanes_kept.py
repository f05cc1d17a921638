"""Prices with whole lanes that are kept for another solve: they prove again what they proved."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.lane_start import LaneStart
from optimizer.solver.legs import search
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes import rounds
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.kept import lane_start_of
from optimizer.solver.legs.lanes.rounds import LanePrices, lane_prices, lane_prices_again
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices
from tiny_lanes import assert_near_optimum, optimum_of, tiny_lanes, warm_with_lanes

FEASIBLE = [seed for seed in range(10) if np.isfinite(optimum_of(tiny_lanes(seed)[0]))]


@pytest.fixture(autouse=True)
def any_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_GAP", np.inf)


def stored(seed: int) -> tuple[Problem, Legs, Prices]:
    """Prices after some rounds."""
    problem, legs = tiny_lanes(seed)
    course = Course(SolveOptions(gap=0.0, time_limit_s=20.0, threads=1))
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    found = lane_prices(problem, legs, lanes, first_prices(tied_problem(problem, legs), course), course)
    found.first(0.2)
    return problem, legs, found.stored()


def again(problem: Problem, legs: Legs, start: LaneStart) -> LanePrices | None:
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    return lane_prices_again(problem, legs, lanes, start, Course(SolveOptions(gap=0.0, threads=1)))


def kept(problem: Problem, legs: Legs, prices: Prices) -> LaneStart:
    start = lane_start_of(problem, legs, prices, float(exact_bound(problem, prices, legs)))
    assert start is not None
    return start


@pytest.mark.parametrize("seed", range(16))
def test_prices_prove_again_what_they_proved(seed: int) -> None:
    problem, legs, prices = stored(seed)
    found = again(problem, legs, kept(problem, legs, prices))
    assert found is not None
    value = found.relaxation.evaluate(found.prices).value
    assert value == pytest.approx(float(exact_bound(problem, prices, legs)), rel=1e-9, abs=1e-7)


def test_links_that_are_gone_start_without_a_price() -> None:
    for seed in range(16):
        problem, legs, prices = stored(seed)
        start = kept(problem, legs, prices)
        if not len(start.link_price) or not len(start.claim_price):
            continue
        none = np.zeros(0, dtype=np.int64)
        bare = replace(
            start, link_row=none, link_gate=none, link_size=none, link_price=np.zeros(0),
            claim_row=none, claim_measure=none, claim_price=np.zeros(0),
        )  # fmt: skip
        found = again(problem, legs, bare)
        assert found is not None
        assert found.prices.link.max(initial=0.0) == 0.0
        assert found.relaxation.evaluate(found.prices).value <= optimum_of(problem) * (1.0 + 1e-9)


@pytest.mark.parametrize("part", ["row", "weight"])
def test_with_something_new_prices_begin_anew(part: str) -> None:
    problem, legs, prices = stored(1)
    start = kept(problem, legs, prices)
    assert again(problem, legs, replace(start, **{part: np.full(len(getattr(start, part)), np.nan)})) is None


def test_prices_far_below_the_plan_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_GAP", 0.03)
    problem, legs, prices = stored(1)
    start = kept(problem, legs, prices)
    assert again(problem, legs, start) is not None
    assert again(problem, legs, replace(start, row=0.5 * start.row)) is None


def test_prices_of_another_kind_are_no_start() -> None:
    problem, legs, prices = stored(1)
    assert lane_start_of(problem, legs, replace(prices, lane_weight=None), 0.0) is None


@pytest.mark.parametrize("seed", FEASIBLE[:5])
def test_a_warm_solve_of_a_dearer_problem_holds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_LEGS", 0)
    problem, legs = tiny_lanes(seed)
    options = SolveOptions(gap=1e-3, time_limit_s=20.0, threads=1)
    warm = warm_with_lanes(problem, legs, solve_legs(problem, legs, options))
    dearer = replace(problem, module_cost=1.2 * problem.module_cost, size_cost=1.1 * problem.size_cost)
    found, optimum = solve_legs(dearer, legs, options, warm), optimum_of(dearer)
    assert_near_optimum(dearer, found)
    assert found.prices is not None
    assert float(exact_bound(dearer, found.prices, legs)) <= optimum * (1.0 + 1e-9)
