"""A table as a file holds it, before anything is understood, and what every reader does with its rows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from optimizer.errors import Fault
from optimizer.scenario.cells import SPREADSHEET_ERRORS, is_empty
from optimizer.scenario.faultlist import nearest, suggestion
from optimizer.scenario.tables import TABLES

__all__ = ["RawLayer", "RawTable", "content_of", "is_comment", "table_named", "tabulate", "unreadable"]


@dataclass(frozen=True)
class RawTable:
    """One table of one layer.

    Parameters
    ----------
    table
        Name of the table.
    where
        File, sheet or database table, as faults name it.
    headers, header_row
        Cells of the header row and its number.
    rows, numbers
        Cells of the rows below, and the number of each in its file.
    """

    table: str
    where: str
    headers: tuple[object, ...]
    header_row: int
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int]


@dataclass
class RawLayer:
    """What one layer holds: tables, hashes of what was read, and faults.

    Parameters
    ----------
    tables, inputs, faults
        Tables read, SHA-256 by file, and what is wrong.
    unread
        Tables that stand in the layer but could not be read whole.
    meant
        Tables that a misspelt name was likely meant for.
    lost
        Whether the layer could not be opened at all, so that nobody knows which tables it holds.
    """

    tables: list[RawTable] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    meant: set[str] = field(default_factory=set)
    lost: bool = False


def content_of(path: Path, where: str, layer: RawLayer) -> bytes | None:
    """Return the bytes of a file and note their hash; None, with the fault, if they cannot be had."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        layer.faults.append(unreadable(where, problem))
        return None
    layer.inputs[where] = hashlib.sha256(content).hexdigest()
    return content


def unreadable(where: str, problem: OSError) -> Fault:
    """Return the fault of a file that the system does not let be read."""
    rule = f"The file cannot be read: {problem.strerror or type(problem).__name__}."
    return Fault(where, "", rule, "Close it in other programs and check its permissions.")


def is_comment(row: Sequence[object]) -> bool:
    """Whether a row is a remark: its first cell starts with ``#`` (and is not a spreadsheet's error)."""
    first = row[0] if row else None
    if not isinstance(first, str) or not first.lstrip().startswith("#"):
        return False
    return first.strip().upper() not in SPREADSHEET_ERRORS


def _is_blank(row: Sequence[object]) -> bool:
    """Whether no cell of a row holds anything."""
    return (not row or is_empty(row[0])) and all(map(is_empty, row))


def tabulate(name: str, where: str, lines: Sequence[tuple[int, Sequence[object]]], layer: RawLayer) -> None:
    """Add a table to a layer from its numbered lines: the first that is no remark holds the headers.

    Blank rows are skipped, and so are blank cells beyond the last header; a value beyond it is a fault.

    Parameters
    ----------
    name, where
        Table, and its place for the faults.
    lines
        Pairs of row number and cells.
    layer
        Receives the table or the fault.
    """
    kept = [(number, row) for number, row in lines if not _is_blank(row) and not is_comment(row)]
    if not kept:
        rule = "The table is empty: there is not even a header."
        layer.faults.append(Fault(where, "", rule, "Write the column names in the first row, or remove it."))
        layer.unread.add(name)
        return
    header_row, headers = kept[0]
    width = max(i for i, cell in enumerate(headers) if not is_empty(cell)) + 1
    rows: list[Sequence[object]] = []
    numbers: list[int] = []
    for number, row in kept[1:]:
        if len(row) == width:
            rows.append(row)
            numbers.append(number)
            continue
        stray = next((cell for cell in row[width:] if not is_empty(cell)), None)
        if stray is not None:
            rule = f"The row has more cells than the {width} headers."
            mend = "Put text with a comma in quotes, or give the column a header."
            layer.faults.append(Fault(f"{where} row {number}", str(stray), rule, mend))
            layer.unread.add(name)
            continue
        rows.append([*row[:width], *([None] * (width - len(row)))])
        numbers.append(number)
    layer.tables.append(RawTable(name, where, tuple(headers[:width]), header_row, rows, numbers))


def table_named(name: str, what: str, where: str, layer: RawLayer) -> str:
    """Return the table that a file, sheet or database table is called after; a fault if there is none."""
    clean = name.strip()
    if clean.lower() in TABLES:
        return clean.lower()
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in clean).lstrip("_")
    if words in TABLES:
        return words
    mend = suggestion(clean, TABLES)
    layer.meant.add(nearest(clean, TABLES))
    layer.faults.append(Fault(where, name, f"No table is called like this {what}.", mend))
    return ""
