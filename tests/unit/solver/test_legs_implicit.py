"""Large problems over legs: what is priced from the legs is what the pairs would give, and bounds hold."""

from dataclasses import replace

import numba
import numpy as np
import pytest

from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Problem
from optimizer.problem.usage import largest_use
from optimizer.published.alliance_family import AllianceSize, alliance_over_legs
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.lanes.rates import SupplyRates
from optimizer.solver.legs.large import implicit, implicit_kernels, search
from optimizer.solver.legs.large.dive import Dive, planned
from optimizer.solver.legs.large.good_ways import good_ways
from optimizer.solver.legs.large.implicit import (
    ImplicitRelaxation,
    implicit_scales,
    is_implicit,
)
from optimizer.solver.legs.large.search import search_large
from optimizer.solver.legs.large.sized import sized_program
from optimizer.solver.legs.large.ways import ways_of
from optimizer.solver.legs.shell import shell_of
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.sizes import split_sizes
from optimizer.solver.tighten import tighten
from optimizer.solver.volume import DualRun, ascend

TINY = AllianceSize(
    members=2, classes=2, markets=6, sites=4, periods=4, air_sites=1, ahead=2, months_per_period=1
)
SMALL = replace(TINY, members=3, classes=3, markets=20, sites=6, periods=6)


@pytest.fixture(scope="module")
def small() -> tuple[Problem, Legs]:
    return alliance_over_legs(SMALL, 1)


def test_pairs_of_legs_are_the_options(small: tuple[Problem, Legs]) -> None:
    problem, legs = small
    pair = np.flatnonzero(legs.option_head >= 0)
    head, tail = legs.option_head[pair], legs.option_tail[pair]
    row = np.searchsorted(problem.row_start, pair, side="right") - 1
    np.testing.assert_array_equal(legs.head_row[head], row)
    np.testing.assert_array_equal(legs.head.node[head], legs.tail.node[tail])
    np.testing.assert_array_equal(
        legs.head.gate[head, 0], problem.option_gate[problem.option_gate_start[pair]]
    )
    demand = problem.row_demand[row]
    cost = (legs.head.cost[head] + legs.tail.cost[tail]) * demand
    np.testing.assert_allclose(cost, problem.option_cost[pair], rtol=1e-12)
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    shape = (problem.n_options, problem.n_measures)
    wanted, found = np.zeros(shape), np.zeros(shape)
    np.add.at(wanted, (option, problem.option_use_measure), problem.option_use_amount)
    for measure, amount in zip(legs.tail.measure.T, legs.tail.amount.T, strict=True):
        used = measure[tail] >= 0
        np.add.at(found, (pair[used], measure[tail][used]), (amount[tail] * demand)[used])
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_every_head_meets_every_tail_of_its_node(small: tuple[Problem, Legs]) -> None:
    _, legs = small
    heads, tails = np.bincount(legs.head.node), np.bincount(legs.tail.node)
    assert int((heads * tails).sum()) == int((legs.option_head >= 0).sum())


