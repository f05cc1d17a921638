"""From raw tables to typed ones, and layer upon layer: the row of a later layer wins, key by key."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.cells import BadCell, empty_of, to_array, typed_column
from optimizer.scenario.faultlist import FILE, LIMIT, ROW, Tables
from optimizer.scenario.fields import Field, Table
from optimizer.scenario.grouping import group_numbers, repeated_key_faults
from optimizer.scenario.headers import match_headers
from optimizer.scenario.readers import RawLayer, RawTable
from optimizer.scenario.tables import TABLES

__all__ = ["empty_table", "read_table", "required_tables", "stack"]


def stack(layers: Iterable[RawLayer]) -> tuple[Tables, list[Fault], set[str]]:
    """Return every table, read and merged, the faults found, and the tables too broken to compare with.

    A row of a later layer replaces the whole row with the same key of an earlier one, in its place; new rows
    follow. The same key twice within one layer is a fault.
    """
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    faults: list[Fault] = []
    broken: set[str] = set()
    for layer in layers:
        faults += layer.faults
        broken |= set(TABLES) if layer.lost else _unsound(layer)
        for raw in layer.tables:
            frame, found, sound = read_table(raw)
            faults += found
            if sound:
                table = TABLES[raw.table]
                rule = f"The key ({' + '.join(table.full_key)}) stands twice in {raw.table}."
                faults += repeated_key_faults(table, frame, rule)
            else:
                broken.add(raw.table)
            parts[raw.table].append(frame)
    return {name: _merge(table, parts[name]) for name, table in TABLES.items()}, faults, broken


def _unsound(layer: RawLayer) -> set[str]:
    """Return the tables of a layer that were not read whole, those behind a misspelt name included."""
    return layer.unread | (layer.meant - {raw.table for raw in layer.tables})


def read_table(raw: RawTable) -> tuple[pd.DataFrame, list[Fault], bool]:
    """Return a raw table with typed columns, its faults, and whether its headers and keys are sound."""
    table = TABLES[raw.table]
    positions, faults = match_headers(table, raw.headers, raw.where, raw.header_row)
    sound = not faults
    cells = list(zip(*raw.rows, strict=True)) if raw.rows else [()] * len(raw.headers)
    columns: dict[str, np.ndarray] = {}
    for field in table.columns:
        if field.name in positions:
            column, bad = typed_column(field, cells[positions[field.name]])
            faults += _bad_cells(raw, field, cells[positions[field.name]], bad)
            sound = sound and not (bad and field.name in table.full_key)
        else:
            column = to_array(field.kind, [empty_of(field)] * len(raw.rows))
        columns[field.name] = column
    columns[FILE] = to_array_of_text(raw.where, len(raw.rows))
    columns[ROW] = np.asarray(raw.numbers, dtype=np.int64)
    return pd.DataFrame(columns), faults, sound


def to_array_of_text(text: str, count: int) -> np.ndarray:
    """Return the same text `count` times."""
    return np.full(count, text, dtype=object)


def empty_table(table: Table) -> pd.DataFrame:
    """Return a table without rows, all columns typed."""
    columns = {field.name: to_array(field.kind, []) for field in table.columns}
    return pd.DataFrame({**columns, FILE: to_array_of_text("", 0), ROW: np.zeros(0, dtype=np.int64)})


def _bad_cells(
    raw: RawTable, field: Field, cells: tuple[object, ...], bad: dict[int, BadCell]
) -> list[Fault]:
    """Return the faults of one column; of cells wrong in the same way only the first few are named."""
    by_rule: dict[str, list[int]] = {}
    for index, problem in bad.items():
        by_rule.setdefault(problem.rule, []).append(index)
    faults = []
    for rule, indices in by_rule.items():
        for index in indices[:LIMIT]:
            where = f"{raw.where} row {raw.numbers[index]} column {field.name}"
            what = "" if cells[index] is None else str(cells[index]).strip()
            faults.append(Fault(where, what, rule, bad[index].mend))
        if len(indices) > LIMIT:
            where = f"{raw.where} column {field.name}"
            faults.append(Fault(where, "", f"{len(indices) - LIMIT} more rows break the same rule.", ""))
    return faults


def _merge(table: Table, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the layers of one table as one, the last row of each key in the place of the first."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_table(table)
    if len(filled) == 1:
        return filled[0]
    whole = pd.concat(filled, ignore_index=True)
    group = group_numbers(whole, table.full_key)
    last = np.zeros(int(group.max()) + 1, dtype=np.int64)
    np.maximum.at(last, group, np.arange(len(whole)))
    return whole.iloc[last].reset_index(drop=True)


def required_tables(tables: Tables, broken: set[str], where: str) -> dict[str, Fault]:
    """Return a fault for each required table without a single row, unless it has one already."""
    return {
        name: Fault(where, "", f"The table {name} is needed but has no rows.", f"Add {name}: {table.meaning}")
        for name, table in TABLES.items()
        if table.required and name not in broken and tables[name].empty
    }
