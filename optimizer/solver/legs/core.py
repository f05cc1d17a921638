"""Plans from the sizes that prices open: the problem of those sites alone, a fraction of the legs."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs, whole_options
from optimizer.problem.problem import Problem
from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.clock import Course
from optimizer.solver.greedy import elastic_supply, plan_from_openings
from optimizer.solver.legs.lanes.rates import SupplyRates, excess_of_tiers, with_rates
from optimizer.solver.legs.program import LegProgram, write_part
from optimizer.solver.legs.reach import options_within, sites_with
from optimizer.solver.legs.strategy import course_among_sizes, relaxation_of, search_legs
from optimizer.solver.legs.tree import Looked
from optimizer.solver.legs.windows import KINDS, Flows, improved, plan_from_flows
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.reduced import Restriction, lift, restrict_options

__all__ = [
    "Relaxed",
    "Rough",
    "opened_relaxation",
    "plan_with_sizes",
    "plan_without_sites",
    "program_with_sizes",
    "refined",
    "sizes_by_share",
]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MOST_ROWS, MOST_ROWS_OF_REGION = 15_000, 7_000
"""Rows of a program over legs beyond which cuts take longer than a plan is worth waiting for: where a tree
closes the gap, and where the bound is that of prices."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The program of some sizes and its relaxation, where supply costs what it does by the unit.

    `excess` is what tiers without a rate cost beyond the relaxation at the quantities it comes to.
    """

    program: LegProgram
    answer: LinearAnswer
    excess: float = 0.0

    @classmethod
    def at_rates(cls, program: LegProgram, rates: SupplyRates, answer: LinearAnswer) -> "Relaxed":
        """An answer of the program's relaxation at some rates."""
        excess = 0.0 if answer.values is None else excess_of_tiers(program, rates, answer.values)
        return cls(program, answer, excess)

    @property
    def estimate(self) -> float:
        """A guess at what the best plan costs, `inf` where the relaxation has no solution."""
        return self.answer.objective + self.excess if self.answer.values is not None else np.inf


@dataclass(frozen=True, eq=False)
class Rough:
    """A plan that windows may improve: its program, what it does, and what it costs."""

    program: LegProgram
    flows: Flows
    cost: float


def sizes_by_share(problem: Problem, share: Floats, least: float = 0.5) -> Bools:
    """Size of the largest share of every site that is open often enough.

    Parameters
    ----------
    share : float64, shape (sizes,)
        How often each size was open in the mean of the dual method.
    least
        How often a site must be open, at some size, beyond which it counts.
    """
    opened = np.zeros(problem.n_sizes, dtype=bool)
    for site in range(problem.n_sites):
        first, last = problem.site_start[site], problem.site_start[site + 1]
        if last > first and share[first:last].sum() > least:
            opened[first + int(np.argmax(share[first:last]))] = True
    return opened


def program_with_sizes(
    problem: Problem, legs: Legs, sizes: Bools, rates: SupplyRates | None = None
) -> LegProgram | None:
    """Write the program that knows no other sizes, nor lanes that are idle at some rates.

    Returns
    -------
    LegProgram or None
        None where some row is out of reach or no option is made of legs.
    """
    kept = _closed_sizes_barred(problem, sizes, rates)
    return None if _out_of_reach(kept) else write_part(problem, legs, kept)


def _closed_sizes_barred(problem: Problem, sizes: Bools, rates: SupplyRates | None) -> Restriction:
    """Only the options whose gates can open with these sizes, and whose lanes are not idle at some rates."""
    option = options_within(problem, sizes)[0]
    return restrict_options(problem, option if rates is None else rates.within(problem, option))


def _out_of_reach(kept: Restriction) -> bool:
    """Tell whether some row is left without an option."""
    return bool(np.any(np.diff(kept.problem.row_start) == 0))


