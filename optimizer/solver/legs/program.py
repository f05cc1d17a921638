"""The program over legs: which columns are heads and tails of which node, and the way back to a plan."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.legs import (
    Legs,
    leg_problem,
    node_demand,
    pair_shares,
    restrict_legs,
    whole_options,
)
from optimizer.problem.matrix import LinearModel, linear_model
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start, positions
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.reduced import Restriction, compose, lift, restrict_options
from optimizer.solver.solution import Decisions
from optimizer.solver.tighten import tighten

__all__ = ["Incidence", "LegProgram", "decoded", "incidence", "narrowed", "write_part", "write_program"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LegProgram:
    """The program over legs: `place` finds whole options, heads and tails among its options.

    `smaller` is the problem over legs that it was written from. A program of a part of the options has the
    whole that it is a `part` of, and the options it kept.
    """

    problem: Problem
    legs: Legs
    smaller: Problem
    model: LinearModel
    place: Ids
    part: tuple[Problem, Restriction] | None = None

    @property
    def head_column(self) -> Ids:
        """Column of each head."""
        whole = len(whole_options(self.legs))
        return self._first + self.place[whole : whole + len(self.legs.head_row)]

    @property
    def tail_column(self) -> Ids:
        """Column of each tail."""
        first = len(whole_options(self.legs)) + len(self.legs.head_row)
        return self._first + self.place[first:]

    @property
    def _first(self) -> np.int64:
        return np.int64(self.model.columns["x"].start)


def write_program(problem: Problem, legs: Legs) -> LegProgram:
    """Write the program: that of the leg problem, with each node's tails tied to its heads."""
    smaller, place = leg_problem(problem, legs)
    smaller = tighten(smaller)
    model = linear_model(smaller)
    untied = LegProgram(problem, legs, smaller, model, place)
    part = problem.row_demand[legs.head_row] / node_demand(problem, legs)[legs.head.node]
    node_row = model.rows["row"].start + problem.n_rows + legs.head.node
    ties = sparse.csr_array((-part, (node_row, untied.head_column)), shape=model.matrix.shape)
    nodes = slice(model.rows["row"].start + problem.n_rows, model.rows["row"].stop)
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[nodes], upper[nodes] = 0.0, 0.0
    tied = replace(model, matrix=sparse.csr_array(model.matrix + ties), row_lower=lower, row_upper=upper)
    return replace(untied, model=tied)


@dataclass(frozen=True, eq=False)
class Incidence:
    """Who meets whom: a *cell* is all heads of one row at one node, a *pair* a node and a gate of its tails.

    Attributes
    ----------
    head_cell : int64, shape (heads,)
    cell_row : int64, shape (cells,)
    cell_part : float64, shape (cells,)
        Part of its node's demand that is the cell's row.
    cell_start : int64, shape (nodes + 1,)
        Cells stand sorted by node.
    cell_head_start, cell_head
        CSR: columns of each cell's heads.
    tail_start, tail
        CSR: tails of each node.
    pair_node, pair_gate : int64, shape (pairs,)
    pair_tail_start, pair_tail
        CSR: tails of the pair's node that need its gate.
    gate_columns : sparse, shape (gates, columns)
        A one for every column that stands for the gate: its own, or the sizes that admit it.
    """

    head_cell: Ids
    cell_row: Ids
    cell_part: Floats
    cell_start: Ids
    cell_head_start: Ids
    cell_head: Ids
    tail_start: Ids
    tail: Ids
    pair_node: Ids
    pair_gate: Ids
    pair_tail_start: Ids
    pair_tail: Ids
    gate_columns: sparse.csr_array


