"""Tables from a database: SQLite always, PostgreSQL where its server programs are on the machine."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from mini_scenario import SCENARIO, write_mini
from optimizer.scenario import Instance, load

SERVER_USER = "postgres"


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return load(write_mini(tmp_path_factory.mktemp("mini")))


def fill(url: str, instance: Instance) -> None:
    """Write every table of an instance into a database, rows in reverse, types as a database has them."""
    engine = sa.create_engine(url)
    for name, frame in instance.tables.items():
        if len(frame):
            rows = frame[::-1].assign(**{c: frame[c].dt.date for c in frame.select_dtypes("datetime")})
            rows.to_sql(name, engine, index=False)
    engine.dispose()


def load_from(url: str, folder: Path) -> Instance:
    """Load the scenario whose only layer is a database."""
    path = folder / "database.toml"
    path.write_text(SCENARIO.replace('"tables"', f'"{url}"'))
    return load(path)


def assert_same_rows(found: Instance, expected: Instance) -> None:
    """Fail unless two instances hold the same rows, in whatever order."""
    for name, frame in expected.tables.items():
        key = list(frame.columns)
        first = found[name].sort_values(key, ignore_index=True)
        pd.testing.assert_frame_equal(first, frame.sort_values(key, ignore_index=True))


def test_sqlite_holds_the_same_tables(mini: Instance, tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path / 'tables.db'}", mini)
    found = load_from("sqlite:///tables.db", tmp_path)
    assert_same_rows(found, mini)
    assert found["periods"]["period"].tolist() == ["2026-11", "2026-12"]
    assert "sqlite:///tables.db table demand" in found.provenance.inputs


def test_order_of_rows_in_the_database_does_not_matter(mini: Instance, tmp_path: Path) -> None:
    for name, instance in (("a", mini), ("b", load_reversed(mini))):
        (tmp_path / name).mkdir()
        fill(f"sqlite:///{tmp_path / name / 'tables.db'}", instance)
    first = load_from("sqlite:///tables.db", tmp_path / "a")
    second = load_from("sqlite:///tables.db", tmp_path / "b")
    for name, frame in first.tables.items():
        pd.testing.assert_frame_equal(second[name], frame)
    assert first.provenance.inputs == second.provenance.inputs


def load_reversed(instance: Instance) -> Instance:
    """Return the instance with the rows of every table in reverse."""
    tables = {name: frame[::-1].reset_index(drop=True) for name, frame in instance.tables.items()}
    return Instance(
        instance.name, instance.currency, tables, instance.model, instance.solve, instance.provenance
    )


def test_database_layer_overrides_a_folder(mini: Instance, tmp_path: Path) -> None:
    write_mini(tmp_path)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'orders.db'}")
    mini["demand"][:1].assign(orders=7).to_sql("Demand", engine, index=False)
    engine.dispose()
    path = tmp_path / "own.toml"
    path.write_text('[scenario]\nextends = "mini.toml"\ntables = ["sqlite:///orders.db"]\n')
    assert load(path)["demand"]["orders"].tolist() == [7, 510, 80, 300]


def programs() -> Path | None:
    """Return the folder with PostgreSQL's server programs, if they are on this machine."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").is_file()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the URL of a PostgreSQL server of our own, which listens on a socket in a folder of its own."""
    pytest.importorskip("psycopg", reason="the PostgreSQL driver psycopg is not installed")
    tools = programs()
    if tools is None:
        pytest.skip("PostgreSQL's server programs (initdb, pg_ctl) are not on this machine")
    account: dict[str, object] = {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            owner = pwd.getpwnam(SERVER_USER)
        except KeyError:
            pytest.skip("the tests run as root and there is no account postgres to run the server as")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        account = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=120, **account)

    data = str(folder / "data")
    run(str(tools / "initdb"), "-D", data, "-U", SERVER_USER, "--auth=trust", "--no-sync", "-E", "UTF8")
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=8MB"
    run(str(tools / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://{SERVER_USER}@/postgres?host={folder}"
    finally:
        run(str(tools / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def test_postgresql_holds_the_same_tables(server: str, mini: Instance, tmp_path: Path) -> None:
    fill(server, mini)
    found = load_from(server, tmp_path)
    assert_same_rows(found, mini)
    (tmp_path / "lite").mkdir()
    fill(f"sqlite:///{tmp_path / 'lite' / 'tables.db'}", mini)
    lite = load_from("sqlite:///tables.db", tmp_path / "lite")
    for name, frame in lite.tables.items():
        pd.testing.assert_frame_equal(found[name], frame)
