"""What the command line prints of an appraisal: outlay, savings, net present value, payback, return."""

import math

from rich.console import Console
from rich.table import Table

from optimizer.study.invest import Appraisal

__all__ = ["print_appraisal"]


def print_appraisal(console: Console, found: Appraisal) -> None:
    """Print what the openings of a plan cost at the start and are worth against each alternative."""
    money = found.currency
    console.print(
        f"[bold]Outlay {found.outlay:,.0f} {money}[/] at the start"
        + (f", {found.renewals:,.0f} for later leases" if found.renewals else "")
        + f"; running cost {found.running_per_year:,.0f} a year; "
        f"{found.years:g} year{'' if found.years == 1 else 's'} at {found.rate_pct:.2f} % a year.",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False)
    names = (
        "against",
        "costs a year",
        "saves a year",
        "net present value",
        "paid back in",
        "return",
        "per 1 paid",
    )
    for name in names:
        table.add_column(name, justify="left" if name == "against" else "right")
    for one in found.against:
        if "reason" in one:
            continue
        table.add_row(
            str(one["against"]),
            f"{one['cost_per_year']:,.0f}",
            f"{one['saving_per_year']:,.0f}",
            f"{one['net_present_value']:,.0f}",
            _days(one["payback_days"]),
            _percent(one["return_pct"]),
            "–" if math.isnan(one["profit_per_unit"]) else f"{one['profit_per_unit']:,.2f}",
        )
    console.print(table)
    for one in found.against:
        if "reason" in one:
            console.print(
                f"not compared: {one['against']} ({one['reason']})",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
    for note in found.notes:
        console.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)


def _days(days: float) -> str:
    return "never" if math.isinf(days) else f"{days:,.0f} days"


def _percent(rate: float) -> str:
    if math.isinf(rate):
        return "over 10,000 %"
    return "–" if math.isnan(rate) else f"{rate:,.1f} %"
