"""Reading single cells by kind."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.scenario.cells import BadCell, read_cell, typed_column
from optimizer.scenario.fields import Field, Kind

CHOICES = ("Include", "Exclude")


def field(kind: Kind, **more: object) -> Field:
    """Return a column of a kind."""
    choices = CHOICES if kind is Kind.CHOICE else ()
    return Field("x", kind, "", "X.", "2", choices=choices, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.TEXT, "  a b ", "a b"),
        (Kind.TEXT, 940521, "940521"),
        (Kind.TEXT, 940521.0, "940521"),
        (Kind.TEXT, Decimal("9610"), "9610"),
        (Kind.NUMBER, " 1.5 ", 1.5),
        (Kind.NUMBER, "1e3", 1000.0),
        (Kind.NUMBER, Decimal("0.1"), 0.1),
        (Kind.INTEGER, "3.0", 3),
        (Kind.FLAG, "TRUE", True),
        (Kind.FLAG, "no", False),
        (Kind.FLAG, 1, True),
        (Kind.FLAG, 0.0, False),
        (Kind.DATE, "2026-1-5", dt.date(2026, 1, 5)),
        (Kind.DATE, "2026/01/05", dt.date(2026, 1, 5)),
        (Kind.DATE, "2026-01-05 00:00:00", dt.date(2026, 1, 5)),
        (Kind.DATE, dt.datetime(2026, 1, 5), dt.date(2026, 1, 5)),
        (Kind.CHOICE, "include", "Include"),
        (Kind.COUNTRY, "de", "DE"),
        (Kind.CURRENCY, "usd", "USD"),
    ],
)
def test_value(kind: Kind, cell: object, value: object) -> None:
    found = read_cell(field(kind), cell)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        (Kind.NUMBER, "1_000"),
        (Kind.NUMBER, "1 000"),
        (Kind.NUMBER, "0x10"),
        (Kind.NUMBER, "-inf"),
        (Kind.NUMBER, True),
        (Kind.INTEGER, 2.5),
        (Kind.INTEGER, "1e300"),
        (Kind.FLAG, 2),
        (Kind.DATE, "2026-13-01"),
        (Kind.DATE, "5.1.2026"),
        (Kind.DATE, 46000),
        (Kind.DATE, "1026-01-05"),
        (Kind.TEXT, "a\x07b"),
        (Kind.TEXT, dt.date(2026, 1, 5)),
        (Kind.COUNTRY, "EU"),
        (Kind.CURRENCY, "RMB"),
    ],
)
def test_bad_cell(kind: Kind, cell: object) -> None:
    with pytest.raises(BadCell):
        read_cell(field(kind), cell)


@pytest.mark.parametrize("cell", [None, "", "   ", float("nan")])
def test_empty_cell_takes_the_default(cell: object) -> None:
    assert read_cell(field(Kind.NUMBER, default=7.0), cell) == 7.0
    assert read_cell(field(Kind.TEXT, default=None), cell) == ""
    assert np.isnan(read_cell(field(Kind.NUMBER, default=None), cell))  # type: ignore[arg-type]
    with pytest.raises(BadCell, match="needs a value"):
        read_cell(field(Kind.NUMBER), cell)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (Kind.TEXT, "object"),
        (Kind.NUMBER, "float64"),
        (Kind.INTEGER, "int64"),
        (Kind.FLAG, "bool"),
        (Kind.DATE, "datetime64[ns]"),
    ],
)
def test_column_has_its_type_even_when_empty_or_bad(kind: Kind, dtype: str) -> None:
    assert typed_column(field(kind), [])[0].dtype == dtype
    column, bad = typed_column(field(kind), [None, None])
    assert column.dtype == dtype
    assert set(bad) == {0, 1}


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_survive_as_written(values: list[float]) -> None:
    column, bad = typed_column(field(Kind.NUMBER), [repr(value) for value in values])
    assert not bad
    assert column.tolist() == values


def test_equal_cells_of_different_types_are_read_apart() -> None:
    column, bad = typed_column(field(Kind.NUMBER), [1, True, 1.0, "1", Decimal(1)])
    assert column[[0, 2, 3, 4]].tolist() == [1.0] * 4
    assert set(bad) == {1}
