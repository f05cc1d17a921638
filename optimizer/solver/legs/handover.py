"""Between a linear relaxation over legs and what it hands over: columns, rows and cuts, and their items."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.matrix_links import linked
from optimizer.problem.ragged import positions
from optimizer.solver.carried import COLUMNS, DIVISORS, ROWS, UNKNOWN, Carried
from optimizer.solver.legs.cuts import Rows, joined
from optimizer.solver.legs.pair_cuts import PairCut, pair_cut_rows
from optimizer.solver.legs.program import Incidence, LegProgram
from optimizer.solver.legs.supply_cuts import Rounding, SupplyCuts
from optimizer.solver.legs.supply_rows import Sum

__all__ = ["Handover", "Items", "items_of"]

Ids = npt.NDArray[np.int64]
Status = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


class Items(NamedTuple):
    """Items of the columns and of the rows before cuts, block by block as in `COLUMNS` and `ROWS`.

    `columns` and `rows` say how many items of its kind there are for each block. `link` is the row and gate
    of each link.
    """

    column: tuple[Ids, ...]
    row: tuple[Ids, ...]
    columns: tuple[int, ...]
    rows: tuple[int, ...]
    link: Ids


def items_of(program: LegProgram, link_group: Ids) -> Items:
    """Say what the columns and rows of a relaxation stand for.

    Parameters
    ----------
    link_group : int64, shape (links,)
        Number of the sum in which each link is.
    """
    smaller, model = program.smaller, program.model
    gates, tiers = np.flatnonzero(model.gate_column >= 0), np.arange(smaller.n_tiers)
    tiered = np.flatnonzero(np.diff(smaller.tier_start) > 0)
    under = np.diff(smaller.gate_size_start)[gates] > 0
    several = np.flatnonzero(np.diff(smaller.site_start) > 1)
    row, gate = linked(smaller, model.gate_column)
    group_gate = np.full(int(link_group.max(initial=-1)) + 1, smaller.n_gates)
    np.minimum.at(group_gate, link_group, gate)
    leg = np.empty(len(program.place), dtype=np.int64)
    leg[program.place] = np.arange(len(program.place))
    sizes, modules = np.arange(smaller.n_sizes), np.arange(smaller.n_modules)
    measures, resources = np.arange(smaller.n_measures), np.arange(smaller.n_resources)
    count = {
        "leg": len(leg),
        "row": smaller.n_rows,
        "size": smaller.n_sizes,
        "gate": smaller.n_gates,
        "measure": smaller.n_measures,
        "resource": smaller.n_resources,
        "module": smaller.n_modules,
        "tier": smaller.n_tiers,
        "rule": smaller.n_rules,
    }
    return Items(
        column=(leg, sizes, gates, modules, tiers, tiers, resources),
        row=(
            np.arange(smaller.n_rows),
            gates[under],
            smaller.site_start[several],
            measures,
            tiered,
            np.arange(smaller.n_rules),
            group_gate,
        ),
        columns=tuple(count[kind] for kind in COLUMNS),
        rows=tuple(count[kind] for kind in ROWS),
        link=np.column_stack([row, gate]),
    )


class Handover(NamedTuple):
    """Takes from a relaxation what it hands over, and writes what another one did for it.

    Attributes
    ----------
    items
        What its columns and rows stand for.
    """

    program: LegProgram
    meets: Incidence
    supply: SupplyCuts
    items: Items

    def taken(self, source: Sequence[Any], more: Ids, column: Status, row: Status) -> Carried:
        """Hand over rows by what they can be written from, and the basis.

        Parameters
        ----------
        source
            Of the rows that are handed over and tight.
        more
            Links that are handed over and are not.
        column, row
            Status of the columns, and of the rows before cuts.
        """
        links = np.array([item for item in source if isinstance(item, int)], dtype=np.int64)
        pairs = [item for item in source if isinstance(item, PairCut)]
        roundings = [item for item in source if isinstance(item, Rounding)]
        meets, rows = self.meets, self.program.problem.n_rows
        pair = np.array([item.pair for item in pairs], dtype=np.int64)
        parts = [self._parts(item) for item in roundings]
        return Carried(
            column=_by_item(column, self.items.column, self.items.columns),
            row=_by_item(row, self.items.row, self.items.rows),
            link=np.column_stack(
                [
                    self.items.link[np.concatenate([links, more])],
                    np.repeat([1, 0], [len(links), len(more)]),
                ]
            ),
            pair=np.column_stack([rows + meets.pair_node[pair], meets.pair_gate[pair]]),
            pair_cell=_listed([meets.cell_row[item.cells] for item in pairs]),
            cut=np.array([self._divisor(item) for item in roundings], dtype=np.int64).reshape(-1, 3),
            cut_measure=_listed([item.row.total.rows for item in roundings]),
            cut_scale=np.concatenate([np.zeros(0), *(item.row.total.scale for item in roundings)]),
            cut_tail=_listed([tail for tail, _, _ in parts]),
            cut_high=_listed([high for _, high, _ in parts]),
            cut_row=_listed([high for _, _, high in parts]),
            asked=np.full(self.program.problem.n_sizes, np.inf),
        )

    def status(self, carried: Carried) -> tuple[Status, Status]:
        """Status of the columns, and of the rows before cuts, in the basis that was handed over."""
        column = [status[item] for status, item in zip(carried.column, self.items.column, strict=True)]
        row = [status[item] for status, item in zip(carried.row, self.items.row, strict=True)]
        return np.concatenate(column), np.concatenate(row)

    def links(self, carried: Carried, *, tight: bool) -> Ids:
        """Numbers of the links that were handed over and are tight, or of those that are not."""
        gates, given = self.program.problem.n_gates, carried.link[carried.link[:, 2] == tight]
        mine, theirs = (link[:, 0] * gates + link[:, 1] for link in (self.items.link, given))
        return np.flatnonzero(np.isin(mine, theirs))

    def cuts(self, carried: Carried) -> Rows:
        """Write the cuts that were handed over, as far as they are cuts here."""
        return joined([self._pair_cuts(carried), self._roundings(carried)])

    def _parts(self, rounding: Rounding) -> tuple[Ids, Ids, Ids]:
        """Legs whose use weighs their nodes, legs and rows seen from their limit."""
        row, meets = rounding.row, self.meets
        use = self.supply.summed(row.total.rows, row.total.scale)[self.program.tail_column]
        nodes = row.total.nodes
        tail = meets.tail[positions(meets.tail_start, nodes)]
        number = np.repeat(np.arange(len(nodes)), np.diff(meets.tail_start)[nodes])
        alike = np.flatnonzero(use[tail] == row.total.weight[number])
        _, first = np.unique(number[alike], return_index=True)
        leg = self.items.column[0]
        high = row.terms.plain[rounding.plain_high] - self.program.model.columns["x"].start
        return self._first_tail + tail[alike[first]], leg[high], row.terms.group_row[rounding.group_high]

    def _divisor(self, rounding: Rounding) -> tuple[int, int, bool]:
        """Kind and number of the item that divides, and whether tiers are at their width."""
        row, columns = rounding.row, self.program.model.columns
        at = int(row.terms.integer[np.flatnonzero(-row.terms.integer_value == rounding.divisor)[0]])
        for place, block in enumerate(BLOCKS):
            if columns[block].start <= at < columns[block].stop:
                return place, at - columns[block].start, row.wide
        return UNKNOWN, 0, row.wide

    def _pair_cuts(self, carried: Carried) -> Rows:
        meets, problem = self.meets, self.program.problem
        node = carried.pair[:, 0] - problem.n_rows
        pair = _where(
            meets.pair_node * problem.n_gates + meets.pair_gate, node * problem.n_gates + carried.pair[:, 1]
        )
        cut, row = carried.pair_cell[:, 0], carried.pair_cell[:, 1]
        cell_key = owner(meets.cell_start) * problem.n_rows + meets.cell_row
        cell = _where(cell_key, node[cut] * problem.n_rows + row)
        good = (cell >= 0) & (pair[cut] >= 0)
        cut, cell = cut[good], cell[good]
        present, number = np.unique(cut, return_inverse=True)
        return pair_cut_rows(self.program, meets, pair[present], cell, number)

    def _roundings(self, carried: Carried) -> Rows:
        measures, scales = _split(carried.cut_measure[:, 0], len(carried.cut), carried.cut_measure[:, 1],
                                  carried.cut_scale)  # fmt: skip
        (tails,) = _split(carried.cut_tail[:, 0], len(carried.cut), carried.cut_tail[:, 1])
        (highs,) = _split(carried.cut_high[:, 0], len(carried.cut), carried.cut_high[:, 1])
        (rows,) = _split(carried.cut_row[:, 0], len(carried.cut), carried.cut_row[:, 1])
        found = []
        for k, (kind, item, wide) in enumerate(carried.cut.tolist()):
            if kind < 0:
                continue
            total = self._sum(measures[k], scales[k], tails[k] - self._first_tail)
            divisor = self.program.model.columns[BLOCKS[kind]].start + item
            high = self.program.model.columns["x"].start + self.program.place[highs[k]]
            rounding = self.supply.again(total, bool(wide), divisor, rows[k], high)
            if rounding is not None:
                found.append(rounding)
        return self.supply.written(found)

    def _sum(self, measures: Ids, scale: npt.NDArray[np.float64], tails: Ids) -> Sum:
        """Supply rows with the ties of the tails' nodes, each weighed by what its tail uses."""
        use = self.supply.summed(measures, scale)[self.program.tail_column[tails]]
        nodes, first = np.unique(self.program.legs.tail.node[tails[use > 0]], return_index=True)
        return Sum(measures, scale, nodes, use[use > 0][first])

    @property
    def _first_tail(self) -> int:
        return len(self.program.place) - len(self.program.legs.tail.node)


