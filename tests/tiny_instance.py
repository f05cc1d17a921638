"""Tiny scenarios for tests: tables as inline CSV, the rest from the defaults of the table definitions."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd

from optimizer.scenario.fields import Field, Kind, Table
from optimizer.scenario.instance import Instance, ModelSettings, Provenance, SolveSettings
from optimizer.scenario.tables import TABLES

BLANK = {
    Kind.NUMBER: np.nan, Kind.INTEGER: 0, Kind.FLAG: False, Kind.DATE: pd.NaT,
}  # fmt: skip
STANDARD = {"valid_from": "2020-01-01", "source": "worked example", "quality": "assumption"}


def tiny_instance(currency: str = "EUR", model: ModelSettings | None = None, **tables: str) -> Instance:
    """Return an instance whose tables are given as CSV text; columns left out take their defaults."""
    unknown = set(tables) - set(TABLES)
    assert not unknown, f"no such tables: {unknown}"
    frames = {name: _frame(table, tables.get(name, "")) for name, table in TABLES.items()}
    return Instance(
        "tiny", currency, frames, model or ModelSettings(), SolveSettings(), Provenance("inline", {}, ())
    )


def changed(instance: Instance, **tables: str) -> Instance:
    """Return an instance with some tables replaced; far quicker than a new one."""
    frames = {name: _frame(TABLES[name], text) for name, text in tables.items()}
    return replace(instance, tables={**instance.tables, **frames})


def _frame(table: Table, text: str) -> pd.DataFrame:
    lines = [line.strip() for line in text.strip().splitlines()]
    raw = (
        pd.read_csv(StringIO("\n".join(lines)), dtype=str, keep_default_na=False) if lines else pd.DataFrame()
    )
    wrong = set(raw.columns) - {field.name for field in table.columns}
    assert not wrong, f"{table.name} has no columns {wrong}"
    return pd.DataFrame({field.name: _column(field, raw) for field in table.columns})


def _column(field: Field, raw: pd.DataFrame) -> pd.Series:
    default = STANDARD.get(
        field.name, "" if not isinstance(field.default, (int, float, str)) else field.default
    )
    cells = raw[field.name] if field.name in raw else pd.Series([""] * len(raw), dtype=object)
    filled = [str(default) if cell == "" else cell for cell in cells]
    if field.kind is Kind.NUMBER:
        return pd.Series([float(cell) if cell else np.nan for cell in filled], dtype=np.float64)
    if field.kind is Kind.INTEGER:
        return pd.Series([int(cell) for cell in filled], dtype=np.int64)
    if field.kind is Kind.FLAG:
        return pd.Series([cell.lower() == "true" for cell in filled], dtype=bool)
    if field.kind is Kind.DATE:
        return pd.Series(pd.to_datetime([cell or None for cell in filled]), dtype="datetime64[ns]")
    return pd.Series(filled, dtype=object)
