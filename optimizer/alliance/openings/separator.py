"""Separation by the search over openings, for problems whose members meet only at sites."""

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from optimizer.alliance.coalition import indicator
from optimizer.alliance.openings.found import Limits, begin_found
from optimizer.alliance.openings.plans import Question
from optimizer.alliance.openings.room import begin_room
from optimizer.alliance.openings.search import begin_search, bound_so_far, search_on
from optimizer.alliance.openings.structure import SiteStructure
from optimizer.alliance.oracle import Interval
from optimizer.alliance.separation import LEEWAY, Query, Row, Separation, first_coalitions
from optimizer.errors import InfeasibleError
from optimizer.problem.problem import Floats, Ints

__all__ = ["OpeningSeparator"]

PRECISION = 1e-10
"""Accuracy of c(S), relative to c(N)."""

AMBITION = 0.5
ENOUGH = 1000
UNLIMITED = 1 << 60
SLICE_NODES = 20_000


class OpeningSeparator:
    """Finds the coalition of least excess by branch and bound; to the end where nothing is found.

    Parameters
    ----------
    structure
        The game.
    on_solve
        Told after each search how many there have been.
    time_limit_s
        Limit of one search over all coalitions. Where it strikes, the bound falls short of the level.
    """

    def __init__(
        self,
        structure: SiteStructure,
        on_solve: Callable[[int], None] | None = None,
        time_limit_s: float | None = None,
    ) -> None:
        self.structure = structure
        self.known: dict[int, Interval] = {}
        self.plans: dict[int, tuple[Ints, Ints]] = {}
        self.costings, self.searches = 0, 0
        self.nodes, self.priced = 0, 0
        self.costing_s, self.separation_s = 0.0, 0.0
        self._on_solve = on_solve
        self._time_limit_s = time_limit_s
        self._room, self._found = begin_room(structure), begin_found(structure)
        shape = (1 << structure.n_sites, len(structure.standing))
        self._prices, self._costing_prices = np.zeros(shape), np.zeros(shape)
        n = structure.n
        self._proper = np.hstack([np.ones((n - 1, 1), np.int64), -np.eye(n - 1, dtype=np.int64)])
        self._ceiling = structure.ceiling
        self._scale = self._ceiling
        self.total_lower, self.total = self.cost((1 << n) - 1)
        if not np.isfinite(self.total):
            raise InfeasibleError(["the members together have orders that nothing can serve"])
        self._scale = max(abs(self.total), 1e-9)

    @property
    def n(self) -> int:
        """Number of members."""
        return self.structure.n

    @property
    def solves(self) -> int:
        """Searches so far, over one coalition or all."""
        return self.costings + self.searches

    @property
    def exact_separations(self) -> int:
        """Searches over all coalitions so far."""
        return self.searches

    def cost(self, coalition: int) -> Interval:
        """Return the proved interval of c(S); its ends agree but for rounding."""
        lower, upper = self.known.get(coalition, (-np.inf, np.inf))
        if lower == -np.inf:
            started = time.process_time()
            everybody_counts = np.zeros((0, self.n), np.int64)
            ask = Question(np.zeros(self.n), everybody_counts, np.ones(self.n, np.bool_))
            limits = Limits(min(upper, self._ceiling), PRECISION * self._scale, 1.0, UNLIMITED)
            bound = self._search(ask, limits, indicator(coalition, self.n), self._costing_prices, None)
            self._learn(ask.shares)
            upper = self.known.get(coalition, (-np.inf, np.inf))[1]
            self.known[coalition] = (min(bound, upper) if np.isfinite(upper) else np.inf, upper)
            self.costings += 1
            self.costing_s += time.process_time() - started
            self._tell()
        return self.known[coalition]

    def initial(self) -> tuple[Row, ...]:
        """Return the rows of the singletons and of those coalitions that lack one member which have plans."""
        return tuple(self.row(mask) for mask in first_coalitions(self.n) if np.isfinite(self.cost(mask)[1]))

    def refine(self, row: Row) -> Row:
        """Return the row with its coalition's cost solved."""
        self.cost(row.coalition)
        return self.row(row.coalition)

    def separate(self, query: Query) -> Separation:
        """Return violated rows, the worst first, and a proved bound."""
        started = time.process_time()
        vectors = self._proper if query.complement is None else query.complement
        ask = Question(query.shares, np.ascontiguousarray(vectors), (vectors != 0).any(axis=0))
        level = query.level - LEEWAY * query.tolerance
        precision = min(0.2 * query.tolerance, PRECISION * self._scale)
        free = np.full(self.n, -1, np.int64)
        bound = self._search(
            ask, Limits(level, precision, AMBITION, ENOUGH), free, self._prices, self._time_limit_s
        )
        masks = self._learn(query.shares)
        self.searches += 1
        self.separation_s += time.process_time() - started
        self._tell()
        return Separation(tuple(self.row(mask) for mask in masks), bound - query.level)

    def row(self, mask: int) -> Row:
        """Return the row of a coalition with what is known of its cost."""
        lower, upper = self.known[mask]
        low = Fraction(lower) if np.isfinite(lower) else Fraction(-(10**30))
        return Row(mask, tuple(indicator(mask, self.n).tolist()), Fraction(upper), low)

    def _search(
        self, ask: Question, limits: Limits, state: Ints, prices: Floats, time_limit_s: float | None
    ) -> float:
        """Search in slices, so that the time limit and an interrupt are heeded; return the bound."""
        game, room, found = self.structure, self._room, self._found
        began = time.monotonic()
        begin_search(game, ask, limits, state, prices, room, found)
        while not search_on(game, ask, limits, prices, room, found, SLICE_NODES):
            if time_limit_s is not None and time.monotonic() - began > time_limit_s:
                break
        self.nodes += int(found.work[0])
        self.priced += int(found.work[1])
        return float(bound_so_far(room))

    def _learn(self, shares: Floats) -> list[int]:
        """Take over the coalitions found, with their plans; return them, the worst first."""
        count = int(self._found.number[0])
        masks = []
        for k in np.argsort(self._found.excess[:count], kind="stable").tolist():
            mask = int(self._found.mask[k])
            cost = float(self._found.excess[k]) + float(np.dot(indicator(mask, self.n), shares))
            lower, upper = self.known.get(mask, (-np.inf, np.inf))
            if cost < upper:
                self.known[mask] = (min(lower, cost), cost)
                self.plans[mask] = (self._found.size[k].copy(), self._found.used[k].copy())
            masks.append(mask)
        return masks

    def _tell(self) -> None:
        if self._on_solve is not None:
            self._on_solve(self.solves)
