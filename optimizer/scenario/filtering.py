"""Leaving out what takes no part: excluded members, products and services, closed sites, unchosen members.

What refers to a row that is left out leaves with it, through any number of tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.errors import Fault, InputError
from optimizer.scenario.faultlist import suggestion
from optimizer.scenario.instance import Instance
from optimizer.scenario.tables import TABLES

__all__ = ["chosen_members", "keep_members", "leave_out", "restrict"]

_OUT = {"members": "Exclude", "products": "Exclude", "services": "Exclude", "sites": "Closed"}


def leave_out(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables without excluded and closed rows, zero demand, and whatever refers to them."""
    kept = {
        name: frame[(frame["status"] != _OUT[name]).to_numpy()] if name in _OUT else frame
        for name, frame in tables.items()
    }
    kept["demand"] = kept["demand"][kept["demand"]["orders"] > 0]
    return _without_orphans(tables, kept)


def keep_members(tables: Mapping[str, pd.DataFrame], members: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the tables with only the given members and what belongs to them."""
    kept = dict(tables)
    kept["members"] = kept["members"][kept["members"]["member"].isin(list(members))]
    return _without_orphans(tables, kept)


def restrict(instance: Instance, members: Sequence[str]) -> Instance:
    """Return the instance of a sub-coalition: only its members, their products and their demand.

    Sites, services, markets and rates stay, so that a coalition may do on its own whatever all may do.

    Parameters
    ----------
    instance
        Instance of all members.
    members
        Keys of the members that stay, at least one.

    Raises
    ------
    InputError
        If a member is unknown or none is given.
    """
    known = set(instance.members)
    faults = [
        Fault("members", name, "No member that takes part is called like this.", suggestion(name, known))
        for name in members
        if name not in known
    ]
    if not members:
        faults.append(Fault("members", "", "A coalition needs a member.", "Name at least one."))
    if faults:
        raise InputError(faults)
    return replace(instance, tables=keep_members(instance.tables, members))


def chosen_members(tables: Mapping[str, pd.DataFrame], members: Sequence[str], where: str) -> list[Fault]:
    """Return the faults of a list of members: unknown or excluded ones."""
    frame = tables["members"]
    status = dict(zip(frame["member"], frame["status"], strict=True))
    faults = []
    for name in members:
        if name not in status:
            rule = "No member is called like this."
            faults.append(Fault(where, name, rule, suggestion(name, status)))
        elif status[name] == "Exclude":
            rule = "The member is chosen here, but its status in members is Exclude."
            faults.append(Fault(where, name, rule, "Set its status to Include, or leave it out of the list."))
    return faults


def _without_orphans(
    before: Mapping[str, pd.DataFrame], kept: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the kept tables without rows that refer to a row that has gone, with indices 0..n−1."""
    result = dict(kept)
    gone = {name: len(result[name]) < len(before[name]) for name in result}
    lost = {
        f"{name}.{TABLES[name].key[0]}": set(before[name][TABLES[name].key[0]])
        - set(result[name][TABLES[name].key[0]])
        for name in ("members", "products", "services", "sites")
        if gone[name]
    }
    for name in ("products", *(other for other in TABLES if other != "products")):
        frame = result[name]
        for field in TABLES[name].fields:
            target = field.refers or ("sites.site" if (name, field.name) == ("lanes", "origin") else "")
            if lost.get(target):
                stays = ~frame[field.name].isin(lost[target]).to_numpy()
                if name == "products" and not stays.all():
                    orphans = set(frame["product"][~stays])
                    lost["products.product"] = lost.get("products.product", set()) | orphans
                frame = frame[stays]
        result[name] = frame
    return {name: _reindexed(frame) for name, frame in result.items()}


def _reindexed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the index 0..n−1."""
    if np.array_equal(frame.index, np.arange(len(frame))):
        return frame
    return frame.reset_index(drop=True)
