"""Writing an instance as a scenario that loads again: CSV files or a workbook, and the TOML file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from optimizer.scenario.instance import Instance
from optimizer.scenario.tables import TABLES

__all__ = ["scenario_text", "write"]


def write(instance: Instance, path: str | Path) -> Path:
    """Write an instance so that `load` of the returned file gives equal tables and settings.

    Edits are applied and excluded rows are gone in what is written; empty tables are left out.

    Parameters
    ----------
    instance
        Instance to write.
    path
        A folder, for CSV files and ``scenario.toml``; or a file ending in ``.xlsx``, for a workbook with the
        scenario file of the same name beside it. Folders are made as needed.

    Returns
    -------
    pathlib.Path
        The scenario file.
    """
    path = Path(path)
    filled = {name: frame for name, frame in instance.tables.items() if len(frame)}
    if path.suffix.lower() == ".xlsx":
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_workbook(filled, path)
        scenario, layer = path.with_suffix(".toml"), path.name
    else:
        path.mkdir(parents=True, exist_ok=True)
        for name, frame in filled.items():
            text = _as_text(frame).to_csv(index=False, lineterminator="\n")
            (path / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
        scenario, layer = path / "scenario.toml", "."
    settings = {"model": asdict(instance.model), "solve": asdict(instance.solve)}
    scenario.write_text(scenario_text(instance.name, instance.currency, layer, settings), encoding="utf-8")
    return scenario


def scenario_text(
    name: str, currency: str, layer: str, settings: Mapping[str, Mapping[str, object]] | None = None
) -> str:
    """Return the text of a scenario file with one layer.

    >>> print(scenario_text("trial", "USD", "tables", {"solve": {"gap": 0.01, "memory_mb": None}}))
    [scenario]
    name = "trial"
    format = 1
    currency = "USD"
    tables = ["tables"]
    <BLANKLINE>
    [solve]
    gap = 0.01
    <BLANKLINE>
    """
    quoted = [json.dumps(text, ensure_ascii=False) for text in (name, currency, layer)]
    lines = [
        "[scenario]",
        f"name = {quoted[0]}",
        "format = 1",
        f"currency = {quoted[1]}",
        f"tables = [{quoted[2]}]",
    ]
    for section, values in (settings or {}).items():
        lines += ["", f"[{section}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with flags and dates as users write them; numbers keep every digit."""
    columns = {}
    for name, column in frame.items():
        if column.dtype == bool:
            columns[name] = column.map({True: "true", False: "false"})
        elif column.dtype.kind == "M":
            columns[name] = column.dt.strftime("%Y-%m-%d")
        else:
            columns[name] = column
    return pd.DataFrame(columns)


def _write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables as sheets of a workbook, in declared order."""
    book = Workbook(write_only=True)
    for name in TABLES:
        if name in tables:
            sheet = book.create_sheet(name)
            sheet.append(list(tables[name].columns))
            for row in _cells(tables[name], sheet):
                sheet.append(row)
    book.save(path)


def _cells(frame: pd.DataFrame, sheet: WriteOnlyWorksheet) -> Iterator[list[object]]:
    """Return the rows of a table as cells; what is not given stays empty."""
    columns = []
    for name in frame.columns:
        column = frame[name]
        values = column.to_numpy()
        if column.dtype.kind == "M":
            columns.append([None if np.isnat(day) else day.astype("datetime64[D]").item() for day in values])
        elif column.dtype.kind == "f":
            columns.append([None if np.isnan(value) else float(value) for value in values])
        elif column.dtype == object:
            columns.append([_label(value, sheet) for value in values])
        else:
            columns.append([value.item() for value in values])
    return (list(row) for row in zip(*columns, strict=True))


def _label(text: str, sheet: WriteOnlyWorksheet) -> object:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    if not text.startswith("="):
        return text or None
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell
