"""From planned shares and actual orders of a run to who pays what of an invoice."""

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pandas as pd

from optimizer.alliance.settlement import settle
from optimizer.errors import Fault, InputError
from optimizer.runs.store import read_run

__all__ = ["settle_run"]


def settle_run(
    run: Path,
    actual: Path,
    invoice: str = "",
    shares: Path | None = None,
    rule: str = "",
    fixed_part: float = 0.0,
) -> tuple[pd.DataFrame, str]:
    """Settle a run: planned shares move with actual orders and are scaled to the invoice.

    Parameters
    ----------
    run
        Folder of the run whose plan was carried out.
    actual
        CSV file with columns ``member`` and ``orders``: what each member really shipped.
    invoice
        Sum to be paid in the run's currency; empty: the plan's cost.
    shares, rule
        JSON printed by ``entrepot alliance --json``, and the agreed rule in it; without, the plan's own
        cost by member (traceable direct, shared by volume).
    fixed_part
        Part of each share that is owed whatever the volume, in [0, 1].

    Returns
    -------
    tuple
        The sheet as `optimizer.alliance.settlement.settle` returns it, and its currency.
    """
    plan = read_run(run).plan
    ordered = plan["flows"].groupby("member")["orders"].sum()
    planned = {str(member): float(orders) for member, orders in ordered.items()}
    split = plan.cost_by("member") if shares is None else _agreed(shares, rule)
    split = {member: split[member] for member in sorted(split)}
    if set(split) != set(planned):
        rule_text = f"holds other members than the run ({', '.join(sorted(planned))})."
        raise InputError([Fault(str(shares), ", ".join(split), rule_text, "Name the split of this run.")])
    total = _money(invoice) if invoice else Decimal(f"{plan.cost:.2f}")
    return settle(split, planned, _actual_orders(actual), total, fixed_part=fixed_part), plan.currency


def _agreed(path: Path, rule: str) -> dict[str, float]:
    """Shares under the agreed rule."""
    try:
        allocations = json.loads(path.read_text(encoding="utf-8"))["allocations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        mend = "Write it with `entrepot alliance SCENARIO --json > FILE`."
        raise InputError([Fault("--shares", str(path), "holds no cost split.", mend)]) from error
    if rule not in allocations:
        known = f"Name one of {', '.join(allocations)}."
        raise InputError([Fault("--rule", rule, "is not among the rules of the split.", known)])
    return {str(member): float(amount) for member, amount in allocations[rule].items()}


def _actual_orders(path: Path) -> dict[str, float]:
    try:
        table = pd.read_csv(path)
        return dict(zip(table["member"].astype(str), table["orders"].astype(float), strict=True))
    except (OSError, ValueError, KeyError) as error:
        mend = "Give one line per member with the columns member and orders."
        raise InputError([Fault("--actual", str(path), "holds no orders by member.", mend)]) from error


def _money(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InputError([Fault("--invoice", text, "is no amount.", "Write it as 15300.00.")]) from error