def incidence(program: LegProgram) -> Incidence:
    """Number the cells and pairs of a program."""
    problem, legs = program.problem, program.legs
    demand = node_demand(problem, legs)
    nodes = np.arange(len(demand) + 1)
    key, head_cell = np.unique(legs.head.node * problem.n_rows + legs.head_row, return_inverse=True)
    cell_node, cell_row = np.divmod(key, problem.n_rows)
    cell_head_start, order = _grouped(head_cell, len(key))
    tail_start, tail = _grouped(legs.tail.node, len(demand))
    gate_columns = _gate_columns(program)
    gate = legs.tail.gate
    stands = np.diff(gate_columns.indptr) > 0
    at, place = np.nonzero((gate >= 0) & stands[np.maximum(gate, 0)])
    pair, of_pair = np.unique(legs.tail.node[at] * problem.n_gates + gate[at, place], return_inverse=True)
    pair_tail_start, pair_order = _grouped(of_pair, len(pair))
    return Incidence(
        head_cell=head_cell,
        cell_row=cell_row,
        cell_part=problem.row_demand[cell_row] / demand[cell_node],
        cell_start=np.searchsorted(cell_node, nodes),
        cell_head_start=cell_head_start,
        cell_head=program.head_column[order],
        tail_start=tail_start,
        tail=tail,
        pair_node=pair // problem.n_gates,
        pair_gate=pair % problem.n_gates,
        pair_tail_start=pair_tail_start,
        pair_tail=at[pair_order],
        gate_columns=gate_columns,
    )


def _grouped(group: Ids, groups: int) -> tuple[Ids, Ids]:
    """CSR of the positions that fall into each group."""
    return counts_to_start(np.bincount(group, minlength=groups)), np.argsort(group, kind="stable")


def _gate_columns(program: LegProgram) -> sparse.csr_array:
    problem, model = program.problem, program.model
    own = np.flatnonzero(model.gate_column >= 0)
    under = np.flatnonzero(model.gate_column < 0)
    sizes = problem.gate_size[positions(problem.gate_size_start, under)].astype(np.int64)
    row = np.concatenate([own, np.repeat(under, np.diff(problem.gate_size_start)[under])])
    column = np.concatenate([model.gate_column[own], model.columns["y"].start + sizes])
    shape = (problem.n_gates, model.matrix.shape[1])
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


def decoded(program: LegProgram, values: Floats | None) -> CheckedPlan | None:
    """Turn column values into a plan over the problem's own options; None where it does not hold."""
    if values is None:
        return None
    problem, legs, model = program.problem, program.legs, program.model
    whole, heads = whole_options(legs), len(legs.head_row)
    legwise = np.clip(values[model.columns["x"]], 0.0, 1.0)[program.place]
    first_tail = len(whole) + heads
    share = pair_shares(problem, legs, legwise[len(whole) : first_tail], legwise[first_tail:])
    share[whole] += legwise[: len(whole)]
    used = np.flatnonzero(share > 0)
    gate = np.zeros(problem.n_gates, dtype=bool)
    gate[problem.option_gate[positions(problem.option_gate_start, used)]] = True
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(values[model.columns["y"]] > 0.5)
    size[np.searchsorted(problem.site_start, opened, side="right") - 1] = opened
    nothing = np.zeros(problem.n_resources)
    decisions = Decisions(
        option=used,
        share=share[used],
        size=size,
        gate=gate,
        module=np.round(values[model.columns["n"]]).astype(np.int64),
        tier=np.full(problem.n_resources, -1, dtype=np.int64),
        tier_level=nothing,
        overflow=nothing,
    )
    if program.part is None:
        return complete(problem, decisions)
    origin, restriction = program.part
    return complete(origin, lift(restriction, decisions))


def write_part(problem: Problem, legs: Legs, kept: Restriction) -> LegProgram | None:
    """Write the program of a problem with some of its options only; its plans are those of the problem.

    Returns
    -------
    LegProgram or None
        None where no option made of legs is left.
    """
    some = restrict_legs(legs, np.arange(problem.n_rows), kept.option)
    return None if some is None else replace(write_program(kept.problem, some), part=(problem, kept))


def narrowed(program: LegProgram, option: npt.NDArray[np.bool_]) -> LegProgram | None:
    """Write the program anew with some options of its problem only; its plans are still those of the whole.

    Returns
    -------
    LegProgram or None
        None where no option made of legs is left.
    """
    kept = restrict_options(program.problem, option)
    part = write_part(program.problem, program.legs, kept)
    if part is None or program.part is None:
        return part
    origin, outer = program.part
    return replace(part, part=(origin, compose(outer, kept)))
