"""Build small instances from inline rows: every column that is left out takes its declared default."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from optimizer.scenario.fields import Field, Kind, Required, Table
from optimizer.scenario.instance import Instance, ModelSettings, Provenance, SolveSettings
from optimizer.scenario.tables import TABLES

EMPTY = {Kind.NUMBER: float("nan"), Kind.DATE: pd.NaT}
DTYPES = {Kind.NUMBER: "float64", Kind.INTEGER: "int64", Kind.FLAG: "bool", Kind.DATE: "datetime64[ns]"}
PROVENANCE = {"source": "test", "quality": "assumption"}

Rows = Sequence[Mapping[str, Any]]


def make_instance(
    tables: Mapping[str, Rows], *, currency: str = "USD", name: str = "test", **model: Any
) -> Instance:
    """Return an `Instance` with the given rows; `model` are fields of `ModelSettings`."""
    unknown = set(tables) - set(TABLES)
    assert not unknown, unknown
    frames = {key: _frame(table, tables.get(key, ())) for key, table in TABLES.items()}
    return Instance(
        name=name,
        currency=currency,
        tables=frames,
        model=ModelSettings(**model),
        solve=SolveSettings(),
        provenance=Provenance("test", {}),
    )


def _frame(table: Table, rows: Rows) -> pd.DataFrame:
    names = {field.name for field in table.columns}
    for row in rows:
        assert not set(row) - names, (table.name, set(row) - names)
    columns = {}
    for field in table.columns:
        values = [row[field.name] if field.name in row else _default(table, field) for row in rows]
        columns[field.name] = pd.Series(values, dtype=DTYPES.get(field.kind, object))
    return pd.DataFrame(columns)


def _default(table: Table, field: Field) -> Any:
    if field.name in PROVENANCE:
        return PROVENANCE[field.name]
    if field.name == "valid_from":
        return pd.Timestamp("2020-01-01")
    if field.name == "name":
        return ""
    assert not isinstance(field.default, Required), (table.name, field.name)
    return EMPTY.get(field.kind, "") if field.default is None else field.default
