"""`check`: whether a plan is feasible and every amount in it follows from the scenario's rates."""

from optimizer.costing.options import PricedOptions
from optimizer.plan.check.amounts import check_joint_costs, check_order_costs
from optimizer.plan.check.freight import check_shipments
from optimizer.plan.check.limits import check_carriers, check_hubs, check_promises, check_rules
from optimizer.plan.check.sites import check_openings, check_site_periods
from optimizer.plan.check.ways import known_ways, served_demand, way_figures
from optimizer.plan.plan import Plan
from optimizer.scenario.instance import Instance

__all__ = ["check"]


def check(instance: Instance, plan: Plan, priced: PricedOptions) -> list[str]:
    """Recompute feasibility and every cost component of a plan from its tables and the rates.

    Neither the canonical problem nor a solver is looked at: flows are found in the priced factor tables by
    their business keys, quantities are added up from them, and everything shared is charged by the rates.

    Parameters
    ----------
    instance
        The scenario.
    plan
        Its plan.
    priced
        The rates: `optimizer.costing.options.price` of the same scenario.

    Returns
    -------
    list of str
        What does not hold, in words with numbers; empty for a sound plan. Figures may differ by 1e-6.
    """
    tables = dict(plan.tables)
    failures = served_demand(instance, plan["flows"])
    ways, unknown = known_ways(plan["flows"], priced)
    failures += unknown
    if unknown:
        return failures
    failures += way_figures(ways, priced)
    failures += check_openings(instance, tables, ways, priced)
    failures += check_site_periods(instance, tables, ways, priced)
    failures += check_shipments(tables, ways, priced)
    failures += check_hubs(instance, tables, ways, priced)
    failures += check_carriers(instance, ways, priced)
    failures += check_promises(instance, tables, ways, priced)
    failures += check_rules(instance, tables, ways, priced)
    failures += check_order_costs(plan["costs"], ways, priced)
    return failures + check_joint_costs(tables, priced)
