"""`reference_check`: proof that a folder of reference tables is fit to be shared by scenarios.

Every figure has a source, every assumption a range it lies in, every dated row a neighbour without gap or
overlap, every unit a plausible size, and every reference something it refers to.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.checks.dates import effective_ends, validity_faults
from optimizer.scenario.checks.references import reference_faults
from optimizer.scenario.checks.services import service_faults
from optimizer.scenario.checks.steps import step_faults
from optimizer.scenario.checks.values import value_faults
from optimizer.scenario.faultlist import Tables, cell_faults, text_of
from optimizer.scenario.readers import read_layer
from optimizer.scenario.stack import stack
from optimizer.scenario.tables import TABLES

__all__ = ["PROBE_KG", "RANGED_FIGURES", "reference_check"]

PROBE_KG = 1.5
"""The range of a rate break speaks of a parcel of this weight, or of the nearest weight of the step."""

RANGED_FIGURES = {
    "places": "lat", "hubs": "amount", "services": "loss_pct", "lanes": "days_mean", "rate_cards": "step_kg",
    "surcharges": "amount", "freight_lanes": "days_mean", "freight_rates": "amount",
    "handling_charges": "amount", "inland_rates": "amount_per_km", "sites": "lat",
    "site_sizes": "rent_per_month", "warehouse_charges": "amount",
    "storage_tiers": "amount_per_m3_day", "order_fee_tiers": "amount_per_order", "duty_rules": "rate_pct",
    "low_value_rules": "threshold", "customs_values": "freight_pct", "tax_rules": "rate_pct",
    "clearance_fees": "amount", "export_regimes": "refund_days", "refund_rates": "rate_pct",
    "fx_rates": "per_eur", "returns": "return_pct", "loss_months": "factor", "emission_factors": "kg_per_tkm",
    "cartons": "amount", "containers": "usable_m3", "distance_zones": "from_km",
}  # fmt: skip
"""The column of each table that its plausible_range speaks of; rate_breaks: the price at `PROBE_KG`."""

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_NO_SOURCE = frozenset({"?", "-", "n/a", "na", "none", "todo", "tbd", "unknown", "source"})
_ROUNDING = 0.005
"""Ranges are written to a few digits: a figure may miss its end by this share."""


def reference_check(folder: str | Path) -> list[Fault]:
    """Return everything wrong with a folder of reference tables, an empty list if nothing is.

    Parameters
    ----------
    folder
        Folder of CSV files. Where its name is a year, every dated key must hold from the first day of that
        year to the last day of the next.

    Returns
    -------
    list of Fault
        Faults of reading, units, references and steps as for any scenario; then figures without a source,
        assumptions without a range or outside it, and gaps or overlaps of validity.
    """
    folder = Path(folder)
    layer = read_layer(folder.name, folder.parent, folder.parent, f"reference tables {folder.name}")
    tables, faults, broken = stack([layer])
    sound = {name: frame for name, frame in tables.items() if name not in broken and len(frame)}
    checks: tuple[Callable[[Tables], list[Fault]], ...] = (
        reference_faults, validity_faults, step_faults, service_faults, _source_faults, _range_faults,
    )  # fmt: skip
    faults = faults + value_faults(tables, set())
    for check in checks:
        faults += check(sound)
    return faults + _gap_faults(sound, int(folder.name) if re.fullmatch(r"\d{4}", folder.name) else None)


def _source_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each figure whose source says nothing, and for tables that carry no sources."""
    faults = []
    for name, frame in tables.items():
        if not TABLES[name].sourced:
            rule = f"The table {name} carries no sources, so it is no reference."
            faults += cell_faults(
                frame, TABLES[name].key[0], frame.index == 0, rule, "Move it to the folder of a scenario."
            )
            continue
        empty = frame["source"].str.strip().str.lower().isin(_NO_SOURCE)
        rule = "Every figure needs the document, page or reasoning it comes from."
        faults += cell_faults(frame, "source", empty, rule, "Name the source, or say what was assumed.")
    return faults


