"""Nodes with decided sites and few rows per site: the linear program over packings, then all that count.

The relaxation over packings is solved by generating them, and cut on triples of rows. No plan below the
cutoff takes a packing whose reduced cost exceeds what the cutoff leaves above the bound: where these are few,
they are listed, and an integer program chooses among them (Baldacci, Christofides and Mingozzi 2008 do so for
routes).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.single_source.arrays import CLOSED, Data, Node
from optimizer.solver.single_source.choosing import choose_packings, listed
from optimizer.solver.single_source.enumerating import enumerate_packings, site_items
from optimizer.solver.single_source.partition import Partition, packing_costs
from optimizer.solver.single_source.triples import coefficients, priced_triples, violated_triples

__all__ = ["Core", "CoreAnswer", "Packings", "few_rows_per_site"]

FEW_ROWS = 8.0
"""Mean rows per site up to which packings are worth listing."""


MOST_PACKINGS, FEW_PACKINGS = 20_000, 2_000
"""Packings listed for the integer program at most, and those that no more cuts are wanted for."""

MOST_NODES, MOST_WORK = 5_000_000, 50_000_000
"""Nodes in listing a site's packings, and packings looked at in choosing among them, that are too many."""

MOST_ROUNDS, CUTS_PER_ROUND, LEAST_EXCESS = 12, 30, 0.02
MOST_PRICINGS = 400
PRICED_OUT = 1e-6
"""Reduced cost, beyond the simplex method's own tolerance, that a packing must have to come in."""

DEAR = 100.0
ROUNDING, EQUAL, ROOM = 1e-10, 1e-9, 1e-6


@dataclass(frozen=True, eq=False)
class CoreAnswer:
    """What is known of a node: its bound, its best plan below the cutoff if any, and whether that is all.

    `price` are the row prices of the bound.
    """

    bound: float
    plan: Ints | None
    closed: bool
    price: Floats


class Packings(NamedTuple):
    """Packings by their rows, shape (packings, rows), and sites, shape (packings,)."""

    packed: Bools
    site: Ints


def few_rows_per_site(data: Data) -> bool:
    """Whether a site of mean capacity holds few rows of mean weight."""
    rows = data.cost.shape[1]
    return bool(data.load > 0.0 and data.capacity.mean() <= FEW_ROWS * data.load / rows)


