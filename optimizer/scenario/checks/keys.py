"""Checks of keys after merging and edits: a key stands once."""

from optimizer.errors import Fault
from optimizer.scenario.faultlist import ROW, Tables, cell_faults, text_of
from optimizer.scenario.tables import TABLES

__all__ = ["key_faults"]


def key_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each key that an edit has made equal to another.

    Within one layer the reader has looked already, and layers are merged by key.
    """
    faults = []
    for name, frame in tables.items():
        key = list(TABLES[name].full_key)
        repeated = frame.duplicated(key)
        edited = frame["#file"].str.endswith(" (edited)") if len(frame) else repeated
        if not (repeated & edited).any():
            continue
        first = frame.groupby(key, sort=False, dropna=False)[ROW].transform("first").to_numpy()
        shown = " + ".join(key)
        faults += cell_faults(
            frame,
            key[0],
            repeated & edited,
            f"After the edits the key {shown} stands twice in {name}.",
            lambda index, first=first: f"Change the edit, or remove row {first[index]}.",
            lambda index, frame=frame, key=key: " / ".join(
                text_of(frame[column].iat[index]) for column in key
            ),
        )
    return faults
