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
from numba import njit
from scipy import sparse

from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.legs.cuts import Rows, no_rows
from optimizer.solver.legs.program import Incidence, LegProgram
from optimizer.solver.legs.supply_rows import Sum, SupplyRow, SupplyRows

__all__ = ["Rounding", "SupplyCuts"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FRACTIONAL = 1e-5
VIOLATED = 1e-4
SHIFTS = (0.5, 0.999, 0.01)
"""Values beyond which cells and options are seen from their limit: each is tried."""

ROUNDING_ROOM = 0.01
"""Fractional parts of the side closer to an integer than this give cuts of bad numbers."""

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
                tried = [_best(row, values, cell) for row in rows]
                best = max(tried, key=lambda pair: pair[0], default=(0.0, None))[1]
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
        at = np.flatnonzero(row.integer == divisor)
        if not len(at) or row.integer_value[at[0]] >= 0.0:
            return None
        group_high = np.isin(row.group_row, rows)
        plain_high = (row.plain_value > 0) & np.isin(row.plain, columns)
        return _rounded(row, float(-row.integer_value[at[0]]), group_high, plain_high)

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
        row, meets, scale = best.row, self.meets, best.factor / best.divisor
        negative = row.plain_value < 0
        high = best.group_high[row.cell_group]
        cells, weight = row.cell[high], scale * row.group_value[row.cell_group[high]]
        heads = np.diff(meets.cell_head_start)[cells]
        kept = negative | best.plain_high
        column = np.concatenate(
            [row.integer, row.plain[kept], meets.cell_head[positions(meets.cell_head_start, cells)]]
        )
        value = np.concatenate([best.coefficient, scale * row.plain_value[kept], np.repeat(weight, heads)])
        side = (
            best.floor
            + scale * row.group_value[best.group_high].sum()
            + scale * row.plain_value[best.plain_high].sum()
        )
        column, place = np.unique(column, return_inverse=True)
        value = np.bincount(place, value, len(column))
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


def _best(row: SupplyRow, values: Floats, cell: Floats) -> tuple[float, Rounding | None]:
    """Return the most violated rounding over all divisors and shifts, with its score."""
    at_plain = values[row.plain]
    at_group = sum_by(row.cell_group, cell[row.cell], len(row.group_value))
    score, shift, divisor = _most_violated(
        row.integer_value, values[row.integer], row.plain_value, at_plain, row.group_value, at_group, row.side
    )
    if score <= 0.0:
        return 0.0, None
    group_high, plain_high = at_group > shift, (row.plain_value > 0) & (at_plain > shift)
    return score, _rounded(row, divisor, group_high, plain_high)


def _rounded(row: SupplyRow, divisor: float, group_high: Bools, plain_high: Bools) -> Rounding | None:
    """Round a row; None where the side is too close to an integer."""
    side = (row.side - row.group_value[group_high].sum() - row.plain_value[plain_high].sum()) / divisor
    floor = float(np.floor(side))
    whole = np.floor(row.integer_value / divisor)
    part = row.integer_value / divisor - whole
    if not ROUNDING_ROOM < side - floor < 1.0 - ROUNDING_ROOM:
        return None
    factor = 1.0 / (1.0 - (side - floor))
    coefficient = whole + np.maximum(part - (side - floor), 0.0) * factor
    return Rounding(row, divisor, factor, floor, coefficient, plain_high, group_high)


@njit(cache=True)
def _most_violated(
    integer_value: Floats,
    at_integer: Floats,
    plain_value: Floats,
    at_plain: Floats,
    group_value: Floats,
    at_group: Floats,
    side: float,
) -> tuple[float, float, float]:
    """Score, shift and divisor of the most violated rounding; a score of zero where none is violated."""
    best = (0.0, 0.0, 1.0)
    for shift in SHIFTS:
        moved = away = 0.0
        for k in range(len(group_value)):
            if at_group[k] > shift:
                moved += group_value[k]
                away -= group_value[k] * (1.0 - at_group[k])
        for k in range(len(plain_value)):
            if plain_value[k] < 0.0:
                away += plain_value[k] * at_plain[k]
            elif at_plain[k] > shift:
                moved += plain_value[k]
                away -= plain_value[k] * (1.0 - at_plain[k])
        for k in range(len(integer_value)):
            divisor = -integer_value[k]
            if divisor <= 0.0 or np.any(integer_value[:k] == integer_value[k]):
                continue
            floor = np.floor((side - moved) / divisor)
            rest = (side - moved) / divisor - floor
            if not ROUNDING_ROOM < rest < 1.0 - ROUNDING_ROOM:
                continue
            violation = away / (divisor * (1.0 - rest)) - floor
            for j in range(len(integer_value)):
                whole = np.floor(integer_value[j] / divisor)
                beyond = max(integer_value[j] / divisor - whole - rest, 0.0)
                violation += (whole + beyond / (1.0 - rest)) * at_integer[j]
            if violation > VIOLATED and violation * divisor > best[0]:
                best = (violation * divisor, shift, divisor)
    return best
