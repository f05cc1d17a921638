"""Checks of single cells: ranges, plausible ranges, codes of goods, and shapes of boxes."""

from collections.abc import Callable

import numpy as np

from optimizer.errors import Fault
from optimizer.scenario.faultlist import Tables, cell_faults, suggestion, text_of
from optimizer.scenario.fields import Field, Kind
from optimizer.scenario.tables import TABLES
from optimizer.units import CM3_PER_M3

__all__ = ["LEAST_DENSITY_KG_PER_M3", "MOST_DENSITY_KG_PER_M3", "value_faults"]

LEAST_DENSITY_KG_PER_M3 = 3.0
MOST_DENSITY_KG_PER_M3 = 20_000.0
_NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER})
_NEVER_BELOW_ONE_PERCENT = (
    ("members", "capital_rate_pct"),
    ("markets", "promise_share_pct"),
    ("tax_rules", "rate_pct"),
    ("refund_rates", "rate_pct"),
    ("returns", "shipped_back_pct"),
    ("returns", "resale_pct"),
)
"""Percentages of which a value above 0 and at most 1 is a share written by mistake."""
_HS_COLUMNS = (("duty_rules", "hs_prefix"), ("refund_rates", "hs_prefix"))


def value_faults(tables: Tables, unusual: set[str]) -> list[Fault]:
    """Return the faults of single values.

    Parameters
    ----------
    tables
        Tables in work.
    unusual
        Columns, as table.column, whose values may leave the plausible range.
    """
    faults = _unknown_columns(unusual)
    for name, table in TABLES.items():
        for field in table.columns:
            if field.kind in _NUMERIC and len(tables[name]):
                faults += _range_faults(tables, name, field, f"{name}.{field.name}" not in unusual)
    return faults + _share_faults(tables, unusual) + _hs_faults(tables) + _density_faults(tables, unusual)


def _unknown_columns(unusual: set[str]) -> list[Fault]:
    """Return a fault for each column called unusual that no table has."""
    known = [f"{name}.{field.name}" for name, table in TABLES.items() for field in table.columns]
    return [
        Fault("[scenario] key unusual", column, "No table has such a column.", suggestion(column, known))
        for column in sorted(unusual)
        if column not in known
    ]


def _range_faults(tables: Tables, name: str, field: Field, plausibly: bool) -> list[Fault]:
    """Return the faults of one numeric column: outside its range, or outside what is plausible."""
    frame = tables[name]
    values = frame[field.name].to_numpy(dtype=np.float64)
    low, high, above = field.minimum, field.maximum, field.above
    bad = np.zeros(len(values), dtype=bool)
    if low is not None:
        bad |= values < low
    if high is not None:
        bad |= values > high
    if above is not None:
        bad |= values <= above
    unit = f" {field.unit}" if field.unit else ""
    faults = cell_faults(
        frame, field.name, bad, f"It must be {_range_text(field)}{unit}.", _range_mend(field)
    )
    if field.plausible is None or not plausibly:
        return faults
    least, most = field.plausible
    odd = ((values < least) | (values > most)) & ~bad
    rule = f"It lies outside {least:g} to {most:g}{unit}, as if it were in another unit."
    return faults + cell_faults(
        frame, field.name, odd, rule, _unit_mend(frame[field.name].to_numpy(), name, field)
    )


def _range_text(field: Field) -> str:
    """Return the allowed range of a field in words."""
    parts = []
    if field.above is not None:
        parts.append(f"above {field.above:g}")
    if field.minimum is not None:
        parts.append(f"at least {field.minimum:g}")
    if field.maximum is not None:
        parts.append(f"at most {field.maximum:g}")
    return " and ".join(parts)


def _range_mend(field: Field) -> str:
    """Return how to mend a value out of range."""
    if field.name.endswith("_pct"):
        return "Write percent: ten percent is 10."
    return f"Write a value as in {field.example}." if field.example else "Mend the value."


