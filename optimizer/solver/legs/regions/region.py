"""The plans of one region, by the number of sites that a limit shared with other regions counts there."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.problem.cut_out import Part
from optimizer.problem.problem import Bools, Floats
from optimizer.problem.site_limits import limited_sites
from optimizer.solver.clock import Course
from optimizer.solver.legs.lanes.rates import SupplyRates
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.search import LegSearch
from optimizer.solver.legs.size_search import search_sizes
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan

__all__ = ["Region"]

PLAN_SHARE = 0.3
"""Part of the time left for the improvement of a plan."""


class Region:
    """Searches for plans of a region, one for every number of its sites.

    Parameters
    ----------
    part
        The region as a problem of its own.
    options
        Limits, as those of the whole but for the gap.
    started
        When the whole began.
    shared
        Whether the last rule of the part is what a limit that regions share says of its sites; without one
        no site counts.

    Attributes
    ----------
    counted : bool, shape (sites,)
    rates : SupplyRates or None
        What supply costs by the unit in the linear programs that plans begin with.
    """

    def __init__(self, part: Part, options: SolveOptions, started: float, *, shared: bool) -> None:
        problem = part.problem
        self.part, self._options, self._started = part, options, started
        self.counted = np.zeros(problem.n_sites, dtype=bool)
        self.rates: SupplyRates | None = None
        self._most = 0
        if shared:
            self.counted[limited_sites(problem, problem.n_rules - 1)] = True
            self._most = min(int(self.counted.sum()), int(problem.rule_upper[-1]))
        self._search: dict[int, LegSearch] = {}

    @property
    def most(self) -> int:
        """Most sites that can be counted."""
        return self._most

    @property
    def cost(self) -> Floats:
        """Cost of the best plan with just so many sites, `inf` without one."""
        costs = np.full(self._most + 1, np.inf)
        for count, search in self._search.items():
            costs[count] = search.course.objective
        return costs

    def plan(self, count: int) -> CheckedPlan | None:
        """Return the best plan with just so many sites."""
        return self._of(count).course.plan

    def sites_of(self, sizes: Bools) -> int:
        """Count the sites that some sizes open."""
        return int(np.sum(sites_with(self.part.problem, sizes) & self.counted))

    def take(self, plan: CheckedPlan | None) -> None:
        """Remember a plan."""
        if plan is not None:
            count = int(np.sum(self.counted & (plan.decisions.size >= 0)))
            self._of(count).course.offer(plan)

    def look(self, sizes: Bools, others: Sequence[Bools] = ()) -> None:
        """Look for the best plan with some sizes, or with others of as many sites that promise a cheaper one.

        Nothing is done where these were looked at before. A small region is searched for the best with no
        more sites.
        """
        search = self._of(self.sites_of(sizes))
        search.rates = self.rates
        search.look_among([sizes, *others])
        if search.by_tree:
            search.branch()

    def looked_at(self, sizes: Bools) -> bool:
        """Tell whether a plan was looked for with some sizes."""
        return self._of(self.sites_of(sizes)).looked_at(sizes)

    def refine(self, count: int) -> None:
        """Improve the best first plan with so many sites."""
        self._of(count).refine(PLAN_SHARE)

    def search_sizes(self, count: int, share: Floats) -> None:
        """Search better sizes from those of the best plan with so many sites."""
        if count in self._search:
            search_sizes(self._search[count], share)

    def allot(self, threads: int) -> None:
        """Let the searches use so many threads."""
        self._options = replace(self._options, threads=threads)
        for search in self._search.values():
            search.course.options = self._options

    def _of(self, count: int) -> LegSearch:
        if count not in self._search:
            problem = self.part.problem
            if self._most:
                problem = replace(problem, rule_upper=np.r_[problem.rule_upper[:-1], float(count)])
            self._search[count] = LegSearch(problem, self.part.legs, Course(self._options, self._started))
        return self._search[count]