@pytest.mark.parametrize("split", [False, True])
def test_prices_over_legs_give_what_the_pairs_give(small: tuple[Problem, Legs], split: bool) -> None:
    problem, legs = small
    shell, ways = shell_of(problem, legs, largest_use(problem), split=split), ways_of(legs)
    restriction = split_sizes(problem) if split else None
    whole = problem if restriction is None else restriction.problem
    explicit, implicit = Relaxation(tighten(whole), covers=()), ImplicitRelaxation(shell, ways)
    assert np.all(implicit.module_limit >= explicit.module_limit)
    explicit.module_limit = implicit.module_limit
    start = implicit.start()
    np.testing.assert_allclose(start.flat, explicit.start().flat, rtol=1e-9, atol=1e-9)
    prices = ascend(implicit, start, implicit_scales(implicit, start), lambda: np.inf, 60).prices
    random = np.random.default_rng(0)
    for spread in (0.0, 0.1, 0.5):
        factor = 1.0 + spread * (random.random(len(prices.flat)) - 0.3)
        trial = PriceVector(prices.flat * factor, prices.ends)
        first, second = explicit.evaluate(trial), implicit.evaluate(trial)
        assert second.value == pytest.approx(first.value, rel=1e-12)
        np.testing.assert_allclose(second.slope.flat, first.slope.flat, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(second.gate_open, first.gate_open)


def test_threads_change_no_bit(small: tuple[Problem, Legs], monkeypatch: pytest.MonkeyPatch) -> None:
    problem, legs = small
    monkeypatch.setattr(implicit_kernels, "LEAST_ENTRIES", 100)
    monkeypatch.setattr(implicit, "MANY_CHUNKS", 1)
    shell, ways = shell_of(problem, legs, largest_use(problem), split=True), ways_of(legs)
    one, two = ImplicitRelaxation(shell, ways), ImplicitRelaxation(shell, ways, threads=2)
    assert two.by_threads or numba.get_num_threads() == 1
    start = one.start()
    runs = [ascend(each, start, implicit_scales(each, start), lambda: np.inf, 40) for each in (one, two)]
    np.testing.assert_array_equal(runs[0].prices.flat, runs[1].prices.flat)
    np.testing.assert_array_equal(runs[0].best.slope.flat, runs[1].best.slope.flat)
    assert runs[0].best.value == runs[1].best.value


def test_chunks_of_rows_share_no_node(small: tuple[Problem, Legs], monkeypatch: pytest.MonkeyPatch) -> None:
    problem, legs = small
    monkeypatch.setattr(implicit_kernels, "LEAST_ENTRIES", 100)
    ways = ways_of(legs)
    start = np.searchsorted(ways.head_row, np.arange(problem.n_rows + 1))
    chunk = implicit_kernels.chunks_of_rows(start, ways.head.node)
    assert len(chunk) > 3
    of_head = np.searchsorted(chunk, ways.head_row, side="right")
    seen = np.unique(np.column_stack([ways.head.node, of_head]), axis=0)
    assert len(seen) == ways.nodes


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_large_search_holds_beside_the_optimum(seed: int) -> None:
    problem, legs = alliance_over_legs(TINY, seed)
    optimum = solve_direct(problem, SolveOptions(gap=1e-6, time_limit_s=60.0, threads=1)).objective
    course = Course(SolveOptions(gap=1e-4, time_limit_s=60.0, threads=1))
    prices, priced = search_large(problem, legs, course)
    assert course.plan is not None
    assert evaluate(problem, course.plan.decisions).feasible
    assert course.floor <= optimum * (1.0 + 1e-6) <= course.objective * (1.0 + 2e-6)
    assert course.floor > 0.95 * optimum
    assert course.objective < 1.03 * optimum
    assert prices.lane_weight is not None
    assert priced == pytest.approx(course.floor, rel=1e-9)
    assert float(exact_bound(problem, prices, legs)) == pytest.approx(priced, rel=1e-9)


def test_no_sizes_are_looked_at_twice_and_some_near_the_best_are(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, legs = alliance_over_legs(TINY, 0)
    looked: list[bytes] = []
    plan = search._Search.plan

    def recorded(of: search._Search, first: DualRun, candidates: list[Bools], *rates: SupplyRates) -> None:
        looked.extend(sizes.tobytes() for sizes in candidates)
        plan(of, first, candidates, *rates)

    monkeypatch.setattr(search._Search, "plan", recorded)
    monkeypatch.setattr(search, "LEAST_SHARES", (0.5,))
    course = Course(SolveOptions(gap=0.0, time_limit_s=60.0, threads=1))
    search_large(problem, legs, course)
    assert course.plan is not None
    assert not course.over()
    assert len(looked) == len(set(looked)) > 1


def test_other_legs_are_refused(small: tuple[Problem, Legs]) -> None:
    problem, legs = small
    assert is_implicit(problem, legs)
    count = len(legs.tail.node)
    gated = replace(legs.tail, gate=np.zeros((count, 1), dtype=np.int64))
    assert not is_implicit(problem, replace(legs, tail=gated))
    using = replace(
        legs.head,
        measure=np.zeros((len(legs.head_row), 1), dtype=np.int64),
        amount=np.ones((len(legs.head_row), 1)),
    )
    assert not is_implicit(problem, replace(legs, head=using))
    single = replace(problem, row_single=np.ones(problem.n_rows, dtype=bool))
    assert not is_implicit(single, legs)


def test_mending_keeps_modules_whole_and_never_costs_more(small: tuple[Problem, Legs]) -> None:
    problem, legs = small
    whole, ways = shell_of(problem, legs, largest_use(problem), split=True), ways_of(legs)
    relaxation = ImplicitRelaxation(whole, ways)
    start = relaxation.start()
    run = ascend(relaxation, start, implicit_scales(relaxation, start), lambda: np.inf, 200)
    sizes = sizes_by_share(problem, run.size_share)
    course = Course(SolveOptions(gap=0.0, time_limit_s=60.0, threads=1))
    sized = sized_program(problem, ways, good_ways(problem, legs, relaxation, run.prices, sizes, np.inf))
    program = LinearProgram(sized.model, course.over)
    answer = program.solve(60.0)
    assert answer.values is not None
    dive = Dive(problem, sized, program, answer.values, course)
    assert dive.whole(60.0)
    model = sized.model
    before = float(model.cost @ dive.values) + model.offset
    assert before >= answer.objective * (1.0 - 1e-9)
    dive.mended(60.0, 1e-9 * before)
    after = float(model.cost @ dive.values) + model.offset
    assert after <= before
    modules = dive.values[model.columns["n"]]
    np.testing.assert_allclose(modules, np.round(modules), atol=1e-7)
    plan = planned(problem, legs, sized, dive.values)
    assert plan is not None
    assert plan.objective <= after * (1.0 + 1e-7)
    assert evaluate(problem, plan.decisions).feasible
