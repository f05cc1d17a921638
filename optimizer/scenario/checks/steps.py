"""Checks of step tables: from ≤ x < to, one step after the other without gap or overlap."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.checks.dates import effective_ends
from optimizer.scenario.faultlist import Tables, place
from optimizer.scenario.grouping import group_numbers
from optimizer.scenario.tables import TABLES

__all__ = ["step_faults"]


@dataclass(frozen=True)
class _Steps:
    """A step table: what its steps belong to, their ends, and whether the first must start at zero."""

    table: str
    group: tuple[str, ...]
    lower: str
    upper: str
    from_zero: bool


_STEPS = (
    _Steps("rate_breaks", ("card", "zone"), "weight_from_kg", "weight_to_kg", False),
    _Steps("distance_zones", ("card",), "from_km", "to_km", True),
    _Steps("storage_tiers", ("provider",), "age_from_days", "age_to_days", True),
    _Steps("order_fee_tiers", ("provider",), "orders_from", "orders_to", True),
)


def step_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each step that leaves a gap to the next, overlaps it, or ends before it starts."""
    faults = []
    for steps in _STEPS:
        frame = tables.get(steps.table)
        if frame is not None and len(frame):
            for rows in _sets(frame, steps):
                faults += _chain_faults(frame, rows, steps)
    return faults + _freight_break_faults(tables)


def _sets(frame: pd.DataFrame, steps: _Steps) -> list[np.ndarray]:
    """Return the rows that hold together: one array per group and per day on which one of them starts."""
    group = group_numbers(frame, steps.group)
    lower = frame[steps.lower].to_numpy()
    order = np.lexsort((lower, group))
    bounds = np.flatnonzero(np.diff(group[order])) + 1
    if not TABLES[steps.table].dated:
        return np.split(order, bounds)
    starts = frame["valid_from"].to_numpy()
    ends = effective_ends(TABLES[steps.table], frame)
    sets: list[np.ndarray] = []
    for rows in np.split(order, bounds):
        sets += [rows[(starts[rows] <= day) & ~(ends[rows] < day)] for day in np.unique(starts[rows])]
    return sets


def _chain_faults(frame: pd.DataFrame, rows: np.ndarray, steps: _Steps) -> list[Fault]:
    """Return the faults of one chain of steps, its rows sorted by lower end."""
    lower, upper = frame[steps.lower].to_numpy(), frame[steps.upper].to_numpy()
    name = " / ".join(str(frame[column].iat[rows[0]]) for column in steps.group)
    faults = []
    if steps.from_zero and lower[rows[0]] > 0:
        rule = f"The steps of {name} start above 0."
        where = place(frame, rows[0], steps.lower)
        faults.append(
            Fault(where, f"{lower[rows[0]]:g}", rule, f"Add the step from 0 to {lower[rows[0]]:g}.")
        )
    for position, row in enumerate(rows.tolist()):
        if upper[row] <= lower[row]:
            where = place(frame, row, steps.upper)
            rule = f"The step ends at or before its start, {lower[row]:g}."
            faults.append(
                Fault(where, f"{upper[row]:g}", rule, "A step holds for from ≤ x < to: write a larger end.")
            )
        elif position + 1 < len(rows):
            faults += _joint_faults(frame, row, int(rows[position + 1]), steps, name)
    return faults


def _joint_faults(frame: pd.DataFrame, row: int, follower: int, steps: _Steps, name: str) -> list[Fault]:
    """Return the fault where one step meets the next, if they do not fit."""
    end, start = frame[steps.upper].to_numpy()[row], frame[steps.lower].to_numpy()[follower]
    if end == start:
        return []
    where = place(frame, row, steps.upper)
    mend = f"Write {start:g}, where {place(frame, follower)} starts."
    if np.isnan(end) or end > start:
        shown = "" if np.isnan(end) else f"{end:g}"
        return [Fault(where, shown, f"The steps of {name} overlap: the next one starts at {start:g}.", mend)]
    return [Fault(where, f"{end:g}", f"The steps of {name} leave a gap from {end:g} to {start:g}.", mend)]


def _freight_break_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each freight rate per kg whose lowest break is above zero."""
    frame = tables.get("freight_rates")
    if frame is None:
        return []
    rates = frame[frame["unit"] == "kg"]
    lanes = rates.groupby(["service", "from_place", "to_place"], sort=False)["break_from_kg"].idxmin()
    lowest = frame["break_from_kg"].to_numpy(dtype=np.float64)
    return [
        Fault(
            place(frame, index, "break_from_kg"),
            f"{lowest[index]:g}",
            "The lowest kg break of the lane starts above 0.",
            "Add the break from 0: all-units breaks need a price for small shipments too.",
        )
        for index in lanes.tolist()
        if lowest[index] > 0
    ]
