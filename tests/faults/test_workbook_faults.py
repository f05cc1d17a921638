"""Faults of workbooks, and the habits of other writers that are none."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from mini_scenario import SCENARIO, TABLES, rows_of, write_mini
from one_fault import faults_of
from optimizer.scenario import load

SCENARIO_OF_BOOK = SCENARIO.replace('"tables"', '"book.xlsx"')
LABELS = ("hs_code", "regime", "hs_prefix", "period", "zone")


def cell_of(column: str, text: str) -> object:
    """Return a cell as Excel stores it: numbers as numbers, dates as dates, the rest as text."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.datetime.fromisoformat(text)
    if column in LABELS or not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text or None
    return float(text) if "." in text else int(text)


def write_book(folder: Path, change: Callable[[openpyxl.Workbook], None] | None = None) -> Path:
    """Write the mini scenario as a workbook, changed by a function, and return the scenario file."""
    book = openpyxl.Workbook()
    book.active.title = "README"
    book.active["A1"] = "Our shipments"
    for name in TABLES:
        sheet = book.create_sheet(name)
        header, *rows = rows_of(name)
        sheet.append(header)
        for row in rows:
            sheet.append([cell_of(column, text) for column, text in zip(header, row, strict=False)])
    if change is not None:
        change(book)
    book.save(folder / "book.xlsx")
    path = folder / "mini.toml"
    path.write_text(SCENARIO_OF_BOOK)
    return path


def rename(sheet: str, title: str) -> Callable[[openpyxl.Workbook], None]:
    """Return the change that gives a sheet another title."""
    return lambda book: setattr(book[sheet], "title", title)


def put(sheet: str, cell: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    """Return the change that writes a cell."""
    return lambda book: book[sheet].__setitem__(cell, value)


CASES: dict[str, tuple[Callable[[openpyxl.Workbook], None], str]] = {
    "merged_cells": (
        lambda book: book["demand"].merge_cells("B2:B3"),
        "book.xlsx sheet demand cells B2:B3: Cells are merged, so it is unclear which row a value belongs "
        "to. Unmerge them and write the value in each row.",
    ),
    "unknown_sheet": (
        rename("demand", "demnd"),
        "book.xlsx sheet demnd: found 'demnd': No table is called like this sheet. Did you mean 'demand'?",
    ),
    "formula_without_value": (
        put("demand", "D2", "=400+20"),
        "book.xlsx sheet demand cell D2: A formula has no stored value. "
        "Open the workbook in a spreadsheet program and save it, or write the values.",
    ),
    "number_as_text_with_comma": (
        put("demand", "D2", "1,420"),
        "book.xlsx sheet demand row 2 column orders: found '1,420': It is not a number. "
        "Write a point as decimal mark and no thousands mark, as in 1234.5.",
    ),
    "label_turned_into_a_date": (
        put("demand", "C2", dt.datetime(2026, 11, 1)),
        "book.xlsx sheet demand row 2 column period: found '2026-11-01 00:00:00': "
        "A date stands where a label is expected. Format the column as text and write it again.",
    ),
    "number_where_a_date_belongs": (
        put("periods", "B2", "46327"),
        "book.xlsx sheet periods row 2 column start: found '46327': It is a number, not a date. "
        "Write it as in 2026-11-30.",
    ),
    "error_value": (
        put("products", "C2", "#N/A"),
        "book.xlsx sheet products row 2 column name: found '#N/A': The formula in this cell has failed. "
        "Mend the formula or write the value.",
    ),
    "stray_value": (
        put("demand", "G3", "see mail"),
        "book.xlsx sheet demand row 3: found 'see mail': The row has more cells than the 4 headers. "
        "Put text with a comma in quotes, or give the column a header.",
    ),
    "truth_for_a_number": (
        put("demand", "D2", True),
        "book.xlsx sheet demand row 2 column orders: found 'True': It is not a number. "
        "Write a number, as in 420.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    change, message = CASES[name]
    assert faults_of(write_book(tmp_path, change)) == [message]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "book.xlsx: The file is empty. Save the workbook again."),
        (b"product,market\n", "book.xlsx: found 'BadZipFile': The file is not an .xlsx workbook."),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600,
            "book.xlsx: found 'BadZipFile': The file is not an .xlsx workbook.",
        ),
    ],
)
def test_file_that_is_no_workbook(content: bytes, message: str, tmp_path: Path) -> None:
    path = write_book(tmp_path)
    (tmp_path / "book.xlsx").write_bytes(content)
    faults = faults_of(path)
    assert len(faults) == 1
    assert faults[0].startswith(message)


def test_cut_off_workbook(tmp_path: Path) -> None:
    path = write_book(tmp_path)
    content = (tmp_path / "book.xlsx").read_bytes()
    (tmp_path / "book.xlsx").write_bytes(content[: len(content) // 2])
    assert len(faults_of(path)) == 1


def test_archive_that_holds_no_workbook(tmp_path: Path) -> None:
    path = write_book(tmp_path)
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert len(faults_of(path)) == 1


def clutter(sheet: Worksheet) -> None:
    """Leave what people leave in a sheet: blank rows, blank text, spaces around labels, numbers as text."""
    sheet.insert_rows(1, 2)
    sheet.insert_rows(5)
    sheet["Z40"] = "  "
    for row in sheet.iter_rows(min_row=4):
        for cell in row[:4]:
            if isinstance(cell.value, str):
                cell.value = f"  {cell.value} "
            elif isinstance(cell.value, int | float):
                cell.value = str(cell.value)
            elif isinstance(cell.value, dt.datetime):
                cell.value = cell.value.date().isoformat()


def test_workbook_equals_csv(tmp_path: Path) -> None:
    expected = load(write_mini(tmp_path / "csv"))
    (tmp_path / "book").mkdir()
    found = load(write_book(tmp_path / "book"))
    for name, frame in expected.tables.items():
        pd.testing.assert_frame_equal(found[name], frame)


def test_cluttered_workbook_equals_csv(tmp_path: Path) -> None:
    expected = load(write_mini(tmp_path / "csv"))
    (tmp_path / "book").mkdir()

    def change(book: openpyxl.Workbook) -> None:
        for name in ("demand", "products", "periods", "lanes"):
            clutter(book[name])
        book["lanes"].title = " Lanes"
        book.create_sheet("Notes")["A1"] = "call the forwarder"

    found = load(write_book(tmp_path / "book", change))
    for name, frame in expected.tables.items():
        pd.testing.assert_frame_equal(found[name], frame)


def test_sheet_with_a_wrong_stored_dimension_is_read_whole(tmp_path: Path) -> None:
    path = write_book(tmp_path)
    expected = load(path)["demand"]
    source = (tmp_path / "book.xlsx").read_bytes()
    with (
        zipfile.ZipFile(io.BytesIO(source)) as before,
        zipfile.ZipFile(tmp_path / "book.xlsx", "w") as after,
    ):
        for item in before.namelist():
            content = before.read(item)
            after.writestr(item, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', content))
    assert load(path)["demand"].equals(expected)


def test_code_kept_as_a_number_is_read_as_digits(tmp_path: Path) -> None:
    path = write_book(tmp_path, put("products", "E2", 940521))
    assert load(path)["products"]["hs_code"].tolist() == ["940521", "950349"]
    path = write_book(tmp_path, put("products", "E2", 940521.0))
    assert load(path)["products"]["hs_code"].tolist() == ["940521", "950349"]
