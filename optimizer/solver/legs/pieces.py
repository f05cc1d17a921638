"""The pieces of a problem whose plans are looked for one by one: its parts where it falls apart, or itself.

Plans of all parts together are a plan, and bounds of all parts add up to one. Smaller parts come first; what
they leave of the gap and of the time goes to the larger ones.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from optimizer.problem.cut_out import Part
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.problem.parts import Division
from optimizer.problem.problem import Problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.search import LegSearch
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Decisions, Progress

__all__ = ["Parts", "Undivided", "branch", "joint_decisions", "look", "own_decisions", "turns"]

Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]
Sizewise = TypeVar("Sizewise", npt.NDArray[np.bool_], npt.NDArray[np.float64])

LEAST_GAP = 0.1
"""Part of the gap asked for that a part is given at least, whatever the earlier ones have used up."""


class Undivided:
    """A problem that is one piece: its search reports to the course of the whole."""

    def __init__(self, problem: Problem, legs: Legs, course: Course) -> None:
        self.problem, self.course = problem, course
        self.searches = (LegSearch(problem, legs, course),)

    def own(self, of_size: Sizewise) -> tuple[Sizewise, ...]:
        """What is said of the sizes, piece by piece."""
        return (of_size,)

    def begun_beside(self) -> AbstractContextManager[bool]:
        """Begin its tree in a second thread meanwhile; tells whether one is taken."""
        return self.searches[0].begun_beside()

    def allot(self, piece: int) -> None:
        """Give a piece what is left of time and gap."""

    def gather(self) -> None:
        """Report what the pieces have found."""


class Parts:
    """The searches in the parts of a problem; their plans and bounds together go to the course of the whole.

    Parameters
    ----------
    problem, division
        The whole and its parts, which no rule couples.
    course
        Limits of the whole.
    """

    def __init__(self, problem: Problem, division: Division, course: Course) -> None:
        self.problem, self.division, self.course = problem, division, course
        self._fixed = problem.constant + float(problem.option_cost[division.alone].sum())
        self._told = np.full(len(division.parts), np.inf)
        self._joined: list[CheckedPlan | None] = [None] * len(division.parts)
        self.searches = tuple(
            LegSearch(part.problem, part.legs, self._own_course(k)) for k, part in enumerate(division.parts)
        )

    def own(self, of_size: Sizewise) -> tuple[Sizewise, ...]:
        """What is said of the sizes, part by part."""
        return tuple(of_size[part.size] for part in self.division.parts)

    def begun_beside(self) -> AbstractContextManager[bool]:
        """Begin no tree yet: each part does when it has its share of time and gap."""
        return nullcontext(False)

    def allot(self, piece: int) -> None:
        """Give a part its share of the time left, by legs, and of the gap that is left, by costs."""
        own, whole = self.searches[piece].course, self.course
        legs = np.array([search.legs.count for search in self.searches[piece:]], dtype=np.float64)
        limit = None if np.isinf(whole.left) else whole.seconds + whole.left * float(legs[0] / legs.sum())
        own.options = replace(own.options, time_limit_s=limit, gap=self._gap(piece))

    def gather(self) -> None:
        """Report the sums of the bounds and of the plans."""
        floors = np.array([search.course.floor for search in self.searches])
        if np.all(np.isfinite(floors)):
            magnitude = abs(self._fixed) + float(np.abs(floors).sum())
            self.course.raise_floor(self._fixed + float(floors.sum()), magnitude)
        plans = [search.course.plan for search in self.searches]
        if all(new is old for new, old in zip(plans, self._joined, strict=True)):
            return
        self._joined = plans
        decisions = [plan.decisions for plan in plans if plan is not None]
        if len(decisions) < len(plans):
            return
        joint = joint_decisions(self.problem, self.division, decisions)
        found = evaluate(self.problem, joint)
        if found.feasible:
            self.course.offer(CheckedPlan(joint, found.objective))

    def _own_course(self, part: int) -> Course:
        """A course of a part that reports to the whole and ends with it."""
        whole = self.course
        options = replace(
            whole.options,
            on_progress=lambda point: self._hear(part, point),
            should_stop=lambda: whole.closed or whole.over(),
        )
        return Course(options, whole.started)

    def _hear(self, part: int, point: Progress) -> None:
        """Pass on what a part found, also a plan that it still holds back."""
        self._told[part] = min(self._told[part], point.objective)
        self.gather()
        tell = self.course.options.on_progress
        total = self._fixed + float(self._told.sum())
        if tell is not None and total < self.course.objective:
            tell(Progress(self.course.seconds, total, min(self.course.floor, total)))

    def _gap(self, piece: int) -> float:
        """What the whole may be off less what earlier parts are, over the cost of the parts to come."""
        asked = self.course.options.gap
        plans = [search.course.plan for search in self.searches]
        earlier = [(search.course.objective, search.course.floor) for search in self.searches[:piece]]
        ahead = sum(abs(plan.objective) for plan in plans[piece:] if plan is not None)
        if not ahead or not np.all(np.isfinite(earlier)) or not np.isfinite(self.course.objective):
            return asked
        off = sum(objective - floor for objective, floor in earlier)
        return max((asked * abs(self.course.objective) - off) / ahead * (1.0 - asked), LEAST_GAP * asked)


def turns(pieces: Parts | Undivided) -> Iterator[tuple[int, LegSearch]]:
    """Number and search of every piece in turn: each has its share of what is left, and reports after."""
    for k, search in enumerate(pieces.searches):
        pieces.allot(k)
        yield k, search
        pieces.gather()


def look(pieces: Parts | Undivided, sizes: Bools) -> None:
    """Look for a plan with some sizes, piece by piece."""
    own = pieces.own(sizes)
    for k, search in turns(pieces):
        search.look(own[k])


def branch(pieces: Parts | Undivided) -> None:
    """Search the trees of the pieces that are small enough for one."""
    for _, search in turns(pieces):
        if search.by_tree:
            search.branch()


def joint_decisions(problem: Problem, division: Division, plans: Sequence[Decisions]) -> Decisions:
    """Put plans of all parts together, with the cheapest option for the rows that are alone."""
    option = [part.option[plan.option] for part, plan in zip(division.parts, plans, strict=True)]
    used = np.concatenate([*option, division.alone])
    share = np.concatenate([*(plan.share for plan in plans), np.ones(len(division.alone))])
    order = np.argsort(used, kind="stable")
    size, tier = np.full(problem.n_sites, -1), np.full(problem.n_resources, -1)
    gate, module = np.zeros(problem.n_gates, dtype=bool), np.zeros(problem.n_modules, dtype=np.int64)
    level, overflow = np.zeros(problem.n_resources), np.zeros(problem.n_resources)
    for part, plan in zip(division.parts, plans, strict=True):
        size[part.site] = np.r_[part.size, -1][plan.size]
        tier[part.resource] = np.r_[part.tier, -1][plan.tier]
        gate[part.gate] = plan.gate
        module[part.module] = plan.module
        level[part.resource] = plan.tier_level
        overflow[part.resource] = plan.overflow
    return Decisions(used[order], share[order], size, gate, module, tier, level, overflow)


def own_decisions(problem: Problem, part: Part, plan: Decisions) -> Decisions:
    """What a plan of the whole decides in a part."""

    def within(items: Ids, count: int) -> Ids:
        number = np.full(count + 1, -1, dtype=np.int64)
        number[items] = np.arange(len(items))
        return number

    option = within(part.option, problem.n_options)[plan.option]
    used = option >= 0
    return Decisions(
        option=option[used],
        share=plan.share[used],
        size=within(part.size, problem.n_sizes)[plan.size[part.site]],
        gate=plan.gate[part.gate],
        module=plan.module[part.module],
        tier=within(part.tier, problem.n_tiers)[plan.tier[part.resource]],
        tier_level=plan.tier_level[part.resource],
        overflow=plan.overflow[part.resource],
    )
