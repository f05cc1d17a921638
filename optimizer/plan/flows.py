"""The ways in which orders go: one line per option used, with its factors and cost components."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.options import PricedOptions

__all__ = ["STAGES", "cost_columns", "linear_costs", "used_ways"]

STAGES = ("direct", "inbound", "holding", "outbound")
BEARER = ["member", "market", "mode", "period"]


def used_ways(priced: PricedOptions, options: pd.DataFrame, share: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Describe the options of a plan in the words of the business.

    Parameters
    ----------
    priced
        Priced options.
    options
        The options used: columns row, direct, inbound, holding, outbound (positions in the factor tables,
        −1 where there is none).
    share
        Share of the row that each serves.

    Returns
    -------
    DataFrame
        The columns of plan table ``flows``, the positions ``direct``, ``inbound``, ``holding``, ``outbound``,
        ``lane_period`` (row of the freight lanes), and money that the provider charges on arrival and at the
        sale, ``charge_arrival`` and ``charge_sale``.
    """
    rows = priced.rows.set_index("row").loc[options["row"]].reset_index()
    direct, inbound, holding, outbound = (options[stage].to_numpy(np.int64) for stage in STAGES)
    stocked = inbound >= 0
    orders = rows["orders"].to_numpy(np.float64) * share
    routes = _freight(priced, inbound)
    last = _picked(priced.outbound, outbound, ["site", "service", "days", "late_share", "co2_kg", "kg"])
    parcel = _picked(priced.direct, direct, ["service", "mode", "days", "late_share", "co2_kg", "kg"])
    ways = rows[["member", "product", "market", "period"]].assign(
        mode=parcel["mode"].where(~stocked, "warehouse"),
        service=parcel["service"].where(~stocked, last["service"]),
        site=last["site"].where(stocked, ""),
        arrival_period=_picked(priced.inbound, inbound, ["period"])["period"].where(stocked, ""),
        orders=orders,
        share=share,
        days_mean=parcel["days"].where(~stocked, last["days"]),
        late_share=parcel["late_share"].where(~stocked, last["late_share"]),
        kg=orders * parcel["kg"].where(~stocked, last["kg"]),
        cost=orders
        * sum(_picked(getattr(priced, stage), options[stage], ["cost"])["cost"] for stage in STAGES),
        **dict(zip(STAGES, (direct, inbound, holding, outbound), strict=True)),
    )
    carbon = parcel["co2_kg"] + last["co2_kg"] + routes["co2_kg"]
    charged = {
        name: _picked(getattr(priced, name), options[name], ["provider_charge"]) for name in STAGES[1:]
    }
    charge = {name: orders * frame["provider_charge"] for name, frame in charged.items()}
    quantities = {name: orders * routes[name] for name in ("m3", "t")}
    ways = ways.assign(co2_kg=orders * carbon, **quantities)
    ways = ways.assign(charge_arrival=charge["inbound"], charge_sale=charge["holding"] + charge["outbound"])
    return pd.concat([ways, routes.drop(columns=["m3", "t", "co2_kg"])], axis=1)


def cost_columns(table: pd.DataFrame) -> list[str]:
    """Names of a factor table's cost columns."""
    return [str(name) for name in table.columns if str(name).startswith("cost_")]


def linear_costs(priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    """Cost of the ways by stage, component and who bears it: orders × the factor tables' components.

    Parameters
    ----------
    ways
        Columns orders, member, market, mode, period and the positions of the four factor tables.

    Returns
    -------
    DataFrame
        stage, component, member, market, mode, period, amount; zero amounts are left out.
    """
    parts = []
    for stage in STAGES:
        table: pd.DataFrame = getattr(priced, stage)
        used = ways[ways[stage] >= 0]
        money = table[cost_columns(table)].iloc[used[stage]].mul(used["orders"].to_numpy(), axis=0)
        frame = pd.concat([used[BEARER].reset_index(drop=True), money.reset_index(drop=True)], axis=1)
        summed = frame.groupby(BEARER, sort=True).sum().reset_index()
        parts.append(summed.melt(BEARER, var_name="component", value_name="amount").assign(stage=stage))
    costs = pd.concat(parts, ignore_index=True)
    costs["component"] = costs["component"].str.removeprefix("cost_")
    return costs[costs["amount"] != 0.0].reset_index(drop=True)


def _freight(priced: PricedOptions, inbound: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Where the goods of each way travel, per order; empty texts, −1 and zeros for direct parcels."""
    lanes = priced.supply.freight.lanes
    factor = _picked(priced.inbound, inbound, ["route", "lane", "period", "m3", "t", "co2_kg"])
    position = pd.MultiIndex.from_frame(lanes[["lane", "period"]]).get_indexer(
        pd.MultiIndex.from_frame(factor[["lane", "period"]])
    )
    position = np.where(inbound >= 0, position, -1)
    names = {
        "service": "freight_service",
        "mode": "freight_mode",
        "member": "owner",
        "start": "start",
        "load_place": "load_place",
        "discharge_place": "discharge_place",
        "hub": "hub",
    }
    known = _picked(lanes, position, list(names)).rename(columns=names)
    route = factor["route"].where(inbound >= 0, -1).astype(np.int64)
    known = known.assign(lane_period=position, route=route)
    return pd.concat([known, factor[["m3", "t", "co2_kg"]]], axis=1)


def _picked(table: pd.DataFrame, positions: npt.ArrayLike, columns: list[str]) -> pd.DataFrame:
    """Rows of a factor table by position; zeros and empty texts where the position is −1."""
    frame = table[columns].set_axis(range(len(table))).reindex(np.asarray(positions)).reset_index(drop=True)
    blanks = {name: 0 if pd.api.types.is_numeric_dtype(table[name]) else "" for name in columns}
    return frame.fillna(blanks)
