"""Reading one column: from cells as a file holds them to a typed array, with a fault for every bad cell."""

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from optimizer.scenario.codes import COUNTRIES, COUNTRY_SLIPS, CURRENCIES, CURRENCY_SLIPS
from optimizer.scenario.faultlist import suggestion
from optimizer.scenario.fields import REQUIRED, Field, Kind

__all__ = ["SPREADSHEET_ERRORS", "BadCell", "empty_of", "is_empty", "read_cell", "typed_column"]

_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})
SPREADSHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_ISO_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_LARGEST_INTEGER = 2**53
_FIRST_DAY, _LAST_DAY = dt.date(1990, 1, 1), dt.date(2199, 12, 31)

Cell = str | float | int | bool | dt.date | None


class BadCell(ValueError):  # noqa: N818 - it never leaves the reader, where it becomes a Fault
    """A cell that cannot be read: the rule it breaks and how to mend it."""

    def __init__(self, rule: str, mend: str) -> None:
        self.rule, self.mend = rule, mend
        super().__init__(rule)


def is_empty(cell: object) -> bool:
    """Whether a cell counts as not given: nothing, blanks, or SQL's NULL."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell.strip()
    return isinstance(cell, float) and math.isnan(cell)


def _text(field: Field, cell: object) -> str:
    """Return a label as text; numbers that a spreadsheet made of it become digits again."""
    if isinstance(cell, dt.date):
        raise BadCell(
            "A date stands where a label is expected.", "Format the column as text and write it again."
        )
    if isinstance(cell, float | Decimal) and math.isfinite(cell) and cell == int(cell):
        return str(int(cell))
    text = str(cell).strip()
    if text.upper() in SPREADSHEET_ERRORS:
        raise BadCell("The formula in this cell has failed.", "Mend the formula or write the value.")
    if not text.isprintable():
        raise BadCell("The label holds a character that cannot be printed.", "Write it again by hand.")
    return text


def _number(field: Field, cell: object) -> float:
    """Return a finite number; decimal commas and thousands marks are refused, not guessed."""
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        value = float(cell)
    else:
        text = str(cell).strip()
        try:
            value = float(text) if "_" not in text else math.nan
        except ValueError:
            raise BadCell("It is not a number.", _number_mend(field, text)) from None
    if not math.isfinite(value):
        raise BadCell(
            "It is not a finite number.", "Write a number, or leave the cell empty if there is none."
        )
    return value


def _number_mend(field: Field, text: str) -> str:
    """Return how to mend a text that is no number."""
    if re.fullmatch(r"[-+]?[\d\s., '’]*\d", text) and re.search(r"[,\s'’]", text):
        return "Write a point as decimal mark and no thousands mark, as in 1234.5."
    if text.endswith("%"):
        return f"Write the number alone: {text[:-1].strip()} for {text}."
    if re.match(r"[-+]?[\d.]+\s*[^\d\s]", text):
        unit = f" in {field.unit}" if field.unit else ""
        return f"Write the number alone{unit}, without a unit."
    return f"Write a number, as in {field.example}." if field.example else "Write a number."


def _integer(field: Field, cell: object) -> int:
    """Return a whole number."""
    value = _number(field, cell)
    if value != int(value) or abs(value) > _LARGEST_INTEGER:
        raise BadCell("It is not a whole number.", f"Write a whole number, as in {field.example}.")
    return int(value)


def _flag(field: Field, cell: object) -> bool:
    """Return a yes or no."""
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    text = str(cell).strip().lower().removesuffix(".0")
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise BadCell("It is neither true nor false.", "Write true or false.")


def _date(field: Field, cell: object) -> dt.date:
    """Return a day; only year-month-day is read, because 3/4 is March in one country and April in another."""
    if isinstance(cell, dt.datetime):
        day = cell.date()
    elif isinstance(cell, dt.date):
        day = cell
    else:
        text = str(cell).strip()
        match = _ISO_DATE.fullmatch(text)
        if match is None:
            known = (
                "A date is written year-month-day." if not text.isdigit() else "It is a number, not a date."
            )
            raise BadCell(known, "Write it as in 2026-11-30.")
        try:
            day = dt.date(*(int(part) for part in match.groups()))
        except ValueError:
            raise BadCell(
                "The calendar has no such day.", "Write a day that exists, as in 2026-11-30."
            ) from None
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise BadCell(f"Dates lie between {_FIRST_DAY} and {_LAST_DAY}.", "Write the year with four digits.")
    return day


def _choice(field: Field, cell: object) -> str:
    """Return one of the allowed words, whatever the case it is written in."""
    text = _text(field, cell)
    words = {word.lower(): word for word in field.choices}
    if text.lower() not in words:
        raise BadCell(f"It must be one of: {', '.join(field.choices)}.", suggestion(text, field.choices))
    return words[text.lower()]


def _code(
    what: str, standard: str, codes: frozenset[str], slips: dict[str, str]
) -> Callable[[Field, object], str]:
    """Return a reader of codes of one standard."""

    def read(field: Field, cell: object) -> str:
        text = _text(field, cell).upper()
        if text in codes:
            return text
        mend = (
            f"Did you mean {slips[text]!r}?" if text in slips else f"Write the code, as in {field.example}."
        )
        raise BadCell(f"It is not {what} code of {standard}.", mend)

    return read


_READERS: dict[Kind, Callable[[Field, object], Cell]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.FLAG: _flag,
    Kind.DATE: _date,
    Kind.COUNTRY: _code("a country", "ISO 3166-1 (two letters)", COUNTRIES, COUNTRY_SLIPS),
    Kind.CURRENCY: _code("a currency", "ISO 4217", CURRENCIES, CURRENCY_SLIPS),
}
_NOTHING: dict[Kind, Cell] = {Kind.NUMBER: math.nan, Kind.INTEGER: 0, Kind.FLAG: False, Kind.DATE: None}


def empty_of(field: Field) -> Cell:
    """Return what is stored where a field is not given: its default, else NaN, no date or the empty text."""
    if field.default is None or field.default is REQUIRED:
        return _NOTHING.get(field.kind, "")
    if field.kind is Kind.DATE:
        return _date(field, field.default)
    return field.default  # type: ignore[return-value]


def _placeholder(field: Field) -> Cell:
    """Return what stands for a bad cell: nothing, or for whole numbers, which know no NaN, the example."""
    return int(field.example) if field.kind is Kind.INTEGER else _NOTHING.get(field.kind, "")


def read_cell(field: Field, cell: object) -> Cell:
    """Return the value of one cell.

    Raises
    ------
    BadCell
        If the cell breaks the rule of the field's kind, or is empty and the field has no default.
    """
    if not is_empty(cell):
        return _READERS[field.kind](field, cell)
    if field.default is REQUIRED:
        raise BadCell("The cell is empty, but the column needs a value in every row.", _needed(field))
    return empty_of(field)


def _needed(field: Field) -> str:
    """Return how to mend an empty cell."""
    unit = f" in {field.unit}" if field.unit else ""
    return f"Write a value{unit}, as in {field.example}." if field.example else f"Write a value{unit}."


def typed_column(field: Field, cells: Sequence[object]) -> tuple[np.ndarray, dict[int, BadCell]]:
    """Return a column as a typed array, and for each bad cell its position and what is wrong.

    Cells that are written alike are read once. A bad cell is stored so that it breaks no further rule.

    Parameters
    ----------
    field
        The column's definition.
    cells
        Cells as the file holds them, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,): ``object`` str, float64, int64, bool or datetime64[ns] by kind.
    dict
        Bad cells by position.
    """
    keys: Sequence[object] = cells
    if set(map(type, cells)) != {str}:  # 1, 1.0 and True are equal, but not written alike
        keys = list(zip(map(type, cells), cells, strict=True))
    known = {key: _outcome(field, cell) for key, cell in dict(zip(keys, cells, strict=True)).items()}
    outcomes = [known[key] for key in keys]
    bad = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, BadCell)}
    placeholder = _placeholder(field)
    values = [placeholder if isinstance(outcome, BadCell) else outcome for outcome in outcomes]
    return to_array(field.kind, values), bad


def _outcome(field: Field, cell: object) -> "Cell | BadCell":
    """Return the value of a cell, or what is wrong with it."""
    try:
        return read_cell(field, cell)
    except BadCell as problem:
        return problem


def to_array(kind: Kind, values: Sequence[Cell]) -> np.ndarray:
    """Return values of one kind as the array type that tables store."""
    if kind is Kind.NUMBER:
        return np.asarray(values, dtype=np.float64)
    if kind is Kind.INTEGER:
        return np.asarray(values, dtype=np.int64)
    if kind is Kind.FLAG:
        return np.asarray(values, dtype=np.bool_)
    if kind is Kind.DATE:
        return pd.to_datetime(pd.Series(list(values), dtype=object)).to_numpy(dtype="datetime64[ns]")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
