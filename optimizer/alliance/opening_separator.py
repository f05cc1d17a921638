"""Separation by the search over openings, for problems whose members meet only at sites."""

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from optimizer.alliance.coalition import indicator
from optimizer.alliance.opening_search import MOST_FOUND, Found, Limits, begin_room, search
from optimizer.alliance.oracle import Interval
from optimizer.alliance.priced_plans import Question
from optimizer.alliance.separation import Query, Row, Separation, first_coalitions
from optimizer.alliance.site_structure import SiteStructure
from optimizer.problem.problem import Floats, Ints

__all__ = ["OpeningSeparator"]

AMBITION = 0.5
PRECISION = 1e-10
"""Accuracy of bounds, relative to c(N)."""

SLICE_NODES = 1 << 40


class OpeningSeparator:
    """Finds the coalition of least excess by branch and bound over openings, to the end every time.

    Parameters
    ----------
    structure
        The game.
    on_solve
        Told after each search how many there have been.
    """

    def __init__(self, structure: SiteStructure, on_solve: Callable[[int], None] | None = None) -> None:
        self.structure = structure
        self.known: dict[int, Interval] = {}
        self.plans: dict[int, tuple[Ints, Ints]] = {}
        self.costings, self.searches = 0, 0
        self.nodes, self.priced = 0, 0
        self.costing_s, self.search_s = 0.0, 0.0
        self._on_solve = on_solve
        self._room = begin_room(structure)
        n, sites = structure.n, structure.n_sites
        self._found = Found(
            np.zeros(MOST_FOUND, np.int64),
            np.zeros(MOST_FOUND),
            np.zeros((MOST_FOUND, sites), np.int64),
            np.zeros((MOST_FOUND, n), np.int64),
            np.zeros(1, np.int64),
            np.zeros(3, np.int64),
        )
        self._proper = np.hstack([np.ones((n - 1, 1), np.int64), -np.eye(n - 1, dtype=np.int64)])
        self._ceiling = structure.ceiling
        self._scale = self._ceiling
        lower, upper = self.cost((1 << n) - 1)
        self._scale = max(abs(upper), 1e-9)
        self.total_lower, self.total = lower, upper

    @property
    def n(self) -> int:
        """Number of members."""
        return self.structure.n

    def cost(self, coalition: int) -> Interval:
        """Return the proved interval of c(S); its ends agree but for rounding."""
        lower, upper = self.known.get(coalition, (-np.inf, np.inf))
        if not np.isfinite(lower):
            started = time.perf_counter()
            nobody, everyone = np.zeros((0, self.n), np.int64), np.ones(self.n, np.bool_)
            ask = Question(np.zeros(self.n), nobody, everyone)
            limits = Limits(min(upper, self._ceiling), PRECISION * self._scale, 1.0, SLICE_NODES)
            state = indicator(coalition, self.n)
            bound = search(self.structure, ask, limits, state, False, self._room, self._found)
            self._learn(ask.shares)
            upper = self.known[coalition][1]
            self.known[coalition] = (min(bound, upper), upper)
            self.costings += 1
            self._count(started)
            self.costing_s += time.perf_counter() - started
        return self.known[coalition]

    def initial(self) -> tuple[Row, ...]:
        """Return the rows of the singletons and of the coalitions that lack one member."""
        return tuple(self.row(mask) for mask in first_coalitions(self.n) if self.cost(mask))

    def refine(self, row: Row) -> Row:
        """Return the row with its coalition's cost solved."""
        self.cost(row.coalition)
        return self.row(row.coalition)

    def separate(self, query: Query) -> Separation:
        """Return violated rows, the worst first, and a proved bound."""
        started = time.perf_counter()
        vectors = self._proper if query.complement is None else query.complement
        ask = Question(query.shares, np.ascontiguousarray(vectors), (vectors != 0).any(axis=0))
        limits = Limits(query.level - query.tolerance, PRECISION * self._scale, AMBITION, SLICE_NODES)
        state = np.full(self.n, -1, np.int64)
        bound = search(self.structure, ask, limits, state, True, self._room, self._found)
        masks = self._learn(query.shares)
        self.searches += 1
        self._count(started)
        self.search_s += time.perf_counter() - started
        return Separation(tuple(self.row(mask) for mask in masks), bound - query.level)

    def _learn(self, shares: Floats) -> list[int]:
        """Take over the coalitions found, with their plans; return them, the worst first."""
        count = int(self._found.count[0])
        masks = []
        for k in np.argsort(self._found.excess[:count], kind="stable").tolist():
            mask = int(self._found.mask[k])
            paid = float(np.dot(indicator(mask, self.n), shares))
            lower, upper = self.known.get(mask, (-np.inf, np.inf))
            cost = float(self._found.excess[k]) + paid
            if cost < upper:
                self.known[mask] = (min(lower, cost), cost)
                self.plans[mask] = (self._found.size[k].copy(), self._found.used[k].copy())
            masks.append(mask)
        return masks

    def _count(self, started: float) -> None:
        self.nodes += int(self._found.work[0])
        self.priced += int(self._found.work[1])
        if self._on_solve is not None:
            self._on_solve(self.costings + self.searches)

    def row(self, mask: int) -> Row:
        """Return the row of a coalition with what is known of its cost."""
        lower, upper = self.known[mask]
        low = Fraction(lower) if np.isfinite(lower) else Fraction(-(10**30))
        return Row(mask, tuple(indicator(mask, self.n).tolist()), Fraction(upper), low)
