"""Sheets of a workbook that hold one table each: frozen header, filter, number formats with units."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.plan.columns import PLAN_TABLES, Column, Type
from optimizer.plan.plan import Plan
from optimizer.scenario.fields import Table

__all__ = ["FONT", "PLAN_PREFIX", "add_plan_table", "add_scenario_table", "letter_of", "style_header"]

PLAN_PREFIX = "plan_"
"""What a sheet of the plan is called before the name of its table, so that no layer takes it for an input."""

FONT = "Calibri"
HEADER = PatternFill("solid", fgColor="00558C")
WIDEST = 28


def add_plan_table(sheet: Worksheet, plan: Plan, name: str) -> None:
    """Write a table of the plan, each column in its unit, its meaning as a remark on the header."""
    columns = PLAN_TABLES[name]
    formats = [_number_format(column, plan.currency) for column in columns]
    _add_rows(sheet, plan[name], [column.meaning for column in columns], formats)


def add_scenario_table(sheet: Worksheet, frame: pd.DataFrame, table: Table) -> None:
    """Write a table of the scenario as its reader takes it."""
    meanings = {field.name: f"{field.meaning} {field.unit}".strip() for field in table.fields}
    kinds = [frame[name].dtype.kind for name in frame.columns]
    formats = [{"M": "yyyy-mm-dd", "O": "@"}.get(kind, "General") for kind in kinds]
    _add_rows(sheet, frame, [meanings.get(str(name), "") for name in frame.columns], formats)


def letter_of(table: str, column: str) -> str:
    """Letter of a column of a plan table in its sheet.

    >>> letter_of("costs", "amount")
    'G'
    """
    names = [one.name for one in PLAN_TABLES[table]]
    return str(get_column_letter(names.index(column) + 1))


def style_header(sheet: Worksheet, row: int, width: int) -> None:
    """Make the first cells of a row look like a header."""
    for position in range(1, width + 1):
        cell = sheet.cell(row, position)
        cell.font, cell.fill = Font(name=FONT, bold=True, color="FFFFFF"), HEADER
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _add_rows(sheet: Worksheet, frame: pd.DataFrame, meanings: Sequence[str], formats: Sequence[str]) -> None:
    """Header with remarks, rows, filter, widths and formats; what is not given stays empty."""
    sheet.append([str(name) for name in frame.columns])
    values = [_values(frame[name]) for name in frame.columns]
    for row in zip(*values, strict=True):
        sheet.append(row)
    style_header(sheet, 1, len(frame.columns))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(frame.columns))}{len(frame) + 1}"
    for position, (name, meaning, shape) in enumerate(
        zip(frame.columns, meanings, formats, strict=True), start=1
    ):
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = _width(str(name), frame[name])
        if meaning:
            sheet.cell(1, position).comment = Comment(meaning, "Entrepot")
        for cell in sheet[letter][1:]:
            cell.number_format = shape
            if cell.data_type == "f":  # a text that starts like a formula
                cell.data_type = "s"


def _values(column: "pd.Series[Any]") -> list[object]:
    """Return a column as cells: days as days, flags as words, None for what is not given."""
    values = column.to_numpy()
    if column.dtype.kind == "M":
        return [None if np.isnat(day) else day.astype("datetime64[D]").item() for day in values]
    if column.dtype.kind == "b":
        return ["true" if value else "false" for value in values]
    given = column.notna() & (column != "")
    return [value if there else None for value, there in zip(values.tolist(), given, strict=True)]


def _width(name: str, column: "pd.Series[Any]") -> int:
    """Width that shows the header and most texts."""
    longest = int(column.astype(str).str.len().max()) if len(column) and column.dtype == object else 0
    return min(WIDEST, max(len(name), longest)) + 3


def _number_format(column: Column, currency: str) -> str:
    """Excel format of a column, its unit included.

    >>> _number_format(PLAN_TABLES["carbon"][-1], "USD"), _number_format(PLAN_TABLES["costs"][-1], "USD")
    ('#,##0.0" kg CO₂e"', '#,##0.00 [$USD]')
    """
    if column.type is Type.TEXT:
        return "@"
    if column.unit == "money":
        return f"#,##0.00 [${currency}]"
    shape = "#,##0" if column.type is Type.COUNT else "0.0000" if column.unit.startswith("of ") else "#,##0.0"
    return f'{shape}" {column.unit}"' if column.unit else shape
