"""Reading a folder with one CSV file per table."""

import csv
from collections.abc import Callable
from pathlib import Path

from optimizer.errors import Fault
from optimizer.scenario.readers.raw import RawLayer, content_of, table_named, tabulate

__all__ = ["read_folder"]

_IGNORED = frozenset({".toml", ".md"})
_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF file",
    b"SQLi": "an SQLite database",
    b"\x1f\x8b": "a gzip archive",
}


def read_folder(folder: Path, label: Callable[[Path], str]) -> RawLayer:
    """Return the tables of a folder, in order of file name.

    Hidden files, lock files of spreadsheet programs, README, ``.toml`` and ``.md`` files and sub-folders are
    passed over; any other file that is not called after a table is a fault.

    Parameters
    ----------
    folder
        An existing folder.
    label
        How faults and provenance name a file.
    """
    layer = RawLayer()
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith((".", "~$")) or path.stem.upper() == "README"
        if hidden or path.is_dir() or path.suffix.lower() in _IGNORED:
            continue
        _read_file(path, label(path), layer)
    return layer


def _read_file(path: Path, where: str, layer: RawLayer) -> None:
    """Add one file of the folder to the layer."""
    if path.suffix.lower() != ".csv":
        mend = (
            "Name the workbook itself as a layer."
            if path.suffix.lower() == ".xlsx"
            else "Save it as .csv or remove it."
        )
        rule = "A folder of tables holds .csv files."
        layer.faults.append(Fault(where, path.name, rule, mend))
        return
    name = table_named(path.stem, "file", where, layer)
    if not name:
        return
    content = content_of(path, where, layer)
    if content is None:
        layer.unread.add(name)
        return
    text, fault = _decode(content, where)
    if fault is not None:
        layer.faults.append(fault)
        layer.unread.add(name)
        return
    try:
        lines = _lines(text)
    except csv.Error as problem:
        rule = f"The file is not CSV: {problem}."
        layer.faults.append(
            Fault(where, "", rule, "Close every quotation mark and save it again as CSV UTF-8.")
        )
        layer.unread.add(name)
        return
    tabulate(name, where, lines, layer)


def _decode(content: bytes, where: str) -> tuple[str, Fault | None]:
    """Return the text of a CSV file, or why there is none."""
    if not content.strip():
        return "", Fault(
            where, "", "The file is empty.", "Write the column names in the first row, or remove it."
        )
    kind = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), "")
    if kind or b"\x00" in content[:4096]:
        found = kind or "UTF-16 text or binary data"
        return "", Fault(where, "", f"The file holds {found}, not CSV text.", "Save the table as CSV UTF-8.")
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raw = content[problem.start : problem.start + 4].hex(" ")
        return "", Fault(
            f"{where} row {line}",
            f"bytes {raw}",
            "The file is not UTF-8 text.",
            "Save it as CSV UTF-8 (in Excel: Save as, CSV UTF-8).",
        )


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the numbered rows of a CSV text; the separator is the one its header uses."""
    head = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    separator = max(",;\t", key=head.count) if head else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    lines, start = [], 1
    for row in reader:
        lines.append((start, row))
        start = reader.line_num + 1
    return lines
