"""The solver's closed forms against enumeration and linear programs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from optimizer.problem import ProblemBuilder
from optimizer.solver.covers import find_covers
from optimizer.solver.knapsack import cheapest_cover
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.supply import cheapest_supply
from optimizer.solver.tighten import tighten
from optimizer.solver.transport import is_transportation, transport
from optimizer.solver.volume import ascend, price_scales
from tiny_problems import brute_force, tiny_problem

ITEMS = st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 9)), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(ITEMS, st.integers(0, 30))
def test_cover_agrees_with_enumeration(items: list[tuple[int, int]], need: int) -> None:
    cost, capacity = np.array(items, dtype=float).T.copy()
    value, chosen = cheapest_cover(cost, capacity, float(need), 10_000)
    choices = [np.array(choice, dtype=bool) for choice in product((0, 1), repeat=len(items))]
    best = min((cost[c].sum() for c in choices if capacity[c].sum() >= need), default=np.inf)
    assert value == pytest.approx(best)
    if np.isfinite(best):
        assert capacity[chosen].sum() >= need
        assert cost[chosen].sum() == pytest.approx(best)


def _facilities(seed: int, n_sites: int = 4, n_rows: int = 6):
    random = np.random.default_rng(seed)
    builder = ProblemBuilder()
    demand = random.integers(1, 9, n_rows).astype(float)
    rows = builder.add_rows(demand)
    sites = builder.add_sites(n_sites)
    sizes = builder.add_sizes(sites, random.integers(5, 20, n_sites))
    gates = builder.add_gates(0.0, sites)
    space = builder.add_measures(builder.add_resources(n_sites), 0.0)
    builder.add_size_supply(sizes, space, random.integers(8, 20, n_sites))
    for site in range(n_sites):
        builder.add_options(
            rows,
            random.integers(0, 40, n_rows),
            gates=gates[site],
            measures=space[[site]],
            amounts=demand[:, None],
        )
    return builder.build().problem


@pytest.mark.parametrize("seed", range(12))
def test_transport_is_optimal_and_its_prices_prove_it(seed: int) -> None:
    problem = _facilities(seed)
    assert is_transportation(problem)
    allowed = np.ones(problem.n_options, dtype=bool)
    room = np.zeros(problem.n_measures)
    room[problem.size_supply_measure] = problem.size_supply_amount
    routed = transport(problem, allowed, room)
    assert routed is not None
    share, row_price, measure_price = routed
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    use = np.zeros((problem.n_measures, problem.n_options))
    use[problem.option_use_measure, np.arange(problem.n_options)] = problem.option_use_amount
    serve = (row[None, :] == np.arange(problem.n_rows)[:, None]).astype(float)
    exact = linprog(problem.option_cost, A_ub=use, b_ub=room, A_eq=serve, b_eq=np.ones(problem.n_rows))
    assert problem.option_cost @ share == pytest.approx(exact.fun)
    assert row_price.sum() - measure_price @ room == pytest.approx(exact.fun)
    assert np.all(use @ share <= room + 1e-9)


def test_transport_says_when_capacity_is_short() -> None:
    problem = _facilities(0)
    assert transport(problem, np.ones(problem.n_options, dtype=bool), np.ones(problem.n_measures)) is None


def test_supply_mixes_a_container_and_overflow() -> None:
    """Need 12: one module of 10 for 6 plus 2 of overflow at 1 costs 8; two modules 12; overflow alone 12."""
    builder = ProblemBuilder()
    lane = builder.add_resources(1, overflow_price=1.0, overflow_limit=np.inf)
    measure = builder.add_measures(lane, 0.0)
    modules = builder.add_modules(lane, 6.0, 5)
    builder.add_module_supply(modules, measure, 10.0)
    builder.add_options(builder.add_rows([1.0]), [0.0], measures=measure, amounts=12.0)
    cost, module, tier, level, overflow = cheapest_supply(builder.build().problem, np.array([12.0]))
    assert (cost, module.tolist(), overflow.tolist(), tier.tolist(), level.tolist()) == (
        8.0,
        [1],
        [2.0],
        [-1],
        [0.0],
    )


def test_tightening_cuts_a_container_to_what_could_be_used() -> None:
    """A module of 60 for at most 12 units is worth no more than one of 12; the bound rises from 1.2 to 6."""
    builder = ProblemBuilder()
    lane = builder.add_resources(1)
    measure = builder.add_measures(lane, 0.0)
    builder.add_module_supply(builder.add_modules(lane, 6.0, 5), measure, 60.0)
    builder.add_options(builder.add_rows([1.0]), [0.0], measures=measure, amounts=12.0)
    problem = builder.build().problem
    assert tighten(problem).module_supply_amount[0] == pytest.approx(12.0)
    relaxation = Relaxation(tighten(problem))
    assert relaxation.evaluate(relaxation.start()).value == pytest.approx(6.0, rel=1e-6)


@pytest.mark.parametrize("seed", range(15))
def test_no_prices_on_the_way_exceed_the_optimum(seed: int) -> None:
    problem = tiny_problem(seed)
    optimum = brute_force(problem)
    if np.isinf(optimum):
        pytest.skip("no plan")
    relaxation = Relaxation(tighten(problem))
    start = relaxation.start()
    values: list[float] = []

    def watch(_run: object, now: object) -> bool:
        values.append(now.value)  # type: ignore[attr-defined]
        return False

    run = ascend(relaxation, start, price_scales(relaxation, start), lambda: optimum, 80, watch)
    assert max(values, default=run.best.value) <= optimum + 1e-6 * max(1.0, abs(optimum))
    assert run.best.value >= relaxation.evaluate(relaxation.project(start)).value - 1e-9


def test_cover_knows_how_many_equal_sites_are_needed() -> None:
    """Three rows of 4 on sites that hold 5 each: 12 units need three sites, so the need is 15."""
    builder = ProblemBuilder()
    rows = builder.add_rows([4.0, 4.0, 4.0])
    sites = builder.add_sites(4)
    sizes = builder.add_sizes(sites, 1.0)
    gates = builder.add_gates(0.0, sites)
    space = builder.add_measures(builder.add_resources(4), 0.0)
    builder.add_size_supply(sizes, space, 5.0)
    for site in range(4):
        builder.add_options(rows, 1.0, gates=gates[site], measures=space[[site]], amounts=4.0)
    covers = find_covers(builder.build().problem)
    assert [cover.need for cover in covers] == [15.0]
