"""Faults of database layers."""

import sqlite3
from pathlib import Path

import pytest

from mini_scenario import SCENARIO, rows_of, write_mini
from one_fault import only_fault


def write_database(path: Path, table: str = "demand", value: object = 420.0) -> None:
    """Write the demand of the mini scenario into an SQLite file, its first order changed."""
    header, *rows = rows_of("demand")
    with sqlite3.connect(path) as connection:
        connection.execute(f"create table {table} ({', '.join(header)})")
        rows[0][3] = value  # type: ignore[call-overload]
        connection.executemany(f"insert into {table} values (?, ?, ?, ?)", rows)
    connection.close()


CASES: dict[str, tuple[str, str]] = {
    "missing_file": (
        "sqlite:///nowhere.db",
        "sqlite:///nowhere.db: There is no such SQLite file. "
        "Give the path of an existing database, relative to the scenario file.",
    ),
    "no_url": (
        "://demand",
        "://demand: It is not a database URL. "
        "Write it as in sqlite:///tables.db or postgresql+psycopg://user@host/database.",
    ),
    "unknown_dialect": (
        "sqlserve://host/tables",
        "sqlserve://host/tables: The database cannot be read: "
        "Can't load plugin: sqlalchemy.dialects:sqlserve. "
        "Check the URL, that the server runs, and that its driver is installed.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    url, message = CASES[name]
    assert only_fault(tmp_path, None, SCENARIO.replace('"tables"', f'"tables", "{url}"')) == message


def test_password_is_not_printed(tmp_path: Path) -> None:
    url = "postgresql+psycopg://planner:s3cret@127.0.0.1:1/tables?connect_timeout=2"
    message = only_fault(tmp_path, None, SCENARIO.replace('"tables"', f'"tables", "{url}"'))
    assert message.startswith("postgresql+psycopg://planner:***@127.0.0.1:1/tables")
    assert "s3cret" not in message


def test_file_that_is_no_database(tmp_path: Path) -> None:
    write_mini(tmp_path)
    (tmp_path / "tables.db").write_text("product,market\n" * 200)
    message = only_fault(tmp_path, None, SCENARIO.replace('"tables"', '"tables", "sqlite:///tables.db"'))
    assert "sqlite:///tables.db: The database cannot be read: file is not a database." in message


def test_unknown_database_table(tmp_path: Path) -> None:
    write_database(tmp_path / "tables.db", "demands")
    message = only_fault(tmp_path, None, SCENARIO.replace('"tables"', '"tables", "sqlite:///tables.db"'))
    assert message == (
        "sqlite:///tables.db table demands: found 'demands': No table is called like this database table. "
        "Did you mean 'demand'?"
    )


def test_bad_value_names_the_table_and_row(tmp_path: Path) -> None:
    write_database(tmp_path / "tables.db", value=-420.0)
    message = only_fault(tmp_path, None, SCENARIO.replace('"tables"', '"tables", "sqlite:///tables.db"'))
    assert message == (
        "sqlite:///tables.db table demand row 3 column orders: found '-420': It must be at least 0 orders. "
        "Write a value as in 420."
    )
