r"""Local search over the sizes of a problem over legs too large for a tree: close, merge, resize, swap, open.

Prices and linear relaxations do not see whole containers, of which every site wastes some; so they open too
many sites. A set of sizes S is ranked by the relaxation with these sizes open, `L(S)`, and what its sites are
to waste:

.. math:: E(S) = L(S) + w\,|S|, \qquad w = (\text{plan} - L(S_0)) / |S_0|

with the waste per site of the best plan, which opens S₀. A step goes to the first family of neighbours with a
better estimate; where no neighbour has one, a plan is looked for. No set is ranked or looked at twice.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.solver.legs.core import opened_relaxation, program_with_sizes, sizes_by_share
from optimizer.solver.legs.search import LegSearch

__all__ = ["search_sizes"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Sizes = frozenset[int]

LEAST_SHARE = 0.05
"""How often prices must open a size for it to be swapped in or opened."""

WORTH = 1e-4
"""Part of the cost by which an estimate has to be better."""


def search_sizes(search: LegSearch, share: Floats) -> None:
    """Look for better sizes than those of the best plan until the time is up or none is promising.

    Parameters
    ----------
    search
        The search that looks for plans; nothing is done before it has one.
    share : float64, shape (sizes,)
        How often each size was open in the mean of the dual method.
    """
    if search.ended:
        return
    ranked = _Ranked(search, share)
    ranked.relaxed(frozenset(np.flatnonzero(sizes_by_share(search.problem, share)).tolist()))
    while not search.ended and search.course.plan is not None:
        waste = ranked.waste()
        found: Sizes | None = ranked.descended(ranked.opened(), waste)
        if found in ranked.looked:
            found = ranked.most_promising(waste)
        if found is None or search.ended:
            return
        ranked.looked.add(found)
        search.look(ranked.chosen(found))
        search.refine(1.0)


class _Ranked:
    """Sets of sizes with their relaxations."""

    def __init__(self, search: LegSearch, share: Floats) -> None:
        self.search = search
        self.site = owner(search.problem.site_start)
        self.likely = [int(s) for s in np.argsort(-share, kind="stable") if share[s] >= LEAST_SHARE]
        self.known: dict[Sizes, float] = {}
        self.looked: set[Sizes] = set()

    def opened(self) -> Sizes:
        """Sizes of the best plan."""
        plan = self.search.course.plan
        assert plan is not None
        size = plan.decisions.size
        opened = frozenset(size[size >= 0].tolist())
        self.looked.add(opened)
        return opened

    def waste(self) -> float:
        """What the best plan costs beyond its relaxation, per site."""
        opened = self.opened()
        return max(self.search.course.objective - self.relaxed(opened), 0.0) / max(len(opened), 1)

    def chosen(self, sizes: Sizes) -> Bools:
        """The sizes as marks."""
        marks = np.zeros(self.search.problem.n_sizes, dtype=bool)
        marks[sorted(sizes)] = True
        return marks

    def relaxed(self, sizes: Sizes) -> float:
        """Value of the relaxation with just these sizes open, `inf` where nothing holds with them."""
        if sizes not in self.known:
            self.known[sizes] = _relaxation(self.search, self.chosen(sizes))
        return self.known[sizes]

    def descended(self, start: Sizes, waste: float) -> Sizes:
        """Go from set to better set by estimates."""
        now, estimate = start, self.relaxed(start) + waste * len(start)
        while True:
            worth = estimate - WORTH * abs(estimate)
            for family in (self._fewer, self._resized, self._others):
                ranked = [
                    (self.relaxed(sizes) + waste * len(sizes), sorted(sizes))
                    for sizes in family(now)
                    if not self.search.ended
                ]
                best = min(ranked, default=(np.inf, []))
                if best[0] < worth:
                    break
            else:
                return now
            estimate, now = best[0], frozenset(best[1])

    def most_promising(self, waste: float) -> Sizes | None:
        """The set of the best estimate that no plan was looked for with; None where none beats the plan."""
        ranked = [
            (value + waste * len(sizes), sorted(sizes))
            for sizes, value in self.known.items()
            if sizes not in self.looked
        ]
        value, sizes = min(ranked, default=(np.inf, []))
        return frozenset(sizes) if value < self.search.course.objective * (1.0 - WORTH) else None

    def _fewer(self, now: Sizes) -> Iterator[Sizes]:
        """Close a site, and with it enlarge another or not."""
        for closed in sorted(now):
            rest = now - {closed}
            yield rest
            for size in sorted(rest):
                yield from (rest - {size} | {other} for other in self._of_site(size) if other > size)

    def _resized(self, now: Sizes) -> Iterator[Sizes]:
        for size in sorted(now):
            yield from (now - {size} | {other} for other in self._of_site(size))

    def _others(self, now: Sizes) -> Iterator[Sizes]:
        """Open a size that prices open now and then, and close two sites, one or none."""
        taken = {int(self.site[size]) for size in now}
        fresh = [size for size in self.likely if int(self.site[size]) not in taken]
        for size in sorted(now):
            yield from (now - {size} | {other} for other in fresh)
        for two in combinations(sorted(now), 2):
            yield from (now - set(two) | {other} for other in fresh)
        yield from (now | {other} for other in fresh)

    def _of_site(self, size: int) -> list[int]:
        """Other sizes of the same site."""
        start = self.search.problem.site_start
        site = int(self.site[size])
        return [other for other in range(int(start[site]), int(start[site + 1])) if other != size]


def _relaxation(search: LegSearch, sizes: Bools) -> float:
    """Value of the linear relaxation over legs with just these sizes open."""
    program = program_with_sizes(search.problem, search.legs, sizes)
    if program is None:
        return np.inf
    answer = opened_relaxation(program, sizes, search.course)
    return answer.objective if answer.values is not None else np.inf
