"""Checks of keys after merging and edits: a key stands once."""

import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.faultlist import FILE, ROW, Tables, cell_faults, text_of
from optimizer.scenario.tables import TABLES

__all__ = ["key_faults"]


def key_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each key that an edit has made equal to another.

    Within one layer the reader has looked already, and layers are merged by key.
    """
    return [fault for name, frame in tables.items() if len(frame) for fault in _table_faults(name, frame)]


def _table_faults(name: str, frame: pd.DataFrame) -> list[Fault]:
    """Return the faults of one table."""
    key = list(TABLES[name].full_key)
    edited = frame[FILE].str.endswith(" (edited)")
    if not edited.any():
        return []
    bad = frame.duplicated(key) & edited
    first = frame.groupby(key, sort=False, dropna=False)[ROW].transform("first").to_numpy()
    parts = [frame[column].map(text_of).to_numpy() for column in key]
    return cell_faults(
        frame,
        key[0],
        bad,
        f"After the edits the key {' + '.join(key)} stands twice in {name}.",
        lambda index: f"Change the edit, or remove row {first[index]}.",
        lambda index: " / ".join(part[index] for part in parts),
    )
