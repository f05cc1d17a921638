"""What the command line prints: plans, comparisons, faults and reasons, as text and tables."""

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from optimizer.errors import CheckError, EntrepotError, Fault, InfeasibleError, InputError
from optimizer.plan.plan import Plan
from optimizer.runs.outcome import Outcome, Verification, gap_in_words
from optimizer.scenario.instance import Instance
from optimizer.solver.solution import relative_gap
from optimizer.study.compare import Comparison

__all__ = ["print_comparison", "print_error", "print_instance", "print_outcome", "print_verification"]

MODES = ("postal", "express", "line", "warehouse")
MOST_LINES = 25


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Print what opens, how markets are served, cost by component and member, service, carbon and proof."""
    plan, alone = outcome.plan, sum(outcome.stand_alone.values())
    headline = f"\n[bold]{plan.name}[/]: {_money(outcome.objective, plan.currency)} landed cost"
    complete = set(outcome.stand_alone) == set(plan.cost_by("member"))
    if complete and math.isfinite(alone):
        saved = 100.0 * (alone - outcome.objective) / alone
        floor = sum((outcome.stand_alone_bound or outcome.stand_alone).values())
        least = 100.0 * (floor - outcome.objective) / alone
        headline += f"; each member alone {_money(alone, plan.currency)}, "
        words = f"{saved:.1f} %" if saved - least < 0.1 else f"{max(least, 0.0):.1f} to {saved:.1f} %"
        headline += f"so sharing saves {words}" if saved >= 0 else f"so this plan costs {-saved:.1f} % more"
    console.print(headline, soft_wrap=True)
    if len(plan["openings"]):
        _section(console, "What opens", _openings(plan))
    else:
        console.print("\n[bold]What opens[/]: no warehouse; every order goes direct")
    _section(console, "How markets are served", _markets(plan))
    _section(console, "Cost by component", _components(plan))
    title = "Cost by member (joint costs traced to the flows that cause them, shared among these by volume)"
    _section(console, title, _members(plan, outcome))
    console.print(f"\nService  {_service(plan)}")
    console.print(f"Carbon   {plan['carbon']['co2_kg'].sum() / 1000:,.1f} t CO₂e")
    console.print(f"Proof    {_status(outcome)}; {gap_in_words(outcome.objective, outcome.bound)}.")
    console.print(f"Basis    {outcome.proof}", soft_wrap=True)
    seconds = " · ".join(f"{step} {time:.1f} s" for step, time in outcome.seconds.items())
    console.print(f"Time     {seconds}")
    if outcome.run_dir:
        console.print(f"Run      {outcome.run_dir}", soft_wrap=True)


def print_instance(console: Console, instance: Instance) -> None:
    """Print the size of a valid scenario."""
    demand, periods = instance["demand"], instance["periods"]
    console.print(
        f"[bold]{instance.name}[/] is valid: {len(instance.members)} members, "
        f"{len(instance['products'])} product classes, {len(instance['markets'])} markets, "
        f"{len(instance['sites'])} candidate sites, {len(periods)} periods; "
        f"{demand['orders'].sum():,.0f} orders in {len(demand):,} rows.",
        soft_wrap=True,
    )


def print_verification(console: Console, folder: Path, verification: Verification) -> None:
    """Print what holds of a finished run and what does not."""
    for statement in verification.statements:
        console.print(f"  ✓ {statement}", markup=False, highlight=False, soft_wrap=True)
    if verification.failures:
        print_reasons(console, f"{folder} does not hold", verification.failures)
    else:
        console.print(f"[bold]{folder} holds.[/]", highlight=False)


def print_error(console: Console, error: EntrepotError, name: str = "") -> None:
    """Print an error raised on purpose, with every fault or reason it carries."""
    lead = f"{name}: " if name else ""
    if isinstance(error, InputError):
        print_faults(console, error.faults, lead)
    elif isinstance(error, InfeasibleError):
        print_reasons(console, f"{lead}no plan exists", error.reasons)
    elif isinstance(error, CheckError):
        print_reasons(console, f"{lead}a check failed", error.failures)
    else:
        print_reasons(console, f"{lead}no result", [str(error)])


def print_faults(console: Console, faults: Sequence[Fault], lead: str = "") -> None:
    """Print every fault of an input on its own lines: where, what, which rule, how to mend."""
    plural = "s" if len(faults) != 1 else ""
    console.print(
        f"[bold red]{lead}{len(faults)} fault{plural} in the input[/]", highlight=False, soft_wrap=True
    )
    for fault in faults:
        found = f" found {fault.what!r}:" if fault.what else ""
        console.print(f"  {fault.where}:{found} {fault.rule}", markup=False, highlight=False, soft_wrap=True)
        if fault.mend:
            console.print(f"      → {fault.mend}", markup=False, highlight=False, soft_wrap=True)


def print_reasons(console: Console, title: str, reasons: Sequence[str]) -> None:
    """Print a title and a list of sentences."""
    console.print(f"[bold red]{title}[/]", highlight=False, soft_wrap=True)
    for reason in reasons:
        console.print(f"  - {reason}", markup=False, highlight=False, soft_wrap=True)


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print totals, openings, cost changes by component, member, market and mode, and what moved."""
    runs = comparison.runs
    _section(console, f"Totals ({comparison.currency})", _frame(comparison.totals))
    if len(comparison.openings):
        _section(console, "What opens, and at which size", _frame(comparison.openings.replace("", "closed")))
    for view, frame in comparison.costs.items():
        changed = frame[frame["change"].abs() > 0.005]
        if len(changed):
            _section(console, f"Cost by {view}: {runs[-1]} less {runs[0]}", _frame(changed))
        else:
            console.print(f"\nCost by {view}: no change")
    moved = comparison.moved.groupby(["run", "market", "mode", "site"])["orders"].sum()
    moved = moved[moved.abs() > 0.5].sort_values(key=lambda orders: -orders.abs(), kind="stable")
    if len(moved):
        _section(console, f"Orders gained and lost, against {runs[0]}", _frame(moved.reset_index()))
    else:
        console.print("\nNo orders moved.")


