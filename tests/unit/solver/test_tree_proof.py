"""Trees as certificates: every leaf's bound holds, and a tree that lies is found out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.errors import CheckError
from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.matrix import linear_model
from optimizer.published.families import facility_location
from optimizer.published.generated import beasley, cornuejols
from optimizer.solver.certificate import exact_bound
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.solution import INNER, Prices, SearchTree
from optimizer.solver.solve import solve
from optimizer.solver.tighten import tighten
from optimizer.solver.tree import TreeLog
from optimizer.solver.tree_proof import prove_tree
from tiny_problems import brute_force, tiny_problem


def random_tree(problem: Problem, seed: int) -> SearchTree:
    """Random splits on sizes, gates, modules and single-sourced options; random prices close all leaves."""
    random = np.random.default_rng(seed)
    relaxation = Relaxation(tighten(problem))
    log = TreeLog(problem)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    items = [(log.size(k), 1) for k in range(problem.n_sizes)]
    items += [(log.gate(k), 1) for k in range(problem.n_gates)]
    items += [(log.module(k), int(problem.module_limit[k])) for k in range(problem.n_modules)]
    items += [(log.option(k), 1) for k in np.flatnonzero(problem.row_single[row]).tolist()]
    leaves = [log.root]
    for _ in range(4):
        node = leaves.pop(int(random.integers(len(leaves))))
        item, limit = items[int(random.integers(len(items)))]
        leaves += log.split(node, item, int(random.integers(max(limit, 1))))
    for leaf in leaves:
        start = relaxation.start()
        moved = PriceVector(start.flat + random.normal(0.0, 2.0, len(start.flat)), start.ends)
        log.close(leaf, log.price(as_prices(relaxation.layout, relaxation.project(moved))))
    return log.tree()


def best_of_leaf(problem: Problem, tree: SearchTree, leaf: int) -> float:
    """Optimum of the plans that follow a leaf's decisions, by SciPy; infinite where there is none."""
    model = linear_model(problem)
    lower, upper = model.lower.copy(), model.upper.copy()
    gates_closed = np.zeros(problem.n_gates, dtype=bool)
    ends = np.cumsum([problem.n_sizes, problem.n_gates, problem.n_modules])
    rows, low, high = [], [], []
    node = leaf
    while node > 0:
        item, at, above = int(tree.item[node]), int(tree.at[node]), bool(tree.above[node])
        node = int(tree.parent[node])
        columns = np.zeros(len(model.cost))
        if item < ends[0]:
            columns[model.columns["y"].start + item] = 1.0
        elif item < ends[1]:
            gate = item - ends[0]
            if model.gate_column[gate] >= 0:
                columns[model.gate_column[gate]] = 1.0
            elif not above:
                gates_closed[gate] = True
                continue
            else:  # it opens with its site, or always
                first, end = problem.gate_size_start[gate : gate + 2]
                if end == first:
                    continue
                columns[model.columns["y"].start + problem.gate_size[first:end]] = 1.0
        elif item < ends[2]:
            columns[model.columns["n"].start + item - ends[1]] = 1.0
        else:
            columns[item - ends[2]] = 1.0
        rows.append(columns)
        low.append(at + 1 if above else -np.inf)
        high.append(np.inf if above else at)
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    upper[option[gates_closed[problem.option_gate]]] = 0.0
    constraints = [LinearConstraint(model.matrix, model.row_lower, model.row_upper)]
    if rows:
        constraints.append(LinearConstraint(np.array(rows), low, high))
    result = milp(
        model.cost,
        integrality=model.integer.astype(int),
        bounds=Bounds(lower, upper),
        constraints=constraints,
        options={"mip_rel_gap": 0.0},
    )
    return float(result.fun) + model.offset if result.status == 0 else np.inf


@pytest.mark.parametrize("seed", range(40))
def test_every_leaf_is_bounded(seed: int) -> None:
    problem = tiny_problem(seed)
    if np.any(np.diff(problem.row_start) == 0):
        pytest.skip("a row without options has no prices")
    tree = random_tree(problem, seed)
    whole = prove_tree(problem, tree)
    assert whole.bound <= brute_force(problem) + 1e-7
    for leaf in np.flatnonzero(tree.prices_of != INNER):
        alone = replace(
            tree,
            prices_of=np.where(np.arange(len(tree.item)) == leaf, tree.prices_of, INNER),
            word=np.where(np.arange(len(tree.item)) == leaf, np.nan, np.inf),
        )
        bound = prove_tree(problem, alone).proved
        assert bound >= whole.bound
        assert bound <= best_of_leaf(problem, tree, int(leaf)) + 1e-7


