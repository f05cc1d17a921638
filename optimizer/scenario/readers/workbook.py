"""Reading an .xlsx workbook with one sheet per table, whichever program has saved it."""

import io
import re
import warnings
import zipfile
from pathlib import Path

import openpyxl

from optimizer.errors import Fault
from optimizer.scenario.readers.raw import RawLayer, content_of, table_named, tabulate

__all__ = ["read_workbook"]

_IGNORED_SHEETS = frozenset({"readme", "notes", "cover", "summary"})
_PLAN_SHEETS = "plan_"
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref=\"([A-Z0-9:$]+)\"")
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c\s[^>]*?r=\"([A-Z]+\d+)\"[^>]*>\s*<(?:\w+:)?f[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_NOT_A_WORKBOOK = "The file is not an .xlsx workbook."


def read_workbook(path: Path, where: str) -> RawLayer:
    """Return the tables of a workbook, in order of its sheets.

    Formulas count with the value stored in the file. Sheets called README, notes, cover or summary are
    passed over, and so are those whose name starts with ``plan_``: a workbook of a plan is a layer, too.

    Parameters
    ----------
    path
        The file.
    where
        How faults and provenance name it.
    """
    layer = RawLayer()
    content = content_of(path, where, layer)
    if not content:
        layer.lost = True
        if content is None:
            return layer
        layer.faults.append(Fault(where, "", "The file is empty.", "Save the workbook again."))
        return layer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on styles and extensions that hold no data
            sheets = _sheets(content)
    except Exception as problem:  # on a damaged file openpyxl raises whatever its parts raise
        layer.lost = True
        mend = "Save it as .xlsx in a spreadsheet program (old .xls and locked files cannot be read)."
        layer.faults.append(Fault(where, type(problem).__name__, _NOT_A_WORKBOOK, mend))
        return layer
    for title, part, rows in sheets:
        place = f"{where} sheet {title}"
        name = table_named(title, "sheet", place, layer)
        if name and _sound(part, place, layer):
            tabulate(name, place, rows, layer)
        elif name:
            layer.unread.add(name)
    return layer


def _sheets(content: bytes) -> list[tuple[str, bytes, list[tuple[int, tuple[object, ...]]]]]:
    """Return title, XML and numbered rows of each sheet that is meant as a table."""
    parts = _sheet_parts(content)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        title = sheet.title.strip()
        if title.lower() not in _IGNORED_SHEETS and not title.lower().startswith(_PLAN_SHEETS):
            sheet.reset_dimensions()  # some programs store a range that is too small
            rows = list(enumerate(sheet.iter_rows(values_only=True), start=1))
            sheets.append((title, parts.get(sheet.title, b""), rows))
    book.close()
    return sheets


def _sound(part: bytes, where: str, layer: RawLayer) -> bool:
    """Whether a sheet is free of merged cells and of formulas without a stored value."""
    merged = [ref.decode() for ref in _MERGED.findall(part)]
    blank = [ref.decode() for ref in _UNCOMPUTED.findall(part)]
    if merged:
        rule = "Cells are merged, so it is unclear which row a value belongs to."
        mend = "Unmerge them and write the value in each row."
        layer.faults.append(Fault(f"{where} cells {merged[0]}", "", rule, mend))
    if blank:
        rule = (
            f"{len(blank)} formulas have no stored value."
            if len(blank) > 1
            else "A formula has no stored value."
        )
        mend = "Open the workbook in a spreadsheet program and save it, or write the values."
        layer.faults.append(Fault(f"{where} cell {blank[0]}", "", rule, mend))
    return not merged and not blank


def _sheet_parts(content: bytes) -> dict[str, bytes]:
    """Return the XML of each sheet by its title: openpyxl's fast reader does not tell merged cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        targets = {}
        for link in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
            targets[_attribute(link, "Id")] = _attribute(link, "Target")
        parts = {}
        for sheet in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
            target = targets.get(_attribute(sheet, r"\w+:id"), "")
            member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if member in archive.namelist():
                parts[_attribute(sheet, "name")] = archive.read(member)
    return parts


def _attribute(tag: str, name: str) -> str:
    """Return an attribute of an XML tag; the titles of our sheets need no unescaping."""
    match = re.search(rf"\s{name}=\"([^\"]*)\"", tag) or re.search(rf"\s{name}='([^']*)'", tag)
    return match.group(1) if match else ""
