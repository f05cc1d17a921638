"""The best size of each site within limits on how many sites may open, which hold exactly.

Limits of the kind "at most so many of these sites" whose sets are nested or apart form a laminar matroid, so
taking sites in the order of what they are worth, as long as every limit holds, is optimal (J. Edmonds,
"Matroids and the greedy algorithm", Mathematical Programming 1 (1971), 127-136). Held here they need no
prices.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

import numpy as np

from optimizer.problem.problem import Bools, Problem
from optimizer.problem.site_limits import limited_sites

__all__ = ["SiteChoice"]

Number = TypeVar("Number", float, Fraction)


class SiteChoice:
    """Chooses sizes of a problem.

    Attributes
    ----------
    rules : int64
        Rules that every choice keeps.
    """

    def __init__(self, problem: Problem) -> None:
        self._start = problem.site_start.tolist()
        limits: list[tuple[int, frozenset[int], int]] = []
        for rule in range(problem.n_rules):
            sites = frozenset(limited_sites(problem, rule).tolist())
            if sites and all(not sites & other or sites <= other or other <= sites for _, other, _ in limits):
                limits.append((rule, sites, int(np.floor(problem.rule_upper[rule]))))
        self.rules = np.array([rule for rule, _, _ in limits], dtype=np.int64)
        self._limits = [(sites, most) for _, sites, most in limits]

    def chosen(
        self, worth: Sequence[Number], closed: Bools | None = None, must: Bools | None = None
    ) -> list[int] | None:
        """Sizes of least worth in all; None where no choice keeps the limits.

        Parameters
        ----------
        worth : shape (sizes,)
        closed : bool, shape (sizes,)
            Sizes that may not open.
        must : bool, shape (sites,)
            Sites that have to open, whatever that costs.
        """
        best: list[tuple[Number, int, int]] = []
        forced: list[tuple[Number, int, int]] = []
        for site, (first, last) in enumerate(zip(self._start, self._start[1:], strict=False)):
            free = [(worth[s], s, site) for s in range(first, last) if closed is None or not closed[s]]
            if must is not None and must[site]:
                if not free:
                    return None
                forced.append(min(free))
            elif free and min(free)[0] < 0:
                best.append(min(free))
        left = [most for _, most in self._limits]
        sizes = []
        for at, (_, size, site) in enumerate([*forced, *sorted(best)]):
            within = [k for k, (sites, _) in enumerate(self._limits) if site in sites]
            if all(left[k] > 0 for k in within):
                sizes.append(size)
                for k in within:
                    left[k] -= 1
            elif at < len(forced):
                return None
        return sizes
