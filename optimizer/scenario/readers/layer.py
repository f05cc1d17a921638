"""Choosing the reader of a layer by what the scenario calls it."""

import os
from pathlib import Path

from optimizer.errors import Fault
from optimizer.scenario.faultlist import suggestion
from optimizer.scenario.readers.csv_folder import read_folder
from optimizer.scenario.readers.database import read_database
from optimizer.scenario.readers.raw import RawLayer, unreadable
from optimizer.scenario.readers.workbook import read_workbook

__all__ = ["label_of", "read_layer"]


def read_layer(name: str, folder: Path, home: Path, where: str) -> RawLayer:
    """Return the tables of one layer.

    Parameters
    ----------
    name
        Path of a CSV folder or an .xlsx workbook, or a database URL.
    folder
        Folder of the scenario file that names the layer; relative paths start there.
    home
        Folder of the scenario that is loaded; faults and provenance name files as seen from it.
    where
        Place of the name in the scenario file.
    """
    if "://" in name:
        return read_database(name, folder)
    try:
        return _read_path(folder / name, name, home, where)
    except OSError as problem:  # a name too long for the system, a drive that is gone
        return RawLayer(lost=True, faults=[unreadable(where, problem)])


def _read_path(path: Path, name: str, home: Path, where: str) -> RawLayer:
    """Return the tables of a folder or workbook."""
    if path.is_dir():
        return read_folder(path, lambda file: label_of(file, home))
    if path.name.startswith("~$"):
        rule = "This is the lock file of a workbook that is open in Excel."
        return RawLayer(lost=True, faults=[Fault(where, name, rule, f"Name the workbook: {path.name[2:]}.")])
    if not path.exists():
        near = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        mend = suggestion(path.name, near) if near else "Give a path relative to the scenario file."
        return RawLayer(lost=True, faults=[Fault(where, name, "There is no such folder or workbook.", mend)])
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return read_workbook(path, label_of(path, home))
    rule = "A layer is a folder of CSV files, an .xlsx workbook or a database URL."
    mend = (
        "Name the folder that holds it."
        if path.suffix.lower() == ".csv"
        else "Save it as .xlsx or as CSV files."
    )
    return RawLayer(lost=True, faults=[Fault(where, name, rule, mend)])


def label_of(path: Path, home: Path) -> str:
    """Return a path as seen from the scenario's folder, with forward slashes on every system."""
    try:
        return Path(os.path.relpath(path, home)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()
