"""What the command line prints of a bulk shipment: one block per route, one line per component."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["print_bulk"]

MOST_SHOWN = 8
"""Routes printed with their components; the rest in one line each."""


def print_bulk(console: Console, answer: Mapping[str, Any]) -> None:
    """Print every route of a bulk shipment, cheapest first, and why others are not offered."""
    routes = answer["routes"]
    table = Table(box=None, pad_edge=False)
    for name in ("", "mode", "service", "via", "days", "95 %", "total", "per unit"):
        table.add_column(name, justify="right" if name in ("days", "95 %", "total", "per unit") else "left")
    for number, route in enumerate(routes, start=1):
        table.add_row(
            str(number), route["mode"], route["service"], route["via"], f"{route['days']:.1f}",
            f"{route['days_p95']:.1f}", f"{route['total']:,.2f}", f"{route['per_unit']:,.2f}",
        )  # fmt: skip
    console.print(table)
    if routes:
        console.print(f"\nComponents ({routes[0]['currency']})", highlight=False)
        console.print(_components(routes[:MOST_SHOWN]))
    for refused in answer["not_offered"]:
        console.print(
            f"not offered: {refused['service']} ({refused['reason']})", highlight=False, markup=False
        )
    for note in answer["notes"]:
        console.print(f"note: {note}", highlight=False, markup=False)


def _components(routes: list[dict[str, Any]]) -> Table:
    """Components of the first routes, one column each."""
    table = Table(box=None, pad_edge=False)
    table.add_column("component")
    for number in range(1, len(routes) + 1):
        table.add_column(str(number), justify="right")
    names = dict.fromkeys(name for route in routes for name, amount in route["components"].items() if amount)
    for name in names:
        amounts = [route["components"].get(name, 0.0) for route in routes]
        table.add_row(name, *(f"{amount:,.2f}" if amount else "–" for amount in amounts))
    table.add_row("total", *(f"{route['total']:,.2f}" for route in routes))
    return table