class Core:
    """The relaxation over packings of one node, all of whose sites are decided.

    Parameters
    ----------
    data, node
        The problem and what is decided.
    cutoff
        Cost from which on plans are not wanted.
    seconds, should_stop
        Time left, and whether to stop.
    """

    def __init__(
        self, data: Data, node: Node, cutoff: float, seconds: Callable[[], float],
        should_stop: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._data, self._node, self._cutoff, self._seconds = data, node, cutoff, seconds
        self._sites = np.flatnonzero(node.site != CLOSED)
        rows = data.cost.shape[1]
        largest = float(np.abs(data.cost[np.isfinite(data.cost)]).max(initial=0.0))
        self._dearest = DEAR * (1.0 + largest + float(np.abs(data.fixed).max()))
        self._partition = Partition(data, self._sites, self._dearest, should_stop)
        self._listed = np.zeros((MOST_PACKINGS, rows), dtype=bool)
        self.bound = -np.inf
        self._price, self._cut_price = np.zeros(rows), np.zeros(0)
        self._site_price = np.zeros(len(self._sites))

    def solve(self, price: Floats, known: Packings | None = None) -> CoreAnswer:
        """Bound the node, cut, and list the packings that count.

        Parameters
        ----------
        price
            Row prices to start from.
        known
            Packings of another node to start from.
        """
        self._price = price.copy()
        if known is not None:
            self._add_known(known)
        self._add_best(price, np.zeros(0))
        for turn in range(MOST_ROUNDS):
            values = self._generate()
            if values is None or self.bound >= self._cutoff:
                break
            listed = self._within(self._cutoff - self.bound)
            if listed is not None and (len(listed[0]) <= FEW_PACKINGS or turn == MOST_ROUNDS - 1):
                return self._choose(*listed)
            if not self._cut(values):
                return self._answer() if listed is None else self._choose(*listed)
        return self._answer(closed=self.bound >= self._cutoff)

    @property
    def packings(self) -> Packings:
        """The packings of the relaxation."""
        return Packings(self._partition.packed, self._sites[self._partition.site])

    def _add_known(self, known: Packings) -> None:
        """Add those of the packings that the node allows."""
        data, node = self._data, self._node
        fits = np.zeros(len(known.site), dtype=bool)
        for w in self._sites:
            own = np.flatnonzero(known.site == w)
            packed = known.packed[own]
            left = data.capacity[w] - packed @ data.weight[w]
            spoilt = (packed & ~node.allowed[w]).any(axis=1) | (~packed & (node.home == w)).any(axis=1)
            fits[own] = ~spoilt & (left >= -EQUAL) & (left <= node.slack[0] + ROOM)
        if fits.any():
            self._partition.add_packings(known.packed[fits], np.searchsorted(self._sites, known.site[fits]))

    def _answer(self, plan: Ints | None = None, closed: bool = False) -> CoreAnswer:
        return CoreAnswer(self.bound, plan, closed, self._price)

    def _generate(self) -> Floats | None:
        """Solve the relaxation; values of its packings, None where it is cut short."""
        rows, count = self._data.cost.shape[1], len(self._sites)
        for _ in range(MOST_PRICINGS):
            answer = self._partition.solve(self._seconds())
            if answer.values is None or answer.duals is None:
                return None
            duals = answer.duals
            price, cut_price = duals[:rows], np.maximum(-duals[rows + count :], 0.0)
            best, more = self._add_best(price, cut_price, duals[rows : rows + count])
            if best is None:
                return None
            bound = float(price.sum() - cut_price.sum() + best.sum())
            bound -= ROUNDING * float(np.abs(duals).sum())
            if bound > self.bound:
                self.bound, self._price, self._cut_price, self._site_price = bound, price, cut_price, best
            if not more or self.bound >= self._cutoff:
                break
        return answer.values

    def _add_best(
        self, price: Floats, cut_price: Floats, site_price: Floats | None = None
    ) -> tuple[Floats | None, bool]:
        """Add improving packings up to each site's best; least reduced costs, and whether any came in."""
        best, parts, owners = np.zeros(len(self._sites)), [], []
        anything = self._dearest * self._data.cost.shape[1]
        for k in range(len(self._sites)):
            ceiling = anything if site_price is None else site_price[k] - PRICED_OUT
            found, best[k] = self._packings_of(k, price, cut_price, ceiling, True)
            if found is None:
                return None, False
            parts.append(found)
            owners.append(np.full(len(found), k))
        packed = np.concatenate(parts)
        if len(packed):
            self._partition.add_packings(packed, np.concatenate(owners))
        return best, len(packed) > 0

    def _packings_of(
        self, k: int, price: Floats, cut_price: Floats, ceiling: float, improving: bool
    ) -> tuple[Bools | None, float]:
        """Packings of the k-th site of reduced cost up to the ceiling, and the least reduced cost."""
        data, node, w = self._data, self._node, int(self._sites[k])
        gain = price - np.where(node.allowed[w], data.cost[w], 0.0)
        room, spare = data.capacity[w] + EQUAL, node.slack[0] + ROOM
        items = site_items(gain, data.weight[w], node.allowed[w], node.home == w, room, spare)
        triples = priced_triples(self._partition.triple[: len(cut_price)], cut_price, len(price))
        least = data.fixed[w] - ceiling
        count, best, _ = enumerate_packings(items, triples, least, improving, self._listed, MOST_NODES)
        return (None if count < 0 else self._listed[:count].copy()), data.fixed[w] - best

    def _within(self, gap: float) -> tuple[Bools, Ints] | None:
        """All packings that a plan within the gap of the bound can take; None where there are too many."""
        parts, owners, left = [], [], MOST_PACKINGS
        for k in range(len(self._sites)):
            found, _ = self._packings_of(k, self._price, self._cut_price, self._site_price[k] + gap, False)
            if found is None or len(found) > left:
                return None
            left -= len(found)
            parts.append(found)
            owners.append(np.full(len(found), k))
        return np.concatenate(parts), np.concatenate(owners)

    def _cut(self, values: Floats) -> bool:
        """Add the most violated cuts; False where there are none."""
        used = np.flatnonzero(values > 1e-7)
        triple, excess = violated_triples(self._partition.packed[used], values[used], LEAST_EXCESS)
        first = np.argsort(-excess, kind="stable")[:CUTS_PER_ROUND]
        if len(first):
            self._partition.add_cuts(triple[first])
        return len(first) > 0

    def _choose(self, packed: Bools, site: Ints) -> CoreAnswer:
        """Choose among the packings that count; the choice ends after `MOST_WORK`."""
        cost = packing_costs(self._data, self._sites, packed, site)
        triple = self._partition.triple[: len(self._cut_price)]
        reduced = cost - packed @ self._price + coefficients(packed, triple) @ self._cut_price
        packings, order = listed(packed, site, reduced, cost)
        base = float(self._price.sum() - self._cut_price.sum())
        base -= ROUNDING * float(np.abs(self._price).sum() + self._cut_price.sum())
        ended, _, best, _ = choose_packings(
            packings, packed.shape[1], len(self._sites), base, self._cutoff, MOST_WORK
        )
        plan = None
        if best.min() >= 0:
            taken = order[best]
            plan = self._sites[site[taken]][packed[taken].argmax(axis=0)]
        return self._answer(plan, ended)
