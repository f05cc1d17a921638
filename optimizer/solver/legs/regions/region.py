"""The plans of one region, by the number of sites that a limit shared with other regions counts there."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from optimizer.problem.cut_out import Part
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.site_limits import limited_sites
from optimizer.solver.clock import Course
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.rates import SupplyRates
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.search import LegSearch
from optimizer.solver.legs.size_search import search_sizes
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Progress

__all__ = ["Region"]

Hear = Callable[[int, Progress], None]

PLAN_SHARE, BRIEF_SHARE = 0.3, 0.1
"""Part of the time left for the improvement of a plan, and where bounds are waited for."""


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
    hear
        Told of every plan with its number of sites.
    shared
        Whether the last rule of the part is what a limit that regions share says of its sites; without one
        no site counts.

    Attributes
    ----------
    counted : bool, shape (sites,)
    rates : SupplyRates or None
        What supply costs by the unit in the linear programs that plans begin with.
    """

    def __init__(
        self, part: Part, options: SolveOptions, started: float, hear: Hear, *, shared: bool
    ) -> None:
        problem = part.problem
        self.part, self._options, self._started, self._hear = part, options, started, hear
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

    def sizes(self, count: int) -> Bools | None:
        """Sizes of the best plan with just so many sites; None without one."""
        plan = self.plan(count)
        if plan is None:
            return None
        size = plan.decisions.size
        return np.isin(np.arange(self.part.problem.n_sizes), size[size >= 0])

    @property
    def choices(self) -> list[SiteChoice]:
        """How sizes are chosen, for every number of sites that can be counted."""
        return [SiteChoice(self._limited(count)) for count in range(self._most + 1)]

    def sites_of(self, sizes: Bools) -> int:
        """Count the sites that some sizes open."""
        return int(np.sum(sites_with(self.part.problem, sizes) & self.counted))

    def take(self, plan: CheckedPlan | None) -> None:
        """Remember a plan."""
        if plan is not None:
            count = int(np.sum(self.counted & (plan.decisions.size >= 0)))
            self._of(count).course.offer(plan)

    def look(self, sizes: Bools, others: Sequence[Bools] = ()) -> None:
        """Look for the best plan with some sizes, or with others of no more sites that promise a cheaper one.

        No plan is looked for where the most promising were looked at before.
        """
        chosen, relaxed = self._at_rates(sizes, self.rates).most_promising([sizes, *others])
        self._at_rates(chosen, self.rates).look(chosen, relaxed)

    def look_again(self, sizes: Bools, rates: SupplyRates) -> None:
        """Look for a plan with some sizes at rates of their own, and improve it."""
        search = self._at_rates(sizes, rates)
        search.look(sizes, again=True)
        search.refine(PLAN_SHARE)

    def refine(self, count: int, *, thorough: bool) -> None:
        """Improve the best first plan with so many sites."""
        self._of(count).refine(PLAN_SHARE if thorough else BRIEF_SHARE, thorough=thorough)

    def search_sizes(self, count: int, share: Floats) -> None:
        """Look once more at the sizes of the best plan with so many sites, then at others, by all lanes."""
        if count not in self._search:
            return
        search, sizes = self._search[count], self.sizes(count)
        if search.rates is not None and sizes is not None:
            search.rates = search.rates.with_all_lanes
            search.look(sizes, again=True)
            search.refine(PLAN_SHARE)
        search_sizes(search, share)

    def allot(self, threads: int) -> None:
        """Let the searches use so many threads."""
        self._options = replace(self._options, threads=threads)
        for count, search in self._search.items():
            search.course.options = self._telling(count)

    def _at_rates(self, sizes: Bools, rates: SupplyRates | None) -> LegSearch:
        """The search with as many sites as some sizes open, at some rates from now on."""
        search = self._of(self.sites_of(sizes))
        search.rates = rates
        return search

    def _of(self, count: int) -> LegSearch:
        if count not in self._search:
            course = Course(self._telling(count), self._started)
            self._search[count] = LegSearch(self._limited(count), self.part.legs, course, tree=False)
        return self._search[count]

    def _telling(self, count: int) -> SolveOptions:
        return replace(self._options, on_progress=partial(self._hear, count))

    def _limited(self, count: int) -> Problem:
        """The region's problem with so many sites at most."""
        problem = self.part.problem
        if not self._most:
            return problem
        return replace(problem, rule_upper=np.r_[problem.rule_upper[:-1], float(count)])
