"""What the command line prints of quotes, cost splits and settlements."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from optimizer.alliance.allocate import AllianceResult

__all__ = ["print_alliance", "print_quote", "print_settlement"]


def print_quote(console: Console, answer: Mapping[str, Any]) -> None:
    """Print every route of an order, cheapest first, its components, and why others are not offered."""
    table = _table(("mode", "service", "days >", "95 % >", "total >", "of which"))
    for route in answer["routes"]:
        parts = sorted(route["components"].items(), key=lambda part: -abs(part[1]))
        shown = ", ".join(f"{name} {amount:,.2f}" for name, amount in parts if amount)
        total = f"{route['total']:,.2f} {route['currency']}"
        table.add_row(
            route["mode"], route["service"], f"{route['days']:.1f}", f"{route['days_p95']:.1f}", total, shown
        )
    console.print(table)
    for refused in answer["not_offered"]:
        console.print(
            f"not offered: {refused['service']} ({refused['reason']})", highlight=False, markup=False
        )
    for note in answer["notes"]:
        console.print(f"note: {note}", highlight=False, markup=False)


def print_alliance(console: Console, result: AllianceResult, currency: str) -> None:
    """Print what sharing saves, what each member pays under each rule, and whether it holds."""
    game, outlook = result.game, result.outlook
    low, high = outlook.saving
    console.print(
        f"[bold]Together {game.total:,.0f} {currency}[/], alone {game.alone().sum():,.0f}; "
        f"sharing saves {_interval(low, high)} {currency}. Core nonempty: {_word(outlook.core_nonempty)}.",
        soft_wrap=True,
    )
    shares = result.shares_table()
    columns = ("rule", *(f"{player} >" for player in game.players), "in the core", "first to leave")
    table = _table(columns)
    alone = [f"{cost:,.0f}" for cost in game.alone()]
    table.add_row("alone", *alone, "", "")
    for rule, group in shares.groupby("rule", sort=False):
        judged = result.stability[str(rule)]
        leaver = " + ".join(judged.blocking[0].members) if judged.blocking else ""
        paid = [f"{share:,.0f}" for share in group["share"]]
        table.add_row(str(rule), *paid, _word(judged.in_core), leaver)
    console.print(table)
    for rule, reason in result.undefined.items():
        console.print(f"{rule}: not defined here ({reason})", highlight=False, markup=False)
    console.print(f"{result.solves} coalitions solved in {result.runtime_s:.1f} s", highlight=False)


def print_settlement(console: Console, sheet: pd.DataFrame, currency: str) -> None:
    """Print the settlement sheet and its sum."""
    table = _table(("member", "planned >", "planned volume >", "actual volume >", "pays >", "true-up >"))
    for row in sheet.to_dict("records"):
        volumes = (f"{row['planned_volume']:,.0f}", f"{row['actual_volume']:,.0f}")
        money = (f"{row['amount']:,}", f"{row['true_up']:+,}")
        table.add_row(row["member"], f"{row['planned_share']:,}", *volumes, *money)
    console.print(table)
    console.print(f"Sum {sum(sheet['amount']):,} {currency}", highlight=False)


def _interval(low: float, high: float) -> str:
    return f"{low:,.0f}" if abs(high - low) < 0.5 else f"{low:,.0f} to {high:,.0f}"


def _word(verdict: object) -> str:
    return {"True": "yes", "False": "no"}.get(str(verdict), str(verdict))


def _table(columns: tuple[str, ...]) -> Table:
    """Return an empty table; a column name ending in ``>`` is aligned to the right."""
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name.removesuffix(" >"), justify="right" if name.endswith(">") else "left")
    return table