@pytest.mark.parametrize("seed", range(10))
def test_a_tree_of_one_node_proves_what_its_prices_prove(seed: int) -> None:
    problem = tiny_problem(seed)
    if np.any(np.diff(problem.row_start) == 0):
        pytest.skip("a row without options has no prices")
    relaxation = Relaxation(tighten(problem))
    prices = as_prices(relaxation.layout, relaxation.start())
    log = TreeLog(problem)
    log.close(log.root, log.price(prices))
    proved = prove_tree(problem, log.tree()).bound
    if np.isfinite(proved):
        assert proved == pytest.approx(float(exact_bound(problem, prices)), abs=1e-6)
        assert proved <= float(exact_bound(problem, prices))


def two_sites() -> tuple[Problem, SearchTree]:
    """Sites cost 10 and 12; two rows of 6 orders, room for 6 each: both must open, cost 22 + 2 · 6.

    With 0 closed or 1 closed nothing covers the need; with both open the prices 6 and 6 prove 34.
    """
    builder = ProblemBuilder()
    rows = builder.add_rows([6.0, 6.0])
    site = builder.add_sites(2)
    sizes, gates = builder.add_sizes(site, [10.0, 12.0]), builder.add_gates(0.0, site)
    measure = builder.add_measures(builder.add_resources(2), 0.0)
    builder.add_size_supply(sizes, measure, [6.0, 6.0])
    builder.add_options(
        np.repeat(rows, 2),
        [6.0] * 4,
        gates=np.tile(gates, 2),
        measures=np.tile(measure, 2),
        amounts=[6.0] * 4,
    )
    problem = builder.build().problem
    log = TreeLog(problem)
    no, none = np.zeros(0, dtype=np.int64), np.zeros(0)
    prices = log.price(Prices(np.array([6.0, 6.0]), np.zeros(2), no, no, none, none))
    node = log.fix(log.root, log.size(0), 1, prices)
    node = log.fix(node, log.size(1), 1, prices)
    log.close(node, prices)
    return problem, log.tree()


def test_bound_by_hand() -> None:
    problem, tree = two_sites()
    found = prove_tree(problem, tree)
    assert (found.bound, found.proved, found.leaves, found.by_word) == (34.0, 34.0, 3, 0)


def test_a_leaf_on_a_solvers_word_is_counted_apart() -> None:
    problem, tree = two_sites()
    word = tree.word.copy()
    word[4] = 33.5
    told = replace(tree, word=word, prices_of=np.where(np.arange(5) == 4, INNER, tree.prices_of), solver="X")
    found = prove_tree(problem, told)
    assert (found.bound, found.by_word) == (33.5, 1)
    assert found.proved == float("inf"), "without that leaf there is no plan at all"


def changed(array: np.ndarray, at: int, value: float) -> np.ndarray:
    copy = array.copy()
    copy[at] = value
    return copy


def with_prices(tree: SearchTree, **parts: np.ndarray) -> SearchTree:
    return replace(tree, prices=(replace(tree.prices[0], **parts),))


LIES: dict[str, Callable[[SearchTree], SearchTree]] = {
    "a leaf that nothing closes": lambda t: replace(t, prices_of=changed(t.prices_of, 1, INNER)),
    "prices that are not there": lambda t: replace(t, prices_of=changed(t.prices_of, 1, 7)),
    "negative number of prices": lambda t: replace(t, prices_of=changed(t.prices_of, 1, -2)),
    "both children on one side": lambda t: replace(t, above=changed(t.above, 1, True)),
    "children split on different items": lambda t: replace(t, item=changed(t.item, 3, 0)),
    "children cut at different places": lambda t: replace(t, at=changed(t.at, 3, 1)),
    "a yes or no cut beyond one": lambda t: replace(t, at=np.where(t.item == 1, 1, t.at)),
    "a yes or no cut below zero": lambda t: replace(t, at=np.where(t.item == 1, -1, t.at)),
    "an item that is not there": lambda t: replace(t, item=np.where(t.item == 1, 99, t.item)),
    "a negative item": lambda t: replace(t, item=np.where(t.item == 1, -5, t.item)),
    "an option with any share": lambda t: replace(t, item=np.where(t.item == 1, 4, t.item)),
    "a node before its parent": lambda t: replace(t, parent=changed(t.parent, 1, 3)),
    "a node that is its own parent": lambda t: replace(t, parent=changed(t.parent, 1, 1)),
    "a second root": lambda t: replace(t, parent=changed(t.parent, 1, -1)),
    "no root": lambda t: replace(t, parent=changed(t.parent, 0, 0)),
    "columns of different length": lambda t: replace(t, at=t.at[:-1]),
    "a missing child": lambda t: cut(t, 4),
    "a third child": lambda t: grown(t, 2),
    "prices of another problem": lambda t: with_prices(t, row=np.array([6.0])),
    "a measure without price": lambda t: with_prices(t, measure=np.zeros(1)),
    "a price that is no number": lambda t: with_prices(t, row=np.array([np.nan, 6.0])),
    "an infinite price": lambda t: with_prices(t, row=np.array([np.inf, 6.0])),
    "a link that is not there": lambda t: with_link(t, [9], [0], [1.0]),
    "a link of no gate": lambda t: with_link(t, [0], [-1], [1.0]),
    "two prices of a link": lambda t: with_link(t, [0, 0], [1, 1], [5.0, 1.0]),
    "fewer prices than links": lambda t: with_link(t, [0, 1], [1, 1], [5.0]),
    "a price beyond all measure": lambda t: with_prices(t, row=np.array([1e30, 6.0])),
    "a capacity price beyond all measure": lambda t: with_prices(t, measure=np.array([1e30, 0.0])),
    "an empty tree": lambda t: cut(t, 0),
}


