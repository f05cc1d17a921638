"""Plan tables on disk: each as Parquet and as CSV, the same bytes for the same plan."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from optimizer.plan.columns import PLAN_TABLES, Column, Type, conform
from optimizer.plan.plan import Plan

__all__ = ["read_tables", "write_tables"]

_ARROW = {Type.TEXT: pa.string(), Type.NUMBER: pa.float64(), Type.COUNT: pa.int64()}


def write_tables(plan: Plan, folder: Path) -> None:
    """Write every table of the plan into an existing folder, as ``<table>.parquet`` and ``<table>.csv``.

    The Parquet schema carries unit and meaning of each column; nothing depends on time, machine or
    the version of pandas, so equal plans give equal bytes.
    """
    for name, columns in PLAN_TABLES.items():
        frame = plan[name]
        arrays = [pa.array(frame[column.name], _ARROW[column.type]) for column in columns]
        table = pa.Table.from_arrays(arrays, schema=pa.schema([_field(column) for column in columns]))
        parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the Parquet tables that `write_tables` wrote, in their columns and types."""
    return {name: conform(name, pd.read_parquet(folder / f"{name}.parquet")) for name in PLAN_TABLES}


def _field(column: Column) -> pa.Field:
    return pa.field(
        column.name, _ARROW[column.type], metadata={"unit": column.unit, "meaning": column.meaning}
    )
