"""What `entrepot alliance` prints: shares and whether they hold, a member's view, plans ranked, answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from optimizer.alliance.allocate import AllianceResult, percent_saved
from optimizer.alliance.oracle import Interval
from optimizer.study.alliance_plans import PlansCompared
from optimizer.study.questions import Answers
from optimizer.study.what_if import MembershipChange, Merger

__all__ = ["print_alliance", "print_member_view", "print_plans", "print_what_if"]

WIDEST = 400
"""Columns of text beyond which even a full table is folded."""


def print_alliance(console: Console, result: AllianceResult, currency: str) -> None:
    """Print what sharing saves, what each member pays and saves under each rule, and whether it holds."""
    game, outlook = result.game, result.outlook
    console.print(
        f"[bold]Together {game.total:,.0f} {currency}[/], alone {game.alone().sum():,.0f}; "
        f"sharing saves {money(outlook.saving)} {currency}. "
        f"Is there a split that nobody would leave (core)? {word(outlook.core_nonempty)}.",
        soft_wrap=True,
    )
    widths = {rule: float((high - low).max()) for rule, (low, high) in result.share_intervals.items()}
    loose = ["within >"] if any(width > 0.5 for width in widths.values()) else []
    players = [f"{player} >" for player in game.players]
    table = _table(("what each pays", *players, *loose, "holds", "first to leave"))
    if result.cost_now:
        now = (result.cost_now.get(player) for player in game.players)
        table.add_row(
            "now", *("" if cost is None else f"{cost:,.0f}" for cost in now), *([""] * len(loose)), "", ""
        )
    table.add_row("alone", *(f"{cost:,.0f}" for cost in game.alone()), *([""] * len(loose)), "", "")
    for rule, allocation in result.allocations.items():
        judged = result.stability[rule]
        leaver = " + ".join(judged.blocking[0].members) if judged.blocking else ""
        cells = [f"{share:,.0f}" for share in allocation.shares]
        if loose:
            cells.append(f"{widths[rule]:,.0f}" if rule in widths else "?")
        table.add_row(rule, *cells, word(judged.in_core), leaver)
    _print_table(console, table)
    if result.partial:
        costed = int(np.isfinite(game.upper[1:]).sum())
        console.print(
            f"{game.n} members have {2**game.n - 1:,} coalitions, too many to solve: {costed:,} were. Rules "
            "that need all are left out; `holds` is undecided unless one of those solved would leave.",
            soft_wrap=True,
        )
    table = _table(("what each saves, %", *players))
    for name, group in result.shares_table().groupby("rule", sort=False):
        table.add_row(
            str(name), *("" if np.isnan(part) else f"{part:.1f}" for part in group["saving_percent"])
        )
    _print_table(console, table)
    if result.cost_now:
        _print_against_now(console, result)
    _print_open_points(console, result, bool(loose))
    console.print(f"{result.solves} coalitions solved in {result.runtime_s:.1f} s", highlight=False)


def _print_against_now(console: Console, result: AllianceResult) -> None:
    """Print what the members that told their cost now save against it, alone and under each rule."""
    table = _table(("against now", *(f"{member} >" for member in result.cost_now)))
    for kind, pays in result.payments().items():
        saved = (
            (now - pays[member], percent_saved(now, pays[member])) for member, now in result.cost_now.items()
        )
        table.add_row(
            kind, *(f"{money:,.0f}" + ("" if part is None else f" ({part:.1f} %)") for money, part in saved)
        )
    _print_table(console, table)


def _print_open_points(console: Console, result: AllianceResult, loose: bool) -> None:
    """Print what the gaps of the solves leave open, and what must be said beside rules."""
    if loose:
        game = result.game
        gap = float((1 - game.lower[1:] / np.where(game.upper[1:] == 0, 1.0, game.upper[1:])).max())
        console.print(
            f"Costs of coalitions are proved to within {100 * gap:.2g} % or better. So a member's share is "
            "known to within the amount under `within` (?: not known); `holds` is said for all such costs.",
            soft_wrap=True,
        )
    if not result.partial and any(judged.in_core == "undecided" for judged in result.stability.values()):
        console.print(
            "undecided: costs must be proved more closely; ask for a smaller --gap.", soft_wrap=True
        )
    for rule, allocation in result.allocations.items():
        error = allocation.standard_error
        if allocation.note:
            doubt = "" if error is None else f" (at most {error.max():,.0f})"
            console.print(f"{rule}: {allocation.note}{doubt}", highlight=False, markup=False)
    for rule, reason in result.undefined.items():
        console.print(f"{rule}: not defined here ({reason})", highlight=False, markup=False)


def print_member_view(console: Console, view: Mapping[str, Any], currency: str) -> None:
    """Print what one member may see."""
    together, knows_now = view["alliance"], "cost_now" in view
    now = f"now {view['cost_now']:,.2f}, " if knows_now else ""
    console.print(
        f"[bold]{view['member']}[/]: {now}alone {view['stand_alone_cost']:,.2f} {currency}. The alliance of "
        f"{together['members']} pays {together['common_cost']:,.2f} instead of "
        f"{together['sum_of_stand_alone_costs']:,.2f}.",
        soft_wrap=True,
    )
    against = ("against now >", "% >") if knows_now else ()
    table = _table(("rule", "you pay >", "you save >", "% >", *against, "no more than alone", "holds"))
    if knows_now:
        cells = _saved_from_now(view, "stand_alone_")
        table.add_row("alone", f"{view['stand_alone_cost']:,.2f}", "", "", *cells, "", "")
    for rule, own in view["rules"].items():
        percent = "" if own["saving_percent"] is None else f"{own['saving_percent']:.1f}"
        paid, saved = f"{own['share']:,.2f}", f"{own['saving']:,.2f}"
        verdicts = word(own["no_more_than_alone"]), word(own["in_core"])
        table.add_row(rule, paid, saved, percent, *(_saved_from_now(own) if knows_now else ()), *verdicts)
    _print_table(console, table)
    console.print(view["proof"], soft_wrap=True, highlight=False)
    if view["two_members"]:
        console.print("In an alliance of two the totals tell what the other pays.", soft_wrap=True)


def _saved_from_now(own: Mapping[str, Any], prefix: str = "") -> tuple[str, str]:
    """Say what a member saves against its cost now, in money and percent."""
    saved, percent = own[f"{prefix}saving_from_now"], own[f"{prefix}saving_from_now_percent"]
    return f"{saved:,.2f}", "" if percent is None else f"{percent:.1f}"


def print_plans(console: Console, compared: PlansCompared) -> None:
    """Print the plans, and plans and rules ranked by total, by the worst-off member, by stability."""
    table = _table(("plan", "total >", "proved to >", "saves >", "core", "opens"))
    for name, plan in compared.as_json()["plans"].items():
        game = compared.studies[name].result.game
        opens = ", ".join(f"{site} {size}" for site, size in plan["opens"].items()) or "nothing"
        saved = money((plan["saving"][0], plan["saving"][1]))
        proved = f"{100 * (1 - game.lower[-1] / game.total) if game.total else 0.0:.2g} %"
        table.add_row(name, f"{game.total:,.0f}", proved, saved, word(plan["core_nonempty"]), opens)
    _print_table(console, table)
    for name, edit in compared.edits.items():
        console.print(f"{name}: {edit}", highlight=False, markup=False, soft_wrap=True)
    console.print("\nRanked by total, then by the worst-off member's saving, then by stability:")
    table = _table(("plan", "rule", "total >", "worst off", "saves % >", "holds", "ranks"))
    for line in compared.ranking.to_dict("records"):
        ranks = f"{line['rank_total']}, {line['rank_worst_off']}, {line['rank_stability']}"
        worst = f"{line['worst_saving_percent']:.1f}"
        total, holds = f"{line['total']:,.0f}", word(line["in_core"])
        table.add_row(line["plan"], line["rule"], total, line["worst_member"], worst, holds, ranks)
    _print_table(console, table)


def print_what_if(console: Console, answered: Answers, currency: str) -> None:
    """Print the answers that there are."""
    if answered.leaves is not None:
        _print_change(console, answered.leaves, currency, leaves=True)
    if answered.joins is not None:
        _print_change(console, answered.joins, currency, leaves=False)
    if answered.merge is not None:
        _print_merger(console, answered.merge, currency)
    if answered.partners is not None:
        console.print("\n[bold]Best partners[/], by what they save per head")
        table = _table(("coalition", "cost >", "saves >", "per head >"))
        for line in answered.partners.to_dict("records"):
            saved = money((line["saving_lower"], line["saving_upper"]))
            table.add_row(
                line["coalition"], f"{line['cost']:,.0f}", saved, f"{line['saving_per_member']:,.0f}"
            )
        _print_table(console, table)
    if answered.shortlist is not None:
        console.print("\n[bold]Short list[/]: who of it should join, by what is saved per head")
        table = _table(("joins", "members >", "cost >", "saves >", "% >", "per head >"))
        for line in answered.shortlist.to_dict("records"):
            saved, percent = f"{line['saving']:,.0f}", f"{line['saving_percent']:.1f}"
            each, cost = f"{line['saving_per_member']:,.0f}", f"{line['cost']:,.0f}"
            table.add_row(line["with"] or "nobody", str(line["members"]), cost, saved, percent, each)
        _print_table(console, table)


def _print_change(console: Console, change: MembershipChange, currency: str, leaves: bool) -> None:
    verb = "leaves" if leaves else "joins"
    console.print(f"\n[bold]If {change.member} {verb}[/]", highlight=False)
    console.print(
        f"alone it costs {money(change.alone)} {currency}; to the others' plan it adds "
        f"{money(change.added)}. "
        + (
            "Exit fee: what it would have to leave behind for the others to pay no more than now "
            "(negative: they gain)."
            if leaves
            else f"Break-even entry fee: between {change.added[1]:,.0f} (nobody pays more) and "
            f"{change.alone[0]:,.0f} (it pays no more than alone)."
        ),
        soft_wrap=True,
    )
    console.print(f"opens with it: {_opens(change.opens_with)}; without: {_opens(change.opens_without)}")
    players = list(dict.fromkeys(change.shares["member"]))
    table = _table(("rule", *(f"{player} >" for player in players), *(["exit fee >"] if leaves else [])))
    for rule, group in change.shares.groupby("rule", sort=False):
        before, after = ("with_it", "without_it") if leaves else ("without_it", "with_it")
        cells = [_moved(line[before], line[after]) for line in group.to_dict("records")]
        fee = [f"{group['exit_fee'].max():,.0f}"] if leaves else []
        table.add_row(str(rule), *cells, *fee)
    _print_table(console, table)


def _print_merger(console: Console, merged: Merger, currency: str) -> None:
    names = f"{' + '.join(merged.first)} and {' + '.join(merged.second)}"
    console.print(f"\n[bold]If {names} merge[/] they save {money(merged.gain)} {currency}", highlight=False)
    for side, opened in merged.opens.items():
        console.print(f"{side} opens: {_opens(opened)}", highlight=False)
    players = list(dict.fromkeys(merged.shares["member"]))
    table = _table(("rule", *(f"{player} >" for player in players)))
    for rule, group in merged.shares.groupby("rule", sort=False):
        table.add_row(
            str(rule), *(_moved(line["apart"], line["merged"]) for line in group.to_dict("records"))
        )
    _print_table(console, table)


def _moved(before: float, after: float) -> str:
    """Say an amount and its change.

    >>> _moved(100.0, 90.0), _moved(float("nan"), 90.0)
    ('90 (-10)', '90')
    """
    return f"{after:,.0f}" if np.isnan(before) else f"{after:,.0f} ({after - before:+,.0f})"


def _opens(opened: Mapping[str, str]) -> str:
    return ", ".join(f"{site} {size}" for site, size in opened.items()) or "nothing"


def money(amount: Interval) -> str:
    """Say an interval of money, as one number where its ends are alike.

    >>> money((5.0, 5.2)), money((5.0, 1200.0))
    ('5', '5 to 1,200')
    """
    low, high = amount
    return f"{low:,.0f}" if abs(high - low) < 0.5 else f"{low:,.0f} to {high:,.0f}"


def word(verdict: object) -> str:
    """Say a verdict.

    >>> word(True), word("false"), word("undecided")
    ('yes', 'no', 'undecided')
    """
    return {"true": "yes", "false": "no"}.get(str(verdict).lower(), str(verdict))


def _print_table(console: Console, table: Table) -> None:
    """Print a table in full width: figures that are cut are of no use, a longer line is."""
    roomy = console.options.update(max_width=WIDEST)
    needed = Measurement.get(console, roomy, table).maximum
    usual, console.width = console.width, max(console.width, needed)
    console.print(table)
    console.width = usual


def _table(columns: tuple[str, ...]) -> Table:
    """Return an empty table; a column name ending in ``>`` is aligned to the right."""
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name.removesuffix(" >"), justify="right" if name.endswith(">") else "left")
    return table