BLOCKS = tuple({"size": "y", "module": "n", "tier": "w"}[kind] for kind in DIVISORS)
"""Columns of the items that divide."""


def _by_item(status: Status, items: tuple[Ids, ...], counts: tuple[int, ...]) -> tuple[Status, ...]:
    """Status of each item, block by block."""
    found, first = [], 0
    for item, count in zip(items, counts, strict=True):
        block = np.full(count, UNKNOWN, dtype=np.int8)
        block[item] = status[first : first + len(item)]
        found.append(block)
        first += len(item)
    return tuple(found)


def _listed(lists: Sequence[Ids]) -> Ids:
    """Number of its list and value of every entry."""
    number = np.repeat(np.arange(len(lists)), [len(values) for values in lists])
    return np.column_stack([number, np.concatenate([np.zeros(0, dtype=np.int64), *lists])])


def _split(number: Ids, count: int, *values: Any) -> tuple[list[Any], ...]:
    """Entries by the number of their list; they stand in its order."""
    at = np.searchsorted(number, np.arange(1, count + 1))[:-1] if count else np.zeros(0, dtype=np.int64)
    return tuple(np.split(value, at) for value in values)


def _where(known: Ids, wanted: Ids) -> Ids:
    """Position of each wanted key among the known ones, which are ascending; −1 where it is not there."""
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, at, -1)
