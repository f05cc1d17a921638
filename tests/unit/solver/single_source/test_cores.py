"""Cores of the single-source strategy: packings listed, cut and chosen as enumeration says."""

from itertools import chain, combinations, product
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from optimizer.published import find_instances
from optimizer.published.families import facility_location
from optimizer.solver.limits import SolveOptions
from optimizer.solver.single_source import core, solve
from optimizer.solver.single_source.arrays import OPEN, Data, Node, root
from optimizer.solver.single_source.choosing import choose_packings, listed
from optimizer.solver.single_source.core import Core, few_rows_per_site
from optimizer.solver.single_source.enumerating import enumerate_packings, site_items
from optimizer.solver.single_source.solve import solve_single_source
from optimizer.solver.single_source.triples import coefficients, priced_triples, violated_triples
from optimizer.solver.solution import Termination

EXACT = SolveOptions(gap=0.0)


def subsets(rows: int) -> np.ndarray:
    """All subsets of rows, shape (2**rows, rows)."""
    every = chain.from_iterable(combinations(range(rows), k) for k in range(rows + 1))
    return np.array([[i in subset for i in range(rows)] for subset in every])


@pytest.mark.parametrize("seed", range(40))
def test_lists_all_packings_worth_having(seed: int) -> None:
    random = np.random.default_rng([31, seed])
    rows = int(random.integers(3, 9))
    gain, weight = random.normal(3.0, 5.0, rows), random.integers(0, 9, rows).astype(float)
    allowed = random.random(rows) < 0.8
    forced = allowed & (random.random(rows) < 0.15)
    room = float(random.integers(4, 25))
    spare = float(random.integers(0, 12)) + 0.5
    triple = np.array([random.choice(rows, 3, replace=False) for _ in range(4)])
    price = np.maximum(random.normal(0.5, 1.0, 4), 0.0)
    every = subsets(rows)
    value = every @ gain - coefficients(every, triple) @ price
    left = room - every @ weight
    fits = ~(every & ~allowed).any(axis=1) & ~(~every & forced).any(axis=1) & (left >= 0.0) & (left <= spare)
    items = site_items(gain, weight, allowed, forced, room, spare)
    triples = priced_triples(triple, price, rows)
    member = np.zeros((300, rows), dtype=bool)
    least = float(random.normal(2.0, 4.0))
    count, _, _ = enumerate_packings(items, triples, least, False, member, 100_000)
    expected = {tuple(row) for row in every[fits & (value >= least)].tolist()}
    assert {tuple(row) for row in member[:count].tolist()} == expected
    assert count == len(expected)
    count, best, _ = enumerate_packings(items, triples, least, True, member, 100_000)
    assert best == pytest.approx(value[fits].max() if expected else least)
    if count > 1:
        assert enumerate_packings(items, triples, least, False, member[:1], 100_000)[0] == -1
        assert enumerate_packings(items, triples, least, False, member, 2)[0] == -1


