"""Compiled passes over supply rows: their sums with the ties of nodes, and the rounding of such a sum."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["ROUNDING_ROOM", "Layout", "Terms", "most_violated", "over_columns", "tied"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

VIOLATED = 1e-4
SHIFTS = (0.5, 0.999, 0.01)
"""Values beyond which cells and options are seen from their limit: each is tried."""

ROUNDING_ROOM = 0.01
"""Fractional parts of the side closer to an integer than this give cuts of bad numbers."""


class Layout(NamedTuple):
    """The supply rows of a program as CSR over columns, and its tails, nodes and cells.

    Attributes
    ----------
    row_start, row_column, row_value
        CSR: columns of each supply row.
    integer : bool, shape (columns,)
    column_tail : int64, shape (columns,)
        The tail that a column is, or −1.
    tail_column, tail_node : int64, shape (tails,)
    tail_start, tail
        CSR: tails of each node.
    cell_start, cell_row, cell_part
        CSR: cells of each node, their demand rows and parts of the node's demand.
    total : float64, shape (columns,)
    touched : bool, shape (columns,)
    least : float64, shape (nodes,)
    number : int64, shape (demand rows,)
        Room to work in: zero, false, `inf` and −1 between calls.
    """

    row_start: Ids
    row_column: Ids
    row_value: Floats
    integer: Bools
    column_tail: Ids
    tail_column: Ids
    tail_node: Ids
    tail_start: Ids
    tail: Ids
    cell_start: Ids
    cell_row: Ids
    cell_part: Floats
    total: Floats
    touched: Bools
    least: Floats
    number: Ids


class Terms(NamedTuple):
    """The terms of a sum: integer and other columns, cells and their groups, and the ties in it."""

    integer: Ids
    integer_value: Floats
    plain: Ids
    plain_value: Floats
    cell: Ids
    cell_group: Ids
    group_value: Floats
    group_row: Ids
    nodes: Ids
    weight: Floats


@njit(cache=True)
def tied(
    rows: Ids, scale: Floats, busy: Bools, given: bool, nodes: Ids, weight: Floats, layout: Layout
) -> Terms:
    """Add up supply rows, each scaled, and ties of nodes, each weighed.

    Parameters
    ----------
    busy : bool, shape (tails,)
        Tails that flow.
    given
        Whether it is known which ties to add. Otherwise those of all nodes with a tail in the rows are, each
        weighed by the least that a busy tail counts, or by the most of any where none is.
    nodes, weight
        The ties, where they are given.
    """
    columns = _summed(rows, scale, layout)
    if not given:
        nodes, weight = _node_weights(columns, busy, layout)
    columns = _without_tails(columns, nodes, weight, layout)
    integer, integer_value, plain, plain_value = _taken_out(columns, layout)
    cell, group, group_value, group_row = _cells(nodes, weight, layout)
    return Terms(
        integer, integer_value, plain, plain_value, cell, group, group_value, group_row, nodes, weight
    )


@njit(cache=True)
def _summed(rows: Ids, scale: Floats, layout: Layout) -> Ids:
    """Leave the sum of rows in `total`; columns that it touches."""
    start, most = layout.row_start, 0
    for q in rows:
        most += start[q + 1] - start[q]
    columns, count = np.empty(most, dtype=np.int64), 0
    for k in range(len(rows)):
        for p in range(start[rows[k]], start[rows[k] + 1]):
            count = _added(columns, count, layout.row_column[p], scale[k] * layout.row_value[p], layout)
    return columns[:count]


@njit(cache=True)
def _node_weights(columns: Ids, busy: Bools, layout: Layout) -> tuple[Ids, Floats]:
    """Nodes with a tail that counts, and the least that a busy one counts; the most of any where none is."""
    found, count = np.empty(len(columns), dtype=np.int64), 0
    for want_busy in (True, False):
        for column in columns:
            tail, amount = layout.column_tail[column], layout.total[column]
            if tail < 0 or amount <= 0.0 or (want_busy and not busy[tail]):
                continue
            node = layout.tail_node[tail]
            known = layout.least[node]
            if np.isinf(known):
                found[count] = node
                count += 1
                layout.least[node] = amount if want_busy else -amount
            elif want_busy:
                layout.least[node] = min(known, amount)
            elif known < 0.0:
                layout.least[node] = min(known, -amount)
    weight = np.empty(count)
    for k in range(count):
        weight[k] = abs(layout.least[found[k]])
        layout.least[found[k]] = np.inf
    return found[:count], weight


@njit(cache=True)
def _without_tails(columns: Ids, nodes: Ids, weight: Floats, layout: Layout) -> Ids:
    """Take the weight of each node off its tails in `total`; columns that it touches now."""
    start, most, count = layout.tail_start, len(columns), 0
    for node in nodes:
        most += start[node + 1] - start[node]
    more = np.empty(most, dtype=np.int64)
    for column in columns:
        more[count] = column
        count += 1
    for k in range(len(nodes)):
        for p in range(start[nodes[k]], start[nodes[k] + 1]):
            count = _added(more, count, layout.tail_column[layout.tail[p]], -weight[k], layout)
    return more[:count]


@njit(cache=True)
def _taken_out(columns: Ids, layout: Layout) -> tuple[Ids, Floats, Ids, Floats]:
    """Integer columns and others of `total` that are not zero, with their values; `total` is cleared."""
    whole, whole_value = np.empty(len(columns), dtype=np.int64), np.empty(len(columns))
    other, other_value = np.empty(len(columns), dtype=np.int64), np.empty(len(columns))
    wholes = others = 0
    for column in columns:
        value = layout.total[column]
        layout.total[column] = 0.0
        layout.touched[column] = False
        if value != 0.0 and layout.integer[column]:
            whole[wholes], whole_value[wholes] = column, value
            wholes += 1
        elif value != 0.0:
            other[others], other_value[others] = column, value
            others += 1
    return whole[:wholes], whole_value[:wholes], other[:others], other_value[:others]


@njit(cache=True)
def _cells(nodes: Ids, weight: Floats, layout: Layout) -> tuple[Ids, Ids, Floats, Ids]:
    """Cells of nodes, grouped by demand row; each group counts what the least of its cells does."""
    start, count = layout.cell_start, 0
    for node in nodes:
        count += start[node + 1] - start[node]
    cell, group = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    group_row, group_value = np.empty(count, dtype=np.int64), np.empty(count)
    number, count, groups = layout.number, 0, 0
    for k in range(len(nodes)):
        for c in range(start[nodes[k]], start[nodes[k] + 1]):
            row, value = layout.cell_row[c], weight[k] * layout.cell_part[c]
            if number[row] < 0:
                number[row] = groups
                group_row[groups], group_value[groups] = row, value
                groups += 1
            group_value[number[row]] = min(group_value[number[row]], value)
            cell[count], group[count] = c, number[row]
            count += 1
    for k in range(groups):
        number[group_row[k]] = -1
    return cell, group, group_value[:groups], group_row[:groups]


@njit(cache=True)
def most_violated(
    terms: Terms, side: float, values: Floats, cell: Floats
) -> tuple[float, float, float, Floats]:
    """Find the most violated rounding of a sum ``terms ≤ side`` over all divisors and shifts.

    Parameters
    ----------
    values : float64, shape (columns,)
    cell : float64, shape (cells,)
        What each cell takes.

    Returns
    -------
    score, shift, divisor : float
        A score of zero where none is violated.
    at_group : float64, shape (groups,)
    """
    at_group = np.zeros(len(terms.group_value))
    for k in range(len(terms.cell)):
        at_group[terms.cell_group[k]] += cell[terms.cell[k]]
    best = (0.0, 0.0, 1.0)
    for shift in SHIFTS:
        moved, away = _moved(terms, shift, values, at_group)
        for k in range(len(terms.integer_value)):
            divisor = -terms.integer_value[k]
            if divisor <= 0.0 or _occurred(terms.integer_value, k):
                continue
            floor = np.floor((side - moved) / divisor)
            rest = (side - moved) / divisor - floor
            if not ROUNDING_ROOM < rest < 1.0 - ROUNDING_ROOM:
                continue
            violation = away / (divisor * (1.0 - rest)) - floor
            for j in range(len(terms.integer_value)):
                whole = np.floor(terms.integer_value[j] / divisor)
                beyond = max(terms.integer_value[j] / divisor - whole - rest, 0.0)
                violation += (whole + beyond / (1.0 - rest)) * values[terms.integer[j]]
            if violation > VIOLATED and violation * divisor > best[0]:
                best = (violation * divisor, shift, divisor)
    return best[0], best[1], best[2], at_group


@njit(cache=True)
def _occurred(values: Floats, k: int) -> bool:
    """Tell whether a value stands among those before it."""
    found = False
    for j in range(k):
        found |= values[j] == values[k]
    return found


@njit(cache=True)
def _moved(terms: Terms, shift: float, values: Floats, at_group: Floats) -> tuple[float, float]:
    """What goes to the side where values beyond the shift are seen from their limit, and what stays."""
    moved = away = 0.0
    for k in range(len(terms.group_value)):
        if at_group[k] > shift:
            moved += terms.group_value[k]
            away -= terms.group_value[k] * (1.0 - at_group[k])
    for k in range(len(terms.plain_value)):
        at = values[terms.plain[k]]
        if terms.plain_value[k] < 0.0:
            away += terms.plain_value[k] * at
        elif at > shift:
            moved += terms.plain_value[k]
            away -= terms.plain_value[k] * (1.0 - at)
    return moved, away


@njit(cache=True)
def over_columns(
    terms: Terms, coefficient: Floats, scale: float, plain_high: Bools, group_high: Bools,
    head_start: Ids, head: Ids, layout: Layout,
) -> tuple[Ids, Floats, float]:  # fmt: skip
    """Write a rounding over columns: integers, what is seen from its limit, and what lowers the side.

    Parameters
    ----------
    coefficient : float64, shape (integers,)
    scale
        By what other terms are multiplied.
    plain_high, group_high
        Columns and groups that are seen from their limit.
    head_start, head
        CSR: columns of each cell's heads.

    Returns
    -------
    columns : int64
    values : float64
    side : float
        What is seen from its limit adds to the side.
    """
    count = len(terms.integer) + len(terms.plain)
    for c in terms.cell:
        count += head_start[c + 1] - head_start[c]
    columns, count, side = np.empty(count, dtype=np.int64), 0, 0.0
    for k in range(len(terms.integer)):
        count = _added(columns, count, terms.integer[k], coefficient[k], layout)
    for k in range(len(terms.plain)):
        if terms.plain_value[k] < 0.0 or plain_high[k]:
            count = _added(columns, count, terms.plain[k], scale * terms.plain_value[k], layout)
        if plain_high[k]:
            side += scale * terms.plain_value[k]
    for k in range(len(terms.group_value)):
        if group_high[k]:
            side += scale * terms.group_value[k]
    for k in range(len(terms.cell)):
        group = terms.cell_group[k]
        if group_high[group]:
            for p in range(head_start[terms.cell[k]], head_start[terms.cell[k] + 1]):
                count = _added(columns, count, head[p], scale * terms.group_value[group], layout)
    columns, values = columns[:count], np.empty(count)
    for k in range(count):
        values[k] = layout.total[columns[k]]
        layout.total[columns[k]] = 0.0
        layout.touched[columns[k]] = False
    return columns, values, side


@njit(cache=True)
def _added(columns: Ids, count: int, column: int, value: float, layout: Layout) -> int:
    """Add a value to a column's in `total`, and list the column if it is new; number of those listed."""
    layout.total[column] += value
    if layout.touched[column]:
        return count
    layout.touched[column] = True
    columns[count] = column
    return count + 1
