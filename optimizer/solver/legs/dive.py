"""A plan from the relaxation of a node by diving: what is nearly whole is made whole, the rest solved again.

Gates and modules come first, a part of them at a time, each at the nearest whole number; then each resource
keeps the tier of the volume that it comes to. Every solution on the way is read as a plan: with its cuts the
relaxation is so near that the best of these is mostly good enough, after a dozen solves of a few
milliseconds.
"""

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.clock import Course
from optimizer.solver.legs.program import LegProgram, decoded
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.plans import CheckedPlan

__all__ = ["dived"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

PART = 0.25
"""Part of the gates and modules that are not whole yet which are made whole between two solves."""

WHOLE = 1e-6


def dived(relaxation: Relaxation, answer: LinearAnswer, course: Course, enough: float) -> CheckedPlan | None:
    """Dive from a solution of the relaxation until a plan is good enough or everything is whole.

    Parameters
    ----------
    relaxation
        Restricted to the node; it is left as it was found, but for its basis.
    answer
        Its solution.
    course
        Limits; a solve that reaches its incumbent ends the dive.
    enough
        Objective of a plan that is good enough.

    Returns
    -------
    CheckedPlan or None
        The best plan on the way; None where a size is not whole.
    """
    program, best = relaxation.program, None
    if answer.values is not None and _not_whole(answer.values[program.model.columns["y"]]).any():
        return None
    held = np.zeros(0, dtype=np.int64)
    while answer.values is not None and not course.over():
        plan = decoded(program, answer.values)
        if plan is not None and (best is None or plan.objective < best.objective):
            best = plan
        columns, values = _next(program, answer.values, held)
        if not len(columns) or (best is not None and best.objective <= enough):
            break
        relaxation.hold(columns, values)
        held = np.concatenate([held, columns])
        answer = relaxation.solved(course.objective)
    relaxation.let_go(held)
    return best


def _next(program: LegProgram, values: Floats, held: Ids) -> tuple[Ids, Floats]:
    """Columns to be held at which values; none where all is whole that can be."""
    columns = program.model.columns
    free = np.setdiff1d(np.arange(columns["m"].start, columns["n"].stop), held)
    away = np.abs(values[free] - np.round(values[free]))
    order = free[np.argsort(away, kind="stable")][np.count_nonzero(away <= WHOLE) :]
    if len(order):
        chosen = order[: max(1, int(PART * len(order)))]
        return chosen, np.round(values[chosen])
    tiers = np.setdiff1d(_tiers_to_close(program, values), held - columns["w"].start)
    closed = np.concatenate([columns[name].start + tiers for name in ("w", "u")])
    return closed, np.zeros(len(closed))


def _tiers_to_close(program: LegProgram, values: Floats) -> Ids:
    """Tiers beside that of the volume, of the resources for which one is open in part."""
    smaller, columns = program.smaller, program.model.columns
    resource = owner(smaller.tier_start)
    torn = np.bincount(resource, _not_whole(values[columns["w"]]), smaller.n_resources) > 0
    volume = np.bincount(resource, values[columns["u"]], smaller.n_resources)
    below = np.bincount(resource, smaller.tier_to < volume[resource], smaller.n_resources)
    last = np.diff(smaller.tier_start) - 1
    mine = smaller.tier_start[:-1] + np.minimum(below.astype(np.int64), np.maximum(last, 0))
    return np.flatnonzero(torn[resource] & (np.arange(smaller.n_tiers) != mine[resource]))


def _not_whole(values: Floats) -> npt.NDArray[np.bool_]:
    return np.abs(values - np.round(values)) > WHOLE
