r"""Mixed-integer rounding of supply, with flows seen as what the cells take.

A supply row bounds what tails carry, :math:`\sum_t A_t f_t \le b + \sum_k k_k n_k + \ldots`. A tail is rarely
at its limit of 1, because it stands for all demand that its node could ever serve, so rounding the row as it
stands gives nothing. The tie of each node, :math:`\sum_{t \in n} f_t = \sum_i \frac{d_i}{D_n} a_i`, turns the
row into one over cells, which are at their limit of 1 in most plans:

.. math:: \sum_n \lambda_n \sum_{i \in n} \tfrac{d_i}{D_n} a_i - \sum_n \sum_{t \in n} (\lambda_n - A_t) f_t
          \le b + \sum_k k_k n_k + \ldots, \qquad \lambda_n = \max_{t \in n} A_t .

Cells and options near 1 are replaced by their distance to 1, the row is divided by the size of a module, and
rounded (H. Marchand, L. A. Wolsey, "Aggregation and mixed integer rounding to solve MIPs", Operations
Research 49, 2001).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.legs.cuts import Rows, no_rows
from optimizer.solver.legs.program import Incidence, LegProgram

__all__ = ["SupplyCuts"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

FRACTIONAL = 1e-5
VIOLATED = 1e-4
SHIFTS = (0.5, 0.999, 0.01)
"""Values beyond which cells and options are seen from their limit: each is tried."""

ROUNDING_ROOM = 0.01
"""Fractional parts of the side closer to an integer than this give cuts of bad numbers."""

TINY = 1e-9


@dataclass(frozen=True, eq=False)
class _Row:
    """A supply row with its ties added: integer, continuous and cell terms, `side` on the right."""

    integer: Ids
    integer_value: Floats
    plain: Ids
    plain_value: Floats
    cell: Ids
    cell_value: Floats
    side: float


@dataclass(frozen=True, eq=False)
class _Rounding:
    """One choice of divisor and of what is seen from its limit, with the cut's coefficients of integers."""

    score: float
    divisor: float
    factor: float
    floor: float
    coefficient: Floats
    plain_high: npt.NDArray[np.bool_]
    cell_high: npt.NDArray[np.bool_]


class SupplyCuts:
    """Finds rounding cuts of the supply rows of a program."""

    def __init__(self, program: LegProgram, meets: Incidence) -> None:
        self.program = program
        self.meets = meets
        model = program.model
        self._supply = model.rows["supply"]
        self._by_column = sparse.csc_array(model.matrix[self._supply])
        self._tail_of = np.full(model.matrix.shape[1], -1, dtype=np.int64)
        self._tail_of[program.tail_column] = np.arange(len(program.tail_column))
        self._known: dict[int, tuple[_Row, ...]] = {}

    def violated(self, values: Floats) -> Rows:
        """Return a cut for each supply row with fractional integers that has one."""
        model, meets = self.program.model, self.meets
        off = np.abs(values - np.round(values)) > FRACTIONAL
        rows = np.unique(self._by_column[:, np.flatnonzero(model.integer & off)].indices)
        cell = sum_by(meets.head_cell, values[self.program.head_column], len(meets.cell_part))
        found = []
        for q in rows:
            tried = [(row, _best(row, values, cell)) for row in self._rows(int(q))]
            best = max(tried, key=lambda pair: pair[1].score if pair[1] else 0.0)
            if best[1] is not None:
                found.append(self._written(best[0], best[1]))
        if not found:
            return no_rows(len(values))
        start = np.concatenate([[0], np.cumsum([len(columns) for columns, _, _ in found])])
        entries = (np.concatenate([v for _, v, _ in found]), np.concatenate([c for c, _, _ in found]), start)
        matrix = sparse.csr_array(entries, shape=(len(found), len(values)))
        return Rows(matrix, np.array([side for _, _, side in found]))

    def _rows(self, q: int) -> tuple[_Row, ...]:
        """Return the row with its ties, and where it has tiers, the same with tiers at their full width."""
        if q not in self._known:
            row, widths = self._tied(q)
            wide = _with_widths(row, widths)
            self._known[q] = (row,) if wide is None else (row, wide)
        return self._known[q]

    def _tied(self, q: int) -> tuple[_Row, dict[int, tuple[int, float]]]:
        """Add the ties of the nodes whose tails use the measure; also the width of each tier in the row."""
        model, meets = self.program.model, self.meets
        matrix, at = model.matrix, self._supply.start + q
        span = slice(matrix.indptr[at], matrix.indptr[at + 1])
        columns, amounts = matrix.indices[span].astype(np.int64), matrix.data[span]
        tails = self._tail_of[columns]
        node = self.program.legs.tail.node[tails[tails >= 0]]
        nodes, place = np.unique(node, return_inverse=True)
        most = np.zeros(len(nodes))
        np.maximum.at(most, place, amounts[tails >= 0])
        dense = np.zeros(matrix.shape[1])
        dense[columns] = amounts
        counts = np.diff(meets.tail_start)[nodes]
        own = meets.tail[positions(meets.tail_start, nodes)]
        dense[self.program.tail_column[own]] -= np.repeat(most, counts)
        cell = positions(meets.cell_start, nodes)
        weight = np.repeat(most, np.diff(meets.cell_start)[nodes]) * meets.cell_part[cell]
        used = np.flatnonzero(dense)
        whole = model.integer[used]
        row = _Row(
            used[whole], dense[used[whole]], used[~whole], dense[used[~whole]], cell, weight,
            float(model.row_upper[at]),
        )  # fmt: skip
        charged, active = model.columns["u"], model.columns["w"]
        tiers = used[(used >= charged.start) & (used < charged.stop)] - charged.start
        widths = {
            int(charged.start + t): (int(active.start + t), float(model.upper[charged.start + t]))
            for t in tiers
        }
        return row, widths

    def _written(self, row: _Row, best: _Rounding) -> tuple[Ids, Floats, float]:
        """Write the cut over columns, scaled to a largest coefficient of 1."""
        meets, scale = self.meets, best.factor / best.divisor
        negative = row.plain_value < 0
        cells = row.cell[best.cell_high]
        weight = row.cell_value[best.cell_high] * scale
        heads = np.diff(meets.cell_head_start)[cells]
        kept = negative | best.plain_high
        column = np.concatenate(
            [row.integer, row.plain[kept], meets.cell_head[positions(meets.cell_head_start, cells)]]
        )
        value = np.concatenate([best.coefficient, scale * row.plain_value[kept], np.repeat(weight, heads)])
        side = best.floor + weight.sum() + scale * row.plain_value[best.plain_high].sum()
        column, place = np.unique(column, return_inverse=True)
        value = np.bincount(place, value, len(column))
        largest = np.abs(value).max()
        small = np.abs(value) < TINY * largest
        side -= float((np.minimum(value, 0.0) * self.program.model.upper[column])[small].sum())
        return column[~small], value[~small] / largest, float(side / largest)


