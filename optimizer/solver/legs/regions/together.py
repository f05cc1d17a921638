"""All regions together: searches side by side, and the cheapest joint plan within the limit on sites."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np

from optimizer.problem.evaluate import evaluate
from optimizer.problem.parts import Division
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.lanes.rates import SupplyRates
from optimizer.solver.legs.pieces import joint_decisions, own_decisions
from optimizer.solver.legs.regions.allotment import cheapest_counts
from optimizer.solver.legs.regions.region import Region
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Progress, relative_gap

__all__ = ["Together"]

Sizewise = TypeVar("Sizewise", Bools, Floats)


class Together:
    """The plans of all regions; joint ones go to the course of the whole.

    Parameters
    ----------
    problem, division
        The whole and its parts.
    course
        Limits of the whole.
    """

    def __init__(self, problem: Problem, division: Division, course: Course) -> None:
        self.problem, self.division, self.course = problem, division, course
        shared = division.shared
        own = replace(course.options, on_progress=None, should_stop=self.over)
        self.regions = tuple(
            Region(part, own, course.started, partial(self._hear, at), shared=shared is not None)
            for at, part in enumerate(division.parts)
        )
        most = 0 if shared is None else int(problem.rule_upper[shared])
        self.most = min(most, sum(region.most for region in self.regions))
        self.fixed = problem.constant + float(problem.option_cost[division.alone].sum())
        self._joined: list[CheckedPlan] = []
        self._told = [region.cost for region in self.regions]
        self._take_apart(course.plan)

    def take_rates(self, rates: SupplyRates) -> None:
        """Begin plans with what supply costs by the unit."""
        for region, part in zip(self.regions, self.division.parts, strict=True):
            region.rates = rates.of_part(part)

    def look(self, sizes: Bools, others: Sequence[Bools] = ()) -> None:
        """Look for a plan with some sizes of the whole, or in each region with others that promise more.

        Parameters
        ----------
        others
            Sets of sizes with as many sites in every region.
        """
        own, instead = self.own(sizes), [self.own(each) for each in others]

        def step(at: int) -> None:
            new = [each[at] for each in instead if np.any(each[at] != own[at])]
            self.regions[at].look(own[at], new)

        self.side_by_side(step)
        self.gather()

    def look_again(self, chosen: Mapping[int, tuple[Bools, SupplyRates]]) -> None:
        """Look for plans of some regions with sizes at rates of their own, and improve them."""

        def step(at: int) -> None:
            if at in chosen:
                self.regions[at].look_again(*chosen[at])

        self.side_by_side(step)
        self.gather()

    def refine(self, *, thorough: bool) -> None:
        """Improve the first plans that the best one is made of."""
        counts = self.counts
        self.side_by_side(lambda at: self.regions[at].refine(counts[at], thorough=thorough))
        self.gather()

    def search_sizes(self, share: Floats) -> None:
        """Search better sizes from those of the best plan, region by region."""
        counts, own = self.counts, self.own(share)
        for at, region in enumerate(self.regions):
            region.allot(max(self.course.options.threads, 1))
            region.search_sizes(counts[at], own[at])
            self.gather()

    @property
    def counts(self) -> list[int]:
        """Number of sites of each region in the best plan."""
        return cheapest_counts([region.cost for region in self.regions], self.most)[1]

    def gather(self) -> None:
        """Offer the cheapest plan that the regions have together."""
        cost, counts = cheapest_counts([region.cost for region in self.regions], self.most)
        if not np.isfinite(cost):
            return
        plans = [region.plan(k) for region, k in zip(self.regions, counts, strict=True)]
        chosen = [plan for plan in plans if plan is not None]
        if [*map(id, chosen)] == [*map(id, self._joined)]:
            return
        self._joined = chosen
        joint = joint_decisions(self.problem, self.division, [plan.decisions for plan in chosen])
        found = evaluate(self.problem, joint)
        if found.feasible:
            self.course.offer(CheckedPlan(joint, found.objective))

    def side_by_side(self, step: Callable[[int], None]) -> None:
        """Let regions take a step each: at the same time on a thread each, or in turn on all threads."""
        threads, regions = max(self.course.options.threads, 1), range(len(self.regions))
        self._told = [region.cost for region in self.regions]
        apart = threads > 1 and len(regions) > 1
        for region in self.regions:
            region.allot(1 if apart else threads)
        if apart:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(step, regions))
        else:
            for at in regions:
                step(at)

    def own(self, of_size: Sizewise) -> list[Sizewise]:
        """What is said of the sizes, region by region."""
        return [of_size[part.size] for part in self.division.parts]

    @property
    def _cost_told(self) -> float:
        """Cost of the cheapest plan of all that regions told of."""
        return self.fixed + cheapest_counts(self._told, self.most)[0]

    def over(self) -> bool:
        """Tell whether searches for plans have to end: what they told of may close the gap of the whole."""
        enough = relative_gap(self._cost_told, self.course.floor) <= self.course.options.gap
        return enough or self.course.closed or self.course.over()

    def _hear(self, at: int, count: int, point: Progress) -> None:
        """Take note of the cost of a plan that a region still holds back, and tell of it."""
        self._told[at][count] = min(self._told[at][count], point.objective)
        cost, tell = self._cost_told, self.course.options.on_progress
        if tell is not None and cost < self.course.objective:
            tell(Progress(self.course.seconds, cost, min(self.course.floor, cost)))

    def _take_apart(self, plan: CheckedPlan | None) -> None:
        """Give every region what a plan of the whole does there, where that holds."""
        if plan is None:
            return
        for region in self.regions:
            own = own_decisions(self.problem, region.part, plan.decisions)
            found = evaluate(region.part.problem, own)
            region.take(CheckedPlan(own, found.objective) if found.feasible else None)
