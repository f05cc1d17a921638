"""The definitions themselves: examples, defaults and references must obey the rules they state."""

import pytest

from optimizer.scenario.cells import read_cell
from optimizer.scenario.fields import REQUIRED, Field, Kind, Table
from optimizer.scenario.tables import TABLES

NUMERIC = (Kind.NUMBER, Kind.INTEGER)


def within(field: Field, value: float) -> bool:
    """Whether a number obeys the limits of its column."""
    low = field.minimum is None or value >= field.minimum
    high = field.maximum is None or value <= field.maximum
    return low and high and (field.above is None or value > field.above)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_columns_obey_their_own_rules(table: Table) -> None:
    for field in table.columns:
        check_example(field)
        check_definition(field)


def check_example(field: Field) -> None:
    if field.default is REQUIRED:
        assert field.example
    value = read_cell(field, field.example)
    if field.kind in NUMERIC and field.example:
        assert within(field, float(str(value)))
        if field.plausible:
            assert field.plausible[0] <= float(str(value)) <= field.plausible[1]


def check_definition(field: Field) -> None:
    assert field.meaning.endswith((".", "...")), "a meaning is a sentence"
    assert bool(field.choices) == (field.kind is Kind.CHOICE)
    if field.refers:
        target, _, column = field.refers.partition(".")
        assert TABLES[target].key == (column,)
    if field.default is not REQUIRED and field.kind in NUMERIC and field.default is not None:
        assert within(field, float(str(field.default)))
    if field.kind is Kind.CHOICE and field.default not in (REQUIRED, None):
        assert field.default in field.choices
    if field.kind in (Kind.INTEGER, Kind.FLAG):
        assert field.default is not None, "integers and flags cannot be stored as not given"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_keys_are_columns(table: Table) -> None:
    names = [field.name for field in table.columns]
    assert len(names) == len(set(names))
    assert set(table.full_key) <= set(names)
    money = [field.name for field in table.fields if field.unit.startswith("money")]
    priced_by_card = table.name in {"rate_breaks"}
    if money and not priced_by_card:
        assert "currency" in names, "money needs its currency"
