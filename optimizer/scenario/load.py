"""`load`: from a scenario file to a checked, frozen `Instance`, or to all its faults at once."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from optimizer.errors import Fault, InputError
from optimizer.scenario.checks import check_tables
from optimizer.scenario.checks.dates import effective_ends
from optimizer.scenario.document import Document, read_document
from optimizer.scenario.edits import apply_edits, edit_text, parse_edits
from optimizer.scenario.faultlist import FILE, ROW, Tables
from optimizer.scenario.filtering import chosen_members, keep_members, leave_out
from optimizer.scenario.instance import Instance, Provenance
from optimizer.scenario.readers import RawLayer, read_layer
from optimizer.scenario.settings import model_settings, solve_settings
from optimizer.scenario.stack import required_tables, stack
from optimizer.scenario.tables import TABLES

__all__ = ["load"]


def load(path: str | Path, edits: Sequence[str] = (), members: Sequence[str] | None = None) -> Instance:
    """Read, merge, edit, check and filter a scenario.

    Parameters
    ----------
    path
        Scenario file (TOML).
    edits
        Further edits in text form, applied after those of the file, as in
        ``"table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35"``.
    members
        Members that take part, instead of those the file names.

    Returns
    -------
    Instance
        Tables with declared columns, types and order; equal files give an equal instance.

    Raises
    ------
    InputError
        With every fault found: files, headers, cells, keys, references and rules across tables.
    """
    path = Path(path)
    document, faults = read_document(path)
    layers = [read_layer(layer.name, layer.folder, path.parent, layer.where) for layer in document.layers]
    tables, found, broken = _merged(layers, path.name)
    faults += found
    extra, found = parse_edits(edits)
    faults += found
    document.edits += extra
    tables, found = apply_edits(tables, document.edits, broken)
    faults += found
    faults += check_tables(tables, document.currency, set(document.unusual), broken)
    chosen = members if members is not None else document.members
    if chosen is not None and "members" not in broken:
        where = "--members" if members is not None else f"{path.name} [scenario] key members"
        faults += chosen_members(tables, chosen, where)
    if faults:
        raise InputError(faults)
    for layer in layers:
        document.inputs |= layer.inputs
    return _instance(document, tables, chosen, path)


def _merged(layers: Sequence[RawLayer], name: str) -> tuple[Tables, list[Fault], set[str]]:
    """Return the tables of all layers, their faults, and the tables that cannot be compared with others."""
    tables, faults, broken = stack(layers)
    if not layers:
        return tables, faults, set(tables)
    missing = required_tables(tables, broken, name)
    return tables, [*faults, *missing.values()], broken | missing.keys()


def _instance(document: Document, tables: Tables, chosen: Sequence[str] | None, path: Path) -> Instance:
    """Return the instance of tables without faults."""
    plain: dict[str, pd.DataFrame] = {name: frame.drop(columns=[FILE, ROW]) for name, frame in tables.items()}
    for name, table in TABLES.items():
        if table.dated and len(plain[name]):
            plain[name]["valid_to"] = effective_ends(table, plain[name])
    plain["periods"] = plain["periods"].sort_values("start", kind="stable").reset_index(drop=True)
    plain = leave_out(plain)
    if chosen is not None:
        plain = keep_members(plain, chosen)
    if plain["demand"].empty:
        rule = "No demand is left after members, products, statuses and zero orders are considered."
        raise InputError([Fault(path.name, "", rule, "Include a member that has orders.")])
    return Instance(
        name=document.name,
        currency=document.currency,
        tables=plain,
        model=model_settings(document.model),
        solve=solve_settings(document.solve),
        provenance=Provenance(
            str(path), document.inputs, tuple(edit_text(item.edit) for item in document.edits)
        ),
    )