def _unit_mend(values: np.ndarray, name: str, field: Field) -> Callable[[int], str]:
    """Return the sentence that tells how to mend a value that looks like another unit."""
    factors = {"kg": (1e-3, "grams"), "cm": (0.1, "millimetres"), "degrees": (1.0, "")}
    suffix = field.unit.split("/")[0] if field.unit.split("/")[0] in factors else ""

    def mend(index: int) -> str:
        allow = f'or allow it with unusual = ["{name}.{field.name}"] in [scenario]'
        least, most = field.plausible or (0.0, 0.0)
        factor, other = factors.get(suffix, (1.0, ""))
        converted = float(values[index]) * factor
        if other and least <= converted <= most:
            return f"If it is in {other}, write {text_of(converted)}; {allow}."
        return f"Write it in {field.unit or 'the unit of the column'}, {allow}."

    return mend


def _share_faults(tables: Tables, unusual: set[str]) -> list[Fault]:
    """Return a fault for each percentage that looks like a share: 0.19 for 19 percent."""
    faults = []
    for name, column in _NEVER_BELOW_ONE_PERCENT:
        if f"{name}.{column}" not in unusual:
            values = tables[name][column].to_numpy(dtype=np.float64)
            faults += cell_faults(
                tables[name],
                column,
                (values > 0) & (values <= 1),
                "It lies between 0 and 1, as if it were a share and not a percentage.",
                _percent_mend(values, f"{name}.{column}"),
            )
    return faults


def _percent_mend(values: np.ndarray, column: str) -> Callable[[int], str]:
    """Return the sentence that turns a share into a percentage."""
    allow = f'or allow it with unusual = ["{column}"] in [scenario]'
    return lambda index: (
        f"Write {text_of(values[index] * 100)} for {text_of(values[index] * 100)} %, {allow}."
    )


def _hs_faults(tables: Tables) -> list[Fault]:
    """Return the faults of codes of the Harmonised System: digits only, in pairs."""
    products = tables["products"]
    codes = products["hs_code"].astype(str)
    bad = (codes != "") & ~codes.str.fullmatch(r"\d{6}(\d\d){0,2}")
    rule = "An HS code has 6, 8 or 10 digits and nothing else."
    faults = cell_faults(products, "hs_code", bad, rule, "Write the digits alone, a leading zero included.")
    for name, column in _HS_COLUMNS:
        prefixes = tables[name][column].astype(str)
        bad = (prefixes != "") & ~prefixes.str.fullmatch(r"\*|(\d\d){1,5}")
        rule = "An HS prefix has 2, 4, 6, 8 or 10 digits, or is * for all."
        faults += cell_faults(
            tables[name], column, bad, rule, "Write the digits alone, a leading zero included."
        )
    return faults


def _density_faults(tables: Tables, unusual: set[str]) -> list[Fault]:
    """Return a fault for each product whose weight and size cannot both be right."""
    frame = tables["products"]
    if "products.weight_kg" in unusual:
        return []
    sides = frame[["length_cm", "width_cm", "height_cm"]].to_numpy(dtype=np.float64)
    sound = np.ones(len(frame), dtype=bool)
    for field in TABLES["products"].fields:
        if field.name in {"weight_kg", "length_cm", "width_cm", "height_cm"} and field.plausible:
            sound &= frame[field.name].between(*field.plausible).to_numpy()
    volume = sides.prod(axis=1) / CM3_PER_M3
    weight = frame["weight_kg"].to_numpy(dtype=np.float64)
    with np.errstate(all="ignore"):
        density = np.where(volume > 0, weight / volume, np.nan)
    bad = sound & ((density < LEAST_DENSITY_KG_PER_M3) | (density > MOST_DENSITY_KG_PER_M3))
    limits = f"{LEAST_DENSITY_KG_PER_M3:g} to {MOST_DENSITY_KG_PER_M3:g} kg/m³"
    rule = f"Weight and size give a density outside {limits}."
    mend = "Write the weight in kg and the sides in cm."
    return cell_faults(
        frame,
        "weight_kg",
        bad,
        rule,
        mend,
        lambda index: f"{weight[index]:g} kg in {volume[index] * 1e3:g} litres",
    )