def test_three_pairs_of_three_rows_violate_their_cut() -> None:
    """Half of each of the pairs 01, 02, 12: three halves of packings with two of the rows, one is allowed."""
    member = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    triple, excess = violated_triples(member, np.array([0.5, 0.5, 0.5, 1.0]), 0.01)
    assert [sorted(rows) for rows in triple.tolist()] == [[0, 1, 2]]
    assert excess.tolist() == [0.5]
    whole = np.array([[1, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    assert len(violated_triples(whole, np.ones(2), 0.01)[0]) == 0


@pytest.mark.parametrize("seed", range(30))
def test_chooses_the_cheapest_packings(seed: int) -> None:
    random = np.random.default_rng([32, seed])
    rows, sites, count = 6, 3, 36
    member, site = random.random((count, rows)) < 0.4, random.integers(0, sites, count)
    reduced = random.integers(0, 9, count).astype(float)
    price = random.integers(1, 9, rows).astype(float)
    cost = reduced + member @ price
    best = np.inf
    for chosen in product(*(np.flatnonzero(site == w) for w in range(sites))):
        if np.all(member[list(chosen)].sum(axis=0) == 1):
            best = min(best, cost[list(chosen)].sum())
    packings, order = listed(member, site, reduced, cost)
    ended, found, choice, _ = choose_packings(packings, rows, sites, float(price.sum()), 1000.0, 10**6)
    assert ended
    assert found == min(best, 1000.0)
    if np.isfinite(best):
        assert cost[order[choice]].sum() == best
        below = choose_packings(packings, rows, sites, float(price.sum()), best, 10**6)
        assert below[0]
        assert below[2].min() == -1
    assert not choose_packings(packings, rows, sites, float(price.sum()), 1000.0, 3)[0]


def assignment_problem(seed: int, rows: int = 8) -> Data:
    """Tight assignment of rows to three sites; every fourth in fractions, every fifth tighter still."""
    random = np.random.default_rng([33, seed])
    sites = 3
    cost = random.integers(0, 30, (sites, rows)).astype(float)
    weight = random.integers(5, 20, rows).astype(float)
    capacity = np.full(sites, np.ceil((weight.sum() + random.integers(0, 9)) / sites))
    capacity += random.integers(-4, 5, sites)
    if seed % 4 == 0:
        cost, weight, capacity = cost + random.random(cost.shape), weight * 0.37, capacity * 0.37
    if seed % 5 == 0:
        capacity *= 0.9
    fixed = random.integers(0, 40, sites).astype(float)
    if seed % 3 == 0:
        cost[random.random(cost.shape) < 0.1] = np.inf
    return Data(cost, np.tile(weight, (sites, 1)), fixed, capacity, float(weight.sum()), float(weight.sum()))


def cheapest(data: Data, every_site: bool = True) -> float:
    """Cheapest assignment, with the fixed cost of every site or of those that are used."""
    sites, rows = data.cost.shape
    plans = np.array(list(product(range(sites), repeat=rows)))
    loads = np.stack([(plans == w) @ data.weight[w] for w in range(sites)], axis=1)
    cost = data.cost[plans, np.arange(rows)].sum(axis=1)
    cost += data.fixed.sum() if every_site else (loads > 0.0) @ data.fixed
    return float(cost[np.all(loads <= data.capacity + 1e-9, axis=1)].min(initial=np.inf))


def core_of(data: Data, cutoff: float) -> tuple[Core, Node]:
    """The core with all sites open and nothing else decided."""
    node = root(data)
    node.site[:] = OPEN
    return Core(data, node, cutoff, lambda: np.inf, lambda: False), node


@pytest.mark.parametrize("seed", range(60))
def test_cores_agree_with_enumeration(seed: int) -> None:
    data = assignment_problem(seed)
    best, start = cheapest(data), np.zeros(data.cost.shape[1])
    answer = core_of(data, 1e5)[0].solve(start)
    assert answer.closed
    assert (answer.plan is None) == np.isinf(best)
    if answer.plan is None:
        return
    assert data.cost[answer.plan, np.arange(len(start))].sum() + data.fixed.sum() == pytest.approx(best)
    assert answer.bound <= best + 1e-6
    below = core_of(data, best)[0].solve(start)
    assert below.closed
    assert below.plan is None


def test_cores_that_give_up_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "MOST_PACKINGS", 40)
    left = 0
    for seed in range(1, 40):
        data = assignment_problem(seed)
        best = cheapest(data)
        answer = core_of(data, 1e5)[0].solve(np.zeros(data.cost.shape[1]))
        if np.isfinite(best):
            left += not answer.closed
            assert answer.bound <= best + 1e-6
    assert left > 5


def test_a_core_starts_from_packings_of_another() -> None:
    data = assignment_problem(11)
    start = np.zeros(data.cost.shape[1])
    first, _ = core_of(data, 1e5)
    plan = first.solve(start).plan
    assert plan is not None
    second, node = core_of(data, 1e5)
    for w in range(3):
        node.allowed[w, 0] = w == plan[0]
    node.home[0] = plan[0]
    answer = second.solve(start, first.packings)
    assert answer.plan is not None
    assert answer.plan.tolist() == plan.tolist()


@pytest.mark.parametrize("seed", range(30))
def test_exact_fits_in_fractions_are_plans(seed: int) -> None:
    """Rows may fill a site to its last fraction: the rounding of their sum must not cut such a plan off."""
    data = assignment_problem(4 * seed + 8, 7)
    if np.isfinite(data.cost).all():
        problem = facility_location(data.fixed, data.cost, data.weight[0], data.capacity, single_source=True)
        assert solve_single_source(problem, EXACT).objective == pytest.approx(
            cheapest(data, every_site=False)
        )


def tight_location(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fixed costs, costs, weights, capacities: four of six sites hold all rows, with next to no room left."""
    random = np.random.default_rng([34, seed])
    weight = random.integers(10, 40, 15).astype(float)
    cost = random.integers(0, 60, (6, 15)).astype(float)
    capacity = np.ceil(weight.sum() / 4.0) + random.integers(0, 2, 6)
    return random.integers(20, 60, 6).astype(float), cost, weight, capacity


def by_integer_program(
    fixed: np.ndarray, cost: np.ndarray, weight: np.ndarray, capacity: np.ndarray
) -> float:
    """Optimum of the textbook program, rows within sites and sites last."""
    sites, rows = cost.shape
    served = np.hstack([np.tile(np.eye(rows), sites), np.zeros((rows, sites))])
    held = np.hstack([np.kron(np.eye(sites), weight), -np.diag(capacity)])
    result = optimize.milp(
        np.concatenate([cost.ravel(), fixed]),
        integrality=np.ones(sites * (rows + 1)),
        bounds=optimize.Bounds(0.0, 1.0),
        constraints=[
            optimize.LinearConstraint(served, 1.0, 1.0),
            optimize.LinearConstraint(held, -np.inf, 0.0),
        ],
    )
    return float(result.fun) if result.status == 0 else np.inf


@pytest.mark.parametrize("seed", [2, 4, 5])
def test_searches_with_cores_agree_with_an_integer_program(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cores from the first node on; with few packings allowed, nodes are split and bounded again."""
    monkeypatch.setattr(solve, "CORES_AFTER", 0)
    location = tight_location(seed)
    best = by_integer_program(*location)
    for most in (30, 20_000):
        monkeypatch.setattr(core, "MOST_PACKINGS", most)
        solution = solve_single_source(facility_location(*location, single_source=True), EXACT)
        assert "packings" in solution.proof
        assert solution.termination is Termination.OPTIMAL
        assert solution.objective == pytest.approx(best)
        assert solution.bound <= best + 1e-6


def test_cores_are_for_few_rows_per_site() -> None:
    few, many = np.full((2, 8), 1.0), np.full((2, 40), 1.0)
    assert few_rows_per_site(Data(few, few, np.ones(2), np.full(2, 4.0), 8.0, 8.0))
    assert not few_rows_per_site(Data(many, many, np.ones(2), np.full(2, 20.0), 40.0, 40.0))


@pytest.mark.parametrize("name", ["p20", "p38"])
def test_published_optima_by_cores(name: str, benchmarks_dir: Path) -> None:
    (entry,) = find_instances(benchmarks_dir, [f"diaz_fernandez/{name}"])
    solution = solve_single_source(entry.load(), EXACT)
    assert entry.best is not None
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == entry.best.objective
    assert "packings" in solution.proof


@pytest.mark.slow
def test_all_of_diaz_and_fernandez(benchmarks_dir: Path) -> None:
    entries = find_instances(benchmarks_dir / "diaz_fernandez")
    assert len(entries) == 42
    for entry in entries:
        solution = solve_single_source(entry.load(), EXACT)
        assert entry.best is not None
        assert solution.termination is Termination.OPTIMAL, entry.name
        assert solution.objective == pytest.approx(entry.best.objective, rel=1e-9), entry.name
        assert solution.bound >= solution.objective - 1e-4, entry.name
