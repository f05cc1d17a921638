"""Checks of references: what a table names must exist in the table it names."""

from collections.abc import Callable, Collection

import numpy as np

from optimizer.errors import Fault
from optimizer.scenario.checks.zones import zone_faults
from optimizer.scenario.codes import COUNTRIES, COUNTRY_SLIPS
from optimizer.scenario.faultlist import Tables, cell_faults, nearest, suggestion
from optimizer.scenario.tables import TABLES

__all__ = ["reference_faults"]

_PLACES = "places.place"
_COUNTRY = "country"
_MIXED: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("lanes", "origin", (_PLACES, "sites.site"), (_COUNTRY,)),
    ("lanes", "destination", ("markets.market",), (_COUNTRY,)),
    ("handling_charges", "place", (_PLACES,), (_COUNTRY,)),
    ("duty_rules", "destination", (), (_COUNTRY, "EU")),
    ("duty_rules", "origin", (), (_COUNTRY, "*")),
    ("low_value_rules", "destination", (), (_COUNTRY, "EU")),
    ("clearance_fees", "destination", (), (_COUNTRY, "EU")),
    ("returns", "country", (), (_COUNTRY, "*")),
)
"""Columns that may name a row of several tables, a country, or a further word."""


def reference_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each value that refers to nothing."""
    faults = []
    for name, frame in tables.items():
        for field in TABLES[name].columns:
            target, _, column = field.refers.partition(".")
            if target in tables and len(frame):
                known = set(tables[target][column])
                bad = ~frame[field.name].isin(known | {""}).to_numpy()
                rule = f"The table {target} has no such {column}."
                faults += cell_faults(frame, field.name, bad, rule, _mend(tables, name, field.name, known))
    more = (_mixed_faults, _provider_faults, zone_faults, _rule_sites)
    return faults + [fault for check in more for fault in check(tables)]


def _mend(tables: Tables, name: str, column: str, known: Collection[str]) -> Callable[[int], str]:
    """Return the sentence that names the nearest valid value."""
    values = tables[name][column].to_numpy()
    return lambda index: suggestion(str(values[index]), known)


def _mixed_faults(tables: Tables) -> list[Fault]:
    """Return the faults of columns that may name one of several things."""
    faults = []
    for name, column, targets, words in _MIXED:
        if name not in tables or any(target.split(".")[0] not in tables for target in targets):
            continue
        known = {word for word in words if word != _COUNTRY} | {""}
        for target in targets:
            table, _, key = target.partition(".")
            known |= set(tables[table][key])
        frame = tables[name]
        bad = ~frame[column].isin(known | (COUNTRIES if _COUNTRY in words else set())).to_numpy()
        kinds = [target.split(".")[1] for target in targets]
        kinds += ["country code" if word == _COUNTRY else word for word in words]
        rule = f"It must be a {' or '.join(kinds)}."
        faults += cell_faults(frame, column, bad, rule, _mixed_mend(frame[column].to_numpy(), known - {""}))
    return faults


def _mixed_mend(values: np.ndarray, known: set[str]) -> Callable[[int], str]:
    """Return the sentence that tells how to mend a name that is neither in a table nor a country."""

    def mend(index: int) -> str:
        near = COUNTRY_SLIPS.get(str(values[index]).upper(), "") or nearest(str(values[index]), known)
        return (
            f"Did you mean {near!r}?"
            if near
            else "Write a country code of two letters, as in DE, or a name that exists."
        )

    return mend


def _provider_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each provider of a site that has no tariff at all."""
    tariffs = ("warehouse_charges", "storage_tiers", "order_fee_tiers")
    if "sites" not in tables or any(name not in tables for name in tariffs):
        return []
    known = {provider for name in tariffs for provider in tables[name]["provider"]}
    sites = tables["sites"]
    rule = "No table of tariffs (warehouse_charges, storage_tiers, order_fee_tiers) has this provider."
    bad = ~sites["provider"].isin(known | {""}).to_numpy()
    return cell_faults(sites, "provider", bad, rule, _mend(tables, "sites", "provider", known))


def _rule_sites(tables: Tables) -> list[Fault]:
    """Return a fault for each planner's rule that names an unknown site."""
    if "rules" not in tables or "sites" not in tables:
        return []
    known = set(tables["sites"]["site"])
    rules = tables["rules"]
    unknown = [next((site for site in str(text).split() if site not in known), "") for text in rules["sites"]]
    return cell_faults(
        rules,
        "sites",
        [bool(site) for site in unknown],
        "The table sites has no such site.",
        lambda index: suggestion(unknown[index], known),
        lambda index: unknown[index],
    )
