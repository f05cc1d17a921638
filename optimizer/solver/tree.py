"""The certificate of a branch and bound: the tree that was searched, and what closes each leaf.

A strategy keeps a `TreeLog` while it searches; `TreeLog.tree` is stored with the run and
`optimizer.solver.tree_proof` checks it without any solver: the leaves leave no plan out, and the prices of
each leaf bound all plans in it.

The items of the tree are numbered sizes first, then gates, modules and options. A decision cuts an item's
range in two: at most `at`, or at least ``at + 1``. For sizes, gates and options of single-sourced rows `at`
is 0: closed or open.
"""

from dataclasses import dataclass, field

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.solver.solution import INNER, Prices, SearchTree

__all__ = ["TreeLog"]

MOST_NUMBERS = 20_000_000
"""Prices in all that are kept: 160 MB."""


@dataclass(eq=False)
class TreeLog:
    """Writes down a search while it runs: splits, decisions that reduced costs force, and closed leaves.

    `problem` numbers the items; it is the problem split by size where `sized` says so.

    Examples
    --------
    Two sizes; size 0 is split on, and one price vector closes either side.

    >>> from optimizer.problem import ProblemBuilder
    >>> builder = ProblemBuilder()
    >>> sizes = builder.add_sizes(builder.add_sites(2), [3.0, 4.0])
    >>> options = builder.add_options(builder.add_rows([1.0]), [7.0])
    >>> log = TreeLog(builder.build().problem)
    >>> closed, opened = log.split(log.root, log.size(0))
    >>> none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    >>> prices = log.price(Prices(np.array([7.0]), none, no, no, none, none))
    >>> log.close(closed, prices)
    >>> log.close(opened, prices)
    >>> log.tree().prices_of.tolist()
    [-1, 0, 0]
    """

    problem: Problem
    solver: str = ""
    sized: bool = False
    _nodes: list[tuple[int, int, int, bool]] = field(default_factory=lambda: [(-1, -1, 0, False)])
    _closed: dict[int, int] = field(default_factory=dict)
    _words: dict[int, float] = field(default_factory=dict)
    _prices: list[Prices] = field(default_factory=list)
    _numbers: int = 0

    @property
    def root(self) -> int:
        """The node of all plans."""
        return 0

    def size(self, size: int) -> int:
        """Item of a size."""
        return size

    def gate(self, gate: int) -> int:
        """Item of a gate."""
        return self.problem.n_sizes + gate

    def module(self, module: int) -> int:
        """Item of a module's count."""
        return self.problem.n_sizes + self.problem.n_gates + module

    def option(self, option: int) -> int:
        """Item of an option of a single-sourced row."""
        return self.problem.n_sizes + self.problem.n_gates + self.problem.n_modules + option

    def split(self, node: int, item: int, at: int = 0) -> tuple[int, int]:
        """Branch on an item; returns the nodes where it is at most `at` and at least ``at + 1``."""
        first = len(self._nodes)
        self._nodes += [(node, item, at, False), (node, item, at, True)]
        return first, first + 1

    def fix(self, node: int, item: int, value: int, prices: int) -> int:
        """Fix a yes/no item whose opposite `prices` rule out; returns the node that goes on."""
        sides = self.split(node, item)
        self.close(sides[1 - value], prices)
        return sides[value]

    def price(self, prices: Prices) -> int:
        """Keep a price vector; returns its number."""
        self._numbers += len(prices.row) + len(prices.link_price)
        if self._numbers <= MOST_NUMBERS:
            self._prices.append(prices)
        return len(self._prices) - 1

    def close(self, node: int, prices: int) -> None:
        """Say that these prices bound all plans of the node well enough, or that it can hold none."""
        self._closed[node] = prices

    def close_by_word(self, node: int, bound: float) -> None:
        """Say that a solver gave this bound for the node (infinite where it found no plan)."""
        self._words[node] = bound

    def tree(self) -> SearchTree | None:
        """Return what was written down so far; None where it grew too large to be kept."""
        if self._numbers > MOST_NUMBERS:
            return None
        parent, item, at, above = (np.array(column) for column in zip(*self._nodes, strict=True))
        prices_of = np.full(len(parent), INNER, dtype=np.int64)
        prices_of[list(self._closed)] = list(self._closed.values())
        word = np.full(len(parent), np.nan)
        word[list(self._words)] = list(self._words.values())
        return SearchTree(
            parent.astype(np.int64),
            item.astype(np.int64),
            at.astype(np.int64),
            above.astype(np.bool_),
            prices_of,
            word,
            tuple(self._prices),
            self.solver,
        )
