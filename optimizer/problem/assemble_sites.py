"""Sites in the canonical problem: openings, capacities, joining, order fees and provider minimums."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.problem.assembly import Assembly, codes, owners

__all__ = ["SiteItems", "add_order_fees", "add_provider_minimum", "add_sites"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


ROOM = 1.0 + 1e-9
"""Factor on the largest use of a resource, so that rounding never pushes a use past the last tier."""


@dataclass(frozen=True, eq=False)
class SiteItems:
    """Numbers of what was added for sites.

    Attributes
    ----------
    site : int, shape (owners, sites)
    size : int, shape (owners × openings,)
    openings
        Label table of the sizes, aligned with `size`; ``first`` is the number of the opening period.
    """

    site: Ids
    size: Ids
    openings: pd.DataFrame


def add_sites(assembly: Assembly) -> SiteItems:
    """Add sites with their sizes, stock and order capacity per period, and the gates of member × site."""
    instance, priced = assembly.instance, assembly.priced
    keys, parties = list(instance["sites"]["site"]), owners(instance)
    label = pd.DataFrame({"site": keys}).merge(pd.DataFrame({"owner": parties}), how="cross")
    label = label.sort_values("owner", key=lambda names: codes(parties, names), kind="stable")
    site = assembly.builder.add_sites(len(label)).reshape(len(parties), len(keys))
    assembly.label("sites", label)
    openings = pd.concat([priced.supply.openings.assign(owner=owner) for owner in parties], ignore_index=True)
    owner_code, site_code = codes(parties, openings["owner"]), codes(keys, openings["site"])
    size = assembly.builder.add_sizes(site[owner_code, site_code], openings["cost"].to_numpy())
    assembly.label("sizes", openings)
    openings = openings.assign(first=codes(priced.periods.index, openings["opens"]))
    items = SiteItems(site, size, openings)
    _add_capacity(assembly, items)
    _add_joining(assembly, items)
    return items


def _add_capacity(assembly: Assembly, items: SiteItems) -> None:
    """Space and orders per site and period, supplied by the sizes that are open by then."""
    held, sent, priced = assembly.facts["holding"], assembly.facts["outbound"], assembly.priced
    stock = site_measures(assembly, "stock", "m3")
    supply_from_sizes(assembly, items, stock, items.openings["capacity_m3"].to_numpy(np.float64)[:, None])
    assembly.use(
        "holding", stock[held.owner, held.site, held.sale], priced.holding["m3_sale"].to_numpy(np.float64)
    )
    before = priced.holding["m3_before"].to_numpy(np.float64)
    for step in range(1, assembly.instance.model.ahead_periods + 1):
        period = held.sale - step
        measure = np.where(held.arrival <= period, stock[held.owner, held.site, np.maximum(period, 0)], -1)
        assembly.use("holding", measure, before)
    flow = site_measures(assembly, "site_orders", "orders")
    months = priced.periods["months"].to_numpy(np.float64)
    monthly = items.openings["capacity_orders_per_month"].to_numpy(np.float64)
    supply_from_sizes(assembly, items, flow, monthly[:, None] * months)
    assembly.use("outbound", flow[sent.owner, sent.site, sent.sale], np.ones(len(sent.site)))


def site_measures(assembly: Assembly, kind: str, measure: str, price: float = 0.0, limit: float = 0.0) -> Ids:
    """One resource with one measure per owner, site and period, numbered in that shape."""
    instance, periods = assembly.instance, assembly.priced.periods.index
    parties, keys = owners(instance), list(instance["sites"]["site"])
    label = pd.MultiIndex.from_product([parties, keys, periods], names=["owner", "site", "period"]).to_frame()
    _, measures = assembly.resource(label.assign(kind=kind), measure, 0.0, price, limit)
    return measures.reshape(len(parties), len(keys), len(periods))


def supply_from_sizes(assembly: Assembly, items: SiteItems, measures: Ids, amount: Floats) -> None:
    """Let every size supply the measures of its site, from the period it opens in.

    Parameters
    ----------
    measures : int, shape (owners, sites, periods)
    amount : float, shape (owners × openings, periods) or (owners × openings, 1)
    """
    instance, openings = assembly.instance, items.openings
    owner, site = (
        codes(owners(instance), openings["owner"]),
        codes(instance["sites"]["site"], openings["site"]),
    )
    n_periods = measures.shape[2]
    given = np.broadcast_to(amount, (len(openings), n_periods))
    period = np.arange(n_periods)
    open_by = (openings["first"].to_numpy()[:, None] <= period) & (given > 0)
    size = np.broadcast_to(items.size[:, None], given.shape)
    assembly.builder.add_size_supply(size[open_by], measures[owner, site][open_by], given[open_by])


def _add_joining(assembly: Assembly, items: SiteItems) -> None:
    """A gate per member and site it may use, with the onboarding fee."""
    instance, facts = assembly.instance, assembly.facts["outbound"]
    joins = assembly.priced.supply.onboarding
    member = codes(instance.members, joins["member"])
    site = codes(instance["sites"]["site"], joins["site"])
    party = np.zeros_like(member) if instance.model.sharing else member
    gates = assembly.builder.add_gates(joins["fee"].to_numpy(np.float64), items.site[party, site])
    parties = np.asarray(owners(instance), dtype=object)
    assembly.label("gates", joins[["member", "site"]].assign(kind="member_site", owner=parties[party]))
    number = np.full((len(instance.members), len(instance["sites"])), -1, dtype=np.int64)
    number[member, site] = gates
    assembly.need("outbound", number[facts.member, facts.site])


def add_order_fees(assembly: Assembly, items: SiteItems) -> None:
    """Order fees by pooled volume: tiers per site and period, or a plain price where there is one tier."""
    instance, priced, facts = assembly.instance, assembly.priced, assembly.facts["outbound"]
    fees = priced.supply.order_fees
    if fees.empty:
        return
    rows = priced.rows
    parties = owners(instance)
    whose = np.full(len(rows), "", dtype=object) if instance.model.sharing else rows["member"].to_numpy()
    most = rows["orders"].groupby([pd.Series(whose, name="owner"), rows["period"].rename("period")]).sum()
    table = pd.concat([fees.assign(owner=owner) for owner in parties], ignore_index=True)
    keys = table[["owner", "site", "period"]].drop_duplicates(ignore_index=True)
    table["at"] = table.groupby(["owner", "site", "period"], sort=False).ngroup()
    single = (table.groupby("at").size() == 1) & (table.groupby("at")["start"].min() == 0)
    price = table.groupby("at")["amount"].min().where(single, 0.0)
    resources, measures = assembly.resource(
        keys.assign(kind="order_fees"), "orders", 0.0, price.to_numpy(), np.where(single, np.inf, 0.0)
    )
    tiers = table[~single.to_numpy()[table["at"]]]
    total = most.reindex(pd.MultiIndex.from_frame(tiers[["owner", "period"]])).fillna(0.0).to_numpy() * ROOM
    end = np.minimum(tiers["end"].to_numpy(), np.maximum(total, tiers["start"].to_numpy()))
    number = resources[tiers["at"]]
    assembly.builder.add_tiers(number, tiers["start"], end, 0.0, tiers["amount"])
    label = tiers[["start", "end"]].assign(
        resource=number, kind="order_fees", fixed=0.0, unit_cost=tiers["amount"]
    )
    assembly.label("tiers", label)
    grid = np.full((len(parties), len(instance["sites"]), len(priced.periods)), -1, dtype=np.int64)
    at = (
        codes(parties, keys["owner"]), codes(instance["sites"]["site"], keys["site"]),
        codes(priced.periods.index, keys["period"]),
    )  # fmt: skip
    grid[at] = measures
    assembly.use("outbound", grid[facts.owner, facts.site, facts.sale], np.ones(len(facts.site)))


def add_provider_minimum(assembly: Assembly, items: SiteItems) -> None:
    """Monthly minimums: charges leave the option's cost; openings supply the minimum, overflow costs 1."""
    instance, priced = assembly.instance, assembly.priced
    minimum = priced.supply.provider_minimum
    if minimum.empty:
        return
    keys = instance["sites"]["site"]
    money = site_measures(assembly, "provider_minimum", "money", 1.0, np.inf)
    amount = np.zeros((len(keys), len(priced.periods)))
    amount[codes(keys, minimum["site"]), codes(priced.periods.index, minimum["period"])] = minimum["amount"]
    supply_from_sizes(assembly, items, money, amount[codes(keys, items.openings["site"])])
    has_minimum = np.isin(np.asarray(keys), minimum["site"].unique())
    for stage in ("inbound", "holding", "outbound"):
        facts = assembly.facts[stage]
        table: pd.DataFrame = getattr(priced, stage)
        charge = table["provider_charge"].to_numpy(np.float64) * has_minimum[facts.site]
        period = facts.arrival if stage == "inbound" else facts.sale
        assembly.use(stage, money[facts.owner, facts.site, period], charge)
        assembly.credit(stage, charge)
