"""Joint costs, each traced to the flows that cause it and shared among these by volume."""

import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.readout import Readout
from optimizer.plan.split import split_by_volume

__all__ = ["joint_costs"]

SITE = ["site", "site_owner"]
FREIGHT = {"cost_containers": "container_freight", "cost_lcl": "lcl_freight", "cost_air": "air_freight"}


def joint_costs(
    priced: PricedOptions,
    ways: pd.DataFrame,
    readout: Readout,
    shipped: pd.DataFrame,
    sites: pd.DataFrame,
    hubs: pd.DataFrame,
    service: pd.DataFrame,
) -> pd.DataFrame:
    """Split every joint cost over those who cause it.

    ====================================  ==========================  ===========
    component                             borne by flows              shared by
    ====================================  ==========================  ===========
    site_rent, site_labour, start-up,     through the site            m³
    provider_minimum
    onboarding                            of the member at the site   m³
    container, LCL and air freight        on the lane and arrival     m³
    shipment_fees                         on the lane and arrival;    m³
                                          declarations of the member
    order_fees                            of the site and period      orders
    hub_fees                              through the hub             m³
    late_orders                           to the market and period    late orders
    ====================================  ==========================  ===========

    Parameters
    ----------
    ways
        Flows with ``site_owner`` and ``lane_period``.
    shipped, sites, hubs, service
        Plan tables of shipments, site_periods, hubs and market_service, as made by `optimizer.plan.volumes`.

    Returns
    -------
    DataFrame
        Columns component, member, market, mode, period, amount.
    """
    lane, sale, arrival = ["lane_period"], [*SITE, "period"], ["hub", "site_owner", "arrival_period"]
    market = ["market", "period"]
    opened = readout.openings.rename(columns={"owner": "site_owner"})
    passed = hubs.rename(columns={"period": "arrival_period"})
    lines = ways.assign(late_orders=ways["orders"] * ways["late_share"])
    pools: list[tuple[pd.DataFrame, dict[str, str], list[str], str]] = [
        (opened, {name: name for name in ("site_rent", "site_labour", "site_start_up")}, SITE, "m3"),
        (sites, {"cost_provider_minimum": "provider_minimum"}, SITE, "m3"),
        (_joining(priced, ways), {"fee": "onboarding"}, ["member", "site"], "m3"),
        (shipped, FREIGHT | {"shipment_fee": "shipment_fees"}, lane, "m3"),
        (_declarations(priced, ways), {"declaration_fee": "shipment_fees"}, [*lane, "member"], "m3"),
        (sites, {"cost_order_fees": "order_fees"}, sale, "orders"),
        (passed, {"cost": "hub_fees"}, arrival, "m3"),
        (service, {"cost_late_orders": "late_orders"}, market, "late_orders"),
    ]
    parts = []
    for table, columns, on, weight in pools:
        for column, name in columns.items():
            charges = table[[*on, column]].rename(columns={column: "amount"}).assign(component=name)
            parts.append(split_by_volume(charges, lines, on, weight))
    return pd.concat(parts, ignore_index=True)


def _joining(priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    """Joining fees of the pairs of member and site that work together."""
    pairs = ways.loc[ways["site"] != "", ["member", "site"]].drop_duplicates()
    return pairs.merge(priced.supply.onboarding, on=["member", "site"], how="left")


def _declarations(priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    """Declaration fees of every member on every lane and arrival it ships on."""
    pairs = ways.loc[ways["lane_period"] >= 0, ["lane_period", "member"]].drop_duplicates()
    fees = priced.supply.freight.lanes["declaration_fee"]
    return pairs.assign(declaration_fee=fees.reindex(pairs["lane_period"]).to_numpy())
