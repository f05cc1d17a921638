"""Faults of CSV folders: names, encodings, separators, headers, and rows of the wrong length."""

from pathlib import Path

import pytest

from mini_scenario import TABLES, write_mini
from one_fault import faults_of
from optimizer.scenario import load

DEMAND = TABLES["demand"].strip()
MEMBERS = TABLES["members"].strip()
EMPTY = "The file is empty. Write the column names in the first row, or remove it."
ENCODING = "The file is not UTF-8 text. Save it as CSV UTF-8 (in Excel: Save as, CSV UTF-8)."
DECIMAL = "It is not a number. Write a point as decimal mark and no thousands mark, as in 1234.5."

CASES: dict[str, tuple[str, str | bytes, str]] = {
    "misspelt_table": (
        "demnd.csv",
        DEMAND,
        "tables/demnd.csv: found 'demnd': No table is called like this file. Did you mean 'demand'?",
    ),
    "text_file": (
        "demand.txt",
        DEMAND,
        "tables/demand.txt: found 'demand.txt': A folder of tables holds .csv files. "
        "Save it as .csv or remove it.",
    ),
    "workbook_in_a_folder": (
        "book.xlsx",
        b"PK",
        "tables/book.xlsx: found 'book.xlsx': A folder of tables holds .csv files. "
        "Name the workbook itself as a layer.",
    ),
    "zero_bytes": ("demand.csv", b"", f"tables/demand.csv: {EMPTY}"),
    "blank_lines": ("demand.csv", " \n\n", f"tables/demand.csv: {EMPTY}"),
    "remarks_only": (
        "demand.csv",
        "# nothing here\n",
        "tables/demand.csv: The table is empty: there is not even a header. "
        "Write the column names in the first row, or remove it.",
    ),
    "header_only": (
        "demand.csv",
        "product,market,period,orders\n",
        "mini.toml: The table demand is needed but has no rows. "
        "Add demand: Orders per product class, market and period.",
    ),
    "utf_16": (
        "demand.csv",
        DEMAND.encode("utf-16"),
        "tables/demand.csv: The file holds UTF-16 text or binary data, not CSV text. "
        "Save the table as CSV UTF-8.",
    ),
    "latin_1": (
        "members.csv",
        MEMBERS.replace("Lantern Home", "Köln").encode("latin-1"),
        f"tables/members.csv row 2: found 'bytes f6 6c 6e 2c': {ENCODING}",
    ),
    "gbk": (
        "members.csv",
        MEMBERS.replace("Yiwu Toys", "义乌").encode("gbk"),
        f"tables/members.csv row 3: found 'bytes d2 e5 ce da': {ENCODING}",
    ),
    "renamed_workbook": (
        "demand.csv",
        b"PK\x03\x04" + b"x" * 30,
        "tables/demand.csv: The file holds an Excel workbook or ZIP archive, not CSV text. "
        "Save the table as CSV UTF-8.",
    ),
    "open_quote": (
        "demand.csv",
        DEMAND.replace("lamp,DE,2026-12", '"lamp,DE,2026-12'),
        "tables/demand.csv: The file is not CSV: unexpected end of data. "
        "Close every quotation mark and save it again as CSV UTF-8.",
    ),
    "comma_in_a_label": (
        "members.csv",
        MEMBERS.replace("Lantern Home", "Lantern, Home"),
        "tables/members.csv row 2: found 'Include': The row has more cells than the 7 headers. "
        "Put text with a comma in quotes, or give the column a header.",
    ),
    "short_row": (
        "demand.csv",
        DEMAND.replace(",420", ""),
        "tables/demand.csv row 2 column orders: The cell is empty, but the column needs a value in every "
        "row. Write a value in orders, as in 420.",
    ),
    "misspelt_column": (
        "demand.csv",
        DEMAND.replace("orders", "ordrs"),
        "tables/demand.csv row 1: found 'ordrs': The table demand has no such column. Did you mean 'orders'?",
    ),
    "column_in_grams": (
        "products.csv",
        TABLES["products"].strip().replace("weight_kg", "weight_g"),
        "tables/products.csv row 1: found 'weight_g': The table products has no such column. "
        "Did you mean 'weight_kg'?",
    ),
    "column_without_unit": (
        "products.csv",
        TABLES["products"].strip().replace("weight_kg", "weight"),
        "tables/products.csv row 1: found 'weight': The table products has no such column. "
        "Did you mean 'weight_kg'?",
    ),
    "column_missing": (
        "demand.csv",
        "\n".join(line.rpartition(",")[0] for line in DEMAND.splitlines()),
        "tables/demand.csv row 1: The column orders is missing. "
        "Add it (orders): orders in the period; zero rows are dropped.",
    ),
    "column_unknown": (
        "demand.csv",
        "\n".join(f"{line},note" for line in DEMAND.splitlines()),
        "tables/demand.csv row 1: found 'note': The table demand has no such column. "
        "Use one of: market, orders, period, product.",
    ),
    "column_twice": (
        "demand.csv",
        "\n".join(f"{line},Orders" for line in DEMAND.splitlines()),
        "tables/demand.csv row 1: found 'Orders': The column orders stands twice. Remove one of them.",
    ),
    "decimal_comma_after_semicolons": (
        "demand.csv",
        DEMAND.replace(",", ";").replace("420", "420,5"),
        f"tables/demand.csv row 2 column orders: found '420,5': {DECIMAL}",
    ),
    "missing_table": (
        "fx_rates.csv",
        "currency,date,per_eur,source,quality\n",
        "mini.toml: The table fx_rates is needed but has no rows. Add fx_rates: "
        "Exchange rates: units of the currency per euro; the newest rate not after the date counts.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    file, content, message = CASES[name]
    path = write_mini(tmp_path)
    (tmp_path / "tables" / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert faults_of(path) == [message]


@pytest.mark.parametrize("name", ["mini.toml", "demand.csv", "book.xlsx"])
def test_file_that_the_system_does_not_let_be_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_mini(tmp_path)
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    if name == "book.xlsx":
        path.write_text(path.read_text().replace('"tables"', '"tables", "book.xlsx"'))
    read = Path.read_bytes

    def locked(self: Path) -> bytes:
        if self.name == name:
            raise PermissionError(13, "Permission denied")
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", locked)
    faults = faults_of(path)
    assert len(faults) == 1
    assert faults[0].endswith(
        f"{name}: The file cannot be read: Permission denied. "
        "Close it in other programs and check its permissions."
    )


def test_every_fault_of_a_scenario_is_reported_at_once(tmp_path: Path) -> None:
    path = write_mini(tmp_path)
    tables = tmp_path / "tables"
    (tables / "demand.csv").write_text(DEMAND.replace("420", "-420"))
    (tables / "members.csv").write_text(MEMBERS.replace("general", "genral"))
    (tables / "lanes.csv").write_text(TABLES["lanes"].strip().replace("12,21", "21,12"))
    (tables / "zones.csv").write_text("zone\n")
    path.write_text(path.read_text() + "[model]\nsharin = true\n")
    places = [fault.split(":")[0] for fault in faults_of(path, edits=["table=demand; column=orders"])]
    assert places == [
        "mini.toml [model]",
        "tables/zones.csv",
        "tables/members.csv row 2 column taxpayer",
        "--edit 1",
        "tables/demand.csv row 2 column orders",
        "tables/lanes.csv row 2 column days_p95",
    ]


def test_many_rows_with_the_same_fault_are_counted(tmp_path: Path) -> None:
    path = write_mini(tmp_path)
    rows = [f"lamp,DE,2026-{month},-{order}" for month in (11, 12) for order in (1,)]
    more = [f"bear,PL,2026-{month},-3" for month in (11, 12)]
    extra = ["lamp,PL,2026-11,-1", "lamp,PL,2026-12,-1", "bear,DE,2026-11,-1", "bear,DE,2026-12,-1"]
    (tmp_path / "tables" / "demand.csv").write_text(
        "\n".join(["product,market,period,orders", *rows, *more, *extra])
    )
    faults = faults_of(path)
    assert len(faults) == 6
    assert faults[-1] == "tables/demand.csv column orders: 3 more rows break the same rule."


def test_harmless_files_and_habits_are_no_faults(tmp_path: Path) -> None:
    path = write_mini(tmp_path)
    tables = tmp_path / "tables"
    expected = load(path)["demand"]
    for name in ("README", "README.txt", "notes.md", "other.toml", ".~lock.demand.csv#", "~$demand.csv"):
        (tables / name).write_text("x")
    (tables / "older").mkdir()
    spaced = "\n".join(" , ".join(line.split(",")) for line in DEMAND.splitlines())
    for text in (
        DEMAND.encode("utf-8-sig"),
        DEMAND.replace("\n", "\r\n").encode(),
        DEMAND.replace(",", ";").encode(),
        DEMAND.replace(",", "\t").encode(),
        f"# first a remark\n\n{spaced},,\n,,,\n# last".encode(),
    ):
        (tables / "demand.csv").write_bytes(text)
        assert load(path)["demand"].equals(expected)
