"""The planner's rules in the reference formulation."""

from typing import Any

import pulp

from optimizer.costing.money import Exchange
from optimizer.costing.options import PricedOptions
from optimizer.reference.sites import Openings
from optimizer.reference.ways import Way
from optimizer.scenario.instance import Instance

__all__ = ["add_rules"]

Shares = dict[int, pulp.LpVariable]


def add_rules(
    model: pulp.LpProblem,
    instance: Instance,
    priced: PricedOptions,
    found: list[Way],
    shares: Shares,
    openings: Openings,
) -> None:
    """Add every rule, for each owner by itself; existing sites of an alliance stay open."""
    for owner in sorted({key[0] for key in openings}):
        mine = [way for way in found if way.owner == owner]
        rule: Any
        for rule in instance["rules"].itertuples():
            named = rule.sites.split() or list(instance["sites"]["site"])
            opened = {
                site: pulp.lpSum(y for key, y in openings.items() if key[:2] == (owner, site))
                for site in named
            }
            if rule.kind == "max_open":
                model += pulp.lpSum(opened.values()) <= rule.value
            elif rule.kind == "min_open":
                model += pulp.lpSum(opened.values()) >= rule.value
            elif rule.kind == "at_most_one":
                model += pulp.lpSum(opened.values()) <= 1
            elif rule.kind == "requires":
                for other in named[1:]:
                    model += opened[named[0]] <= opened[other]
            elif rule.kind == "budget":
                rate = float(Exchange(instance).rate(rule.currency, priced.periods["date"].iloc[0]))
                model += pulp.lpSum(_fixed_cost(priced, openings, owner, named)) <= rule.value * rate
            elif rule.kind == "carbon_cap":
                emitted = [way.orders * way.co2_kg * shares[way.option] for way in mine]
                model += pulp.lpSum(emitted) <= rule.value
            else:
                _max_orders(model, priced, [way for way in mine if way.site in named], shares, rule.value)
    if instance.model.sharing:
        for site in instance["sites"].loc[instance["sites"]["status"] == "Open", "site"]:
            model += pulp.lpSum(y for key, y in openings.items() if key[1] == site) >= 1


def _fixed_cost(
    priced: PricedOptions, openings: Openings, owner: str, sites: list[str]
) -> list[pulp.LpAffineExpression]:
    """Rent, labour, start-up and provider's minimum of the openings."""
    return [
        row["cost"] * openings[owner, row["site"], row["size"], row["opens"]]
        for row in priced.supply.openings.to_dict("records")
        if row["site"] in sites
    ]


def _max_orders(
    model: pulp.LpProblem, priced: PricedOptions, through: list[Way], shares: Shares, monthly: float
) -> None:
    for period, months in priced.periods["months"].items():
        sold = [way.orders * shares[way.option] for way in through if way.sale == period]
        model += pulp.lpSum(sold) <= monthly * float(months)
