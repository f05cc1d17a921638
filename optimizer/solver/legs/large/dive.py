"""A plan from a linear relaxation by diving: what is nearly whole is made whole, the program solved again.

Of the modules that are bought in parts, those of most supply come first, a few at a time, each at the nearest
whole number; the next solve moves flows to where there is room, or to smaller modules and overflow. Started
from its last basis, such a solve takes a fraction of the first. In the end parts are freed and dived again.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs, node_demand, pair_shares
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.clock import Course
from optimizer.solver.greedy import open_size_per_site
from optimizer.solver.legs.large.sized import Sized
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.solution import Decisions

__all__ = ["Dive", "planned"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

STEP = 0.02
"""Part of the modules of one kind that are made whole between two solves."""

NOTHING = 1e-9


class Dive:
    """A program on the way to whole modules.

    Parameters
    ----------
    program
        The relaxation of `sized`; its modules stay fixed where they are made whole.
    values
        Its solution.
    course
        Limits.
    """

    def __init__(
        self, problem: Problem, sized: Sized, program: LinearProgram, values: Floats, course: Course
    ) -> None:
        self.problem, self.sized, self.program, self.course = problem, sized, program, course
        self.values = values
        self._first = sized.model.columns["n"].start
        self._ranks = _ranks(problem)

    def whole(self, seconds: float) -> bool:
        """Make all modules whole; false where the time is up before."""
        until = self.course.seconds + seconds
        found = self._dived(np.ones(self.problem.n_modules, dtype=bool), self.values, until, np.inf)
        self.values = self.values if found is None else found
        return found is not None

    def mended(self, seconds: float, worth: float) -> bool:
        """Free the modules of one part after the other; keep what is cheaper by `worth` when whole again."""
        until = self.course.seconds + seconds
        part, gained = self._parts(), False
        model = self.sized.model
        for at in np.unique(part[part >= 0]).tolist():
            cutoff = float(model.cost @ self.values) + model.offset - worth
            chosen = part == at
            columns = self._first + np.flatnonzero(chosen)
            self.program.bound_columns(columns, model.lower[columns], model.upper[columns])
            answer = self.program.solve(self._left(until))
            found = None
            if answer.values is not None and answer.objective < cutoff:
                found = self._dived(chosen, answer.values, until, cutoff)
            gained |= found is not None
            self.values = self.values if found is None else found
            kept = np.round(self.values[columns])
            self.program.bound_columns(columns, kept, kept)
            if self._left(until) <= 0.0 or self.course.over():
                break
        return gained

    def _left(self, until: float) -> float:
        return max(min(until - self.course.seconds, self.course.left), 0.0)

    def _dived(
        self, chosen: npt.NDArray[np.bool_], values: Floats, until: float, cutoff: float
    ) -> Floats | None:
        """Values with the chosen modules whole; None where they come to cost the cutoff, or time is up."""
        for rank in self._ranks:
            left = self._first + rank[chosen[rank]]
            step = max(1, int(STEP * np.count_nonzero(values[left] > NOTHING)))
            while len(left):
                bought = left[values[left] > NOTHING]
                off = np.abs(values[bought] - np.round(values[bought]))
                fixed = bought[np.argsort(off, kind="stable")[:step]] if len(bought) else left
                whole = np.round(values[fixed])
                self.program.bound_columns(fixed, whole, whole)
                left = np.setdiff1d(left, fixed)
                answer = self.program.solve(self._left(until))
                if answer.values is None or answer.objective >= cutoff or self.course.over():
                    return None
                values = answer.values
        return values

    def _parts(self) -> Ids:
        """Part of each module: resources hang together where tails of one node use them; −1 for none."""
        columns = self.sized.columns
        tail, entry = np.nonzero(columns.ways.tail.measure[columns.tail] >= 0)
        which = columns.tail[tail]
        resource = owner(self.problem.resource_start)[columns.ways.tail.measure[which, entry]]
        resources = self.problem.n_resources
        node = resources + columns.ways.tail.node[which]
        size = resources + columns.ways.nodes
        ties = sparse.csr_array((np.ones(len(node)), (resource, node)), shape=(size, size))
        _, label = connected_components(ties, directed=False)
        used = np.zeros(resources, dtype=bool)
        used[resource] = True
        of_module = owner(self.problem.module_start)
        part: Ids = np.where(used, label[:resources], -1)[of_module].astype(np.int64)
        return part


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
