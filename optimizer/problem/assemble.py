"""`assemble`: bring priced options to the canonical options × resources problem, with labels."""

from optimizer.costing.options import PricedOptions
from optimizer.problem.assemble_freight import add_freight
from optimizer.problem.assemble_legs import legs_of
from optimizer.problem.assemble_rules import add_rules
from optimizer.problem.assemble_service import add_carriers, add_promises
from optimizer.problem.assemble_sites import add_order_fees, add_provider_minimum, add_sites
from optimizer.problem.assembly import Assembly, facts
from optimizer.problem.labels import LabelledProblem
from optimizer.scenario.instance import Instance

__all__ = ["LabelledProblem", "assemble"]


def assemble(instance: Instance, priced: PricedOptions) -> LabelledProblem:
    """Build the canonical problem of a priced scenario.

    ============================  =======================================================================
    business                      canonical problem
    ============================  =======================================================================
    opening at a size             size of a site; capacity of stock and orders per period
    member joins a site           gate with the onboarding fee, under the site
    shipments on a lane           gate with the fees per shipment, one more per member for declarations
    hub in use                    gate with its fee, per period
    containers, LCL, air breaks   modules, overflow, tiers of one resource per lane and arrival period
    order fees by pooled volume   tiers of a resource per site and period
    provider's monthly minimum    money measure: the opening supplies the minimum, the rest is overflow
    carrier's capacity            resource per parcel lane and period
    service promise               late orders per market and period; soft promises overflow at a price
    carbon cap, max_orders        resources; all other rules are linear rules over sizes
    ============================  =======================================================================

    Without sharing every member has its own copy of every site, hub, promise and rule.

    Parameters
    ----------
    instance
        The scenario.
    priced
        Its priced options.
    """
    assembly = Assembly(instance, priced, facts(instance, priced))
    rows = priced.rows
    assembly.builder.add_rows(rows["orders"].to_numpy(), single=rows["single"].to_numpy())
    sites = add_sites(assembly)
    add_freight(assembly, sites)
    add_order_fees(assembly, sites)
    add_provider_minimum(assembly, sites)
    add_carriers(assembly)
    add_promises(assembly)
    add_rules(assembly, sites)
    built, labels = assembly.finish()
    return LabelledProblem(built.problem, labels, legs_of(assembly, built))
