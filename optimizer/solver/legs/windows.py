"""Better plans by parts: in a window of nodes the supply is decided anew, then all shares, in turn.

What makes a plan over legs hard is supply: which gates open, which modules and tiers are bought. With the
rows' shares as they are, that is a small program, and over a window of nodes a smaller one. With the integer
columns as they are, the shares are a linear program. Done in turn the two soon stop; then the options that
the linear program holds for nearly as good as those in use come into the windows too. Windows are stretches
of an order in which nodes that share much are neighbours; every other pass takes stretches shifted by half.

All this asks of its first values is that their shares hold: those of a relaxation serve as well.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.direct import backend_named
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.backends.pool import SolverPool
from optimizer.solver.clock import Course
from optimizer.solver.finish import solve_program
from optimizer.solver.legs.ground import Ground
from optimizer.solver.legs.part import TOLERANCE, part_of
from optimizer.solver.legs.program import LegProgram, decoded
from optimizer.solver.limits import SolveOptions

__all__ = ["KINDS", "Flows", "improved", "plan_from_flows"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

INTEGERS = 200
"""Integer columns of a window, about."""

WINDOW_SECONDS = 3.0
"""Most time for the program of a window."""

WINDOW_GAP = 0.06
"""Gap at which it stops, as a part of the gap asked for and of the cost of the whole plan."""

SMALL_ENTRIES = 3000
"""Matrix entries up to which a process of its own is not worth its start."""

FLAT = 1e-4
"""Gain, as a part of the cost, that makes a pass worth its time."""

KINDS = ((0.0, True), (1.5, False), (1.5, True), (0.0, False))
"""Kinds of passes, in turn: columns per row that come into windows for being near, and whether these are
shifted. The pass that makes a plan is one of the last kind."""

WHOLE = 1e-6


class Flows(NamedTuple):
    """Values of a program's columns with the best shares for their supply, and the reduced costs of these."""

    values: Floats
    reduced: Floats


def plan_from_flows(program: LegProgram, values: Floats, course: Course, seconds: float) -> Flows | None:
    """Turn the values of a relaxation whose sizes are whole into a plan: its rows' shares stay at first.

    Parameters
    ----------
    program, values
        The program and the values of its columns, whole in the sizes.
    course
        Takes the plan.
    seconds
        Time for it.

    Returns
    -------
    Flows or None
        None where the rows' shares leave some window without a plan, or the time is up.
    """
    with SolverPool(backend_named("highs")) as pool:
        return _plan(_Search(program, course, seconds, pool), values)


def _plan(search: "_Search", values: Floats) -> Flows | None:
    """Decide supply in every window, then what is left loose, then shares."""
    model, program = search.program.model, search.program
    started = search.windows_solved(values, np.zeros(len(values), dtype=bool), shifted=False)
    loose = np.abs(started - np.round(started)) > WHOLE
    if np.any(loose & model.integer):
        bought = ~search.ground.of_rows & ~model.integer
        bought[program.tail_column] = False
        started = search.solved(started, (loose & model.integer) | bought)
        loose = np.abs(started - np.round(started)) > WHOLE
    if np.any(loose & model.integer):
        return None
    return search.offered(search.shares(started))


def improved(
    program: LegProgram, plan: Flows, course: Course, seconds: float, idle_passes: int = len(KINDS)
) -> Flows:
    """Improve a plan until passes gain nothing to speak of, or the time is up.

    Parameters
    ----------
    program, plan
        The program and the values of its columns in a plan.
    course
        Takes every better plan.
    seconds
        Time for it.
    idle_passes
        How many in turn may gain nothing; as many as there are kinds unless it has to be done soon.

    Returns
    -------
    Flows
        Those of a plan that costs no more and holds as well.
    """
    with SolverPool(backend_named("highs")) as pool:
        return _improved(_Search(program, course, seconds, pool), plan, idle_passes)


def _improved(search: "_Search", best: Flows, idle_passes: int) -> Flows:
    """Pass after pass."""
    idle = turn = 0
    while idle < idle_passes and not search.over():
        near, shifted = KINDS[turn % len(KINDS)]
        supply = search.windows_solved(best.values, search.near(best.reduced, near), shifted=shifted)
        moved = search.offered(search.shares(supply))
        gain = search.cost(best.values) - search.cost(moved.values)
        best = moved
        idle, turn = 0 if gain > FLAT * abs(search.cost(best.values)) else idle + 1, turn + 1
    return best


