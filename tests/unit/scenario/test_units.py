"""Units at the end of column names."""

import pytest

from optimizer.scenario.fields import Kind
from optimizer.scenario.tables import TABLES
from optimizer.units import UNIT_SUFFIXES, bare_name, unit_suffix


@pytest.mark.parametrize(
    ("column", "suffix", "bare"),
    [
        ("weight_kg", "kg", "weight"),
        ("capacity_kg_per_day", "kg_per_day", "capacity"),
        ("amount_per_m3_day", "per_m3_day", "amount"),
        ("kg_per_m3", "kg_per_m3", "kg_per_m3"),
        ("name", "", "name"),
        ("orders", "", "orders"),
    ],
)
def test_longest_suffix_counts(column: str, suffix: str, bare: str) -> None:
    assert unit_suffix(column) == suffix
    assert bare_name(column) == bare


def test_every_unit_named_in_a_column_is_the_unit_of_its_definition() -> None:
    spoken = {"kg": "kg", "cm": "cm", "km": "km", "t": "t", "m3": "m³", "days": "days", "months": "months"}
    for table in TABLES.values():
        for field in table.columns:
            suffix = unit_suffix(field.name)
            if suffix in spoken:
                assert field.unit == spoken[suffix], f"{table.name}.{field.name}"
            elif suffix == "pct":
                assert field.unit.startswith("%"), f"{table.name}.{field.name}"


def test_every_suffix_is_used_by_a_table() -> None:
    used = {unit_suffix(field.name) for table in TABLES.values() for field in table.columns}
    assert set(UNIT_SUFFIXES) <= used


def test_quantities_have_units() -> None:
    plain = {"factor", "value"}
    for table in TABLES.values():
        for field in table.columns:
            if field.kind is Kind.NUMBER and field.name not in plain:
                assert field.unit, f"{table.name}.{field.name}"
