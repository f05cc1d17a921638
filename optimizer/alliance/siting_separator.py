"""Separation by the siting model itself: cheap plans for many coalitions first, the exact program last."""

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from optimizer.alliance.avoidance import avoid_span
from optimizer.alliance.candidates import Candidates
from optimizer.alliance.coalition import indicator
from optimizer.alliance.oracle import Interval
from optimizer.alliance.participation import Participation, ParticipationAnswer
from optimizer.alliance.separation import Query, Row, Separation, first_coalitions
from optimizer.problem.problem import Bools

__all__ = ["SitingSeparator"]

HEURISTIC_ROWS = 6
PROBES = 2


class SitingSeparator:
    """Finds the coalition of least excess of a siting game without costing all coalitions.

    Parameters
    ----------
    participation
        The siting model with participation.
    on_solve
        Called after each plan that is learnt with the number of solves so far.
    time_limit_s
        Limit of one exact separation. Where it strikes, the bound falls short of the level and the
        result's `slack` says by how much.
    """

    def __init__(
        self,
        participation: Participation,
        on_solve: Callable[[int], None] | None = None,
        time_limit_s: float | None = None,
    ) -> None:
        self.participation = participation
        self._time_limit_s = time_limit_s
        self.known: dict[int, Interval] = {}
        self.plans: dict[int, ParticipationAnswer] = {}
        self.openings: dict[bytes, Bools] = {}
        self.candidates = Candidates(participation)
        self.exact_separations = 0
        self.nodes = 0
        self.costing_s, self.separation_s = 0.0, 0.0
        self._on_solve = on_solve
        grand = participation.cost_of((1 << self.n) - 1)
        participation.scale = max(abs(grand.cost), 1.0)
        self._learn(grand, grand.bound)
        self.candidates.begin()
        self.total = grand.cost
        self.total_lower = grand.bound

    @property
    def n(self) -> int:
        """Number of members."""
        return self.participation.n

    def initial(self) -> tuple[Row, ...]:
        """Return the singletons, costed, and the coalitions that lack one member, bounded by cheap plans.

        Coalitions for which no plan is known are left out: what they may cost is without bound so far.
        """
        sizes = next(iter(self.openings.values()))
        for mask in first_coalitions(self.n):
            upper = np.inf if mask.bit_count() == 1 else self.candidates.upper(mask)
            if mask not in self.known and np.isfinite(upper):
                self.known[mask] = (-np.inf, upper)
            elif mask not in self.known:
                single = mask.bit_count() == 1
                answer = self.participation.cost_of(mask, None if single else sizes)
                self._learn(answer, answer.bound if single else -np.inf)
        return tuple(self._row(mask) for mask in first_coalitions(self.n) if mask in self.known)

    def refine(self, row: Row) -> Row:
        """Return the row with its coalition's cost solved to the gap."""
        lower, upper = self.known.get(row.coalition, (-np.inf, np.inf))
        if upper - lower > self._settled:
            started = time.process_time()
            answer = self.participation.cost_of(row.coalition)
            self._learn(answer, answer.bound)
            self.costing_s += time.process_time() - started
        return self._row(row.coalition)

    @property
    def solves(self) -> int:
        """Mixed-integer solves so far."""
        return self.participation.solves

    def separate(self, query: Query) -> Separation:
        """Return violated rows from cheap plans, or (when asked) from the exact program."""
        started = time.process_time()
        found = self._separated(query)
        self.separation_s += time.process_time() - started
        return found

    def _separated(self, query: Query) -> Separation:
        found = self.candidates.violated(query, self.known)
        for mask, upper in found:
            lower, held = self.known.get(mask, (-np.inf, np.inf))
            self.known[mask] = (lower, min(held, upper))
        if found:
            return Separation(tuple(self._row(mask) for mask, _ in found), -np.inf)
        if not query.exact:
            return Separation(self._probed(query) or self._from_openings(query), -np.inf)
        below = query.level - query.tolerance
        avoid = avoid_span(query.complement, self.n)
        answer = self.participation.least_excess(
            query.shares, below, avoid=avoid, time_limit_s=self._time_limit_s
        )
        self.exact_separations += 1
        bound = answer.bound - query.level
        if answer.coalition is None or answer.objective >= below:
            return Separation((), bound)
        paid = float(np.dot(indicator(answer.coalition, self.n), query.shares))
        self._learn(answer, answer.bound + paid)
        return Separation((self._row(answer.coalition),), bound)

    def _probed(self, query: Query) -> tuple[Row, ...]:
        """Cost the most promising coalitions exactly and return those that violate after all."""
        found = []
        for mask in self.candidates.promising(query, self.known, PROBES * self.n):
            lower, upper = self.known.get(mask, (-np.inf, np.inf))
            if upper - lower > self._settled:
                answer = self.participation.cost_of(mask)
                self._learn(answer, answer.bound)
                if mask not in self.known:
                    continue
                paid = float(np.dot(indicator(mask, self.n), query.shares))
                if self.known[mask][1] - paid < query.level - query.tolerance:
                    found.append(self._row(mask))
                    if len(found) >= HEURISTIC_ROWS:
                        break
        return tuple(found)

    @property
    def _settled(self) -> float:
        """Width of an interval that counts as exact."""
        return 2 * self.participation.gap * self.participation.scale

    def _from_openings(self, query: Query) -> tuple[Row, ...]:
        """Search over known openings by the program itself, where there are no regimes to use."""
        if self.candidates.covers_all:
            return ()
        below, avoid = query.level - query.tolerance, avoid_span(query.complement, self.n)
        rows: dict[int, Row] = {}
        for sizes in reversed(list(self.openings.values())):
            answer = self.participation.least_excess(query.shares, below, sizes=sizes, avoid=avoid)
            if answer.coalition is not None and answer.objective < below:
                self._learn(answer, -np.inf)
                rows[answer.coalition] = self._row(answer.coalition)
                if len(rows) >= HEURISTIC_ROWS:
                    break
        return tuple(rows.values())

    def _learn(self, answer: ParticipationAnswer, lower: float) -> None:
        """Keep the cost, the plan and the openings of a coalition."""
        if answer.coalition is None or answer.point is None:
            return
        held = self.known.get(answer.coalition, (-np.inf, np.inf))
        upper = min(held[1], answer.cost)
        self.known[answer.coalition] = (min(max(held[0], lower), upper), upper)
        plan = self.plans.get(answer.coalition)
        if plan is None or answer.cost <= plan.cost:
            self.plans[answer.coalition] = answer
        sizes = answer.point[self.participation.sizes] > 0.5
        self.candidates.learn(answer.coalition, answer.point)
        self.openings[sizes.tobytes()] = sizes
        if self._on_solve is not None:
            self._on_solve(self.participation.solves)

    def _row(self, mask: int) -> Row:
        lower, upper = self.known[mask]
        low = Fraction(lower) if np.isfinite(lower) else Fraction(-(10**30))
        return Row(mask, tuple(indicator(mask, self.n).tolist()), Fraction(upper), low)
