"""What a report says of one finished run, as plain data that a page can show in any language."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.charts import CHARTS, chart
from optimizer.report.map_layers import MapLayers, map_layers
from optimizer.report.markets import cost_by_component, lane_summary, market_summary
from optimizer.runs.store import Run, plain
from optimizer.scenario.instance import Instance

__all__ = ["column_kind", "headline", "run_content", "table"]

MONEY = ("cost", "site_cost", "amount", "change", "alone", "share", "saving")
LANE_COLUMNS = (
    *("lane", "freight_mode", "freight_service", "owner", "arrival_period", "orders", "m3", "t", "cost"),
    *("containers_20gp", "containers_40gp", "containers_40hq", "lcl_revenue_t", "chargeable_kg"),
    *("cost_containers", "cost_lcl", "cost_air", "cost_fees"),
)
OPENING_COLUMNS = (
    *("name", "site", "site_owner", "size", "from_period", "orders", "members", "site_cost"),
    *("peak_m3", "capacity_m3", "peak_orders_per_month", "capacity_orders_per_month"),
    *("provider", "model"),
)


def run_content(run: Run, instance: Instance, name: str) -> dict[str, Any]:
    """Return everything a report shows of a run.

    Parameters
    ----------
    run, instance
        A finished run and its stored scenario.
    name
        What to call the run among others.

    Returns
    -------
    dict
        ``name``, ``currency``, ``headline``, ``charts`` (Vega-Lite), ``map``, ``tables`` and ``manifest``;
        only what JSON can say.
    """
    plan = run.plan
    alone: Mapping[str, float | None] = run.manifest["result"]["stand_alone_cost_by_member"]
    charts = {kind: chart(kind, plan, alone) for kind in CHARTS if _shown(kind, plan, alone)}
    content = {
        "name": name,
        "scenario": plan.name,
        "currency": plan.currency,
        "headline": headline(run),
        "charts": charts,
        "map": _map(map_layers(plan, instance), instance),
        "tables": _tables(plan),
        "manifest": {key: value for key, value in run.manifest.items() if key not in ("files", "trace")},
    }
    return dict(plain(content))


def headline(run: Run) -> dict[str, Any]:
    r"""Return the figures of the first screen.

    ``gap_pct`` is rounded up to two digits, so that it never promises too much; None where nothing is proved.
    ``saving`` is :math:`\sum_i c(\{i\}) - c(N)`, None unless each member has a plan by itself;
    ``saving_least`` puts the proved bounds of members alone in the place of their costs; None where one is
    not known.
    """
    plan, result = run.plan, run.manifest["result"]
    service = plan["market_service"].dropna(subset="promise_days")
    promised = float(service["orders"].sum())
    costs = list(result["stand_alone_cost_by_member"].values())
    complete = len(costs) == len(run.manifest["members"]) and None not in costs
    alone = sum(costs) if costs and complete else None
    bounds = list(result.get("stand_alone_bound_by_member", {}).values())
    bounded = alone is not None and len(bounds) == len(costs) and None not in bounds
    gap = result["gap"]
    return {
        "cost": plan.cost,
        "alone": alone,
        "saving": None if alone is None else alone - plan.cost,
        "saving_least": sum(bounds) - plan.cost if bounded else None,
        "saving_pct": 100.0 * (alone - plan.cost) / alone if alone else None,
        "members": len(run.manifest["members"]),
        "orders": float(plan["flows"]["orders"].sum()),
        "opens": [
            {"site": row.site, "name": row.name, "size": row.size, "orders": row.orders}
            for row in plan["openings"].sort_values("orders", ascending=False).itertuples(index=False)
        ],
        "on_time_pct": 100.0 * (1.0 - float(service["late_orders"].sum()) / promised) if promised else None,
        "promised": promised,
        "co2_t": float(plan["carbon"]["co2_kg"].sum()) / 1000.0,
        "bound": result["bound"],
        "gap_pct": None if gap is None else math.ceil(1e4 * gap - 1e-6) / 1e2,
        "status": result["status"],
        "proof": result["proof"],
    }


def table(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> dict[str, Any]:
    """Return a table as columns (key and kind) and rows of values.

    >>> table(pd.DataFrame({"market": ["DE"]}))
    {'columns': [{'key': 'market', 'kind': 'text'}], 'rows': [['DE']]}
    """
    chosen = frame[list(columns)] if columns else frame
    kinds = [{"key": str(name), "kind": column_kind(str(name), chosen[name])} for name in chosen.columns]
    rows = [[None if pd.isna(value) else value for value in row] for row in chosen.to_numpy(object).tolist()]
    return {"columns": kinds, "rows": rows}


def column_kind(name: str, values: "pd.Series[Any]") -> str:
    """How a column is written: text, money, percent, code (a mode, to be translated) or number."""
    if name in ("mode", "freight_mode"):
        return name
    if values.dtype == object:
        return "text"
    if name.endswith("_pct"):
        return "percent"
    return "money" if name.startswith(MONEY) else "number"


def _tables(plan: Plan) -> dict[str, Any]:
    markets = market_summary(plan)
    components = cost_by_component(plan, "market")
    by_market = markets.merge(components, on="market", how="left")
    as_money = {name: "money" for name in components.columns if name != "market"}
    lanes = lane_summary(plan)
    counted = [name for name in LANE_COLUMNS if name in ("cost", "lane") or _used(lanes[name])]
    openings = plan["openings"].rename(columns={"cost": "site_cost"})
    shown = {
        "openings": table(openings, [name for name in OPENING_COLUMNS if _used(openings[name])]),
        "markets": table(by_market.drop(columns="country")),
        "lanes": table(lanes, counted),
        "members": _members(plan),
    }
    for column in shown["markets"]["columns"]:
        column["kind"] = as_money.get(column["key"], column["kind"])
        column["component"] = column["key"] in as_money
    return shown


def _members(plan: Plan) -> dict[str, Any]:
    """One line per component and one column per member, with sums."""
    by_member = cost_by_component(plan, "member").set_index("member").T
    by_member.loc["total"] = by_member.sum()
    by_member["total"] = by_member.sum(axis=1)
    shown = table(by_member.rename_axis(index="component", columns=None).reset_index())
    component, *members, total = shown["columns"]
    component["kind"] = "component"
    for column in (*members, total):
        column["kind"] = "money"
    for column in members:
        column["name"] = column["key"]
    return shown


def _used(values: "pd.Series[Any]") -> bool:
    """Whether a column says anything: not all empty, not all zero."""
    return bool(values.astype(bool).any())


def _shown(kind: str, plan: Plan, alone: Mapping[str, float | None]) -> bool:
    """Whether there is anything to draw."""
    if kind == "containers":
        names = ["containers_20gp", "containers_40gp", "containers_40hq"]
        return bool(plan["shipments"][names].to_numpy().sum())
    needs = {"stock": "site_periods", "freight": "shipments"}
    if kind == "service":
        return bool(plan["market_service"]["promise_days"].notna().any())
    return kind not in needs or len(plan[needs[kind]]) > 0


def _map(layers: MapLayers, instance: Instance) -> dict[str, Any]:
    """The layers with the coordinates of the places in use only."""
    lanes = layers.first_leg
    used = {stop for stops in lanes["stops"] for stop in stops} | set(layers.direct["start"])
    used |= set(layers.sites["site"]) | set(layers.markets["market"])
    names = {
        str(code): str(name)
        for table_name, key in (("places", "place"), ("sites", "site"), ("markets", "market"))
        for code, name in zip(instance[table_name][key], instance[table_name]["name"], strict=True)
    }
    return {
        "places": {
            code: [*point, names.get(code, code)] for code, point in layers.places.items() if code in used
        },
        "sites": layers.sites.drop(columns=["lat", "lon"]).to_dict("records"),
        "markets": layers.markets.drop(columns=["lat", "lon"]).astype(object).to_dict("records"),
        "first_leg": lanes[["stops", "freight_mode", "orders", "m3", "t", "cost"]].to_dict("records"),
        "last_mile": layers.last_mile.to_dict("records"),
        "direct": layers.direct.to_dict("records"),
        "catchments": layers.catchments.to_dict("records"),
    }


def read_asset(name: str) -> str:
    """Return the text of a file under ``assets``."""
    return (Path(__file__).parent / "assets" / name).read_text(encoding="utf-8")
