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
from optimizer.solver.legs.partners import cheapest_partners, spread
from optimizer.solver.legs.program import Incidence, LegProgram
from optimizer.solver.legs.supply_kernels import Layout, Terms, tied

__all__ = ["Sum", "SupplyRow", "SupplyRows"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

FLOWS = 1e-7
"""Flow that counts as one."""


NO_NODES, NO_WEIGHTS = np.zeros(0, dtype=np.int64), np.zeros(0)


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

    terms: Terms
    side: float
    total: Sum
    wide: bool = False


class Point(NamedTuple):
    """A solution as the rows need it: cells, which tails flow, as a mask and listed, loads of supply rows."""

    cell: Floats
    busy: npt.NDArray[np.bool_]
    flowing: Ids
    load: Floats


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
        self._resource = owner(program.problem.resource_start)
        self._demand = node_demand(program.problem, program.legs)
        self._tail_row = self._tail_use.indices.astype(np.int64)
        self._tail_column = program.tail_column
        self._node = program.legs.tail.node.astype(np.int64)
        self._cell_node = owner(meets.cell_start)
        bought = np.diff(program.problem.module_start) + np.diff(program.problem.tier_start) > 0
        self._bought = bought[self._resource]
        self._known: dict[int, tuple[SupplyRow, ...]] = {}
        self._idle = np.zeros(len(program.tail_column), dtype=bool)
        self.layout = self._layout()

    def _layout(self) -> Layout:
        """The rows, tails, nodes and cells for the compiled passes."""
        program, meets, width = self.program, self._meets, self._rows.shape[1]
        column_tail = np.full(width, -1, dtype=np.int64)
        column_tail[program.tail_column] = np.arange(len(program.tail_column))
        return Layout(
            self._rows.indptr.astype(np.int64), self._rows.indices.astype(np.int64), self._rows.data,
            program.model.integer, column_tail, program.tail_column, self._node, meets.tail_start, meets.tail,
            meets.cell_start, meets.cell_row, meets.cell_part, np.zeros(width), np.zeros(width, dtype=bool),
            np.full(len(self._demand), np.inf), np.full(program.problem.n_rows, -1),
        )  # fmt: skip

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
        busy = self._idle if point is None else point.busy
        terms = tied(rows, scale, busy, False, NO_NODES, NO_WEIGHTS, self.layout)
        row = self._row(terms, Sum(rows, scale, terms.nodes, terms.weight))
        wide = self._with_widths(row)
        return (row,) if wide is None else (row, wide)

    def again(self, total: Sum, wide: bool) -> SupplyRow | None:
        """Write a sum once more; None where it should have tiers at their full width and has no tiers."""
        row = self._row(
            tied(total.rows, total.scale, self._idle, True, total.nodes, total.weight, self.layout), total
        )
        return self._with_widths(row) if wide else row

    def summed(self, rows: Ids, scale: Floats) -> Floats:
        """Coefficients of all columns in a sum of supply rows."""
        return np.asarray(scale @ self._rows[rows], dtype=np.float64)

    def _row(self, terms: Terms, total: Sum) -> SupplyRow:
        return SupplyRow(terms, float(total.scale @ self._side[total.rows]), total)

    def _with_widths(self, row: SupplyRow) -> SupplyRow | None:
        """Put ``L_t w_t`` in the place of each charged quantity ``u_t ≤ L_t w_t``; None without tiers."""
        model, terms = self.program.model, row.terms
        charged, active = model.columns["u"], model.columns["w"]
        tiers = (terms.plain >= charged.start) & (terms.plain < charged.stop)
        if not tiers.any():
            return None
        quantity = terms.plain[tiers]
        wide = terms._replace(
            integer=np.concatenate([terms.integer, quantity - charged.start + active.start]),
            integer_value=np.concatenate(
                [terms.integer_value, terms.plain_value[tiers] * model.upper[quantity]]
            ),
            plain=terms.plain[~tiers],
            plain_value=terms.plain_value[~tiers],
        )
        return SupplyRow(wide, row.side, row.total, wide=True)
