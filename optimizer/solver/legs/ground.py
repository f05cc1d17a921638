"""Which columns of a program over legs belong to some of its nodes."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import owner
from optimizer.problem.legs import whole_options
from optimizer.problem.ragged import positions
from optimizer.solver.legs.node_order import node_order
from optimizer.solver.legs.program import LegProgram

__all__ = ["Ground"]

Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]


class Ground:
    """Nodes of a program in their order, and the columns that are theirs.

    Attributes
    ----------
    order : int64, shape (nodes,)
        See `optimizer.solver.legs.node_order`.
    by_column
        The program's matrix by columns.
    of_rows : bool, shape (columns,)
        Heads and whole options.
    """

    def __init__(self, program: LegProgram) -> None:
        self.program = program
        self.by_column = sparse.csc_array(program.model.matrix)
        self.order = node_order(program.problem, program.legs)
        whole = whole_options(program.legs)
        self._whole = program.model.columns["x"].start + program.place[: len(whole)]
        self.of_rows = np.zeros(program.model.matrix.shape[1], dtype=bool)
        self.of_rows[self._whole] = self.of_rows[program.head_column] = True
        self._whole_row = np.searchsorted(program.problem.row_start, whole, side="right") - 1

    def stretches(self, count: int, *, shifted: bool) -> list[Ids]:
        """Cut the order into so many stretches of nodes; shifted by half of one, one more."""
        cuts = np.linspace(0, len(self.order), count + 1)
        if shifted:
            cuts = np.concatenate([[0], cuts[:-1] + cuts[1] / 2, cuts[-1:]])
        ends = np.unique(np.round(cuts).astype(np.int64))
        return [self.order[first:end] for first, end in pairwise(ends)]

    def everything(self, nodes: Ids) -> Bools:
        """Columns of the nodes' legs and their rows' whole options, and of all supply that these could need.

        Supply is gates, modules, tiers and overflow.
        """
        legs, model = self.program.legs, self.program.model
        inside = np.zeros(len(self.order), dtype=bool)
        inside[nodes] = True
        heads = inside[legs.head.node]
        columns = np.zeros(model.matrix.shape[1], dtype=bool)
        columns[self.program.tail_column[inside[legs.tail.node]]] = True
        columns[self.program.head_column[heads]] = True
        rows = np.zeros(self.program.problem.n_rows, dtype=bool)
        rows[legs.head_row[heads]] = True
        columns[self._whole[rows[self._whole_row]]] = True
        return self._with_supply(columns)

    def _with_supply(self, columns: Bools) -> Bools:
        """Add the gates that options among the columns need and what can be bought for the resources."""
        smaller, model = self.program.smaller, self.program.model
        option = np.flatnonzero(columns[model.columns["x"]])
        measure = smaller.option_use_measure[positions(smaller.option_use_start, option)]
        bought = np.zeros(smaller.n_resources, dtype=bool)
        bought[owner(smaller.resource_start)[measure]] = True
        for block, start in (
            ("n", smaller.module_start),
            ("w", smaller.tier_start),
            ("u", smaller.tier_start),
        ):
            columns[model.columns[block]] = bought[owner(start)]
        columns[model.columns["z"]] = bought
        gate = smaller.option_gate[positions(smaller.option_gate_start, option)]
        own = model.gate_column[np.unique(gate)]
        columns[own[own >= 0]] = True
        return columns & (model.lower < model.upper)
