r"""Recognise two-stage location among problems over legs and lay it out by product, plant and satellite.

.. math::
    \min \; & \sum_s F_s y_s + \sum_{lij} c_{ijl} f_{ijl} + \sum_{ljk} c_{jkl} x_{jkl} \\
    & \sum_j x_{jkl} = d_{kl}, \quad \sum_i f_{ijl} = \sum_k x_{jkl}, \quad
      \sum_k x_{jkl} \le q_{jl} y_j, \quad \sum_j f_{ijl} \le q_{il} y_i, \quad
      x_{jkl} \le d_{kl} y_j

A *product* is what no capacity and no node couples to the rest: rows, with the nodes that can serve them.
Openings are the only whole numbers. Heads need the gate of their satellite and take one order per order from
its capacity for the product, tails the same from their plant.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from optimizer.problem.legs import Leg, Legs, whole_options
from optimizer.problem.problem import Floats, Ints, Problem

__all__ = ["MOST_ENTRIES", "TwoStage", "as_two_stage"]

MOST_ENTRIES = 5_000_000
"""Entries of the arrays of unit costs beyond which they are too much to search in."""

LEAST_PART = 1e-6
"""Smallest row, as a part of the largest, that is told from rounding."""


@dataclass(frozen=True, eq=False)
class TwoStage:
    """Two-stage location as dense arrays; `inf` stands for a way that is not there.

    Attributes
    ----------
    plant, satellite : int64, shapes (plants,) and (satellites,)
        Sites of the problem, which have one size each.
    plant_cost, satellite_cost : float64
        Cost of opening each.
    demand : float64, shape (products, customers)
        `d_kl` in orders; zero beyond the customers of a product.
    plant_room, satellite_room : float64, shapes (products, plants) and (products, satellites)
        `q`: capacities in orders, cut to the product's demand.
    first, second : float64, shapes (products, plants, satellites) and (products, customers, satellites)
        Costs per order.
    tail, head : int64, of the shapes of `first` and `second`
        Legs, −1 where there is none.
    row : int64, shape (products, customers)
        Rows, −1 beyond the customers of a product.
    constant : float64
        Cost that nothing changes.
    """

    plant: Ints
    satellite: Ints
    plant_cost: Floats
    satellite_cost: Floats
    demand: Floats
    plant_room: Floats
    satellite_room: Floats
    first: Floats
    second: Floats
    tail: Ints
    head: Ints
    row: Ints
    constant: float


def as_two_stage(problem: Problem, legs: Legs) -> TwoStage | None:
    """Return the problem as two-stage location, or None where it is anything else."""
    satellite_of, plant_of = _sites(problem, legs.head), _sites(problem, legs.tail)
    if satellite_of is None or plant_of is None or not _plain(problem, legs):
        return None
    product_of_row, product_of_node = _products(problem, legs)
    of_head, of_tail = product_of_row[legs.head_row], product_of_node[legs.tail.node]
    satellite, head_at = np.unique(satellite_of, return_inverse=True)
    plant, tail_at = np.unique(plant_of, return_inverse=True)
    node_at = np.full(len(product_of_node), -1)
    node_at[legs.head.node] = head_at
    customer, row = _numbered(product_of_row)
    products, customers = row.shape
    places = np.unique(product_of_node * len(satellite) + node_at)
    apart = (
        not np.intersect1d(satellite, plant).size
        and np.array_equal(node_at[legs.head.node], head_at)
        and bool(np.all(node_at >= 0))
        and len(places) == len(node_at)
        and products * len(satellite) * (len(plant) + customers) <= MOST_ENTRIES
    )
    demand = np.where(row >= 0, problem.row_demand[row], 0.0)
    total = demand.sum(axis=1)
    satellite_room = _rooms(problem, legs.head, (of_head, head_at), satellite, total)
    plant_room = _rooms(problem, legs.tail, (of_tail, tail_at), plant, total)
    if not apart or satellite_room is None or plant_room is None:
        return None
    shape = (products, customers, len(satellite))
    second, head = _dense(legs.head.cost, (of_head, customer[legs.head_row], head_at), shape)
    shape = (products, len(plant), len(satellite))
    first, tail = _dense(legs.tail.cost, (of_tail, tail_at, node_at[legs.tail.node]), shape)
    cost = problem.size_cost[problem.site_start[:-1]]
    return TwoStage(
        plant, satellite, cost[plant], cost[satellite], demand, plant_room, satellite_room, first, second,
        tail, head, row, problem.constant,
    )  # fmt: skip


def _plain(problem: Problem, legs: Legs) -> bool:
    """Tell whether openings of sites of one size are all that is whole, and legs all that serves."""
    return bool(
        problem.n_rules == problem.n_modules == problem.n_tiers == 0
        and not problem.row_single.any()
        and problem.n_sites == problem.n_sizes > 0
        and np.all(np.diff(problem.site_start) == 1)
        and np.all(np.diff(problem.gate_size_start) == 1)
        and not problem.gate_fee.any()
        and not problem.measure_supply.any()
        and not np.any(problem.overflow_limit > 0.0)
        and not len(whole_options(legs))
        and len(np.unique(legs.head_row)) == problem.n_rows
        and len(legs.tail.node)
        and not np.intersect1d(legs.head.measure[legs.head.measure >= 0], legs.tail.measure).size
        and problem.row_demand.min() > LEAST_PART * problem.row_demand.max()
    )


def _sites(problem: Problem, leg: Leg) -> Ints | None:
    """Site of the one gate of each leg; None where a leg has none or several."""
    if leg.gate.shape[1] == 0 or np.any((leg.gate >= 0).sum(axis=1) != 1):
        return None
    sites: Ints = problem.gate_size[leg.gate.max(axis=1)].astype(np.int64)
    return sites


def _products(problem: Problem, legs: Legs) -> tuple[Ints, Ints]:
    """Product of each row and of each node: what legs and measures join is one."""
    rows, nodes = problem.n_rows, int(max(legs.head.node.max(), legs.tail.node.max())) + 1
    ends = [(legs.head_row, rows + legs.head.node)]
    for leg in (legs.head, legs.tail):
        at, place = np.nonzero(leg.measure >= 0)
        ends.append((rows + leg.node[at], rows + nodes + leg.measure[at, place]))
    tie = (np.concatenate([end[0] for end in ends]), np.concatenate([end[1] for end in ends]))
    count = rows + nodes + problem.n_measures
    ties = sparse.csr_array((np.ones(len(tie[0]), dtype=np.int8), tie), shape=(count, count))
    label = connected_components(ties, directed=False)[1]
    _, product = np.unique(label[: rows + nodes], return_inverse=True)
    return product[:rows].astype(np.int64), product[rows:].astype(np.int64)


def _numbered(product: Ints) -> tuple[Ints, Ints]:
    """Number of each row within its product, and the row of each product and number."""
    products = int(product.max()) + 1
    order = np.argsort(product, kind="stable")
    start = np.searchsorted(product[order], np.arange(products))
    customer = np.empty(len(product), dtype=np.int64)
    customer[order] = np.arange(len(product)) - start[product[order]]
    row = np.full((products, int(customer.max()) + 1), -1, dtype=np.int64)
    row[product, customer] = np.arange(len(product))
    return customer, row


def _rooms(problem: Problem, leg: Leg, at: tuple[Ints, Ints], sites: Ints, total: Floats) -> Floats | None:
    """Room of each product at each site, in orders; None where legs take of it in different ways.

    All legs of a product at a site take the same of one measure, which is supplied by that site alone, or
    none of them takes anything.
    """
    used = (leg.measure >= 0) & (leg.amount > 0.0)
    measure = np.where(used, leg.measure, -1).max(axis=1, initial=-1)
    amount = np.where(used, leg.amount, 0.0).max(axis=1, initial=0.0)
    own = np.full((len(total), len(sites)), -1, dtype=np.int64)
    per_order = np.zeros(own.shape)
    own[at], per_order[at] = measure, amount
    known, site = own[own >= 0], np.broadcast_to(sites, own.shape)[own >= 0]
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    supply, giver = np.zeros(problem.n_measures), np.full(problem.n_measures, -1, dtype=np.int64)
    np.add.at(supply, problem.size_supply_measure, problem.size_supply_amount)
    giver[problem.size_supply_measure] = size
    if (
        np.any(used.sum(axis=1) > 1)
        or np.any(own[at] != measure)
        or np.any(per_order[at] != amount)
        or np.any(giver[problem.size_supply_measure] != size)
        or len(np.unique(known)) < len(known)
        or np.any((giver[known] >= 0) & (giver[known] != site))
    ):
        return None
    room = np.broadcast_to(total[:, None], own.shape).copy()
    room[own >= 0] = np.minimum(supply[known] / per_order[own >= 0], room[own >= 0])
    return room


def _dense(cost: Floats, at: tuple[Ints, ...], shape: tuple[int, ...]) -> tuple[Floats, Ints]:
    """Cheapest cost and its leg at each place."""
    dearest_first = np.argsort(-cost, kind="stable")
    where = tuple(place[dearest_first] for place in at)
    unit, leg = np.full(shape, np.inf), np.full(shape, -1, dtype=np.int64)
    unit[where], leg[where] = cost[dearest_first], dearest_first
    return unit, leg
