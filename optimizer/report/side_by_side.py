"""Differences between runs as plain data that a page can show."""

from typing import Any

import pandas as pd

from optimizer.report.content import table
from optimizer.study.compare import Comparison

__all__ = ["comparison_content"]

TRANSLATED = ("component", "mode")
LEAST_MOVED = 0.5
"""Orders below which a difference is rounding."""


def comparison_content(compared: Comparison) -> dict[str, Any]:
    """Return the tables of a comparison: totals, openings, costs by each view, and the orders that move.

    Each run has a column of its own and, but for the first, the change against the first beside it;
    ``run`` says whose column it is.
    """
    tables = {"totals": table(compared.totals), "openings": _named(table(compared.openings), compared.runs)}
    for view, frame in compared.costs.items():
        tables[view] = _costs(view, frame, compared.runs)
    moved = compared.moved.groupby(["run", "market", "mode", "site"], sort=True)["orders"].sum().reset_index()
    moved = moved[moved["orders"].abs() > LEAST_MOVED]
    tables["moved"] = table(moved.sort_values("orders", key=lambda orders: -orders.abs(), kind="stable"))
    return {"runs": list(compared.runs), "currency": compared.currency, "tables": tables}


def _costs(view: str, frame: pd.DataFrame, runs: tuple[str, ...]) -> dict[str, Any]:
    """One line per key: what it costs in each run, and the change of each run against the first."""
    columns: list[dict[str, Any]] = [{"key": view, "kind": view if view in TRANSLATED else "text"}]
    values = [frame[view]]
    for run in runs:
        columns.append({"key": run, "kind": "money", "run": run})
        values.append(frame[run])
        if run != runs[0]:
            columns.append({"key": "change", "kind": "money", "run": run})
            values.append(frame[run] - frame[runs[0]])
    return {"columns": columns, "rows": [list(row) for row in zip(*values, strict=True)]}


def _named(shown: dict[str, Any], runs: tuple[str, ...]) -> dict[str, Any]:
    """Say of each column that carries a run's name that it does."""
    columns = [
        column | ({"run": column["key"]} if column["key"] in runs else {}) for column in shown["columns"]
    ]
    return shown | {"columns": columns}
