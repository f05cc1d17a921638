"""Coalitions that cheap plans show to object: a table of all of them, or a search where they are too many."""

import numpy as np

from optimizer.alliance.coalition import mask_of, subset_sums, with_player
from optimizer.alliance.oracle import Interval
from optimizer.alliance.participation import Participation
from optimizer.alliance.regimes import Regime, RegimeBuilder
from optimizer.alliance.separation import Query
from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["Candidates"]

LARGEST_TABLE = 16
MOST_SITES = 8
CHUNK = 1 << 14
SEARCHED_REGIMES = 6
SEARCH_ROUNDS = 8


class Candidates:
    """Upper bounds of c(S) from regimes, tabled for up to 16 members, searched beyond."""

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

    def begin(self) -> None:
        """Add a regime for every subset of the sites (of the eight most used ones in larger problems)."""
        if not self.builder.applies:
            return
        count = self.builder.participation.members.problem.n_sites
        for subset in range(1 << min(count, MOST_SITES)):
            chosen: Bools = np.asarray(subset >> np.arange(count) & 1, dtype=np.bool_)
            self._add(self.builder.over_sites(chosen))

    def learn(self, coalition: int, point: Floats) -> None:
        """Add the regime of a plan; members outside it are served as over the sites that it uses."""
        if not self.builder.applies:
            return
        own = self.builder.of_plan(coalition, point)
        sites: Bools = np.asarray(own.uses_site[np.isfinite(own.cost)].any(axis=0), dtype=np.bool_)
        other = self.builder.over_sites(sites) if sites.sum() <= MOST_SITES else own
        known = np.isfinite(own.cost)
        self._add(
            Regime(
                np.where(known, own.cost, other.cost),
                np.where(known[:, None], own.load, other.load),
                np.where(known[:, None], own.uses_site, other.uses_site),
            )
        )

    def upper(self, coalition: int) -> float:
        """Return the least U(S) that any regime gives, inf without regimes."""
        incidence = np.array([[coalition >> i & 1 for i in range(self.n)]], dtype=np.float64)
        costs = [float(self.builder.costs(regime, incidence)[0]) for regime in self.regimes]
        return min(costs, default=np.inf)

    def _add(self, regime: Regime) -> None:
        self.regimes.append(regime)
        if self.table is not None:
            self._lower_table(regime)

    def promising(self, query: Query, known: dict[int, Interval], most: int) -> list[int]:
        """Return the coalitions of least U(S) − x(S), the worst first."""
        if self.table is None:
            return list(self._searched(query, known))[:most]
        excess = self.table - subset_sums(query.shares)
        excess[~self._allowed(query.complement)] = np.inf
        order = np.argpartition(excess, min(most, len(excess) - 1))[:most]
        return [int(mask) for mask in order[np.argsort(excess[order])] if np.isfinite(excess[mask])]

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
        starts = []
        for regime in self.regimes:
            order = np.argsort(regime.cost - query.shares, kind="stable")
            batch = np.tril(np.ones((self.n, self.n)))[:, np.argsort(order)]
            starts.append((*self._judged(regime, batch, query, result), regime))
        starts.sort(key=lambda item: item[0])
        for first, prefixes, regime in starts[:SEARCHED_REGIMES]:
            best, batch = first, prefixes
            for _ in range(SEARCH_ROUNDS):
                flips = np.abs(batch[:, None, :] - np.eye(self.n)[None, :, :]).reshape(-1, self.n)
                least, batch = self._judged(regime, flips, query, result)
                if least >= best - query.tolerance:
                    break
                best = least
        ranked = sorted(result.items(), key=lambda item: item[1][1])[: 2 * self.n]
        return dict(ranked)

    def _judged(
        self, regime: Regime, batch: Floats, query: Query, result: dict[int, tuple[float, float]]
    ) -> tuple[float, Floats]:
        """Cost coalitions by a regime, keep the three best, and return the least excess and those three."""
        costs = self.builder.costs(regime, batch)
        excess = costs - batch @ query.shares
        excess[~self._counts(batch, query)] = np.inf
        keep = np.argsort(excess, kind="stable")[:3]
        for k in keep:
            if np.isfinite(excess[k]):
                mask = mask_of(np.flatnonzero(batch[k]).tolist())
                if mask not in result or costs[k] < result[mask][0]:
                    result[mask] = (float(costs[k]), float(excess[k]))
        return float(excess[keep[0]]), batch[keep]

    def _counts(self, incidence: Floats, query: Query) -> Bools:
        """Whether coalitions are proper and outside the span."""
        size = incidence.sum(axis=1)
        proper = (size > 0) & (size < self.n)
        if query.complement is not None:
            proper &= (incidence @ query.complement.T).any(axis=1)
        return np.asarray(proper, dtype=np.bool_)
