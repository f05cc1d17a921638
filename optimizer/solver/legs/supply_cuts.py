r"""Mixed-integer rounding of supply, with flows seen as what the cells take.

A supply row bounds what tails carry, :math:`\sum_t A_t f_t \le b + \sum_k k_k n_k + \ldots`. A tail is rarely
at its limit of 1, because it stands for all demand that its node could ever serve, so rounding the row as it
stands gives nothing. Over cells (`optimizer.solver.legs.supply_rows`), which are at their limit of 1 in most
plans, it does: cells and options near 1 are replaced by their distance to 1, the row is divided by the size
of a module, and rounded (H. Marchand, L. A. Wolsey, "Aggregation and mixed integer rounding to solve MIPs",
Operations Research 49, 2001).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.cuts import Rows, no_rows
from optimizer.solver.legs.program import Incidence, LegProgram
from optimizer.solver.legs.supply_kernels import ROUNDING_ROOM, most_violated, over_columns
from optimizer.solver.legs.supply_rows import Sum, SupplyRow, SupplyRows

__all__ = ["Rounding", "SupplyCuts"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FRACTIONAL = 1e-5
TINY = 1e-9

DIGITS = 6
"""Digits to which cuts that are the same agree."""


@dataclass(frozen=True, eq=False)
class Rounding:
    """One choice of divisor and of what is seen from its limit, with the cut's coefficients of integers."""

    row: SupplyRow
    divisor: float
    factor: float
    floor: float
    coefficient: Floats
    plain_high: Bools
    group_high: Bools


Cut = tuple[Ids, Floats, float, Rounding]
"""Columns, coefficients and side of a cut, and what it was written from."""


class SupplyCuts:
    """Finds rounding cuts of the supply rows of a program."""

    def __init__(self, program: LegProgram, meets: Incidence) -> None:
        self.program = program
        self.meets = meets
        self._rows = SupplyRows(program, meets)

    def violated(self, values: Floats) -> Rows:
        """Return a cut for each supply row with fractional integers that has one, alone or with others.

        The source of each is its `Rounding`.
        """
        off = self.program.model.integer & (np.abs(values - np.round(values)) > FRACTIONAL)
        cell = sum_by(self.meets.head_cell, values[self.program.head_column], len(self.meets.cell_part))
        point = self._rows.at(values, cell)
        found = []
        for q in self._rows.fractional(off).tolist():
            for rows in (self._rows.alone(q), self._rows.together(q, point)):
                best = _best(rows, values, cell)
                if best is not None:
                    found.append(best)
        return self.written(found)

    def again(self, total: Sum, wide: bool, divisor: int, rows: Ids, columns: Ids) -> Rounding | None:
        """Round a sum as it was rounded before, in this or another program; None where that gives no cut.

        Parameters
        ----------
        total, wide
            The sum.
        divisor
            Integer column whose supply divides.
        rows, columns
            Demand rows and columns that are seen from their limit.
        """
        row = self._rows.again(total, wide)
        if row is None:
            return None
        terms = row.terms
        at = np.flatnonzero(terms.integer == divisor)
        if not len(at) or terms.integer_value[at[0]] >= 0.0:
            return None
        group_high = np.isin(terms.group_row, rows)
        plain_high = (terms.plain_value > 0) & np.isin(terms.plain, columns)
        return _rounded(row, float(-terms.integer_value[at[0]]), group_high, plain_high)

    def summed(self, rows: Ids, scale: Floats) -> Floats:
        """Coefficients of all columns in a sum of supply rows."""
        return self._rows.summed(rows, scale)

    def written(self, roundings: list[Rounding]) -> Rows:
        """Write roundings over columns, each cut once."""
        found = _different([(*self._written(best), best) for best in roundings])
        if not found:
            return no_rows(len(self.program.model.cost))
        columns, values, sides, source = zip(*found, strict=True)
        start = np.concatenate([[0], np.cumsum([len(column) for column in columns])])
        entries = (np.concatenate(values), np.concatenate(columns), start)
        matrix = sparse.csr_array(entries, shape=(len(found), len(self.program.model.cost)))
        return Rows(matrix, np.array(sides), source)

    def _written(self, best: Rounding) -> tuple[Ids, Floats, float]:
        """Write the cut over columns, scaled to a largest coefficient of 1."""
        column, value, more = over_columns(
            best.row.terms, best.coefficient, best.factor / best.divisor, best.plain_high, best.group_high,
            self.meets.cell_head_start, self.meets.cell_head, self._rows.layout,
        )  # fmt: skip
        order = np.argsort(column)
        column, value, side = column[order], value[order], best.floor + more
        largest = np.abs(value).max()
        small = np.abs(value) < TINY * largest
        side -= float((np.minimum(value, 0.0) * self.program.model.upper[column])[small].sum())
        return column[~small], value[~small] / largest, float(side / largest)


def _different(cuts: list[Cut]) -> list[Cut]:
    """Each cut once: several rows may be summed in another order, or scaled."""
    known: dict[tuple[bytes, bytes], Cut] = {}
    for cut in cuts:
        known.setdefault((cut[0].tobytes(), np.round(cut[1], DIGITS).tobytes()), cut)
    return list(known.values())


def _best(rows: tuple[SupplyRow, ...], values: Floats, cell: Floats) -> Rounding | None:
    """Return the most violated rounding of some rows over all divisors and shifts."""
    best, found = 0.0, None
    for row in rows:
        score, shift, divisor, at_group = most_violated(row.terms, row.side, values, cell)
        if score > best:
            best, found = score, (row, shift, divisor, at_group)
    if found is None:
        return None
    row, shift, divisor, at_group = found
    plain_high = (row.terms.plain_value > 0) & (values[row.terms.plain] > shift)
    return _rounded(row, divisor, at_group > shift, plain_high)


def _rounded(row: SupplyRow, divisor: float, group_high: Bools, plain_high: Bools) -> Rounding | None:
    """Round a row; None where the side is too close to an integer."""
    terms = row.terms
    side = (row.side - terms.group_value[group_high].sum() - terms.plain_value[plain_high].sum()) / divisor
    floor = float(np.floor(side))
    whole = np.floor(terms.integer_value / divisor)
    part = terms.integer_value / divisor - whole
    if not ROUNDING_ROOM < side - floor < 1.0 - ROUNDING_ROOM:
        return None
    factor = 1.0 / (1.0 - (side - floor))
    coefficient = whole + np.maximum(part - (side - floor), 0.0) * factor
    return Rounding(row, divisor, factor, floor, coefficient, plain_high, group_high)
