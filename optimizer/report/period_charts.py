"""Charts over the periods: stock, orders, freight and containers, the peak marked with its figure."""

import math
from typing import Any

import altair as alt
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.palette import FREIGHT_COLOURS, MODE_COLOURS, SITE_COLOURS, colours, legend, tip

__all__ = ["containers", "freight", "stock", "throughput"]

HEIGHT, BAND = 220, 40
MOST_TICKS = 6
CONTAINERS = dict(
    zip(("containers_20gp", "containers_40gp", "containers_40hq"), SITE_COLOURS[:3], strict=True)
)


def stock(plan: Plan) -> Any:
    """Average stock of each warehouse by period."""
    rows = plan["site_periods"].groupby(["site", "period"], as_index=False)[["m3", "capacity_m3"]].sum()
    sites = sorted(rows["site"].unique())
    scale = alt.Scale(domain=sites, range=[SITE_COLOURS[k % len(SITE_COLOURS)] for k in range(len(sites))])
    tips = [
        tip("site:N", "site"),
        tip("period:N", "period"),
        tip("m3:Q", "m3", ",.1f"),
        tip("capacity_m3:Q", "capacity_m3", ",.0f"),
    ]
    colour = alt.Color("site:N", scale=scale, legend=legend(3))
    return _by_period(rows, "m3", "t:axis.stock", colour, tips, _periods(plan))


def throughput(plan: Plan) -> Any:
    """Orders by period of sale and mode."""
    rows = plan["flows"].groupby(["mode", "period"], as_index=False)["orders"].sum()
    rows = rows.assign(kind="t:mode." + rows["mode"].astype(str))
    tips = [tip("kind:N", "mode"), tip("period:N", "period"), tip("orders:Q", "orders", ",.0f")]
    colour = colours("kind", MODE_COLOURS, "mode", rows, 2)
    return _by_period(rows, "orders", "t:axis.orders", colour, tips, _periods(plan))


def freight(plan: Plan) -> Any:
    """Volume shipped to the warehouses by period of arrival and mode of freight."""
    rows = plan["shipments"].groupby(["freight_mode", "arrival_period"], as_index=False)[["m3", "t"]].sum()
    rows = rows.rename(columns={"arrival_period": "period"})
    rows = rows.assign(kind="t:freight_mode." + rows["freight_mode"].astype(str))
    tips = [tip("kind:N", "freight_mode"), tip("period:N", "arrival_period"), tip("m3:Q", "m3", ",.1f")]
    colour = colours("kind", FREIGHT_COLOURS, "freight_mode", rows, 2)
    return _by_period(
        rows, "m3", "t:axis.freight_m3", colour, [*tips, tip("t:Q", "t", ",.2f")], _periods(plan)
    )


def containers(plan: Plan) -> Any:
    """Full containers by period of arrival and type."""
    rows = plan["shipments"].melt(["arrival_period"], list(CONTAINERS), "kind", "count")
    counts = rows.groupby(["kind", "arrival_period"])["count"].sum().reset_index()
    rows = counts[counts["count"] > 0].rename(columns={"arrival_period": "period"})
    rows["kind"] = "t:column." + rows["kind"].astype(str)
    tips = [tip("kind:N", "kind"), tip("period:N", "arrival_period"), tip("count:Q", "count", ",.0f")]
    colour = colours("kind", CONTAINERS, "column", rows, 2)
    return _by_period(rows, "count", "t:axis.containers", colour, tips, _periods(plan))


def _by_period(
    rows: pd.DataFrame,
    amount: str,
    title: str,
    colour: alt.Color,
    tips: list[alt.Tooltip],
    periods: list[str],
) -> Any:
    """Stacked bars over every period of the plan, with the figure of the peak above its bar."""
    totals = rows.groupby("period", as_index=False)[amount].sum()
    highest = float(totals[amount].max()) if len(totals) else 1.0
    peak = totals[totals[amount] == highest].head(1)
    few = len(periods) <= 4
    y = alt.Y(
        f"{amount}:Q",
        title=title,
        axis=alt.Axis(format="~s", **_ticks(amount, highest)),
        scale=alt.Scale(domainMax=1.1 * highest),
    )
    # The domain holds every period, so that one without a bar is seen as such.
    x = alt.X(
        "period:O",
        title=None,
        scale=alt.Scale(domain=periods),
        axis=alt.Axis(labelAngle=0 if few else -45),
    )
    bars = alt.Chart(rows).mark_bar(size=BAND if few else alt.Undefined)
    mark = alt.Chart(peak).mark_text(dy=-8, fontWeight="bold", fontSize=12)
    drawn = bars.encode(x=x, y=y, color=colour, tooltip=tips) + mark.encode(
        x=x, y=y, text=alt.Text(f"{amount}:Q", format=",.1f" if amount == "m3" and highest < 100 else ",.0f")
    )
    return drawn.properties(width="container", height=HEIGHT)


def _ticks(amount: str, highest: float) -> dict[str, Any]:
    """Whole numbers for what is counted one by one; five or so for the rest."""
    if amount != "count":
        return {"tickCount": 5}
    return {"values": list(range(0, math.ceil(highest) + 1, max(1, math.ceil(highest / MOST_TICKS))))}


def _periods(plan: Plan) -> list[str]:
    """Every period in which something is sold or arrives, in order of time."""
    sold = set(plan["market_service"]["period"]) | set(plan["site_periods"]["period"])
    return sorted(sold | set(plan["shipments"]["arrival_period"]))
