"""The planner's rules in the canonical problem: linear rules over openings, and caps as resources."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.money import Exchange
from optimizer.problem.assemble_sites import SiteItems
from optimizer.problem.assembly import Assembly, codes, owners

__all__ = ["add_rules"]

Ids = npt.NDArray[np.int64]
Rule = dict[Hashable, Any]


def add_rules(assembly: Assembly, items: SiteItems) -> None:
    """Add every row of `rules`, per owner, and keep existing sites open."""
    instance = assembly.instance
    for owner in owners(instance):
        for rule in instance["rules"].to_dict("records"):
            named = set(str(rule["sites"]).split())
            sites = [site for site in instance["sites"]["site"] if not named or site in named]
            _ADD[str(rule["kind"])](assembly, items, rule, owner, sites)
    if instance.model.sharing:
        for site in instance["sites"].loc[instance["sites"]["status"] == "Open", "site"]:
            _count(assembly, items, {"rule": f"{site} stays open", "kind": "open"}, "", [site], 1.0, np.inf)


def _sizes(items: SiteItems, owner: str, sites: list[str]) -> Ids:
    openings = items.openings
    return items.size[((openings["owner"] == owner) & openings["site"].isin(sites)).to_numpy()]


def _count(
    assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str],
    lower: float, upper: float,
) -> None:  # fmt: skip
    assembly.builder.add_rule(lower, upper, sizes=_sizes(items, owner, sites))
    _label(assembly, rule, owner)


def _label(assembly: Assembly, rule: Rule, owner: str) -> None:
    assembly.label("rules", pd.DataFrame([{"rule": rule["rule"], "kind": rule["kind"], "owner": owner}]))


def _max_open(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    _count(assembly, items, rule, owner, sites, -np.inf, _value(rule))


def _min_open(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    _count(assembly, items, rule, owner, sites, _value(rule), np.inf)


def _at_most_one(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    _count(assembly, items, rule, owner, sites, -np.inf, 1.0)


def _requires(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    """The first site named opens only if every other one does."""
    named = str(rule["sites"]).split()
    first = _sizes(items, owner, named[:1])
    for other in named[1:]:
        second = _sizes(items, owner, [other])
        signs = np.concatenate([np.ones(len(first)), -np.ones(len(second))])
        assembly.builder.add_rule(-np.inf, 0.0, sizes=np.concatenate([first, second]), coefficients=signs)
        _label(assembly, rule, owner)


def _budget(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    """Fixed cost of the openings within a budget, at the first period's exchange rate."""
    sizes = _sizes(items, owner, sites)
    cost = items.openings["cost"].to_numpy(np.float64)[np.isin(items.size, sizes)]
    rate = Exchange(assembly.instance).rate(str(rule["currency"]), assembly.priced.periods["date"].iloc[0])
    assembly.builder.add_rule(-np.inf, _value(rule) * float(rate), sizes=sizes, coefficients=cost)
    _label(assembly, rule, owner)


def _carbon_cap(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    """Emissions of everything carried within the cap, over the horizon."""
    label = pd.DataFrame({"kind": ["carbon_cap"], "owner": [owner], "rule": [rule["rule"]]})
    _, measures = assembly.resource(label, "co2_kg", _value(rule))
    party = codes(owners(assembly.instance), [owner])[0]
    for stage in ("direct", "inbound", "outbound"):
        table: pd.DataFrame = getattr(assembly.priced, stage)
        mine = assembly.facts[stage].owner == party
        assembly.use(stage, np.where(mine, measures[0], -1), table["co2_kg"].to_numpy(np.float64))


def _max_orders(assembly: Assembly, items: SiteItems, rule: Rule, owner: str, sites: list[str]) -> None:
    """Orders through the sites within a number per month, in every period."""
    facts, instance = assembly.facts["outbound"], assembly.instance
    periods = assembly.priced.periods
    label = pd.DataFrame(
        {"period": periods.index, "kind": "max_orders", "owner": owner, "rule": rule["rule"]}
    )
    _, measures = assembly.resource(label, "orders", _value(rule) * periods["months"].to_numpy(np.float64))
    inside = instance["sites"]["site"].isin(sites).to_numpy()[facts.site]
    mine = facts.owner == codes(owners(instance), [owner])[0]
    assembly.use("outbound", np.where(inside & mine, measures[facts.sale], -1), np.ones(len(facts.sale)))


def _value(rule: Rule) -> float:
    return float(str(rule["value"]))


_ADD = {
    "max_open": _max_open,
    "min_open": _min_open,
    "at_most_one": _at_most_one,
    "requires": _requires,
    "budget": _budget,
    "carbon_cap": _carbon_cap,
    "max_orders": _max_orders,
}
