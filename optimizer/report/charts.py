"""Charts of a plan: each function takes a plan's tables and returns an Altair chart.

Texts that start with ``t:`` are keys of the language tables; `optimizer.report.language.translated` resolves
them. Colours are those of Okabe and Ito (2008), distinct under the common forms of colour blindness.
"""

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.markets import FREIGHT_MODES, MODES, market_summary

__all__ = ["CHARTS", "FREIGHT_COLOURS", "MODE_COLOURS", "chart"]

MODE_COLOURS = {"postal": "#E69F00", "express": "#D55E00", "line": "#56B4E9", "warehouse": "#009E73"}
FREIGHT_COLOURS = {"sea": "#0072B2", "rail": "#CC79A7", "air": "#D55E00", "truck": "#666666"}
SITE_COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#666666"]
TOGETHER, ALONE = "#0072B2", "#BBBBBB"
STEP, LINE, BAR = 26, 20, 16
BAND = 40
MOST_COMPONENTS = 12
Alone = Mapping[str, float | None]


def cost_waterfall(plan: Plan, alone: Alone) -> Any:
    """Every component from the largest cost to the refunds, and their sum."""
    steps, total = [], 0.0
    for component, amount in _largest(plan.cost_by("component")).items():
        kind = "cost" if amount >= 0.0 else "refund"
        steps.append(_step(f"t:component.{component}", total, total + amount, amount, kind))
        total += amount
    steps.append(_step("t:chart.total", 0.0, total, total, "total"))
    frame = pd.DataFrame(steps)
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("from:Q", title=f"{plan.currency}", axis=_axis()),
            x2="to:Q",
            y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
            color=_colours(
                "kind", ["cost", "refund", "total"], ["#0072B2", "#009E73", "#444444"], "kind", frame
            ),
            tooltip=[_tip("label:N", "component"), _tip("amount:Q", "cost")],
        )
        .properties(width="container", height=STEP * len(frame))
    )


def member_costs(plan: Plan, alone: Alone) -> Any:
    """Cost of each member in the plan beside the cost of its cheapest plan by itself."""
    rows = [
        {"member": member, "kind": "t:kind.together", "amount": amount}
        for member, amount in plan.cost_by("member").items()
    ]
    rows += [
        {"member": member, "kind": "t:kind.alone", "amount": cost}
        for member, cost in alone.items()
        if cost is not None
    ]
    frame = _frame(rows, ["member", "kind", "amount"])
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("amount:Q", title=plan.currency, axis=_axis()),
            y=alt.Y("member:N", title=None, sort=None),
            yOffset=alt.YOffset("kind:N", sort=["t:kind.together", "t:kind.alone"]),
            color=_colours("kind", ["together", "alone"], [TOGETHER, ALONE], "kind", frame),
            tooltip=[_tip("member:N", "member"), _tip("kind:N", "kind"), _tip("amount:Q", "cost")],
        )
        .properties(width="container", height=2 * BAR * plan["costs"]["member"].nunique())
    )


def mode_shares(plan: Plan, alone: Alone) -> Any:
    """Share of each market's orders by mode."""
    markets = market_summary(plan)
    long = markets.melt(["market", "name"], [f"{mode}_pct" for mode in MODES], "kind", "share")
    long["kind"] = "t:mode." + long["kind"].str.removesuffix("_pct")
    long = long[long["share"] > 0.0]
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="t:axis.share_of_orders", scale=alt.Scale(domain=[0, 100])),
            y=_market_axis(markets),
            color=_colours("kind", list(MODES), list(MODE_COLOURS.values()), "mode", long),
            tooltip=[_tip("name:N", "market"), _tip("kind:N", "mode"), _tip("share:Q", "share_pct", ".1f")],
        )
        .properties(width="container", height=LINE * len(markets))
    )


def service(plan: Plan, alone: Alone) -> Any:
    """Expected share of orders on time in each market with a promise, against the share promised."""
    markets = market_summary(plan).dropna(subset="promise_days")
    base = alt.Chart(markets).encode(y=_market_axis(markets))
    title, scale = "t:axis.on_time", alt.Scale(domain=[0, 100])
    tips = [
        _tip("name:N", "market"),
        _tip("on_time_pct:Q", "on_time_pct", ".1f"),
        _tip("promise_share_pct:Q", "promise_share_pct", ".1f"),
        _tip("promise_days:Q", "promise_days", ".0f"),
        _tip("days_mean:Q", "days_mean", ".1f"),
    ]
    bars = base.mark_bar(color=MODE_COLOURS["line"], height=10).encode(
        x=alt.X("on_time_pct:Q", title=title, scale=scale), tooltip=tips
    )
    ticks = (
        base.transform_filter("datum.promise_share_pct > 0")
        .mark_tick(color="#000000", thickness=3, size=18)
        .encode(x=alt.X("promise_share_pct:Q", title=title), tooltip=tips)
    )
    return (bars + ticks).properties(width="container", height=LINE * len(markets))


def stock(plan: Plan, alone: Alone) -> Any:
    """Average stock of each warehouse by period."""
    rows = plan["site_periods"].groupby(["site", "period"], as_index=False)[["m3", "capacity_m3"]].sum()
    sites = sorted(rows["site"].unique())
    colours = alt.Scale(domain=sites, range=[SITE_COLOURS[k % len(SITE_COLOURS)] for k in range(len(sites))])
    tips = [
        _tip("site:N", "site"),
        _tip("period:N", "period"),
        _tip("m3:Q", "m3", ",.1f"),
        _tip("capacity_m3:Q", "capacity_m3", ",.0f"),
    ]
    colour = alt.Color("site:N", scale=colours, legend=_legend())
    return _by_period(rows, "m3", "t:axis.stock", colour, tips)


