"""What the items of a canonical problem stand for in the business: tables aligned with its arrays."""

from dataclasses import dataclass

import pandas as pd

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem

__all__ = ["LabelledProblem", "Labels"]


@dataclass(frozen=True, eq=False)
class Labels:
    """One table per kind of item, in the order of the problem's arrays (index 0..n−1).

    An ``owner`` is empty for what the alliance shares and names the member where it has its own.

    Attributes
    ----------
    rows
        The rows of `PricedOptions.rows`.
    options
        row, direct, inbound, holding, outbound: positions in the factor tables, −1 where there is none.
    gates
        kind (member_site, lane, declaration, hub), owner, member, site, lane_period, hub, period.
    sites
        site, owner.
    sizes
        site, owner, size, opens, and the columns of `Supply.openings`.
    resources
        kind (lane, stock, site_orders, order_fees, provider_minimum, carrier, late, carbon_cap, max_orders),
        owner, lane_period, site, market, lane (row of `lanes`), rule, period.
    measures
        resource, measure (m3, weight_m3, kg, volume_kg, orders, money, co2_kg).
    modules
        resource, lane_period, container.
    tiers
        resource, kind, start, end, fixed, unit_cost as in the tariff, before the end was made finite.
    rules
        rule, kind, owner.
    """

    rows: pd.DataFrame
    options: pd.DataFrame
    gates: pd.DataFrame
    sites: pd.DataFrame
    sizes: pd.DataFrame
    resources: pd.DataFrame
    measures: pd.DataFrame
    modules: pd.DataFrame
    tiers: pd.DataFrame
    rules: pd.DataFrame


@dataclass(frozen=True, eq=False)
class LabelledProblem:
    """A canonical problem, what its items stand for, and how its options fall apart into legs, if they do."""

    problem: Problem
    labels: Labels
    legs: Legs | None = None
