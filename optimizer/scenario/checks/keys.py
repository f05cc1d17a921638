"""Checks of keys after edits: a key stands once."""

from optimizer.errors import Fault
from optimizer.scenario.faultlist import FILE, Tables
from optimizer.scenario.grouping import repeated_key_faults
from optimizer.scenario.tables import TABLES

__all__ = ["key_faults"]


def key_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each key that an edit has made equal to another.

    Within one layer the reader has looked already, and layers are merged by key.
    """
    faults = []
    for name, frame in tables.items():
        edited = frame[FILE].astype(str).str.endswith(" (edited)").to_numpy()
        if edited.any():
            key = " + ".join(TABLES[name].full_key)
            rule = f"After the edits the key ({key}) stands twice in {name}."
            faults += repeated_key_faults(TABLES[name], frame, rule, edited)
    return faults
