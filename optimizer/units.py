"""Units: how they are written in column names, and the constants that turn one into another.

Every column that carries a quantity ends in its unit (``weight_kg``, ``amount_per_m3_day``), so that no
file can be read in grams by one person and in kilograms by the next.

Examples
--------
>>> unit_suffix("weight_kg"), unit_suffix("name")
('kg', '')
>>> bare_name("capacity_kg_per_day")
'capacity'
"""

__all__ = [
    "CM3_PER_M3",
    "DAYS_PER_MONTH",
    "DAYS_PER_YEAR",
    "KG_PER_T",
    "MONTHS_PER_YEAR",
    "UNIT_SUFFIXES",
    "bare_name",
    "unit_suffix",
]

CM3_PER_M3 = 1_000_000.0
KG_PER_T = 1_000.0
DAYS_PER_YEAR = 365.0
MONTHS_PER_YEAR = 12.0
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR

UNIT_SUFFIXES: dict[str, str] = {
    "kg": "kilogram",
    "t": "tonne (1000 kg)",
    "cm": "centimetre",
    "km": "kilometre",
    "m3": "cubic metre",
    "days": "days",
    "months": "months",
    "pct": "percent: ten percent is 10",
    "cm3_per_kg": "cubic centimetres that count as one kilogram",
    "kg_per_m3": "kilograms that count as one cubic metre",
    "kg_per_tkm": "kilograms per tonne-kilometre",
    "kg_per_day": "kilograms per day",
    "per_kg": "per kilogram",
    "per_km": "per road kilometre",
    "per_m3": "per cubic metre",
    "per_m3_day": "per cubic metre and day",
    "per_month": "per month",
    "per_order": "per order",
    "per_eur": "units of the currency per euro",
    "orders_per_month": "orders per month",
}
_LONGEST_FIRST = sorted(UNIT_SUFFIXES, key=len, reverse=True)


def unit_suffix(column: str) -> str:
    """Return the unit at the end of a column name, or the empty text.

    Parameters
    ----------
    column
        Name in snake_case.

    Returns
    -------
    str
        The longest known suffix that the name ends in.
    """
    for suffix in _LONGEST_FIRST:
        if column == suffix or column.endswith(f"_{suffix}"):
            return suffix
    return ""


def bare_name(column: str) -> str:
    """Return a column name without its unit; a name that is nothing but a unit stays whole."""
    suffix = unit_suffix(column)
    if not suffix or column == suffix:
        return column
    return column.removesuffix(f"_{suffix}")
