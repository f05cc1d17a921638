"""What opening the plan's warehouses is worth: start-up costs against yearly savings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats
from optimizer.costing.capital import DAYS_PER_YEAR
from optimizer.costing.horizon import horizon
from optimizer.costing.investment import evaluate_opening
from optimizer.costing.money import Exchange
from optimizer.errors import Fault, InputError
from optimizer.plan.plan import Plan
from optimizer.runs.store import read_run
from optimizer.scenario.instance import Instance
from optimizer.scenario.load import load
from optimizer.study.direct_only import direct_only

__all__ = ["Appraisal", "appraise", "invest_run"]

MONTHS_PER_YEAR = 12.0
OUTLAYS = ("site_start_up", "onboarding")


@dataclass(frozen=True)
class Appraisal:
    """Worth of the openings of a plan against doing without them.

    Parameters
    ----------
    currency, rate_pct, years
        Of the figures; annual discount rate; time looked at.
    outlay
        Start-up and joining fees at the beginning, undiscounted.
    renewals
        Start-up paid again where a lease ends within the time looked at.
    running_per_year
        Cost of the plan without these, per year.
    against
        Per alternative: ``against``, ``cost_per_year``, ``saving_per_year``, ``net_present_value``,
        ``payback_days``, ``return_pct``, ``profit_per_unit``, or ``reason`` where there is none.
    notes
        What the figures rest on.
    """

    currency: str
    rate_pct: float
    years: float
    outlay: float
    renewals: float
    running_per_year: float
    against: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]


def invest_run(run: Path, years: float | None = None, rate_pct: float | None = None) -> Appraisal:
    """Appraise the openings of a finished run.

    Raises
    ------
    InputError
        The folder is no run, or `years` or `rate_pct` make no sense.
    """
    faults = []
    if years is not None and not years > 0:
        faults.append(Fault("--years", f"{years:g}", "must be above zero.", "Leave it out for the lease."))
    if rate_pct is not None and not rate_pct > -100:
        faults.append(Fault("--rate", f"{rate_pct:g}", "must be above -100 %.", "Give percent per year."))
    if faults:
        raise InputError(faults)
    stored = read_run(run)
    alone = stored.manifest["result"]["stand_alone_cost_by_member"]
    return appraise(load(stored.scenario), stored.plan, alone, years, rate_pct)


def appraise(
    instance: Instance,
    plan: Plan,
    alone: Mapping[str, float | None],
    years: float | None = None,
    rate_pct: float | None = None,
) -> Appraisal:
    r"""Compare a plan with sending everything direct, and with every member on its own.

    .. math:: \mathrm{NPV} = -\sum_o \frac{S_o}{(1+\rho)^{d_o / 365}}
              + \sum_{k} \sum_t \frac{B_t - C_t}{(1+\rho)^{(m_t + k H) / 365}}

    with S start-up of the sites and joining fees (again where a lease ends), B and C the running costs of
    the alternative and of the plan in period t, m its middle day, and the horizon of H days repeated.

    Parameters
    ----------
    plan
        Of this instance.
    alone
        Cost of each member by itself over the horizon; empty or None where it is unknown.
    years
        Time looked at, rounded to whole horizons; default: the longest lease of the sites opened.
    rate_pct
        Discount rate; default: the scenario's, or, where it is zero, the members' cost of capital by cost.
    """
    periods = horizon(instance)
    rate = _rate(instance, plan) if rate_pct is None else rate_pct
    months, days = float(periods["months"].sum()), float(periods["days"].sum())
    sites = _start_ups(instance, plan, periods)
    term = max([months, *sites["lease_months"]]) if years is None else MONTHS_PER_YEAR * years
    rounds = max(1, round(term / months))
    joining = float(plan.cost_by("component").get("onboarding", 0.0))
    renewed = _renewals(sites, rounds * months)
    running = _running(plan, periods)
    outlay = float(sites["amount"].sum()) + joining
    ordered = plan["flows"].groupby("period")["orders"].sum().reindex(periods.index).fillna(0.0)
    weight = ordered.to_numpy(np.float64) / max(float(ordered.sum()), 1.0)
    per_year = DAYS_PER_YEAR / days

    def judged(name: str, cost: Floats | None, reason: str) -> dict[str, Any]:
        if cost is None:
            return {"against": name, "reason": reason}
        when = np.concatenate([periods["middle"] + days * k for k in range(rounds)])
        paid = [-renewed["amount"], -sites["amount"].where(sites["day"] > 0, 0.0)]
        savings = np.concatenate([np.tile(cost - running, rounds), *(part.to_numpy() for part in paid)])
        at = np.concatenate([when, renewed["day"], sites["day"]])
        first = joining + float(sites.loc[sites["day"] == 0, "amount"].sum())
        worth = evaluate_opening(first, savings, at, rate)
        return {
            "against": name,
            "cost_per_year": float(cost.sum()) * per_year,
            "saving_per_year": float((cost - running).sum()) * per_year,
            "net_present_value": worth.net_present_value,
            "payback_days": worth.payback_days,
            "return_pct": worth.return_pct,
            "profit_per_unit": worth.profit_per_unit,
        }

    known = [cost for cost in alone.values() if cost is not None and np.isfinite(cost)]
    complete = bool(known) and len(known) == len(instance.members)
    direct, lost = direct_only(instance, periods)
    by_itself = sum(known) / periods["discount"].to_numpy(np.float64).mean() * weight if complete else None
    return Appraisal(
        currency=plan.currency,
        rate_pct=rate,
        years=rounds * months / MONTHS_PER_YEAR,
        outlay=outlay,
        renewals=float(renewed["amount"].sum()),
        running_per_year=float(running.sum()) * per_year,
        against=(
            judged("all parcels direct", direct, lost),
            judged("every member alone", by_itself, "the run holds no plan of each member alone"),
        ),
        notes=_notes(rounds, months),
    )


def _rate(instance: Instance, plan: Plan) -> float:
    """The scenario's discount rate, or the members' cost of capital weighted by their cost."""
    if instance.model.discount_rate_pct > 0:
        return instance.model.discount_rate_pct
    capital = instance["members"].set_index("member")["capital_rate_pct"]
    cost = pd.Series(plan.cost_by("member")).abs()
    return float((capital.reindex(cost.index) * cost).sum() / cost.sum())


def _start_ups(instance: Instance, plan: Plan, periods: pd.DataFrame) -> pd.DataFrame:
    """Start-up of every site opened: amount, day (from the start of the horizon), lease_months."""
    sizes = instance["site_sizes"][["site", "size", "start_up", "lease_months", "currency"]]
    opened = plan["openings"][["site", "size", "from_period"]].merge(sizes, on=["site", "size"])
    start = periods.loc[opened["from_period"], "start"]
    days = (start - periods["start"].min()).dt.days.to_numpy(np.float64)
    amount = opened["start_up"] * Exchange(instance).rate(opened["currency"], start.to_numpy())
    return pd.DataFrame({"amount": amount, "day": days, "lease_months": opened["lease_months"].astype(float)})


def _renewals(sites: pd.DataFrame, months: float) -> pd.DataFrame:
    """Start-up paid again whenever a lease ends before the time looked at does."""
    rows = [
        {"amount": site["amount"], "day": site["day"] + again * site["lease_months"] * DAYS_PER_YEAR / 12}
        for site in sites.to_dict("records")
        for again in range(1, int(np.ceil(months / site["lease_months"] - 1e-9)))
    ]
    return pd.DataFrame(rows, columns=["amount", "day"], dtype=np.float64)


def _running(plan: Plan, periods: pd.DataFrame) -> Floats:
    """Cost of each period without start-up and joining fees, undiscounted by the period of sale."""
    costs = plan["costs"]
    costs = costs[~costs["component"].isin(OUTLAYS)]
    by_period = costs.groupby("period")["amount"].sum()
    loose = float(by_period.reindex([""]).fillna(0.0).iloc[0])
    share = (periods["days"] / periods["days"].sum()).to_numpy(np.float64)
    discount = periods["discount"].to_numpy(np.float64)
    traced = by_period.reindex(periods.index).fillna(0.0).to_numpy(np.float64)
    running: Floats = (traced + loose * share) / discount
    return running


def _notes(rounds: int, months: float) -> tuple[str, ...]:
    repeated = f"The horizon of {months:g} months is repeated {rounds} times at the same prices and volumes."
    return (
        repeated if rounds > 1 else "The horizon itself is looked at.",
        "Start-up and joining fees are paid in full when a site opens, start-up again when its lease ends.",
        "All parcels direct: the cheapest direct service of every order, late orders at their price.",
        "Every member alone: its own sites' start-up is spread in its cost, by orders over the periods.",
    )