def plan_with_sizes(
    problem: Problem,
    legs: Legs,
    sizes: Bools,
    course: Course,
    share: float,
    beat: CheckedPlan | None = None,
    rates: SupplyRates | None = None,
    relaxed: Relaxed | None = None,
    *,
    by_tree: bool = True,
) -> tuple[Looked, Rough | None]:
    """Offer the course a plan that opens none but these sizes, and say what was proved of these.

    The plan of a large problem is a first one, which `refined` improves.

    Parameters
    ----------
    share
        Part of the time left that it may take.
    beat
        Plan that it has to beat; without one it looks for the best with these sizes.
    rates
        What supply costs by the unit in the linear program that the plan of a large problem begins with, and
        which lanes it does without.
    relaxed
        That program and its answer, if these are known.
    by_tree
        Whether a tree is to close the gap.
    """
    program = None if relaxed is None else relaxed.program
    if program is None:
        kept = _closed_sizes_barred(problem, sizes, rates)
        if _out_of_reach(kept):
            return Looked(sizes, np.inf), None
        program = write_part(problem, legs, kept)
    if program is None:
        course.offer(plan_without_sites(problem, legs))
        return Looked(sizes, -np.inf), None
    inner = course_among_sizes(course, share, beat)
    rough = None
    if program.model.matrix.shape[0] > (MOST_ROWS if by_tree else MOST_ROWS_OF_REGION):
        inner.options = replace(inner.options, gap=course.options.gap)
        if relaxed is None:
            relaxed = _relaxed(program, sizes, inner, rates)
        rough = _plan_by_windows(relaxed, inner)
    else:
        search_legs(program, inner, first_plan=False)
    course.interrupted |= inner.interrupted
    course.offer(inner.plan)
    return Looked(sizes, inner.floor), rough


def refined(rough: Rough, course: Course, share: float, *, thorough: bool) -> Rough:
    """Offer the course what windows make of a plan, until that closes the gap or a part of the time is up.

    Returns
    -------
    Rough
        The plan as it is then.
    """
    inner = course_among_sizes(course, share, course.plan)
    inner.options = replace(inner.options, gap=course.options.gap)
    passes = len(KINDS) if thorough else 1
    flows = improved(rough.program, rough.flows, inner, inner.left, passes)
    course.interrupted |= inner.interrupted
    course.offer(inner.plan)
    return _rough(rough.program, flows)


def opened_relaxation(program: LegProgram, sizes: Bools, course: Course) -> LinearAnswer:
    """Solve the relaxation of a program with just these sizes open."""
    relaxation = relaxation_of(program, course)
    relaxation.restrict(sizes, sites_with(program.problem, sizes))
    return relaxation.strong()


def _relaxed(program: LegProgram, sizes: Bools, course: Course, rates: SupplyRates | None) -> Relaxed:
    if rates is None:
        answer = opened_relaxation(program, sizes, course)
        if answer.values is not None:
            course.raise_floor(answer.objective)
        return Relaxed(program, answer)
    return Relaxed.at_rates(program, rates, opened_relaxation(with_rates(program, rates), sizes, course))


def _plan_by_windows(relaxed: Relaxed, course: Course) -> Rough | None:
    """Turn what a relaxation with open sizes does into a plan part by part."""
    program, answer = relaxed.program, relaxed.answer
    if answer.values is None:
        return None
    flows = plan_from_flows(program, answer.values, course, course.left)
    return None if flows is None else _rough(program, flows)


def _rough(program: LegProgram, flows: Flows) -> Rough:
    return Rough(program, flows, float(program.model.cost @ flows.values) + program.model.offset)


def plan_without_sites(problem: Problem, legs: Legs) -> CheckedPlan | None:
    """Every row by a whole option, as room allows; None where some row has none, or there is no room."""
    keep = np.zeros(problem.n_options, dtype=bool)
    keep[whole_options(legs)] = True
    restriction = restrict_options(problem, keep)
    smaller = restriction.problem
    if np.any(np.diff(smaller.row_start) == 0):
        return None
    sizes, gates = np.zeros(smaller.n_sizes, dtype=bool), np.zeros(smaller.n_gates, dtype=bool)
    plan = plan_from_openings(smaller, smaller.option_cost, sizes, gates, elastic_supply(smaller))
    return None if plan is None else complete(problem, lift(restriction, plan.decisions))