def _status(outcome: Outcome) -> str:
    words = {"optimal": "solved to the gap asked for", "interrupted": "stopped by you"}
    return words.get(str(outcome.termination), str(outcome.termination).replace("_", " ") + " reached")


def _openings(plan: Plan) -> Table:
    columns = ("site", "size", "from", "orders >", "peak m³ >", "of m³ >", "members >", f"{plan.currency} >")
    table = _table(columns)
    for row in plan["openings"].itertuples():
        table.add_row(
            " ".join(filter(None, (str(row.site), str(row.name), str(row.site_owner)))),
            f"{row.size} ({row.model})",
            str(row.from_period),
            f"{row.orders:,.0f}",
            f"{row.peak_m3:,.1f}",
            f"{row.capacity_m3:,.0f}",
            str(row.members),
            f"{row.cost:,.0f}",
        )
    return table


def _markets(plan: Plan) -> Table:
    """Mode shares by market over the horizon, largest markets first."""
    service = plan["market_service"].set_index("market")
    shares = service[[f"{mode}_pct" for mode in MODES]].mul(service["orders"] / 100.0, axis=0)
    counted = shares.assign(orders=service["orders"], late=service["late_orders"])
    markets = counted.groupby(level=0).sum().sort_values("orders", ascending=False, kind="stable")
    promised = service.groupby(level=0)["promise_days"].max().to_dict()
    table = _table(("market", "orders >", *(f"{mode} % >" for mode in MODES), "on time % >"))
    for row in markets.head(MOST_LINES).reset_index().to_dict("records"):
        market = row["market"]
        on_time = 100.0 * (1.0 - row["late"] / row["orders"])
        kept = f"{on_time:.1f} (in {promised[market]:g} d)" if promised[market] > 0 else "–"
        parts = [f"{100.0 * row[f'{mode}_pct'] / row['orders']:.1f}" for mode in MODES]
        table.add_row(str(market), f"{row['orders']:,.0f}", *parts, kept)
    if len(markets) > MOST_LINES:
        rest = markets.iloc[MOST_LINES:].sum()
        parts = [f"{100.0 * rest[f'{mode}_pct'] / rest['orders']:.1f}" for mode in MODES]
        table.add_row(f"{len(markets) - MOST_LINES} others", f"{rest['orders']:,.0f}", *parts, "")
    return table


def _components(plan: Plan) -> Table:
    table = _table(("component", f"{plan.currency} >", "% >"))
    for name, amount in plan.cost_by("component").items():
        table.add_row(name, f"{amount:,.0f}", f"{100.0 * amount / plan.cost:.1f}" if plan.cost else "–")
    return table


def _members(plan: Plan, outcome: Outcome) -> Table:
    """Cost together and alone; `within %`: how much cheaper a plan alone might be at most."""
    alone, bounds = outcome.stand_alone, outcome.stand_alone_bound
    columns = (f"together {plan.currency} >", f"alone {plan.currency} >", "within % >", "saves >", "% >")
    table = _table(("member", *columns))
    for member, cost in sorted(plan.cost_by("member").items()):
        if member not in alone:
            table.add_row(member, f"{cost:,.0f}", "–", "–", "–", "–")
        elif alone[member] == float("inf"):
            table.add_row(member, f"{cost:,.0f}", "no plan alone", "–", "–", "–")
        else:
            saved = alone[member] - cost
            table.add_row(
                member,
                f"{cost:,.0f}",
                f"{alone[member]:,.0f}",
                _within(alone[member], bounds.get(member, -math.inf)),
                f"{saved:,.0f}",
                f"{100 * saved / alone[member]:.1f}",
            )
    return table


def _within(cost: float, bound: float) -> str:
    """Say, in percent and rounded up, by how much a cost may be undercut.

    >>> _within(200.0, 199.0), _within(200.0, 200.0), _within(200.0, float("-inf"))
    ('0.50', '0.00', '?')
    """
    gap = relative_gap(cost, bound)
    return f"{math.ceil(1e4 * gap - 1e-6) / 100:.2f}" if math.isfinite(gap) else "?"


def _service(plan: Plan) -> str:
    promised = plan["market_service"].dropna(subset="promise_days")
    orders = promised["orders"].sum()
    if not orders:
        return "no delivery time is promised anywhere"
    kept = 100.0 * (1.0 - promised["late_orders"].sum() / orders)
    return f"{kept:.1f} % of {orders:,.0f} promised orders expected within the promise"


def _frame(frame: pd.DataFrame) -> Table:
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]
    names = zip(frame.columns, numeric, strict=True)
    table = _table([f"{name} >" if number else str(name) for name, number in names])
    for row in frame.head(MOST_LINES).itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    if len(frame) > MOST_LINES:
        table.add_row(f"and {len(frame) - MOST_LINES} more")
    return table


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)


def _section(console: Console, title: str, table: Table) -> None:
    console.print(f"\n[bold]{title}[/]", highlight=False, soft_wrap=True)
    console.print(table)


def _table(columns: Sequence[str]) -> Table:
    """Return an empty table; a column name ending in ``>`` is aligned to the right."""
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(
            name.removesuffix(" >"), justify="right" if name.endswith(">") else "left", no_wrap=True
        )
    return table


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.0f} {currency}"
