"""What-if edits: change cells or remove rows of the merged tables, in order."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.cells import BadCell, read_cell, to_array
from optimizer.scenario.document import PlacedEdit
from optimizer.scenario.expressions import BadExpression, rows_where
from optimizer.scenario.faultlist import FILE, Tables, suggestion
from optimizer.scenario.fields import Field, Kind
from optimizer.scenario.settings import EditSection, read_section
from optimizer.scenario.tables import TABLES

__all__ = ["apply_edits", "edit_text", "parse_edits"]

_FORM = "Write it as in \"table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35\"."
_ACTIONS = ("multiply", "add", "set", "delete")
_NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER})


def parse_edits(texts: Sequence[str]) -> tuple[list[PlacedEdit], list[Fault]]:
    """Return the edits given in text form, ``table=…; where=…; column=…; multiply=…``, and their faults."""
    edits, faults = [], []
    for number, text in enumerate(texts, start=1):
        where = f"--edit {number}"
        given, fault = _keys(text, where)
        if fault is not None:
            faults.append(fault)
            continue
        section, found = read_section(EditSection, given, where)
        faults += found
        if section is not None:
            edits.append(PlacedEdit(section, where))
    return edits, faults


def _keys(text: str, where: str) -> tuple[dict[str, object], Fault | None]:
    """Return the keys of an edit in text form; semicolons inside quotes do not separate."""
    given: dict[str, object] = {}
    for part in re.findall(r"(?:[^;'\"]|'[^']*'|\"[^\"]*\"|['\"])+", text):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not key:
            continue
        if not equals:
            return {}, Fault(where, part.strip(), "An edit is a list of key=value.", _FORM)
        if key in given:
            return {}, Fault(where, key, "The key stands twice.", "Give one edit per --edit.")
        given[key] = value
    for key in ("multiply", "add"):
        if key in given:
            try:
                given[key] = float(str(given[key]))
            except ValueError:
                return {}, Fault(where, str(given[key]), f"{key} takes a number.", _FORM)
    if "set" in given:
        given["set"] = _unquoted(str(given["set"]))
    if "delete" in given:
        if str(given["delete"]).lower() != "true":
            return {}, Fault(where, str(given["delete"]), "delete takes true and nothing else.", _FORM)
        given["delete"] = True
    return given, None


def _unquoted(text: str) -> str:
    """Return a text without the quotes around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _quoted(text: str) -> str:
    """Return a text in quotes if it would be misread without."""
    if not set(text) & set(";'\""):
        return text
    return f"'{text}'" if "'" not in text else f'"{text}"'


def edit_text(edit: EditSection) -> str:
    """Return an edit in the text form of ``--edit``.

    >>> edit_text(EditSection(table="demand", column="orders", multiply=1.5))
    'table=demand; column=orders; multiply=1.5'
    """
    parts = [f"table={edit.table}"]
    parts += [f"where={edit.where}"] if edit.where else []
    parts += [f"column={edit.column}"] if edit.column else []
    for action in ("multiply", "add"):
        amount = getattr(edit, action)
        parts += [f"{action}={amount:.12g}"] if amount is not None else []
    parts += [f"set={_quoted(str(edit.set))}"] if edit.set is not None else []
    parts += ["delete=true"] if edit.delete else []
    return "; ".join(parts)


def apply_edits(tables: Tables, edits: Sequence[PlacedEdit], broken: set[str]) -> tuple[Tables, list[Fault]]:
    """Return the tables after all edits, and the faults of edits that cannot be applied.

    An edit without ``where`` changes every row. An edit that matches no row is a fault: a misspelt name would
    otherwise pass as "no effect". Tables in `broken` are left alone.
    """
    result = dict(tables)
    faults = []
    for placed in edits:
        fault = _target_fault(placed)
        if fault is not None:
            faults.append(fault)
        elif placed.edit.table not in broken:
            frame, fault = _apply(result[placed.edit.table], placed)
            result[placed.edit.table] = frame
            faults += [fault] if fault is not None else []
    return result, faults


def _target_fault(placed: PlacedEdit) -> Fault | None:
    """Return what is wrong with the table, the column or the action of an edit."""
    edit, where = placed.edit, placed.where
    if edit.table not in TABLES:
        return Fault(where, edit.table, "There is no such table.", suggestion(edit.table, TABLES))
    actions = [name for name in ("multiply", "add", "set") if getattr(edit, name) is not None]
    actions += ["delete"] if edit.delete else []
    if len(actions) != 1:
        rule = f"An edit needs exactly one of {', '.join(_ACTIONS)}."
        return Fault(where, ", ".join(actions), rule, _FORM)
    if edit.delete:
        mend = "Remove the column: delete takes whole rows."
        return Fault(where, edit.column, "delete takes no column.", mend) if edit.column else None
    columns = {field.name: field for field in TABLES[edit.table].columns}
    if edit.column not in columns:
        mend = suggestion(edit.column, columns)
        return Fault(where, edit.column, f"The table {edit.table} has no such column.", mend)
    if actions[0] in {"multiply", "add"} and columns[edit.column].kind not in _NUMERIC:
        rule = f"{edit.column} is no number, so {actions[0]} does not apply."
        return Fault(where, edit.column, rule, "Use set.")
    return None


def _apply(frame: pd.DataFrame, placed: PlacedEdit) -> tuple[pd.DataFrame, Fault | None]:
    """Return a table after one edit, or unchanged with the fault."""
    edit, where = placed.edit, placed.where
    try:
        rows = rows_where(frame, edit.where)
    except BadExpression as problem:
        return frame, Fault(f"{where} key where", edit.where, problem.rule, problem.mend)
    if not rows.any():
        rule = f"No row of {edit.table} ({len(frame)} rows) matches."
        return frame, Fault(f"{where} key where", edit.where, rule, "Check the names and values in where.")
    if edit.delete:
        return frame[~rows].reset_index(drop=True), None
    field = next(field for field in TABLES[edit.table].columns if field.name == edit.column)
    try:
        values = _changed(frame[field.name].to_numpy(), rows, field, edit)
    except BadCell as problem:
        return frame, Fault(f"{where} column {edit.column}", _amount(edit), problem.rule, problem.mend)
    files = frame[FILE].to_numpy(copy=True)
    files[rows] = [name if name.endswith(" (edited)") else f"{name} (edited)" for name in files[rows]]
    return frame.assign(**{field.name: values, FILE: files}), None


def _amount(edit: EditSection) -> str:
    """Return by what an edit changes its column, as users wrote it."""
    return next(str(value) for value in (edit.set, edit.multiply, edit.add) if value is not None)


def _changed(values: np.ndarray, rows: np.ndarray, field: Field, edit: EditSection) -> np.ndarray:
    """Return a copy of a column with the marked rows changed."""
    if edit.set is not None:
        new = values.copy()
        new[rows] = to_array(field.kind, [read_cell(field, edit.set)])[0]
        return new
    exact = values.astype(np.float64)
    exact[rows] = (
        exact[rows] * edit.multiply if edit.multiply is not None else exact[rows] + (edit.add or 0.0)
    )
    if field.kind is Kind.INTEGER:
        if not np.equal(np.mod(exact, 1), 0).all():
            raise BadCell(f"{field.name} must stay a whole number.", "Choose another factor, or use set.")
        return exact.astype(np.int64)
    return exact
