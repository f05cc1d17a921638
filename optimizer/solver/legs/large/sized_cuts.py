"""Roundings of supply for a program with fixed sizes: what orders that stay somewhere need is bought whole.

The nodes are parted by what a first solution does: on one side the rows that a node serves there, on the
other those that it could serve as well. Of the first side, those tails make a cut that bring most of their
node's orders; its rows are the rows of their nodes. Where a node takes part of the orders by other tails, or
a row goes elsewhere, the cut counts that as slack.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import owner
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start, positions
from optimizer.solver.backends.linear import LinearAnswer, LinearProgram
from optimizer.solver.clock import Course
from optimizer.solver.legs.large.response_cuts import modular_measures
from optimizer.solver.legs.large.sized import Sized
from optimizer.solver.rounding import rounded_supply
from optimizer.solver.solution import Roundings

__all__ = ["CutAnswer", "outside", "with_cuts"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PARTS = (0.5, 0.2, 0.8, 0.95)
"""Tails that bring more than such a part of their node's orders are tried for a cut."""

VIOLATION = 1e-3
"""Violation, as a part of the divisor, from which a cut is worth its place."""

INSIDE = 0.5
"""Part of a row from which it counts as served where it is."""


@dataclass(frozen=True, eq=False)
class CutAnswer:
    """The relaxation with cuts: the program and its answer, the cuts that bind, and their prices (≥ 0)."""

    program: LinearProgram
    answer: LinearAnswer
    cuts: Roundings
    price: Floats


@dataclass(frozen=True, eq=False)
class _Cut:
    """One rounding: the tails (among the columns) that it counts, with their amounts, and its right side."""

    measure: int
    divisor: float
    tail: Ids
    amount: Floats
    standing: float
    module: Floats


def outside(sized: Sized, values: Floats) -> Ids:
    """Label 1 for heads that serve less than half of their row in the solution, 0 for the others."""
    columns = sized.columns
    label = np.ones(len(columns.ways.head_row), dtype=np.int64)
    label[columns.still_head] = 0
    label[columns.head[values[sized.model.columns["head"]] > INSIDE]] = 0
    return label


def with_cuts(
    problem: Problem, sized: Sized, inside: Bools, course: Course, rounds: int, least_gain: float
) -> CutAnswer:
    """Solve the relaxation of the program and cut it, round by round.

    Parameters
    ----------
    inside : bool, shape (nodes of the ways,)
        Nodes of rows that are served there.
    rounds, least_gain
        Most rounds of cuts; the relative gain of a round below which there is no other.
    """
    separator = _Separator(problem, sized, inside)
    program = LinearProgram(sized.model, course.over)
    answer = program.solve(max(course.left, 0.0))
    cuts: list[_Cut] = []
    for _ in range(rounds):
        found = [] if answer.values is None else separator.violated(answer.values)
        if not found or course.over():
            break
        program.add(*separator.rows(found))
        before, latest = answer.objective, program.solve(max(course.left, 0.0))
        if latest.values is None:
            break
        cuts, answer = cuts + found, latest
        if answer.objective < before + least_gain * abs(before):
            break
    duals = np.zeros(0) if answer.duals is None else np.maximum(-answer.duals, 0.0)
    price = duals[len(sized.model.row_lower) :]
    priced = [cut for cut, each in zip(cuts, price, strict=True) if each > 0.0]
    return CutAnswer(program, answer, separator.roundings(priced), price[price > 0.0])


class _Separator:
    """Finds violated roundings of the measures that modules supply and no size."""

    def __init__(self, problem: Problem, sized: Sized, inside: Bools) -> None:
        self.problem, self.sized = problem, sized
        columns = sized.columns
        ways, tail = columns.ways, columns.tail
        resource = owner(problem.resource_start)
        self._resource = resource
        self._module = owner(problem.module_supply_start)
        modular = modular_measures(problem)
        taking = inside[ways.tail.node[tail]]
        entry, column = np.nonzero((ways.tail.measure[tail] >= 0) & taking[:, None])
        measure = ways.tail.measure[tail[entry], column]
        kept = modular[measure]
        entry, column, measure = entry[kept], column[kept], measure[kept]
        order = np.argsort(measure, kind="stable")
        self._start = counts_to_start(np.bincount(measure, minlength=problem.n_measures))
        self._tail = entry[order]
        which = tail[self._tail]
        self._amount = ways.tail.amount[which, column[order]] * columns.most[ways.tail.node[which]]

    def violated(self, values: Floats) -> list[_Cut]:
        """One cut at most per measure: the most violated of those tried."""
        found = [self._of_measure(q, values) for q in np.flatnonzero(np.diff(self._start)).tolist()]
        return [cut for cut in found if cut is not None]

    def _of_measure(self, measure: int, values: Floats) -> _Cut | None:
        problem, blocks = self.problem, self.sized.model.columns
        here = slice(self._start[measure], self._start[measure + 1])
        tail, amount = self._tail[here], self._amount[here]
        flow = values[blocks["tail"]][tail]
        own = np.flatnonzero(problem.module_supply_measure == measure)
        divisors = np.unique(problem.module_supply_amount[own])
        modules = values[blocks["n"]][self._module[own]]
        over = float(values[blocks["z"]][self._resource[measure]])
        best, cut = 0.0, None
        for least in PARTS:
            taken = flow > least
            for divisor in divisors[divisors > 0.0].tolist() if taken.any() else []:
                total = float(amount[taken].sum())
                standing, _, module = rounded_supply(problem, measure, total, divisor)
                room = standing + float(module @ modules) + over
                violation = float(amount[taken] @ flow[taken]) - room
                if violation > max(best, VIOLATION * divisor):
                    best = violation
                    cut = _Cut(measure, divisor, tail[taken], amount[taken], standing, module)
        return cut

    def rows(self, cuts: list[_Cut]) -> tuple[sparse.csr_array, Floats]:
        """The cuts as rows ``matrix · v ≤ upper`` of the program."""
        problem, blocks = self.problem, self.sized.model.columns
        index, data = [], []
        for cut in cuts:
            own = np.flatnonzero(problem.module_supply_measure == cut.measure)
            module = blocks["n"].start + self._module[own]
            over = [blocks["z"].start + int(self._resource[cut.measure])]
            index.append(np.concatenate([blocks["tail"].start + cut.tail, module, over]))
            data.append(np.concatenate([cut.amount, -cut.module, [-1.0]]))
        start = counts_to_start([len(part) for part in index])
        shape = (len(cuts), len(self.sized.model.cost))
        matrix = sparse.csr_array((np.concatenate(data), np.concatenate(index), start), shape=shape)
        return matrix, np.array([cut.standing for cut in cuts])

    def roundings(self, cuts: list[_Cut]) -> Roundings:
        """The cuts by their rows."""
        columns = self.sized.columns
        ways = columns.ways
        head = np.concatenate([columns.head, columns.still_head])
        by_node = np.argsort(ways.head.node[head], kind="stable")
        start = counts_to_start(np.bincount(ways.head.node[head], minlength=ways.nodes))
        rows = []
        for cut in cuts:
            nodes = np.unique(ways.tail.node[columns.tail[cut.tail]])
            rows.append(np.unique(ways.head_row[head[by_node[positions(start, nodes)]]]))
        return Roundings(
            np.array([cut.measure for cut in cuts], dtype=np.int64),
            np.array([cut.divisor for cut in cuts]),
            counts_to_start([len(part) for part in rows]),
            np.concatenate([np.zeros(0, dtype=np.int64), *rows]),
        )
