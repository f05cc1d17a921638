"""Reading tables from a database through SQLAlchemy: SQLite, PostgreSQL and whatever else it reaches."""

import hashlib
from collections.abc import Hashable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from optimizer.errors import Fault
from optimizer.scenario.readers.raw import RawLayer, table_named, tabulate

__all__ = ["read_database"]


def read_database(url: str, folder: Path) -> RawLayer:
    """Return the tables of a database, in order of name, their rows in order of content.

    A database promises no order of rows, so they are sorted by their cells: equal content gives an equal
    instance. The password of the URL appears neither in faults nor in the provenance.

    Parameters
    ----------
    url
        SQLAlchemy URL; a relative SQLite path starts at `folder`.
    folder
        Folder of the scenario file.
    """
    layer = RawLayer(lost=True)
    try:
        address = sa.make_url(url)
    except SQLAlchemyError:
        shown = url.rsplit("@", maxsplit=1)[-1]
        mend = "Write it as in sqlite:///tables.db or postgresql+psycopg://user@host/database."
        layer.faults.append(Fault(shown, "", "It is not a database URL.", mend))
        return layer
    where = address.render_as_string(hide_password=True)
    if address.get_backend_name() == "sqlite":
        path = folder / (address.database or "")
        if not path.is_file():
            mend = "Give the path of an existing database, relative to the scenario file."
            layer.faults.append(Fault(where, "", "There is no such SQLite file.", mend))
            return layer
        address = address.set(database=str(path))
    try:
        engine = sa.create_engine(address)
        with engine.connect() as connection:
            _read_tables(connection, where, layer)
        engine.dispose()
        layer.lost = False
    except (SQLAlchemyError, ImportError) as problem:
        reason = str(getattr(problem, "orig", None) or problem).strip().splitlines()[0]
        mend = "Check the URL, that the server runs, and that its driver is installed."
        layer.faults.append(Fault(where, "", f"The database cannot be read: {reason}.", mend))
    return layer


def _read_tables(connection: sa.Connection, where: str, layer: RawLayer) -> None:
    """Add every table of the database to the layer."""
    for title in sorted(sa.inspect(connection).get_table_names()):
        place = f"{where} table {title}"
        name = table_named(title, "database table", place, layer)
        if not name:
            continue
        result = connection.execute(sa.select(sa.text("*")).select_from(sa.table(title)))
        headers = tuple(result.keys())
        rows = sorted(
            (tuple(map(_plain, row)) for row in result),
            key=lambda row: [(cell is None, str(cell)) for cell in row],
        )
        digest = hashlib.sha256(repr((headers, [[str(cell) for cell in row] for row in rows])).encode())
        layer.inputs[place] = digest.hexdigest()
        tabulate(name, place, list(enumerate([headers, *rows])), layer)


def _plain(cell: object) -> object:
    """Return a cell that can be compared and counted: lists and objects of a database as text."""
    return cell if isinstance(cell, Hashable) else str(cell)
