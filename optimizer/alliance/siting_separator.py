"""Separation by the siting model itself: heuristics over known openings first, the exact program last."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from optimizer.alliance.avoidance import avoid_span
from optimizer.alliance.coalition import indicator
from optimizer.alliance.oracle import Interval
from optimizer.alliance.participation import Participation, ParticipationAnswer
from optimizer.alliance.separation import Query, Row, Separation, first_coalitions
from optimizer.problem.problem import Bools

__all__ = ["SitingSeparator"]

HEURISTIC_ROWS = 6


class SitingSeparator:
    """Finds the coalition of least excess of a siting game without costing all coalitions.

    Parameters
    ----------
    participation
        The siting model with participation.
    on_solve
        Called after each solve with what was done and how many solves there have been.
    """

    def __init__(
        self, participation: Participation, on_solve: Callable[[str, int], None] | None = None
    ) -> None:
        self.participation = participation
        self.known: dict[int, Interval] = {}
        self.openings: dict[bytes, tuple[Bools, int]] = {}
        self.exact_separations = 0
        self.heuristic_separations = 0
        self._on_solve = on_solve
        grand = participation.cost_of((1 << self.n) - 1)
        participation.scale = max(abs(grand.cost), 1.0)
        self._learn(grand, grand.bound)
        self.total = grand.cost
        self.total_lower = grand.bound

    @property
    def n(self) -> int:
        """Number of members."""
        return self.participation.n

    def initial(self) -> tuple[Row, ...]:
        """Return the singletons, costed, and the coalitions that lack one member, from known openings."""
        for mask in first_coalitions(self.n):
            if mask not in self.known:
                if mask.bit_count() == 1:
                    answer = self.participation.cost_of(mask)
                    self._learn(answer, answer.bound)
                else:
                    self._cost_from_openings(mask)
        return tuple(self._row(mask) for mask in first_coalitions(self.n))

    def refine(self, row: Row) -> Row:
        """Return the row with its coalition's cost solved to the gap."""
        lower, upper = self.known[row.coalition]
        if upper - lower > self._gap:
            answer = self.participation.cost_of(row.coalition)
            self._learn(answer, answer.bound)
        return self._row(row.coalition)

    def separate(self, query: Query) -> Separation:
        """Return violated rows from known coalitions and openings, else from the exact program."""
        avoid = avoid_span(query.complement, self.n)
        rows = self._known_rows(query)
        if rows:
            return Separation(rows, -np.inf)
        below = query.level - query.tolerance
        found: dict[int, Row] = {}
        for sizes, _ in sorted(self.openings.values(), key=lambda item: -item[1]):
            answer = self.participation.least_excess(query.shares, below, sizes=sizes, avoid=avoid)
            self.heuristic_separations += 1
            if answer.coalition is not None:
                self._learn(answer, -np.inf)
                found[answer.coalition] = self._row(answer.coalition)
                if len(found) >= HEURISTIC_ROWS:
                    break
        if found:
            return Separation(tuple(found.values()), -np.inf)
        answer = self.participation.least_excess(query.shares, below, avoid=avoid)
        self.exact_separations += 1
        bound = answer.bound - query.level
        if answer.coalition is None:
            return Separation((), min(bound, 0.0) if bound > -2 * query.tolerance else bound)
        paid = float(np.dot(indicator(answer.coalition, self.n), query.shares))
        self._learn(answer, answer.bound + paid)
        return Separation((self._row(answer.coalition),), bound)

    @property
    def _gap(self) -> float:
        return 2 * self.participation.gap * self.participation.scale

    def _known_rows(self, query: Query) -> tuple[Row, ...]:
        """Return the coalitions costed so far that violate."""
        masks = [mask for mask in self.known if 0 < mask < (1 << self.n) - 1]
        incidence = np.array([indicator(mask, self.n) for mask in masks])
        costs = np.array([self.known[mask][1] for mask in masks])
        excess = costs - incidence @ query.shares - query.level
        if query.complement is not None:
            excess[~(incidence @ query.complement.T).any(axis=1)] = np.inf
        order = np.argsort(excess, kind="stable")[: 2 * self.n]
        return tuple(self._row(masks[k]) for k in order if excess[k] < -query.tolerance)

    def _cost_from_openings(self, mask: int) -> None:
        """Bound a coalition's cost from above by its best plan over the openings known."""
        sizes, _ = max(self.openings.values(), key=lambda item: item[1])
        answer = self.participation.cost_of(mask, sizes)
        self._learn(answer, -np.inf)

    def _learn(self, answer: ParticipationAnswer, lower: float) -> None:
        """Keep the cost and the openings of a plan."""
        if answer.coalition is None or answer.sizes is None:
            return
        held = self.known.get(answer.coalition, (-np.inf, np.inf))
        upper = min(held[1], answer.cost)
        self.known[answer.coalition] = (min(max(held[0], lower), upper), upper)
        key = answer.sizes.tobytes()
        self.openings[key] = (answer.sizes, self.openings.get(key, (answer.sizes, 0))[1] + 1)
        if self._on_solve is not None:
            self._on_solve(f"coalition {answer.coalition:b}", self.participation.solves)

    def _row(self, mask: int) -> Row:
        lower, upper = self.known[mask]
        low = Fraction(lower) if np.isfinite(lower) else Fraction(-(10**30))
        return Row(mask, tuple(indicator(mask, self.n).tolist()), Fraction(upper), low)
