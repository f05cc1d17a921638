"""A plan from a linear relaxation by diving: what is nearly whole is made whole, the program solved again.

Of the modules that are bought in parts, those of most supply come first, a few at a time, each at the nearest
whole number; the next solve moves flows to where there is room, or to smaller modules and overflow. Started
from its last basis, such a solve takes a fraction of the first.
"""

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs, node_demand, pair_shares
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.clock import Course
from optimizer.solver.greedy import open_size_per_site
from optimizer.solver.legs.sized import Sized
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.solution import Decisions

__all__ = ["dived", "planned"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

STEP = 0.02
"""Part of the modules of one kind that are made whole between two solves."""

NOTHING = 1e-9


def dived(
    problem: Problem, sized: Sized, program: LinearProgram, values: Floats, course: Course, seconds: float
) -> Floats | None:
    """Values with whole modules, or None where the time is up before.

    Parameters
    ----------
    program
        The program's relaxation, with cuts or without; its modules stay fixed.
    values
        Its solution.
    """
    until = course.seconds + seconds
    first = sized.model.columns["n"].start
    for rank in _ranks(problem):
        left = first + rank
        step = max(1, int(STEP * np.count_nonzero(values[left] > NOTHING)))
        while len(left):
            bought = left[values[left] > NOTHING]
            off = np.abs(values[bought] - np.round(values[bought]))
            fixed = bought[np.argsort(off, kind="stable")[:step]] if len(bought) else left
            whole = np.round(values[fixed])
            program.bound_columns(fixed, whole, whole)
            left = np.setdiff1d(left, fixed)
            answer = program.solve(max(min(until - course.seconds, course.left), 0.0))
            if answer.values is None or course.over():
                return None
            values = answer.values
    return values


def _ranks(problem: Problem) -> list[Ids]:
    """Modules by their rank within their resource, those of most supply first."""
    supply = np.zeros(problem.n_modules)
    np.maximum.at(supply, owner(problem.module_supply_start), problem.module_supply_amount)
    resource = owner(problem.module_start)
    order = np.lexsort((-supply, resource))
    rank = np.empty(problem.n_modules, dtype=np.int64)
    rank[order] = np.arange(problem.n_modules) - problem.module_start[resource]
    return [np.flatnonzero(rank == at) for at in range(int(rank.max(initial=-1)) + 1)]


def planned(problem: Problem, legs: Legs, sized: Sized, values: Floats) -> CheckedPlan | None:
    """Turn values into a plan over the problem's own options; None where it does not hold."""
    columns, blocks = sized.columns, sized.model.columns
    ways = columns.ways
    head = np.zeros(len(legs.head_row))
    head[ways.head_of[columns.still_head]] = 1.0
    head[ways.head_of[columns.head]] = np.clip(values[blocks["head"]], 0.0, 1.0)
    into = np.zeros(len(legs.tail.node))
    orders = np.clip(values[blocks["tail"]], 0.0, 1.0) * columns.most[ways.tail.node[columns.tail]]
    np.add.at(into, ways.tail_of[columns.tail], orders)
    share = pair_shares(problem, legs, head, into / node_demand(problem, legs)[legs.tail.node])
    share[columns.still_whole] += 1.0
    share[columns.whole] += np.clip(values[blocks["whole"]], 0.0, 1.0)
    used = np.flatnonzero(share > 0.0)
    gate = np.zeros(problem.n_gates, dtype=bool)
    gate[problem.option_gate[positions(problem.option_gate_start, used)]] = True
    none = np.zeros(problem.n_resources)
    return complete(
        problem,
        Decisions(
            option=used,
            share=share[used],
            size=open_size_per_site(problem, columns.good.sizes),
            gate=gate,
            module=np.round(values[blocks["n"]]).astype(np.int64),
            tier=np.full(problem.n_resources, -1, dtype=np.int64),
            tier_level=none,
            overflow=none,
        ),
    )
