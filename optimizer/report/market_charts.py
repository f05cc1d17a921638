"""Charts by market: how each is served, and how well."""

from typing import Any

import altair as alt
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.markets import MODES, market_summary
from optimizer.report.palette import KIND_COLOURS, MODE_COLOURS, colours, tip

__all__ = ["MOST_MARKETS", "mode_shares", "service"]

MOST_MARKETS = 30
"""Markets drawn, the largest first; tables show all."""

LINE = 20
HUNDRED = alt.Scale(domain=[0, 100])
OTHERS = "t:chart.other_markets"


def mode_shares(plan: Plan) -> Any:
    """Share of each market's orders by mode; markets beyond the largest are summed into one line."""
    markets = _labelled(market_summary(plan))
    shares = [f"{mode}_pct" for mode in MODES]
    shown, rest = markets.iloc[:MOST_MARKETS], markets.iloc[MOST_MARKETS:]
    if len(rest):
        orders = rest["orders"].sum()
        mean = {share: float((rest[share] * rest["orders"]).sum() / orders) for share in shares}
        shown = pd.concat([shown, pd.DataFrame([{"label": OTHERS, "orders": orders, **mean}])])
    long = shown.melt(["label", "orders"], shares, "kind", "share")
    long["kind"] = "t:mode." + long["kind"].str.removesuffix("_pct")
    long = long[long["share"] > 0.0]
    tips = [
        tip("label:N", "market"),
        tip("kind:N", "mode"),
        tip("share:Q", "share_pct", ".1f"),
        tip("orders:Q", "orders", ",.0f"),
    ]
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="t:axis.share_of_orders", scale=HUNDRED),
            y=_market_axis(shown),
            color=colours("kind", MODE_COLOURS, "mode", long, 2),
            tooltip=tips,
        )
        .properties(width="container", height=LINE * len(shown))
    )


def service(plan: Plan) -> Any:
    """Expected share of orders on time in the largest markets with a promise, against the share promised."""
    markets = _labelled(market_summary(plan).dropna(subset="promise_days")).iloc[:MOST_MARKETS]
    target = markets["promise_share_pct"].fillna(0.0)
    kept = (markets["on_time_pct"] >= target - 1e-6).map({True: "t:kind.kept", False: "t:kind.missed"})
    markets = markets.assign(kind=kept.where(target > 0.0, "t:kind.no_target"))
    base = alt.Chart(markets).encode(y=_market_axis(markets))
    tips = [
        tip("label:N", "market"),
        tip("on_time_pct:Q", "on_time_pct", ".1f"),
        tip("promise_share_pct:Q", "promise_share_pct", ".1f"),
        tip("promise_days:Q", "promise_days", ".0f"),
        tip("days_mean:Q", "days_mean", ".1f"),
    ]
    bars = base.mark_bar(height=10).encode(
        x=alt.X("on_time_pct:Q", title="t:axis.on_time", scale=HUNDRED),
        color=colours("kind", KIND_COLOURS, "kind", markets, 2),
        tooltip=tips,
    )
    ticks = (
        base.transform_filter("datum.promise_share_pct > 0")
        .mark_tick(color="#000000", thickness=3, size=18)
        .encode(x=alt.X("promise_share_pct:Q", title="t:axis.on_time"), tooltip=tips)
    )
    return (bars + ticks).properties(width="container", height=LINE * len(markets))


def _labelled(markets: pd.DataFrame) -> pd.DataFrame:
    """Add ``label``: the name, with the code where two markets share a name."""
    twice = markets["name"].duplicated(keep=False) | (markets["name"] == "")
    return markets.assign(label=markets["name"].where(~twice, markets["name"] + " " + markets["market"]))


def _market_axis(markets: pd.DataFrame) -> alt.Y:
    return alt.Y("label:N", sort=markets["label"].tolist(), title=None, axis=alt.Axis(labelLimit=120))
