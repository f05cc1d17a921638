"""Coalitions that cheap plans show to object: a table of all of them, or a search where they are too many."""

import numpy as np

from optimizer.alliance.coalition import subset_sums, with_player
from optimizer.alliance.oracle import Interval
from optimizer.alliance.participation import Participation
from optimizer.alliance.regimes import Regime, RegimeBuilder
from optimizer.alliance.separation import Query
from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["Candidates"]

LARGEST_TABLE = 20
CHUNK = 1 << 16
SEARCH_ROUNDS = 12
SEARCH_WIDTH = 40


class Candidates:
    """Upper bounds of c(S) from regimes, tabled for up to 20 members, searched beyond."""

    def __init__(self, participation: Participation) -> None:
        self.n = participation.n
        self.builder = RegimeBuilder(participation)
        self.regimes: list[Regime] = []
        self.table = np.full(1 << self.n, np.inf) if self.n <= LARGEST_TABLE else None
        self._outside: tuple[Ints | None, Bools | None] = (None, None)

    @property
    def covers_all(self) -> bool:
        """Whether every coalition has a bound, so that other heuristics add nothing."""
        return self.builder.applies

    def learn(self, coalition: int, point: Floats, new_sizes: Bools | None) -> None:
        """Add the regimes of a plan: its own, and that of its openings if these are new."""
        if not self.builder.applies:
            return
        own = self.builder.of_plan(coalition, point)
        regimes = [own] if coalition.bit_count() > self.n // 2 else []
        if new_sizes is not None and new_sizes.any():
            regimes.append(self.builder.with_sizes(new_sizes))
        self.regimes += regimes
        if self.table is not None:
            for regime in regimes:
                self._lower_table(regime)

    def violated(self, query: Query, known: dict[int, Interval]) -> list[tuple[int, float]]:
        """Return coalitions with U(S) − x(S) < level, the worst first, with their bounds."""
        limit = query.level - query.tolerance
        if self.table is None:
            found = self._searched(query, known)
        else:
            for mask, (_, upper) in known.items():
                self.table[mask] = min(self.table[mask], upper)
            excess = self.table - subset_sums(query.shares)
            excess[~self._allowed(query.complement)] = np.inf
            masks = np.arange(1 << self.n)
            worst = {int(excess.argmin())}
            for player in range(self.n):
                for part, label in zip(with_player(excess, player), with_player(masks, player), strict=True):
                    worst.add(int(label[part.argmin()]))
            found = {mask: (float(self.table[mask]), float(excess[mask])) for mask in worst}
        below = sorted((item for item in found.items() if item[1][1] < limit), key=lambda item: item[1][1])
        return [(mask, upper) for mask, (upper, _) in below]

    def _lower_table(self, regime: Regime) -> None:
        if self.table is None:
            return
        for first in range(0, len(self.table), CHUNK):
            masks = np.arange(first, min(first + CHUNK, len(self.table)))
            incidence = (masks[:, None] >> np.arange(self.n) & 1).astype(np.float64)
            part = self.table[masks]
            self.table[masks] = np.minimum(part, self.builder.costs(regime, incidence))
        self.table[0] = 0.0

    def _allowed(self, complement: Ints | None) -> Bools:
        if self._outside[1] is None or complement is not self._outside[0]:
            allowed = np.ones(1 << self.n, dtype=np.bool_)
            if complement is not None:
                allowed[:] = False
                for vector in complement:
                    allowed |= subset_sums(vector) != 0
            allowed[0] = allowed[-1] = False
            self._outside = (complement, allowed)
        return self._outside[1] if self._outside[1] is not None else np.zeros(0, dtype=np.bool_)

    def _searched(self, query: Query, known: dict[int, Interval]) -> dict[int, tuple[float, float]]:
        """Known coalitions, and a local search by single members from the best prefixes of each regime."""
        result = {}
        everybody = (1 << self.n) - 1
        bits = np.arange(self.n)
        for mask, (_, upper) in known.items():
            if 0 < mask < everybody and self._counts(np.array([mask >> bits & 1]), query)[0]:
                result[mask] = (upper, upper - float(query.shares[(mask >> bits & 1) == 1].sum()))
        for regime in self.regimes:
            order = np.argsort(regime.cost - query.shares, kind="stable")
            batch = np.tril(np.ones((self.n, self.n)))[:, np.argsort(order)]
            best = np.inf
            for _ in range(SEARCH_ROUNDS):
                costs = self.builder.costs(regime, batch)
                excess = costs - batch @ query.shares
                excess[~self._counts(batch, query)] = np.inf
                keep = np.argsort(excess, kind="stable")[:SEARCH_WIDTH]
                for k in keep[:3]:
                    if np.isfinite(excess[k]):
                        mask = int(sum(1 << int(i) for i in np.flatnonzero(batch[k])))
                        if mask not in result or costs[k] < result[mask][0]:
                            result[mask] = (float(costs[k]), float(excess[k]))
                if excess[keep[0]] >= best - query.tolerance:
                    break
                best = float(excess[keep[0]])
                flips = np.abs(batch[keep[:4], None, :] - np.eye(self.n)[None, :, :]).reshape(-1, self.n)
                batch = np.vstack([batch[keep[:4]], flips])
        ranked = sorted(result.items(), key=lambda item: item[1][1])[: 2 * self.n]
        return dict(ranked)

    def _counts(self, incidence: Floats, query: Query) -> Bools:
        """Whether coalitions are proper and outside the span."""
        size = incidence.sum(axis=1)
        proper = (size > 0) & (size < self.n)
        if query.complement is not None:
            proper &= (incidence @ query.complement.T).any(axis=1)
        return np.asarray(proper, dtype=np.bool_)
