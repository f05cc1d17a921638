"""Large problems over legs: what is priced from the legs is what the pairs would give, and bounds hold."""

from dataclasses import replace
from itertools import pairwise

import numba
import numpy as np
import pytest

from optimizer.problem.entries import owner
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import sum_by
from optimizer.problem.usage import largest_use
from optimizer.published.alliance_family import AllianceSize, alliance_over_legs
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.large import implicit, implicit_kernels
from optimizer.solver.legs.large.dive import Dive, planned
from optimizer.solver.legs.large.good_ways import good_ways
from optimizer.solver.legs.large.implicit import (
    ImplicitRelaxation,
    implicit_scales,
    is_implicit,
    shell_of,
    shell_with_cuts,
)
from optimizer.solver.legs.large.response_cuts import modular_measures, response_cuts
from optimizer.solver.legs.large.rounded_ways import rounded_ways
from optimizer.solver.legs.large.search import search_large
from optimizer.solver.legs.large.settled import settled_sizes
from optimizer.solver.legs.large.sized import sized_program
from optimizer.solver.legs.large.ways import parted, ways_of
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.rounding import Roundings, with_roundings
from optimizer.solver.sizes import split_sizes
from optimizer.solver.tighten import tighten
from optimizer.solver.volume import ascend

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


def some_cuts(problem: Problem) -> Roundings:
    """Cuts over random rows of random measures that modules supply, some of one measure."""
    random = np.random.default_rng(3)
    modular = np.unique(problem.module_supply_measure)
    measure = random.choice(modular, 12).astype(np.int64)
    rows = [np.sort(random.choice(problem.n_rows, problem.n_rows // 3, replace=False)) for _ in measure]
    start = np.cumsum([0, *(len(part) for part in rows)], dtype=np.int64)
    return Roundings(measure, random.choice([65.0, 27.0], 12), start, np.concatenate(rows).astype(np.int64))


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("with_cuts", [False, True])
def test_prices_over_legs_give_what_the_pairs_give(
    small: tuple[Problem, Legs], split: bool, with_cuts: bool
) -> None:
    problem, legs = small
    shell, ways = shell_of(problem, legs, largest_use(problem), split=split), ways_of(legs)
    restriction = split_sizes(problem) if split else None
    whole = problem if restriction is None else restriction.problem
    if with_cuts:
        cuts = some_cuts(problem)
        ways, totals = rounded_ways(ways, problem.row_demand, cuts, problem.n_measures)
        named = replace(cuts, measure=shell.number[cuts.measure, 0])
        shell, source = shell_with_cuts(shell, named, totals)
        whole, expected = with_roundings(whole, named)
        np.testing.assert_array_equal(source, expected)
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
    prices = search_large(problem, legs, course)
    assert course.plan is not None
    assert evaluate(problem, course.plan.decisions).feasible
    assert course.floor <= optimum * (1.0 + 1e-6) <= course.objective * (1.0 + 2e-6)
    assert course.floor > 0.93 * optimum
    assert course.objective < 1.03 * optimum
    proved = float(exact_bound(problem, prices, legs))
    assert course.floor * (1.0 - 1e-9) <= proved == pytest.approx(course.floor, rel=1e-7)
    assert seed or prices.cuts is not None
    if prices.cuts is not None and prices.cut_price is not None:
        without_cuts = replace(prices, cut_price=0.0 * prices.cut_price)
        assert proved > float(exact_bound(problem, without_cuts, legs))


def test_response_cuts_round_what_would_go_to_a_site(small: tuple[Problem, Legs]) -> None:
    problem, legs = small
    whole, ways = shell_of(problem, legs, largest_use(problem), split=True), ways_of(legs)
    relaxation = ImplicitRelaxation(whole, ways)
    start = relaxation.start()
    prices = ascend(relaxation, start, implicit_scales(relaxation, start), lambda: np.inf, 100).prices
    worth = relaxation.evaluate(prices).size_worth
    likely = np.zeros(problem.n_sites, dtype=bool)
    likely[owner(problem.site_start)[np.argsort(worth)[:2]]] = True
    first = problem.site_start.tolist()
    rank = [int(np.argmin(worth[a:b])) if b > a else 0 for a, b in pairwise(first)]
    site_of_gate = np.full(problem.n_gates, -1)
    site_of_gate[owner(problem.gate_size_start)] = owner(problem.site_start)[problem.gate_size]
    value, taken = np.empty(len(legs.head_row)), np.empty(len(legs.head_row), dtype=np.int64)
    tails_of = {node: np.flatnonzero(legs.tail.node == node) for node in np.unique(legs.head.node).tolist()}
    for head, (row, node) in enumerate(zip(legs.head_row.tolist(), legs.head.node.tolist(), strict=True)):
        measure, amount = legs.tail.measure[tails_of[node]], legs.tail.amount[tails_of[node]]
        number = whole.number[measure, rank[site_of_gate[legs.head.gate[head, 0]]]]
        priced = legs.tail.cost[tails_of[node]]
        priced = priced + (np.where(measure >= 0, prices.measure[number], 0.0) * amount).sum(axis=1)
        value[head] = (legs.head.cost[head] + priced.min()) * problem.row_demand[row]
        taken[head] = tails_of[node][int(np.argmin(priced))]
    least = np.full(problem.n_rows, np.inf)
    at_likely = likely[site_of_gate[legs.head.gate[:, 0]]]
    np.minimum.at(least, legs.head_row[at_likely], value[at_likely])
    going: dict[int, set[int]] = {}
    best_off: dict[int, set[int]] = {}
    for head in np.flatnonzero(value < prices.row[legs.head_row]).tolist():
        row = int(legs.head_row[head])
        for q in legs.tail.measure[taken[head]].tolist():
            going.setdefault(q, set()).add(row)
            if value[head] <= least[row]:
                best_off.setdefault(q, set()).add(row)
    cuts = response_cuts(problem, relaxation, prices, likely)
    kinds = {"every": 0, "fewer": 0}
    for cut, q in enumerate(cuts.measure.tolist()):
        assert modular_measures(problem)[q]
        rows = set(cuts.row[cuts.row_start[cut] : cuts.row_start[cut + 1]].tolist())
        assert rows in (going[q], best_off.get(q))
        kinds["every" if rows == going[q] else "fewer"] += 1
    assert kinds["every"] > sum(modular_measures(problem)[q] for q in going if q >= 0) // 2
    assert kinds["fewer"] > 0
    pairs = list(zip(cuts.measure.tolist(), np.diff(cuts.row_start).tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)


def test_sizes_settle_to_one_a_site_and_bind_nothing_after(small: tuple[Problem, Legs]) -> None:
    problem, legs = small
    whole, ways = shell_of(problem, legs, largest_use(problem), split=True), ways_of(legs)
    relaxation = ImplicitRelaxation(whole, ways)
    start = relaxation.start()
    run = ascend(relaxation, start, implicit_scales(relaxation, start), lambda: np.inf, 200)
    shares = (run.size_share, run.gate_share)
    before = relaxation.evaluate(run.prices).value
    found = settled_sizes(problem, relaxation, run.prices, shares, np.inf, lambda: False)
    of_site = sum_by(owner(problem.site_start), found.sizes, problem.n_sites)
    assert found.sizes.any()
    assert of_site.max() <= 1
    surest = owner(problem.site_start)[int(np.argmax(run.size_share))]
    assert of_site[surest] == 1
    assert np.all(found.shares[0][found.sizes] == 1.0)
    assert relaxation.evaluate(run.prices).value == before
    stopped = settled_sizes(problem, relaxation, run.prices, shares, np.inf, lambda: True)
    assert not stopped.sizes.any()


def test_parted_nodes_leave_every_head_its_tails(small: tuple[Problem, Legs]) -> None:
    _, legs = small
    ways = ways_of(legs)
    label = np.random.default_rng(1).integers(0, 3, len(ways.head_row))
    apart, of_node = parted(ways, label)
    np.testing.assert_array_equal(of_node[apart.head.node], label)
    for head in range(0, len(label), 17):
        here = slice(*ways.tail_start[ways.head.node[head] : ways.head.node[head] + 2])
        there = slice(*apart.tail_start[apart.head.node[head] : apart.head.node[head] + 2])
        np.testing.assert_array_equal(apart.tail_of[there], ways.tail_of[here])


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
    shares = (run.size_share, run.gate_share)
    sizes = sizes_by_share(problem, run.size_share)
    course = Course(SolveOptions(gap=0.0, time_limit_s=60.0, threads=1))
    sized = sized_program(
        problem, ways, good_ways(problem, legs, relaxation, run.prices, shares, sizes, np.inf)
    )
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
