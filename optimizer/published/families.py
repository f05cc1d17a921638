"""The location problems of the literature as instances of the canonical form."""

import numpy as np
import numpy.typing as npt

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.legs import Leg, Legs

__all__ = ["facility_location", "two_stage_legs", "two_stage_location"]

Floats = npt.NDArray[np.float64]


def facility_location(
    fixed_cost: Floats,
    cost: Floats,
    demand: Floats | None = None,
    capacity: Floats | None = None,
    *,
    single_source: bool = False,
) -> Problem:
    r"""Capacitated, single-source or uncapacitated facility location.

    .. math:: \min \sum_i f_i y_i + \sum_{ij} c_{ij} x_{ij},\quad \sum_i x_{ij} = 1,\;
              x_{ij} \le y_i,\; \sum_j d_j x_{ij} \le Q_i y_i

    Parameters
    ----------
    fixed_cost
        `f_i`, shape (facilities,).
    cost
        `c_ij` for the WHOLE demand of a customer, shape (facilities, customers).
    demand, capacity
        `d_j` and `Q_i`; without capacity the problem is uncapacitated.
    single_source
        True: every customer is served by one facility.

    Examples
    --------
    >>> problem = facility_location(np.array([5.0, 1.0]), np.array([[1.0, 2.0], [4.0, 4.0]]))
    >>> problem.n_rows, problem.n_options, problem.n_sites, problem.n_measures
    (2, 4, 2, 0)
    """
    facilities, customers = cost.shape
    weight = np.ones(customers) if demand is None else np.asarray(demand, dtype=np.float64)
    builder = ProblemBuilder()
    builder.add_rows(np.where(weight > 0, weight, 1.0), single=single_source)
    site = builder.add_sites(facilities)
    size = builder.add_sizes(site, fixed_cost)
    gate = builder.add_gates(0.0, site)
    row, option_site = np.repeat(np.arange(customers), facilities), np.tile(site, customers)
    if capacity is None:
        builder.add_options(row, cost.T.ravel(), gates=gate[option_site])
        return builder.build().problem
    measure = builder.add_measures(builder.add_resources(facilities), 0.0)
    builder.add_size_supply(size, measure, capacity)
    builder.add_options(
        row,
        cost.T.ravel(),
        gates=gate[option_site],
        measures=measure[option_site],
        amounts=np.repeat(weight, facilities),
    )
    return builder.build().problem


def two_stage_location(
    demand: Floats,
    plant: tuple[Floats, Floats],
    satellite: tuple[Floats, Floats],
    first_cost: Floats,
    second_cost: Floats,
) -> Problem:
    r"""Two-stage capacitated location, one or several products: plants, satellites, customers.

    Every pair (plant, satellite) is an option of every row (customer, product) and passes two gates; its
    cost is `d_kl (c^1_{ijl} + c^2_{jkl})`.

    Parameters
    ----------
    demand
        `d_kl`, shape (customers, products).
    plant, satellite
        Capacity per product, shape (facilities, products), and fixed cost, shape (facilities,).
    first_cost, second_cost
        UNIT costs, shapes (products, plants, satellites) and (products, satellites, customers).
    """
    customers, products = demand.shape
    n_plants, n_satellites = first_cost.shape[1:]
    builder = ProblemBuilder()
    builder.add_rows(np.maximum(demand.ravel(), 1e-12))
    gates, measures = [], []
    for capacity, fixed in (satellite, plant):
        site = builder.add_sites(len(fixed))
        size = builder.add_sizes(site, fixed)
        gates.append(builder.add_gates(0.0, site))
        owner = np.repeat(builder.add_resources(len(fixed)), products)
        measure = builder.add_measures(owner, 0.0)
        builder.add_size_supply(np.repeat(size, products), measure, capacity.ravel())
        measures.append(measure.reshape(len(fixed), products))
    for product in range(products):
        unit = first_cost[product].T[None] + second_cost[product].T[:, :, None]
        amount = np.broadcast_to(demand[:, product, None, None], unit.shape)
        row = np.arange(customers) * products + product
        shape = (customers, n_satellites, n_plants)
        at_satellite = np.broadcast_to(np.arange(n_satellites, dtype=np.int32)[:, None], shape).ravel()
        at_plant = np.broadcast_to(np.arange(n_plants, dtype=np.int32), shape).ravel()
        builder.add_options(
            np.repeat(row, n_satellites * n_plants),
            (unit * amount).ravel(),
            gates=np.column_stack(
                [gates[0].astype(np.int32)[at_satellite], gates[1].astype(np.int32)[at_plant]]
            ),
            measures=np.column_stack(
                [
                    measures[0][:, product].astype(np.int32)[at_satellite],
                    measures[1][:, product].astype(np.int32)[at_plant],
                ]
            ),
            amounts=amount.ravel()[:, None],
        )
    return builder.build().problem


def two_stage_legs(first_cost: Floats, second_cost: Floats) -> Legs:
    """Return the legs of the options of `two_stage_location`: out of a satellite, and from a plant into it.

    Heads are numbered by customer, product and satellite, tails by product, plant and satellite; a node is a
    satellite for a product. Gates and measures of satellites come before those of plants.

    Parameters
    ----------
    first_cost, second_cost
        UNIT costs, shapes (products, plants, satellites) and (products, satellites, customers).

    Examples
    --------
    >>> legs = two_stage_legs(np.zeros((2, 3, 4)), np.zeros((2, 4, 5)))
    >>> legs.count, len(legs.option_head)
    (64, 120)
    """
    products, plants, satellites = first_cost.shape
    customers = second_cost.shape[2]
    row, satellite = np.divmod(np.arange(customers * products * satellites), satellites)
    product = row % products
    heads = Leg(
        product * satellites + satellite,
        second_cost.transpose(2, 0, 1).ravel(),
        satellite[:, None],
        (satellite * products + product)[:, None],
        np.ones((len(row), 1)),
    )
    tail_product, plant, into = np.unravel_index(np.arange(first_cost.size), first_cost.shape)
    tails = Leg(
        tail_product * satellites + into,
        first_cost.ravel(),
        (satellites + plant)[:, None],
        ((satellites + plant) * products + tail_product)[:, None],
        np.ones((first_cost.size, 1)),
    )
    first_tail = product * plants * satellites + satellite
    option_tail = first_tail[:, None] + satellites * np.arange(plants)
    return Legs(np.repeat(np.arange(len(row)), plants), option_tail.ravel(), row, heads, tails)