def cut(tree: SearchTree, nodes: int) -> SearchTree:
    parts = ("parent", "item", "at", "above", "prices_of", "word")
    return replace(tree, **{name: getattr(tree, name)[:nodes] for name in parts})


def grown(tree: SearchTree, parent: int) -> SearchTree:
    """One more child below a node, with the last one's decision."""
    parts = ("item", "at", "above", "prices_of", "word")
    more = {name: np.append(getattr(tree, name), getattr(tree, name)[-1]) for name in parts}
    return replace(tree, parent=np.append(tree.parent, parent), **more)


def with_link(tree: SearchTree, row: list[int], gate: list[int], price: list[float]) -> SearchTree:
    return with_prices(tree, link_row=np.array(row), link_gate=np.array(gate), link_price=np.array(price))


@pytest.mark.parametrize("lie", LIES)
def test_a_tree_that_does_not_hold_is_refused(lie: str) -> None:
    problem, tree = two_sites()
    with pytest.raises(CheckError):
        prove_tree(problem, LIES[lie](tree))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: with_prices(t, row=np.array([60.0, 60.0])),
        lambda t: with_prices(t, measure=np.array([-3.0, -3.0])),
        lambda t: with_prices(t, row=np.array([5.0, 6.0])),
        lambda t: with_link(t, [0, 1], [0, 1], [2.0, 2.0]),
    ],
)
def test_other_prices_prove_no_more(change: Callable[[SearchTree], SearchTree]) -> None:
    """Prices are never wrong, only worse: whatever they are, the bound stays below the optimum 34."""
    problem, tree = two_sites()
    assert prove_tree(problem, change(tree)).bound <= 34.0


@pytest.mark.parametrize("seed", range(60))
def test_the_tree_of_the_price_strategy_proves_what_it_claims(seed: int) -> None:
    problem = tiny_problem(seed)
    solution = solve(problem, SolveOptions(gap=1e-6), "price")
    if solution.tree is None or solution.decisions is None:
        pytest.skip("there was no plan, or nothing left for a search")
    found = prove_tree(problem, solution.tree)
    assert found.bound >= solution.bound - 1e-6 * max(1.0, abs(solution.bound))
    assert found.proved >= solution.bound - 1e-6 * max(1.0, abs(solution.bound)) or found.by_word == 0
    assert found.bound <= brute_force(problem) + 1e-6


@pytest.mark.parametrize(
    ("problem", "known"),
    [
        (cornuejols(20, 30, 3.0), None),
        (cornuejols(30, 40, 8.0, 2), None),
        (beasley(15, 40, 5, 1), None),
        (facility_location(np.array([3.0, 2.0]), np.array([[1.0, 9.0], [8.0, 2.0]])), 8.0),
    ],
    ids=["tight", "loose", "equal capacities", "uncapacitated"],
)
def test_facility_location_is_proved_to_the_end_without_any_word(
    problem: Problem, known: float | None
) -> None:
    solution = solve(problem, SolveOptions(gap=1e-7), "facility")
    assert solution.termination == "optimal"
    if known is not None:
        assert solution.objective == pytest.approx(known)
    best = float(exact_bound(problem, solution.prices)) if solution.prices is not None else -np.inf
    if solution.tree is not None:
        found = prove_tree(problem, solution.tree)
        assert found.by_word == 0
        best = max(best, found.bound)
    assert best >= solution.objective * (1 - 1.1e-7)
    assert best <= solution.objective * (1 + 1e-12)
