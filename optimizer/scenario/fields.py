"""What one column and one table are: the vocabulary in which every scenario table is defined.

The definitions themselves stand in `optimizer.scenario.tables`; reading, checking, templates and
the reference page are all made from them, so that a column is described in exactly one place.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["REQUIRED", "Field", "Kind", "Required", "Table"]


class Kind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    DATE = "date"
    COUNTRY = "country"
    CURRENCY = "currency"


class Required:
    """Type of the marker for a field that has no default."""


REQUIRED = Required()

Value = str | float | int | bool | None


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Parameters
    ----------
    name
        Column name in snake_case, with the unit as suffix where there is one.
    kind
        How a cell is read.
    unit
        Unit as users write it; empty for a pure label.
    meaning
        One sentence for the reference page and the template.
    example
        A cell of the template's example row.
    default
        Value of an empty cell or a missing column; `REQUIRED` where there is none. None means
        "not given" and is stored as NaN, NaT or the empty text.
    minimum, maximum
        Allowed range, both ends included.
    above
        Exclusive lower end, where zero itself makes no sense.
    choices
        Allowed words of a `CHOICE`.
    refers
        ``table.column`` in which the value must exist (an empty cell refers to nothing).
    plausible
        Range outside which a wrong unit is suspected: a fault, unless the scenario lists the column under
        ``unusual``.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    example: str
    default: Value | Required = REQUIRED
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    refers: str = ""
    plausible: tuple[float, float] | None = None


@dataclass(frozen=True)
class Table:
    """One table: its columns, its key, and whether it carries dates and sources.

    Parameters
    ----------
    name, meaning
        File or sheet name and one sentence.
    key
        Columns that identify a row; with `dated` also ``valid_from``.
    fields
        Columns in the order of the template, without the standard ones below.
    dated
        Adds ``valid_from`` and ``valid_to`` (both days included; empty ``valid_to``: no end).
    sourced
        Adds ``source``, ``quality`` and ``plausible_range``.
    required
        Whether a scenario without a single row of it is an error.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    dated: bool = False
    sourced: bool = False
    required: bool = False

    @property
    def columns(self) -> tuple[Field, ...]:
        """All columns, with the standard ones that `dated` and `sourced` add."""
        extra = (VALIDITY if self.dated else ()) + (PROVENANCE if self.sourced else ())
        return self.fields + extra

    @property
    def full_key(self) -> tuple[str, ...]:
        """Columns that identify a row, the start of validity included."""
        return (*self.key, "valid_from") if self.dated else self.key


VALIDITY = (
    Field("valid_from", Kind.DATE, "date", "First day on which the row holds.", "2026-01-01"),
    Field("valid_to", Kind.DATE, "date", "Last day on which it holds; empty: until replaced.", "", None),
)
PROVENANCE = (
    Field("source", Kind.TEXT, "", "Document, page or contract the figure comes from.", "contract 2026-07"),
    Field(
        "quality",
        Kind.CHOICE,
        "",
        "How good the figure is.",
        "sourced",
        choices=("sourced", "sourced-old", "soft", "derived", "assumption"),
    ),
    Field(
        "plausible_range",
        Kind.TEXT,
        "",
        "For an assumption: the range it may lie in, as low..high.",
        "",
        None,
    ),
)
