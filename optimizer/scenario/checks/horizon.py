"""Checks of the horizon: rates, tariffs and exchange rates for every day of it."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.checks.dates import effective_ends
from optimizer.scenario.codes import CURRENCIES
from optimizer.scenario.faultlist import Tables, day_of, place, text_of
from optimizer.scenario.tables import TABLES

__all__ = ["horizon_faults"]

_DAY = np.timedelta64(1, "D")
_FOREVER = np.datetime64("2200-01-01", "ns")
_WHOLE_HORIZON = (
    ("storage_tiers", ("provider",)),
    ("order_fee_tiers", ("provider",)),
    ("warehouse_charges", ("provider", "item")),
    ("inland_rates", ("country", "unit")),
    ("tax_rules", ("destination",)),
)
"""Tables whose groups, once present, must hold on every day of the horizon."""


def horizon_faults(tables: Tables, currency: str) -> list[Fault]:
    """Return a fault for each rate, tariff or exchange rate that is missing on a day of the horizon.

    Parameters
    ----------
    tables
        Tables in work.
    currency
        Currency of the scenario.
    """
    periods = tables.get("periods")
    if periods is None or periods.empty or periods[["start", "end"]].isna().any(axis=None):
        return []
    start, end = periods["start"].to_numpy().min(), periods["end"].to_numpy().max()
    faults = []
    for name, group in _WHOLE_HORIZON:
        if name in tables and len(tables[name]):
            frame = tables[name]
            windows = dict.fromkeys(zip(*(frame[column] for column in group), strict=True), (start, end))
            faults += _gaps(tables, name, group, windows)
    faults += _gaps(tables, "rate_breaks", ("card", "zone"), _card_windows(tables, start, end))
    freight = ("service", "from_place", "to_place")
    if "freight_lanes" in tables:
        windows = _windows(tables["freight_lanes"], freight, "freight_lanes", start, end)
        faults += _gaps(tables, "freight_rates", freight, windows)
    faults += [fault for name in ("lanes", "freight_lanes") for fault in _expired(tables, name, start, end)]
    return faults + _fx_faults(tables, currency, start)


def _expired(tables: Tables, name: str, start: np.datetime64, end: np.datetime64) -> list[Fault]:
    """Return a fault if no row at all of a table of lanes holds within the horizon."""
    frame = tables.get(name)
    if frame is None or frame.empty or _windows(frame, TABLES[name].key, name, start, end):
        return []
    rule = f"No row of {name} holds between {day_of(start)} and {day_of(end)}, the horizon."
    return [Fault(place(frame, 0, "valid_from"), "", rule, "Mend the dates of the periods or of the lanes.")]


Windows = dict[tuple[str, ...], tuple[np.datetime64, np.datetime64]]


def _windows(
    frame: pd.DataFrame, columns: Iterable[str], name: str, start: np.datetime64, end: np.datetime64
) -> Windows:
    """Return the days within the horizon on which each group of a dated table is in use."""
    lasts = effective_ends(TABLES[name], frame) if len(frame) else np.zeros(0, dtype="datetime64[ns]")
    windows: Windows = {}
    keys = zip(*(frame[column] for column in columns), strict=True)
    for key, first, last in zip(keys, frame["valid_from"].to_numpy(), lasts, strict=True):
        until = end if np.isnat(last) else min(last, end)
        since = max(first, start)
        if since <= until:
            known = windows.get(key, (since, until))
            windows[key] = (min(known[0], since), max(known[1], until))
    return windows


def _card_windows(tables: Tables, start: np.datetime64, end: np.datetime64) -> Windows:
    """Return the days on which each card and zone is used by a lane of an included service."""
    if "lanes" not in tables or "services" not in tables:
        return {}
    services = tables["services"]
    services = services[services["status"] == "Include"]
    cards = dict(zip(services["service"], services["rate_card"], strict=True))
    lanes = tables["lanes"].assign(card=tables["lanes"]["service"].map(cards).fillna(""))
    lanes = lanes[lanes["card"] != ""]
    return _windows(lanes, ("card", "zone"), "lanes", start, end)


def _gaps(tables: Tables, name: str, group: tuple[str, ...], windows: Windows) -> list[Fault]:
    """Return a fault for each group of a table that leaves a day of its window without a row."""
    if name not in tables or not windows:
        return []
    frame = tables[name]
    if frame.empty:
        return []
    lasts = effective_ends(TABLES[name], frame)
    rows: dict[tuple[str, ...], list[tuple[np.datetime64, np.datetime64, int]]] = {}
    keys = zip(*(frame[column] for column in group), strict=True)
    for index, (key, first, last) in enumerate(zip(keys, frame["valid_from"].to_numpy(), lasts, strict=True)):
        rows.setdefault(key, []).append((first, _FOREVER if np.isnat(last) else last, index))
    faults = []
    for key, (start, end) in windows.items():
        missing = _first_gap(rows[key], start, end) if key in rows else None
        if missing is not None:
            day, index = missing
            what = " / ".join(key)
            rule = f"No row of {name} for {what} holds on {day_of(day)}, a day of the horizon."
            mend = "Add a row for that day, or extend the validity."
            faults.append(Fault(place(frame, index, "valid_to"), what, rule, mend))
    return faults


def _first_gap(
    spans: list[tuple[np.datetime64, np.datetime64, int]], start: np.datetime64, end: np.datetime64
) -> tuple[np.datetime64, int] | None:
    """Return the first day of a window that no span covers, and the row before the gap, or else after it."""
    day, last_row = start, -1
    for first, last, index in sorted(spans):
        if day > end:
            break
        if first > day:
            return day, last_row if last_row >= 0 else index
        last_row = index if last >= day or last_row < 0 else last_row
        day = max(day, last + _DAY)
    return (day, last_row) if day <= end else None


def _fx_faults(tables: Tables, currency: str, start: np.datetime64) -> list[Fault]:
    """Return a fault for each currency in use that has no exchange rate on or before the first day."""
    if "fx_rates" not in tables:
        return []
    fx = tables["fx_rates"]
    first = fx.groupby("currency")["date"].min()
    faults, seen = [], {"EUR", ""}
    for name, frame in tables.items():
        if name == "fx_rates" or "currency" not in frame.columns:
            continue
        for index in np.flatnonzero(~frame["currency"].duplicated().to_numpy()).tolist():
            code = str(frame["currency"].iat[index])
            if code not in seen and _money_given(frame):
                seen.add(code)
                faults += _fx_fault(code, first, start, place(frame, index, "currency"))
    if currency in CURRENCIES and currency not in seen:
        faults += _fx_fault(currency, first, start, "[scenario] key currency")
    return faults


def _fx_fault(code: str, first: "pd.Series[pd.Timestamp]", start: np.datetime64, where: str) -> list[Fault]:
    """Return the fault of one currency, if there is one."""
    if code not in first.index:
        return [
            Fault(
                where, code, "fx_rates has no rate for this currency.", f"Add a row for {code} to fx_rates."
            )
        ]
    if first[code] > pd.Timestamp(start):
        rule = f"fx_rates starts on {text_of(first[code])} for {code}, after the first day {day_of(start)}."
        return [Fault(where, code, rule, f"Add a rate of {code} dated {day_of(start)} or before.")]
    return []


def _money_given(frame: pd.DataFrame) -> bool:
    """Whether a table holds any amount: a default currency without an amount needs no rate."""
    numbers = frame.select_dtypes("float64")
    return bool(numbers.notna().to_numpy().any())