def _range_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each assumption without a range, malformed range, and figure outside its own."""
    faults = []
    for name, frame in tables.items():
        if not TABLES[name].sourced:
            continue
        text = frame["plausible_range"].str.strip()
        bare = (frame["quality"] == "assumption") & (text == "")
        rule = "An assumption carries the range it may lie in."
        faults += cell_faults(frame, "plausible_range", bare, rule, "Write low..high.")
        ends = [_RANGE.fullmatch(cell) for cell in text]
        low = np.array([float(end[1]) if end else np.nan for end in ends])
        high = np.array([float(end[2]) if end else np.nan for end in ends])
        malformed = (text != "").to_numpy() & ~(low <= high)
        rule = "A range is two numbers, the smaller one first."
        faults += cell_faults(frame, "plausible_range", malformed, rule, "Write low..high.")
        figure, column = _figure(name, frame)
        slack = _ROUNDING * np.abs(figure)
        outside = (figure < low - slack) | (figure > high + slack)
        shown = [f"{value:g} in {span}" for value, span in zip(figure, text, strict=True)]
        rule = "The figure lies outside its own plausible_range."
        faults += cell_faults(frame, column, outside, rule, "Mend one of the two.", shown.__getitem__)
    return faults


def _figure(name: str, frame: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Return the figure of each row that its plausible_range speaks of, and the column to name."""
    if name != "rate_breaks":
        column = RANGED_FIGURES[name]
        return frame[column].to_numpy(dtype=np.float64), column
    start = frame["weight_from_kg"].to_numpy()
    weight = np.maximum(start, np.fmin(PROBE_KG, frame["weight_to_kg"].to_numpy()))
    counted = np.where(frame["per_kg_on"] == "excess", weight - start, weight)
    price = frame["amount"].to_numpy() + frame["amount_per_kg"].to_numpy() * counted
    return price, "amount"


def _gap_faults(tables: Tables, edition: int | None) -> list[Fault]:
    """Return a fault for each dated key that skips a day between rows or leaves the edition uncovered."""
    faults = []
    for name, frame in tables.items():
        table = TABLES[name]
        if not table.dated:
            continue
        starts = frame["valid_from"].to_numpy(dtype="datetime64[D]")
        ends = effective_ends(table, frame).astype("datetime64[D]")
        group = frame.groupby(list(table.key), sort=False, dropna=False).ngroup().to_numpy()
        order = np.lexsort((starts, group))
        same = group[order][1:] == group[order][:-1]
        before, after = order[:-1][same], order[1:][same]
        skipped = np.zeros(len(frame), dtype=bool)
        skipped[after] = starts[after] > ends[before] + np.timedelta64(1, "D")
        faults += cell_faults(
            frame, "valid_from", skipped, "Days between this row and the one before it have no figure.",
            "Close the gap, if need be with a row of amount 0.",
        )  # fmt: skip
        if edition is not None:
            faults += _edition_faults(frame, starts, ends, order, same, edition)
    return faults


def _edition_faults(
    frame: pd.DataFrame,
    starts: np.ndarray,
    ends: np.ndarray,
    order: np.ndarray,
    same: np.ndarray,
    edition: int,
) -> list[Fault]:
    """Return a fault for each key without a figure on the first or the last day of the edition."""
    opens, closes = np.datetime64(f"{edition}-01-01"), np.datetime64(f"{edition + 1}-12-31")
    first, last = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    first[order] = np.concatenate([[True], ~same])
    last[order] = np.concatenate([~same, [True]])
    faults = cell_faults(
        frame, "valid_from", first & (starts > opens), f"No figure holds on {text_of(pd.Timestamp(opens))}.",
        "Add the row that held before.",
    )  # fmt: skip
    return faults + cell_faults(
        frame, "valid_to", last & (ends < closes), f"No figure holds on {text_of(pd.Timestamp(closes))}.",
        "Add the row that holds afterwards, or leave the end empty.",
    )  # fmt: skip
