"""The reference formulation: the whole decision as one PuLP model, written straight from the priced tables.

It shares no code with the canonical problem and its solvers, and is their oracle: slow, plain, and in the
words of the business. Shares x of rows by option, openings y, joins m, containers n, tiers w.
"""

import warnings

import pandas as pd
import pulp

from optimizer.costing.options import PricedOptions
from optimizer.reference.freight import freight_cost
from optimizer.reference.result import ReferenceResult, ReferenceStatus, status_of
from optimizer.reference.rules import add_rules
from optimizer.reference.service import carrier_limits, promise_cost
from optimizer.reference.sites import Openings, add_capacities, add_openings, minimum_cost, order_fee_cost
from optimizer.reference.ways import Way, grouped, ways
from optimizer.scenario.instance import Instance

__all__ = ["build_reference", "solve_reference"]


def solve_reference(
    instance: Instance,
    priced: PricedOptions,
    *,
    gap: float = 1e-9,
    time_limit_s: float | None = None,
    solver: pulp.LpSolver | None = None,
) -> ReferenceResult:
    """Solve the reference formulation.

    Parameters
    ----------
    instance, priced
        The scenario and its priced options.
    gap
        Relative gap at which the solver may stop.
    time_limit_s
        Seconds, or None for no limit.
    solver
        Any PuLP solver; CBC by default.
    """
    model, shares, openings, found = build_reference(instance, priced)
    model.solve(solver or _cbc(gap, time_limit_s))
    status = status_of(model)
    has_plan = status in (ReferenceStatus.OPTIMAL, ReferenceStatus.FEASIBLE)
    objective = float(pulp.value(model.objective)) if has_plan else float("inf")
    proved = status is ReferenceStatus.OPTIMAL
    used = [
        (way.row, way.option, share, share * way.orders)
        for way in found
        if has_plan and (share := float(shares[way.option].value() or 0.0)) > 1e-9
    ]
    opened = [key for key, y in openings.items() if has_plan and (y.value() or 0.0) > 0.5]
    return ReferenceResult(
        status=status,
        objective=objective,
        bound=objective - gap * abs(objective) if proved else float("-inf"),
        flows=pd.DataFrame(used, columns=["row", "option", "share", "orders"]),
        openings=pd.DataFrame(opened, columns=["owner", "site", "size", "opens"]),
    )


def build_reference(
    instance: Instance, priced: PricedOptions
) -> tuple[pulp.LpProblem, dict[int, pulp.LpVariable], Openings, list[Way]]:
    """Write the model: minimise options + openings + joining + freight + fees + late orders."""
    model = pulp.LpProblem("reference", pulp.LpMinimize)
    found = ways(instance, priced)
    shares = _shares(model, priced, found)
    parties = [""] if instance.model.sharing else list(instance.members)
    openings, opening_cost = add_openings(model, priced, parties)
    cost = [way.orders * way.cost * shares[way.option] for way in found]
    cost += opening_cost
    cost += _joining_cost(model, priced, found, shares, openings)
    add_capacities(model, instance, priced, found, shares, openings)
    cost += freight_cost(model, priced, found, shares)
    cost += order_fee_cost(model, priced, found, shares)
    cost += minimum_cost(model, priced, found, shares, openings)
    carrier_limits(model, priced, found, shares)
    cost += promise_cost(model, priced, found, shares)
    add_rules(model, instance, priced, found, shares, openings)
    model += pulp.lpSum(cost)
    return model, shares, openings, found


def _shares(model: pulp.LpProblem, priced: PricedOptions, found: list[Way]) -> dict[int, pulp.LpVariable]:
    """Shares of each row by option; they add up to one, and are all or nothing in single-sourced rows."""
    single = priced.rows["single"].to_numpy()
    shares = {
        way.option: model.add_variable(f"x_{way.option}", 0, 1, "Binary" if single[way.row] else "Continuous")
        for way in found
    }
    for row, group in grouped(found, lambda way: way.row).items():
        model += pulp.lpSum(shares[way.option] for way in group) == 1, f"row_{row}"
    return shares


def _joining_cost(
    model: pulp.LpProblem, priced: PricedOptions, found: list[Way], shares: dict[int, pulp.LpVariable],
    openings: Openings,
) -> list[pulp.LpAffineExpression]:  # fmt: skip
    """A member that uses a site joins it, and only an open one."""
    fee = {(row.member, row.site): row.fee for row in priced.supply.onboarding.itertuples()}
    cost = []
    stocked = [way for way in found if way.site]
    for (owner, member, site), group in grouped(
        stocked, lambda way: (way.owner, way.member, way.site)
    ).items():
        join = model.add_variable(f"join_{member}_{site}", cat="Binary")
        model += join <= pulp.lpSum(y for key, y in openings.items() if key[:2] == (owner, site))
        for way in group:
            model += shares[way.option] <= join
        cost.append(fee[member, site] * join)
    return cost


def _cbc(gap: float, time_limit_s: float | None) -> pulp.LpSolver:
    """CBC as it comes with PuLP 3; PuLP 4 will drop it, and says so with every use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.PULP_CBC_CMD(msg=False, gapRel=gap, timeLimit=time_limit_s, threads=1)
