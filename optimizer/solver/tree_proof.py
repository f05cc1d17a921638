"""The bound of a stored search tree, re-proved without any solver or compiled code of ours.

The tree is checked first: every inner node splits the range of one item in two, so the leaves leave no plan
out. Then the prices of each leaf are valued under the decisions that lead to it, in fractions and in whole
numbers rounded down (`optimizer.solver.rounded`). Leaves that rest on a solver's word are counted apart.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor, lcm

import numpy as np
import numpy.typing as npt

from optimizer.errors import CheckError
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.certificate import exact_bound, priced_form
from optimizer.solver.cover_proof import CLOSED, FREE, OPEN, exact_cover_bound, exact_needs
from optimizer.solver.exact import Exact, check_shapes, exact_most_use
from optimizer.solver.margins import with_margins
from optimizer.solver.rounded import PricedCells, cells_of, price_cells
from optimizer.solver.solution import INNER, SearchTree, Solution
from optimizer.solver.tree_check import leaves_of

__all__ = ["TreeBound", "certified_bound", "prove_tree"]

States = npt.NDArray[np.int8]
NO_PLAN = float("inf")


@dataclass(frozen=True)
class TreeBound:
    """What a tree proves.

    Parameters
    ----------
    bound
        No plan costs less; infinite where no leaf can hold a plan.
    proved
        The same over the leaves that prices close, whatever the solver said of the others.
    leaves, by_word
        Number of leaves, and of those that rest on the solver's word.
    """

    bound: float
    proved: float
    leaves: int
    by_word: int


def certified_bound(problem: Problem, solution: Solution) -> float | None:
    """Best bound that the prices and the tree of a solution prove; None where there are neither.

    A tree with leaves on a solver's word does not count.
    """
    found = []
    if solution.prices is not None:
        found.append(_rounded_down(exact_bound(problem, solution.prices)))
    if solution.tree is not None:
        tree = prove_tree(problem, solution.tree)
        found += [] if tree.by_word else [tree.bound]
    return max(found, default=None)


@dataclass(frozen=True, eq=False)
class _Fixed:
    """Decisions that lead to a leaf: sizes and gates free, closed or open, options closed, module ranges."""

    size: States
    gate: States
    option_closed: Bools
    option_chosen: Bools
    module_floor: npt.NDArray[np.int64]
    module_limit: npt.NDArray[np.int64]


def prove_tree(problem: Problem, tree: SearchTree) -> TreeBound:
    """Check a tree and value its leaves.

    Where the prices are for the problem split by size, so are the items of the tree.

    Raises
    ------
    CheckError
        The tree leaves plans out, cuts what cannot be cut, or its prices do not fit the problem.
    """
    if len({prices.split for prices in tree.prices}) > 1:
        raise CheckError(["some prices of the search tree are for options split by size, others not"])
    problem = priced_form(problem, tree.prices[0]) if tree.prices else problem
    leaves = leaves_of(problem, tree)
    judge = _Judge(problem, tree)
    proved = [judge.bound(leaf) for leaf in leaves if tree.prices_of[leaf] != INNER]
    words = [float(tree.word[leaf]) for leaf in leaves if tree.prices_of[leaf] == INNER]
    least = _rounded_down(min(proved, default=NO_PLAN))
    return TreeBound(min([least, *words]), least, len(leaves), len(words))


class _Judge:
    """Values leaves; what several leaves share is computed once."""

    def __init__(self, problem: Problem, tree: SearchTree) -> None:
        self.problem = problem
        self.tree = tree
        self.use = exact_most_use(problem)
        self.single_size = bool(np.all(np.diff(problem.site_start) == 1))
        needs = exact_needs(problem, self.use) if self.single_size else []
        self.needs = [_whole_cover(capacity, need) for capacity, need in needs]
        self.cells = cells_of(problem)
        under = np.diff(problem.gate_size_start) > 0
        self.free_gates = np.flatnonzero(~under).tolist()
        self.plain = bool(np.all(np.diff(problem.option_gate_start) <= 1) and not problem.row_single.any())
        self.sites = list(pairwise(problem.site_start.tolist()))
        self.gate_of_entry = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
        self.size_gates = list(zip(problem.gate_size.tolist(), self.gate_of_entry.tolist(), strict=True))
        self.site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
        self.option_of_entry = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
        self.empty_row = bool(np.any(np.diff(problem.row_start) == 0))
        self.known: tuple[int, _Valued] | None = None

    def bound(self, leaf: int) -> Fraction | float:
        """Exact bound of a leaf; infinite where its decisions admit no plan."""
        fixed = self._decisions(leaf)
        if fixed is None or not self._follow(fixed):
            return NO_PLAN
        if self.empty_row:
            return NO_PLAN
        valued = self._valued(int(self.tree.prices_of[leaf]))
        shift = valued.cells.bits
        allowed = self._allowed(fixed)
        if not np.all(np.logical_or.reduceat(allowed, self.problem.row_start[:-1])):
            return NO_PLAN
        gains = valued.gains if self.plain else valued.cells.gains(allowed).tolist()
        gain = [worth + gained for worth, gained in zip(valued.gate_worth, gains[:-1], strict=True)]
        for option in np.flatnonzero(fixed.option_chosen).tolist():
            gate = self._first_gate(option)
            if gate >= 0:
                gain[gate] += max(0, valued.cells.of_option(option))
        gain = [
            0 if state == CLOSED else value if state == OPEN else min(value, 0)
            for value, state in zip(gain, fixed.gate.tolist(), strict=True)
        ]
        opened = self._openings(valued, gain, fixed.size)
        if opened is None:
            return NO_PLAN
        modules = valued.exact.modules(self.problem, self.use, fixed.module_floor, fixed.module_limit)
        whole = valued.constant + gains[-1] + sum(gain[g] for g in self.free_gates) + opened
        return Fraction(whole, 1 << shift) + modules

    def _first_gate(self, option: int) -> int:
        first, end = self.problem.option_gate_start[option : option + 2]
        return int(self.problem.option_gate[first]) if end > first else -1

    def _valued(self, prices: int) -> "_Valued":
        if self.known is None or self.known[0] != prices:
            self.known = (prices, _Valued(self, prices))
        return self.known[1]

    def _decisions(self, leaf: int) -> _Fixed | None:
        """Decisions on the way to a leaf; None where two of them contradict each other."""
        problem, tree = self.problem, self.tree
        n_items = problem.n_sizes + problem.n_gates + problem.n_modules + problem.n_options
        lower, upper = np.zeros(n_items, dtype=np.int64), np.ones(n_items, dtype=np.int64)
        modules = slice(problem.n_sizes + problem.n_gates, n_items - problem.n_options)
        upper[modules] = problem.module_limit
        node = leaf
        while node > 0:
            item, at = int(tree.item[node]), int(tree.at[node])
            if tree.above[node]:
                lower[item] = max(lower[item], at + 1)
            else:
                upper[item] = min(upper[item], at)
            node = int(tree.parent[node])
        if np.any(lower > upper):
            return None
        state = np.where(lower == upper, lower, FREE).astype(np.int8)
        option = state[n_items - problem.n_options :]
        return _Fixed(
            state[: problem.n_sizes].copy(),
            state[problem.n_sizes : modules.start].copy(),
            option == CLOSED,
            option == OPEN,
            lower[modules],
            upper[modules],
        )

    def _follow(self, fixed: _Fixed) -> bool:
        """Draw what follows from the decisions at sites and gates; false where they contradict each other."""
        problem, size, gate = self.problem, fixed.size, fixed.gate
        chosen = fixed.option_chosen[self.option_of_entry]
        if np.any(gate[problem.option_gate[chosen]] == CLOSED):
            return False
        gate[problem.option_gate[chosen]] = OPEN
        for g in np.flatnonzero((gate == OPEN) & (np.diff(problem.gate_size_start) > 0)):
            admitted = problem.gate_size[problem.gate_size_start[g] : problem.gate_size_start[g + 1]]
            if np.all(size[admitted] == CLOSED):
                return False
            others = np.setdiff1d(np.flatnonzero(self.site == self.site[admitted[0]]), admitted)
            if np.any(size[others] == OPEN):
                return False
            size[others] = CLOSED
            left = admitted[size[admitted] != CLOSED]
            if len(left) == 1:
                size[left] = OPEN
        opened = np.flatnonzero(size == OPEN)
        if len(np.unique(self.site[opened])) < len(opened):
            return False
        decided = np.isin(self.site, self.site[opened])
        size[decided & (size == FREE)] = CLOSED
        alive = np.zeros(problem.n_gates, dtype=bool)
        alive[self.gate_of_entry[size[problem.gate_size] != CLOSED]] = True
        stranded = (np.diff(problem.gate_size_start) > 0) & ~alive
        if np.any(gate[stranded] == OPEN):
            return False
        gate[stranded] = CLOSED
        return True

    def _allowed(self, fixed: _Fixed) -> Bools:
        """Options that pass no closed gate, are not closed, and whose row has chosen no other."""
        problem = self.problem
        allowed = ~fixed.option_closed
        allowed[self.option_of_entry[fixed.gate[problem.option_gate] == CLOSED]] = False
        for option in np.flatnonzero(fixed.option_chosen):
            row = slice(*problem.row_start[self.cells.row[option] :][:2])
            keep = allowed[option] and not np.any(np.delete(fixed.option_chosen[row], option - row.start))
            allowed[row] = False
            allowed[option] = keep
        return allowed

    def _openings(self, valued: "_Valued", gain: list[int], size: States) -> int | None:
        """Value of the sizes under the decisions; None where no choice can cover a need."""
        worth = list(valued.size_worth)
        for entry_size, gate in self.size_gates:
            worth[entry_size] += gain[gate]
        value, states = 0, size.tolist()
        for first, end in self.sites:
            here = states[first:end]
            if OPEN in here:
                value += worth[first + here.index(OPEN)]
            else:
                free = [w for w, state in zip(worth[first:end], here, strict=True) if state == FREE]
                value += min([0, *free])
        for capacity, need in self.needs:
            bound = exact_cover_bound(worth, capacity, need, size)
            if bound is None:
                return None
            value = max(value, bound)
        return value


class _Valued:
    """What a price vector is worth before any decision, in units of ``2^-bits``, rounded down."""

    def __init__(self, judge: _Judge, prices: int) -> None:
        problem = judge.problem
        given = with_margins(problem, judge.tree.prices[prices])
        check_shapes(problem, given)
        self.exact = Exact(problem, given)
        self.cells: PricedCells = price_cells(problem, judge.cells, given)
        unit = 1 << self.cells.bits
        self.gains: list[int] = self.cells.gains(None).tolist()
        self.gate_worth = [floor(worth * unit) for worth in self.exact.gates(problem)]
        self.size_worth = [floor(worth * unit) for worth in self.exact.sizes(problem, judge.use)]
        self.constant = floor((self.exact.constant(problem) + self.exact.bought(problem, judge.use)) * unit)


def _whole_cover(capacity: list[Fraction], need: Fraction) -> tuple[list[int], int]:
    """Capacities and need as whole numbers over one denominator."""
    bottom = lcm(need.denominator, *(value.denominator for value in capacity))
    return [int(value * bottom) for value in capacity], int(need * bottom)


def _rounded_down(value: Fraction | float) -> float:
    """Largest double not above a value."""
    near = float(value)
    return near if near <= value else float(np.nextafter(near, -np.inf))
