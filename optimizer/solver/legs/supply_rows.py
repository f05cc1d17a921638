r"""Supply rows with the ties of their nodes added, one by one and several together.

The tie of a node says that what its tails bring is what its cells take. With it, a row over tails becomes one
over cells:

.. math:: \sum_n \lambda_n \sum_{i \in n} \tfrac{d_i}{D_n} a_i + \sum_t (A_t - \lambda_{n(t)}) f_t
          \le b + \sum_k k_k n_k + \ldots

Where the tails of a node use several resources in the present solution, their rows are added up, each scaled
so that it counts no less of a flow than the first row does: what one resource does not carry, another has to.
And where demand that the nodes do not take goes to other nodes, those nodes' rows are added too: half a
module here and half a module there cannot carry what takes two, as the shares of a row sum to at most 1.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import owner
from optimizer.problem.legs import node_demand
from optimizer.problem.ragged import positions
from optimizer.solver.legs.partners import cheapest_partners, node_weights, spread
from optimizer.solver.legs.program import Incidence, LegProgram

__all__ = ["Sum", "SupplyRow", "SupplyRows"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

FLOWS = 1e-7
"""Flow that counts as one."""


class Sum(NamedTuple):
    """A sum of supply rows and ties of nodes: which, and how often each is taken."""

    rows: Ids
    scale: Floats
    nodes: Ids
    weight: Floats


@dataclass(frozen=True, eq=False)
class SupplyRow:
    """Integer, continuous and cell terms on the left, `side` on the right of a ≤.

    Cells of one group are of one demand row, so their values sum to at most 1; each counts `group_value`.
    `total` is the sum that it is; `wide` says that it has tiers at their full width in the place of charges.
    """

    integer: Ids
    integer_value: Floats
    plain: Ids
    plain_value: Floats
    cell: Ids
    cell_group: Ids
    group_value: Floats
    group_row: Ids
    side: float
    total: Sum
    wide: bool = False


class Point(NamedTuple):
    """A solution as the rows need it: cells, which tails flow, as a mask and listed, loads of supply rows."""

    cell: Floats
    busy: npt.NDArray[np.bool_]
    flowing: Ids
    load: Floats


def numbered(values: Ids, count: int) -> tuple[Ids, Ids]:
    """Values that occur, ascending, and the position of each value among them; all are below `count`."""
    occurs = np.zeros(count, dtype=bool)
    occurs[values] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[values]


class SupplyRows:
    """Makes rows over cells out of the supply rows of a program."""

    def __init__(self, program: LegProgram, meets: Incidence) -> None:
        self.program = program
        self._meets = meets
        model = program.model
        self._rows = sparse.csr_array(model.matrix[model.rows["supply"]])
        self._side = model.row_upper[model.rows["supply"]]
        of_tails = sparse.csc_array(self._rows)[:, program.tail_column]
        self._tail_use = sparse.csc_array(of_tails)
        self._use_by_row = sparse.csr_array(of_tails)
        self._tail_start = self._tail_use.indptr.astype(np.int64)
        self._row_start = self._rows.indptr.astype(np.int64)
        self._resource = owner(program.problem.resource_start)
        self._demand = node_demand(program.problem, program.legs)
        self._tail_row = self._tail_use.indices.astype(np.int64)
        self._tail_column = program.tail_column
        self._node = program.legs.tail.node.astype(np.int64)
        self._tails = np.diff(meets.tail_start)
        self._cells = np.diff(meets.cell_start)
        self._row_length = np.diff(self._row_start)
        self._cell_node = owner(meets.cell_start)
        bought = np.diff(program.problem.module_start) + np.diff(program.problem.tier_start) > 0
        self._bought = bought[self._resource]
        self._known: dict[int, tuple[SupplyRow, ...]] = {}

    def fractional(self, off: npt.NDArray[np.bool_]) -> Ids:
        """Supply rows in which one of the columns stands that are given as true."""
        touched = abs(self._rows) @ off.astype(np.float64)
        return np.flatnonzero(touched > 0)

    def alone(self, q: int) -> tuple[SupplyRow, ...]:
        """Return a row with its ties; where it has tiers, also with tiers at their full width."""
        if q not in self._known:
            self._known[q] = self._tied(np.array([q]), np.ones(1), None)
        return self._known[q]

    def at(self, values: Floats, cell: Floats) -> Point:
        """Take a solution in: values of the columns, and of the cells."""
        flow = values[self._tail_column]
        busy = flow > FLOWS
        return Point(cell, busy, np.flatnonzero(busy), self._use_by_row @ flow)

    def together(self, q: int, point: Point) -> tuple[SupplyRow, ...]:
        """Return sums of a row with others: those that carry the rest of its nodes' flows, or of its rows'.

        Parameters
        ----------
        q
            Supply row.
        point
            The present solution.
        """
        span = slice(self._use_by_row.indptr[q], self._use_by_row.indptr[q + 1])
        own, amount = self._use_by_row.indices[span].astype(np.int64), self._use_by_row.data[span]
        node = self._node[own]
        wanted = np.zeros(len(self._demand))
        np.maximum.at(wanted, node, amount / self._demand[node])
        near = self._partners(own, wanted, point)
        meets, count = self._meets, self.program.problem.n_rows
        wider = spread(wanted, point.cell, meets.cell_start, self._cell_node, meets.cell_row, count, FLOWS)
        far = self._partners(own, wider, point)
        sums: tuple[SupplyRow, ...] = ()
        for rows, scale in (near, far) if len(far[0]) > len(near[0]) else (near,):
            if len(rows):
                sums += self._tied(np.concatenate([[q], rows]), np.concatenate([[1.0], scale]), point)
        return sums

    def _partners(self, own: Ids, wanted: Floats, point: Point) -> tuple[Ids, Floats]:
        """For every other resource with a flow into the nodes wanted: its row of least scaled use."""
        return cheapest_partners(
            own, wanted * self._demand, point.flowing, self._node, self._tail_start, self._tail_row,
            self._tail_use.data, self._resource, self._bought, point.load,
        )  # fmt: skip

    def _tied(self, rows: Ids, scale: Floats, point: Point | None) -> tuple[SupplyRow, ...]:
        """Add up rows and the ties of all nodes whose tails stand in them."""
        dense = self.summed(rows, scale)
        row = self._row(dense, Sum(rows, scale, *self._node_weights(dense, point)))
        wide = self._with_widths(row)
        return (row,) if wide is None else (row, wide)

    def again(self, total: Sum, wide: bool) -> SupplyRow | None:
        """Write a sum once more; None where it should have tiers at their full width and has no tiers."""
        row = self._row(self.summed(total.rows, total.scale), total)
        return self._with_widths(row) if wide else row

    def summed(self, rows: Ids, scale: Floats) -> Floats:
        """Coefficients of all columns in a sum of supply rows."""
        at = positions(self._row_start, rows)
        weights = np.repeat(scale, self._row_length[rows]) * self._rows.data[at]
        return np.bincount(self._rows.indices[at], weights, self._rows.shape[1]).astype(np.float64)

    def _row(self, dense: Floats, total: Sum) -> SupplyRow:
        """Add the ties of nodes to a sum of supply rows, and sort its terms."""
        model, meets = self.program.model, self._meets
        nodes, weight = total.nodes, total.weight
        own = meets.tail[positions(meets.tail_start, nodes)]
        dense[self._tail_column[own]] -= np.repeat(weight, self._tails[nodes])
        cell = positions(meets.cell_start, nodes)
        cell_value = np.repeat(weight, self._cells[nodes]) * meets.cell_part[cell]
        rows_of_cells, group = numbered(meets.cell_row[cell], self.program.problem.n_rows)
        group_value = np.full(len(rows_of_cells), np.inf)
        np.minimum.at(group_value, group, cell_value)
        used = np.flatnonzero(dense)
        whole = model.integer[used]
        return SupplyRow(
            used[whole],
            dense[used[whole]],
            used[~whole],
            dense[used[~whole]],
            cell,
            group,
            group_value,
            rows_of_cells,
            float(total.scale @ self._side[total.rows]),
            total,
        )

    def _node_weights(self, dense: Floats, point: Point | None) -> tuple[Ids, Floats]:
        """`λ_n`: the least that a flow now in use counts in the row; the most of any, for a row by itself."""
        amount = dense[self._tail_column]
        busy = np.zeros(len(amount), dtype=bool) if point is None else point.busy
        return node_weights(amount, self._node, len(self._demand), busy)

    def _with_widths(self, row: SupplyRow) -> SupplyRow | None:
        """Put ``L_t w_t`` in the place of each charged quantity ``u_t ≤ L_t w_t``; None without tiers."""
        model = self.program.model
        charged, active = model.columns["u"], model.columns["w"]
        tiers = (row.plain >= charged.start) & (row.plain < charged.stop)
        if not tiers.any():
            return None
        quantity = row.plain[tiers]
        return SupplyRow(
            np.concatenate([row.integer, quantity - charged.start + active.start]),
            np.concatenate([row.integer_value, row.plain_value[tiers] * model.upper[quantity]]),
            row.plain[~tiers],
            row.plain_value[~tiers],
            row.cell,
            row.cell_group,
            row.group_value,
            row.group_row,
            row.side,
            row.total,
            wide=True,
        )