class _Search:
    """The steps of a search by windows, within its time."""

    def __init__(self, program: LegProgram, course: Course, seconds: float, pool: SolverPool) -> None:
        self.program = program
        self.course = course
        self.ground = Ground(program)
        self._pool = pool
        self._end = course.seconds + seconds
        self._threads = max(course.options.threads, 1)
        integers = int(np.sum(program.model.integer & self.ground.everything(self.ground.order)))
        self._count = max(1, round(integers / INTEGERS))

    @property
    def left(self) -> float:
        """Seconds left."""
        return min(self._end - self.course.seconds, self.course.left)

    def over(self) -> bool:
        """Tell whether the time is up, the user asked to stop, or the plan is good enough."""
        return self.left <= 0.0 or self.course.over() or self.course.closed

    def cost(self, values: Floats) -> float:
        """Cost of the columns' values."""
        return float(self.program.model.cost @ values) + self.program.model.offset

    def offered(self, flows: Flows) -> Flows:
        """Offer the plan of some flows, and return them."""
        self.course.offer(decoded(self.program, flows.values))
        return flows

    def near(self, reduced: Floats, part: float) -> Bools:
        """Columns of rows that come into windows: so many per row, those of least reduced cost."""
        of_rows = np.flatnonzero(self.ground.of_rows)
        most = min(len(of_rows), int(part * self.program.problem.n_rows))
        chosen = np.zeros(len(reduced), dtype=bool)
        chosen[of_rows[np.argsort(reduced[of_rows], kind="stable")[:most]]] = True
        return chosen

    def windows_solved(self, values: Floats, near: Bools, *, shifted: bool) -> Floats:
        """Solve the program of every window in turn; rows' columns stand still but those that are near.

        With several threads windows that lie far apart are solved side by side.
        """
        windows = self.ground.stretches(self._count, shifted=shifted)
        step = -(-len(windows) // self._threads)
        for first in range(step):
            if self.over():
                break
            free = [
                free & (~self.ground.of_rows | near)
                for free in (self.ground.everything(nodes) for nodes in windows[first::step])
            ]
            values = self._side_by_side(values, free)
        return values

    def _side_by_side(self, values: Floats, free: list[Bools]) -> Floats:
        """Solve for the free columns of several windows; what these share stands still.

        Where the solutions do not hold together, that of the first does, and the others follow one by one.
        """
        if len(free) == 1:
            return self.solved(values, free[0])
        shared = np.sum(free, axis=0) > 1
        with ThreadPoolExecutor(len(free)) as pool:
            found = list(pool.map(lambda each: self.solved(values, each & ~shared), free))
        joined = values + sum(each - values for each in found)
        if self._holds(joined, values):
            return joined
        after = found[0]
        for each in free[1:]:
            after = self.solved(after, each)
        return after

    def _holds(self, values: Floats, before: Floats) -> bool:
        """Tell whether values pass no side of a row by more than others did."""
        model = self.program.model

        def violated(some: Floats) -> Floats:
            done = model.matrix @ some
            beyond = np.maximum(model.row_lower - done, done - model.row_upper)
            return np.asarray(np.maximum(beyond, 0.0))

        return bool(np.all(violated(values) <= violated(before) + TOLERANCE))

    def solved(self, values: Floats, free: Bools) -> Floats:
        """Solve for the free columns; the values as they were where that brings nothing better."""
        part = part_of(self.program.model, self.ground.by_column, free, values)
        options = replace(
            self.course.options,
            gap=WINDOW_GAP * self.course.options.gap,
            time_limit_s=max(min(WINDOW_SECONDS, self.left), 0.05),
            threads=1,
            on_progress=None,
        )
        own = values[part.columns]
        holds = bool(np.all(np.abs(own - np.round(own))[part.model.integer] <= WHOLE))
        found = self._solution(part.model, options, own if holds else None)
        if found is None or (holds and part.model.cost @ found >= part.model.cost @ own):
            return values
        found = np.clip(found, part.model.lower, part.model.upper)
        better = values.copy()
        better[part.columns] = np.where(part.model.integer, np.round(found), found)
        return better

    def shares(self, values: Floats) -> Flows:
        """Choose the best shares for the integer columns as they are.

        By a linear program of its own: from the basis for other supply it takes a tenth of the time, but ends
        in solutions from which windows find less.
        """
        model = self.program.model
        part = part_of(model, self.ground.by_column, ~model.integer & (model.lower < model.upper), values)
        answer = LinearProgram(part.model, self.course.over).solve(max(self.left, 0.0))
        better, reduced = values.copy(), np.zeros(len(values))
        if answer.values is not None and answer.duals is not None:
            better[part.columns] = np.clip(answer.values, part.model.lower, part.model.upper)
            reduced[part.columns] = part.model.cost - part.model.matrix.T @ answer.duals
        return Flows(better if self.cost(better) <= self.cost(values) else values, reduced)

    def _solution(self, model: LinearModel, options: SolveOptions, start: Floats | None) -> Floats | None:
        """Solve a program; one of few entries in this process, where a start would not save anything."""
        if model.matrix.nnz <= SMALL_ENTRIES:
            return solve_program(model, options, entries=SMALL_ENTRIES)[0]
        return self._pool.solve(model, options, start).values