def throughput(plan: Plan, alone: Alone) -> Any:
    """Orders by period of sale and mode."""
    rows = plan["flows"].groupby(["mode", "period"], as_index=False)["orders"].sum()
    rows = rows.assign(kind="t:mode." + rows["mode"].astype(str))
    colour = _colours("kind", list(MODES), list(MODE_COLOURS.values()), "mode", rows)
    tips = [_tip("kind:N", "mode"), _tip("period:N", "period"), _tip("orders:Q", "orders", ",.0f")]
    return _by_period(rows, "orders", "t:axis.orders", colour, tips)


def freight(plan: Plan, alone: Alone) -> Any:
    """Volume shipped to the warehouses by period of arrival and mode of freight."""
    rows = plan["shipments"].groupby(["freight_mode", "arrival_period"], as_index=False)[["m3", "t"]].sum()
    rows = rows.rename(columns={"arrival_period": "period"})
    rows = rows.assign(kind="t:freight_mode." + rows["freight_mode"].astype(str))
    colour = _colours("kind", list(FREIGHT_MODES), list(FREIGHT_COLOURS.values()), "freight_mode", rows)
    tips = [_tip("kind:N", "freight_mode"), _tip("period:N", "arrival_period"), _tip("m3:Q", "m3", ",.1f")]
    return _by_period(rows, "m3", "t:axis.freight_m3", colour, [*tips, _tip("t:Q", "t", ",.2f")])


def containers(plan: Plan, alone: Alone) -> Any:
    """Full containers by period of arrival and type."""
    kinds = ["containers_20gp", "containers_40gp", "containers_40hq"]
    rows = plan["shipments"].melt(["arrival_period"], kinds, "kind", "count")
    counts = rows.groupby(["kind", "arrival_period"])["count"].sum().reset_index()
    rows = counts[counts["count"] > 0].rename(columns={"arrival_period": "period"})
    rows["kind"] = "t:column." + rows["kind"].astype(str)
    colour = _colours("kind", kinds, SITE_COLOURS[:3], "column", rows)
    tips = [_tip("kind:N", "kind"), _tip("period:N", "arrival_period"), _tip("count:Q", "count", ",.0f")]
    return _by_period(rows, "count", "t:axis.containers", colour, tips)


CHARTS: dict[str, Callable[[Plan, Alone], Any]] = {
    "cost": cost_waterfall,
    "members": member_costs,
    "modes": mode_shares,
    "service": service,
    "stock": stock,
    "throughput": throughput,
    "freight": freight,
    "containers": containers,
}
"""Every kind of chart by name."""


def chart(kind: str, plan: Plan, alone: Alone) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, with its title and the house's plain style."""
    made = CHARTS[kind](plan, alone)
    spec = (
        made.configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, gridColor="#E3E6EA")
        .configure_legend(labelFontSize=12, labelLimit=260)
        .configure(font="system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif", background="transparent")
        .to_dict()
    )
    return dict(spec) | {"autosize": {"type": "fit-x", "contains": "padding"}}


def _by_period(
    rows: pd.DataFrame, amount: str, title: str, colour: alt.Color, tips: list[alt.Tooltip]
) -> Any:
    """Stacked bars over the periods, so that the peak stands out."""
    return (
        alt.Chart(rows)
        .mark_bar(size=BAND if rows["period"].nunique() <= 4 else alt.Undefined)
        .encode(
            x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=-40)),
            y=alt.Y(f"{amount}:Q", title=title, axis=alt.Axis(format="~s", tickCount=5, tickMinStep=1)),
            color=colour,
            tooltip=tips,
        )
        .properties(width="container", height=240)
    )


def _market_axis(markets: pd.DataFrame) -> alt.Y:
    return alt.Y("market:N", sort=markets["market"].tolist(), title=None)


def _colours(field: str, kinds: list[str], colours: list[str], section: str, rows: pd.DataFrame) -> alt.Color:
    """Colours by kind: the same for the same kind in every chart, of those that occur."""
    occur = set(rows[field])
    pairs = [(f"t:{section}.{kind}", colour) for kind, colour in zip(kinds, colours, strict=True)]
    shown = [(kind, colour) for kind, colour in pairs if kind in occur]
    scale = alt.Scale(domain=[kind for kind, _ in shown], range=[colour for _, colour in shown])
    return alt.Color(f"{field}:N", scale=scale, legend=_legend())


def _legend() -> alt.Legend:
    return alt.Legend(orient="top", title=None, columns=2)


def _axis() -> alt.Axis:
    return alt.Axis(format="~s", tickCount=5)


def _tip(field: str, column: str, shape: str = ",.2f") -> alt.Tooltip:
    title = f"t:column.{column}"
    return (
        alt.Tooltip(field, title=title, format=shape)
        if field.endswith(":Q")
        else alt.Tooltip(field, title=title)
    )


def _largest(amounts: dict[str, float]) -> dict[str, float]:
    """Keep the components largest by size, in their order; the sum of the others goes before the refunds."""
    kept = sorted(amounts, key=lambda name: -abs(amounts[name]))[:MOST_COMPONENTS]
    others = {name: amount for name, amount in amounts.items() if name not in kept}
    shown = {name: amount for name, amount in amounts.items() if name in kept}
    if not others:
        return shown
    costs = {name: amount for name, amount in shown.items() if amount >= 0.0}
    refunds = {name: amount for name, amount in shown.items() if amount < 0.0}
    return costs | {"others": sum(others.values())} | refunds


def _step(label: str, start: float, end: float, amount: float, kind: str) -> dict[str, Any]:
    return {"label": label, "from": start, "to": end, "amount": amount, "kind": f"t:kind.{kind}"}


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)
