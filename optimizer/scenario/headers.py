"""Matching the headers of a file to the columns of a table, PascalCase aliases included.

A header in PascalCase, as other tools of the field write it, is matched by this rule. It is split into
words (``UnitWeight`` → ``unit_weight``); then the first of these steps that finds exactly one column of the
table decides:

1. the words are the column's name;
2. the words, without a trailing ``name``, ``id``, ``key`` or ``code`` after the name of a key or reference
   column (``ProductName`` → ``product``, ``OriginName`` → ``origin``);
3. the words are the column's name without its unit (``Weight`` → ``weight_kg``);
4. the same after dropping a leading word that names the table's row or ``unit`` (``UnitWeight`` →
   ``weight_kg``; ``Capacity`` → none, because two columns of site_sizes are capacities).

A header that is not PascalCase must be the column's name; its case does not matter.
"""

import re
from collections.abc import Sequence

from optimizer.errors import Fault
from optimizer.scenario.faultlist import nearest, suggestion
from optimizer.scenario.fields import REQUIRED, Table
from optimizer.units import bare_name

__all__ = ["match_headers"]

_PASCAL = re.compile(r"(?=.*[a-z])[A-Z][A-Za-z0-9]*")
_WORDS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
_IDENTIFIERS = ("_name", "_id", "_key", "_code")


def match_headers(
    table: Table, headers: Sequence[object], where: str, row: int
) -> tuple[dict[str, int], list[Fault]]:
    """Return the position of each column found in the headers, and the faults of the headers.

    Parameters
    ----------
    table
        Definition of the table.
    headers
        Cells of the header row; trailing empty ones are ignored.
    where, row
        File or sheet and number of the header row, for the faults.
    """
    found: dict[str, int] = {}
    faults = []
    meant: set[str] = set()
    names = [field.name for field in table.columns]
    for position, header in enumerate(headers):
        text = "" if header is None else str(header).strip()
        if not text:
            continue
        column = _column_of(table, text)
        if not column:
            mend = suggestion(text, names)
            meant.add(nearest(text, names))
            faults.append(
                Fault(f"{where} row {row}", text, f"The table {table.name} has no such column.", mend)
            )
        elif column in found:
            rule = f"The column {column} stands twice."
            faults.append(Fault(f"{where} row {row}", text, rule, "Remove one of them."))
        else:
            found[column] = position
    for field in table.columns:
        if field.default is not REQUIRED or field.name in found or field.name in meant:
            continue
        unit = f" ({field.unit})" if field.unit else ""
        mend = f"Add it{unit}: {field.meaning[0].lower()}{field.meaning[1:]}"
        faults.append(Fault(f"{where} row {row}", "", f"The column {field.name} is missing.", mend))
    return found, faults


def _column_of(table: Table, header: str) -> str:
    """Return the column that a header stands for, or the empty text."""
    names = [field.name for field in table.columns]
    if header.lower() in names:
        return header.lower()
    if not _PASCAL.fullmatch(header):
        return ""
    words = "_".join(_WORDS.findall(header)).lower()
    labels = {field.name for field in table.columns if field.refers or field.name in table.key}
    first = words.removeprefix("unit_").removeprefix(f"{_row_name(table)}_")
    for candidates in (
        [name for name in names if name == words],
        [name for name in names if name in labels and words in {name + end for end in _IDENTIFIERS}],
        [name for name in names if bare_name(name) == words],
        [name for name in names if first in {name, bare_name(name)}],
    ):
        if len(candidates) == 1:
            return candidates[0]
    return ""


def _row_name(table: Table) -> str:
    """Return the singular of a table's name: what one of its rows is."""
    return table.name.removesuffix("s")
