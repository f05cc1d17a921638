"""What is left to a solver of mixed-integer programs: plans of parts of the search, proofs of small ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.direct import backend_named
from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.backends.process import Answer, solve_in_process
from optimizer.solver.clock import Course
from optimizer.solver.legs.dive import dived
from optimizer.solver.legs.program import decoded
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Node
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Progress, Termination

__all__ = ["PLAN_SHARE", "closed", "plan_among", "relay"]

PLAN_SHARE = 0.3
"""Part of the time left in which a restricted program looks for a plan."""

PLAN_SECONDS = 60.0
"""The same where there is no time limit."""

PLAN_GAP = 0.5
"""Part of the gap asked for to which a plan of a dive is near the relaxation of its node, and one among the
columns in use is the best of these."""

ENOUGH = 0.25
"""Part of the gap asked for between a plan and the relaxation of its node at which a dive ends early."""

UNUSED = 1e-6

WORTH = 0.25
"""Part of the gap asked for by which a plan has to be better than the one known."""

WITHOUT = {"mip_heuristic_run_root_reduced_cost": False, "mip_heuristic_run_feasibility_jump": False}
"""Searches of the solver that find no plan here which others would not find sooner."""

ROOM = 1e-6
"""Relative room above what plans have to cost less than: what a solver tolerates cuts no such plan off."""


def plan_among(
    relaxation: Relaxation, course: Course, node: Node, answer: LinearAnswer, most: float = np.inf
) -> None:
    """Look for a plan in a node: by diving, then, if that is not near, among the integer columns in use.

    Parameters
    ----------
    relaxation
        Restricted to the node; writes the program, with its cuts.
    course
        Takes the plan.
    node
    answer
        Solution of the relaxation.
    most
        Seconds, besides the share of the time left.
    """
    assert answer.values is not None
    if answer.bound >= _worth(course):
        return
    gap = course.options.gap * abs(answer.objective)
    plan = dived(relaxation, answer, course, answer.objective + ENOUGH * gap)
    course.offer(plan)
    if plan is not None and plan.objective <= answer.objective + PLAN_GAP * gap:
        return
    model = relaxation.integer_program(node.allowed, node.must)
    upper = np.where(model.integer & (answer.values < UNUSED), 0.0, model.upper)
    seconds = PLAN_SHARE * course.left if np.isfinite(course.left) else PLAN_SECONDS
    part = replace(model, upper=np.maximum(upper, model.lower))
    found = _run(course, part, _worth(course), seconds=min(seconds, most), part_of_gap=PLAN_GAP)
    course.offer(decoded(relaxation.program, found.values))


def _worth(course: Course) -> float:
    """What a plan has to cost less than to be worth looking for."""
    best = course.objective
    return best - WORTH * course.options.gap * abs(best) if np.isfinite(best) else best


def closed(relaxation: Relaxation, course: Course, node: Node) -> tuple[float, bool]:
    """Close a node by a solver: returns a bound of it, and whether that is the last word."""
    cutoff = course.cutoff
    model = relaxation.integer_program(node.allowed, node.must)
    whole = _run(course, model, cutoff, enough=True)
    course.interrupted |= whole.termination is Termination.INTERRUPTED
    course.offer(decoded(relaxation.program, whole.values))
    if whole.termination is Termination.INFEASIBLE:
        return cutoff, True
    return max(node.bound, min(whole.bound, cutoff)), whole.termination is Termination.OPTIMAL


def _run(
    course: Course,
    model: LinearModel,
    below: float,
    *,
    seconds: float = np.inf,
    enough: bool = False,
    part_of_gap: float = 1.0,
) -> Answer:
    """Run a program in the solver process; `enough`: until its bound passes the cutoff.

    Only plans that cost less than `below` are looked for: above it, bound and plan say nothing, and until
    there is one the solver states that limit in the place of an objective.
    """
    limit = min(seconds, course.left)
    passed = False

    def hear(point: Progress) -> None:
        nonlocal passed
        passed = enough and point.bound >= course.cutoff
        if point.objective < below:
            relay(course, point)

    def stop() -> bool:
        asked = course.options.should_stop
        return passed or (asked is not None and asked())

    asked: SolveOptions = replace(
        course.options,
        gap=part_of_gap * course.options.gap,
        time_limit_s=None if np.isinf(limit) else max(limit, 0.05),
        on_progress=hear,
        should_stop=stop,
    )
    bounded = np.isfinite(below) and model.integer.any()
    limited = {"objective_bound": float(below + ROOM * abs(below))} if bounded else {}
    answer = solve_in_process(model, backend_named("highs", WITHOUT | limited), asked)
    return replace(answer, termination=Termination.OPTIMAL) if passed else answer


def relay(course: Course, point: Progress) -> None:
    """Pass on a better plan of a running program, with the seconds and the bound of the whole solve."""
    tell: Callable[[Progress], None] | None = course.options.on_progress
    if tell is not None and point.objective < course.objective:
        tell(Progress(course.seconds, point.objective, min(course.floor, point.objective)))
