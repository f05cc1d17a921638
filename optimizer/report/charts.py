"""Charts of a plan: each function takes a plan's tables and returns an Altair chart.

Texts that start with ``t:`` are keys of the language tables; `optimizer.report.language.translated` resolves
them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.market_charts import mode_shares, service
from optimizer.report.palette import KIND_COLOURS, amount_axis, colours, tip
from optimizer.report.period_charts import containers, freight, stock, throughput

__all__ = ["CHARTS", "Alone", "chart", "cost_waterfall", "member_costs"]

STEP, BAR = 26, 16
ROOM = 1.14
"""How far the axis goes beyond the longest bar, for the figure that stands there."""

MOST_COMPONENTS = 12
Alone = Mapping[str, float | None]


def cost_waterfall(plan: Plan) -> Any:
    """Every component from the largest cost to the refunds, and their sum."""
    steps, total = [], 0.0
    for component, amount in _largest(plan.cost_by("component")).items():
        kind = "cost" if amount >= 0.0 else "refund"
        steps.append(_step(f"t:component.{component}", total, total + amount, amount, kind))
        total += amount
    steps.append(_step("t:chart.total", 0.0, total, total, "total"))
    frame = pd.DataFrame(steps)
    base = alt.Chart(frame).encode(y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=150)))
    scale = alt.Scale(domainMax=ROOM * float(frame["end"].max()))
    bars = base.mark_bar().encode(
        x=alt.X("from:Q", title=plan.currency, axis=amount_axis(), scale=scale),
        x2="to:Q",
        color=colours("kind", KIND_COLOURS, "kind", frame, 3),
        tooltip=[tip("label:N", "component"), tip("amount:Q", "cost")],
    )
    figures = base.mark_text(align="left", dx=4).encode(
        x=alt.X("end:Q", title=plan.currency), text=alt.Text("amount:Q", format=".3~s")
    )
    return (bars + figures).properties(width="container", height=STEP * len(frame))


def member_costs(plan: Plan, alone: Alone) -> Any:
    """Cost of each member in the plan beside the cost of its cheapest plan by itself, and the difference."""
    together = plan.cost_by("member")
    rows = [
        {
            "member": member,
            "kind": "t:kind.together",
            "amount": amount,
            "change": _change(amount, alone.get(member)),
        }
        for member, amount in together.items()
    ]
    rows += [
        {"member": member, "kind": "t:kind.alone", "amount": alone[member], "change": None}
        for member in together
        if alone.get(member) is not None
    ]
    frame = pd.DataFrame(rows, columns=["member", "kind", "amount", "change"])
    most = float(frame["amount"].max())
    base = alt.Chart(frame).encode(
        y=alt.Y("member:N", title=None, sort=list(together)),
        yOffset=alt.YOffset("kind:N", sort=["t:kind.together", "t:kind.alone"]),
    )
    scale = alt.Scale(domainMax=ROOM * most)
    bars = base.mark_bar().encode(
        x=alt.X("amount:Q", title=plan.currency, axis=amount_axis(), scale=scale),
        color=colours("kind", KIND_COLOURS, "kind", frame, 2),
        tooltip=[tip("member:N", "member"), tip("kind:N", "kind"), tip("amount:Q", "cost")],
    )
    figures = (
        base.transform_filter("isValid(datum.change)")
        .mark_text(align="left", dx=4)
        .encode(x=alt.X("amount:Q", title=plan.currency), text=alt.Text("change:Q", format="+.1%"))
    )
    return (bars + figures).properties(width="container", height=2 * BAR * len(together))


CHARTS: dict[str, Callable[[Plan, Alone], Any]] = {
    "cost": lambda plan, alone: cost_waterfall(plan),
    "members": member_costs,
    "throughput": lambda plan, alone: throughput(plan),
    "stock": lambda plan, alone: stock(plan),
    "freight": lambda plan, alone: freight(plan),
    "containers": lambda plan, alone: containers(plan),
    "modes": lambda plan, alone: mode_shares(plan),
    "service": lambda plan, alone: service(plan),
}
"""Every kind of chart by name, in the order in which a report shows them."""


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
    """One bar of the waterfall; ``end`` is its right edge, where the figure stands."""
    kind = f"t:kind.{kind}"
    return {"label": label, "from": start, "to": end, "end": max(start, end), "amount": amount, "kind": kind}


def _change(together: float, alone: float | None) -> float | None:
    """How much less (negative) a member pays in the plan, as a part of its cost alone.

    >>> _change(75.0, 100.0)
    -0.25
    """
    return together / alone - 1.0 if alone else None