def _with_widths(row: _Row, widths: dict[int, tuple[int, float]]) -> _Row | None:
    """Put ``L_t w_t`` in the place of each charged quantity ``u_t ≤ L_t w_t``."""
    if not widths:
        return None
    charged = np.isin(row.plain, list(widths))
    active = [widths[int(column)] for column in row.plain[charged]]
    return _Row(
        np.concatenate([row.integer, np.array([column for column, _ in active], dtype=np.int64)]),
        np.concatenate([row.integer_value, np.array([-width for _, width in active])]),
        row.plain[~charged],
        row.plain_value[~charged],
        row.cell,
        row.cell_value,
        row.side,
    )


def _best(row: _Row, values: Floats, cell: Floats) -> _Rounding | None:
    """Return the most violated rounding over all divisors and shifts."""
    at_integer, at_plain, at_cell = values[row.integer], values[row.plain], cell[row.cell]
    negative = row.plain_value < 0
    drawn = float(row.plain_value[negative] @ at_plain[negative])
    best: _Rounding | None = None
    for shift in SHIFTS:
        cell_high = at_cell > shift
        plain_high = (row.plain_value > 0) & (at_plain > shift)
        moved = row.cell_value[cell_high].sum() + row.plain_value[plain_high].sum()
        away = drawn - float(row.cell_value[cell_high] @ (1.0 - at_cell[cell_high]))
        away -= float(row.plain_value[plain_high] @ (1.0 - at_plain[plain_high]))
        for divisor in np.unique(-row.integer_value[row.integer_value < 0]):
            side = (row.side - moved) / divisor
            rest = side - np.floor(side)
            if not ROUNDING_ROOM < rest < 1.0 - ROUNDING_ROOM:
                continue
            whole = np.floor(row.integer_value / divisor)
            part = row.integer_value / divisor - whole
            factor = 1.0 / (1.0 - rest)
            coefficient = whole + np.maximum(part - rest, 0.0) * factor
            violation = float(coefficient @ at_integer) + factor / divisor * away - np.floor(side)
            if violation > VIOLATED and (best is None or violation * divisor > best.score):
                score, floor = violation * divisor, float(np.floor(side))
                best = _Rounding(score, divisor, factor, floor, coefficient, plain_high, cell_high)
    return best
