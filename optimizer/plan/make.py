"""`make`: from a solution to the tables that a planner reads."""

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.columns import conform
from optimizer.plan.flows import linear_costs, used_ways
from optimizer.plan.joint import joint_costs
from optimizer.plan.plan import Plan
from optimizer.plan.readout import Readout, read_decisions
from optimizer.plan.split import BEARER
from optimizer.plan.volumes import hub_use, market_service, shipments, site_periods, stock
from optimizer.problem.labels import LabelledProblem
from optimizer.scenario.instance import Instance
from optimizer.solver.solution import Solution

__all__ = ["make"]

LEAST_SHARE = 1e-9
SITE = ["site", "site_owner"]


def make(instance: Instance, priced: PricedOptions, labelled: LabelledProblem, solution: Solution) -> Plan:
    """Translate a solution into plan tables with all costs.

    Parameters
    ----------
    instance
        The scenario.
    priced
        Its priced options.
    labelled
        The problem that was solved, with its labels.
    solution
        A solution with decisions.

    Returns
    -------
    Plan
        Tables in a fixed order, the same for the same solution.

    Raises
    ------
    ValueError
        The solution has no decisions.
    """
    if solution.decisions is None:
        raise ValueError("a solution without decisions makes no plan")
    used = solution.decisions.share > LEAST_SHARE
    options = labelled.labels.options.iloc[solution.decisions.option[used]]
    ways = used_ways(priced, options, solution.decisions.share[used])
    ways = ways.assign(site_owner="" if instance.model.sharing else ways["member"])
    readout = read_decisions(labelled, solution.decisions)
    shipped, stocks = shipments(priced, ways, readout), stock(priced, ways)
    sites, hubs = site_periods(priced, ways, stocks, readout), hub_use(priced, ways)
    service = market_service(instance, priced, ways)
    joint = joint_costs(priced, ways, readout, shipped, sites, hubs, service).assign(stage="joint")
    frames = {
        "openings": _openings(instance, ways, sites, readout),
        "member_use": _member_use(priced, ways),
        "flows": ways,
        "shipments": shipped,
        "stock": stocks,
        "site_periods": sites,
        "hubs": hubs,
        "market_service": service,
        "costs": _summed(pd.concat([linear_costs(priced, ways), joint], ignore_index=True)),
        "carbon": ways.groupby(BEARER)["co2_kg"].sum().reset_index(),
    }
    return Plan(
        instance.name, instance.currency, {name: conform(name, frame) for name, frame in frames.items()}
    )


def _openings(instance: Instance, ways: pd.DataFrame, sites: pd.DataFrame, readout: Readout) -> pd.DataFrame:
    """Sites with their size, opening period, load and fixed cost."""
    opened = readout.openings.rename(columns={"owner": "site_owner", "opens": "from_period"})
    load = sites.assign(monthly=sites["orders"] / sites["months"]).groupby(SITE)
    peak = load.agg(peak_m3=("m3", "max"), peak_orders_per_month=("monthly", "max"), orders=("orders", "sum"))
    members = ways.groupby(SITE)["member"].nunique().rename("members")
    table = opened.merge(peak, on=SITE, how="left").merge(members, on=SITE, how="left")
    table = table.merge(instance["sites"][["site", "name", "country", "provider"]], on="site")
    cost = table["site_rent"] + table["site_labour"] + table["site_start_up"]
    return table.fillna({"members": 0}).assign(cost=cost)


def _member_use(priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    used = ways[ways["site"] != ""].groupby(["member", "site"])[["orders", "m3"]].sum().reset_index()
    joined = used.merge(priced.supply.onboarding, on=["member", "site"], how="left")
    return joined.assign(cost=joined["fee"].astype(np.float64))


def _summed(costs: pd.DataFrame) -> pd.DataFrame:
    keys = ["stage", "component", *BEARER]
    summed = costs.groupby(keys, sort=True)["amount"].sum().reset_index()
    return summed[summed["amount"] != 0.0]
