r"""What opening a site can save at most, and closing one lose at least, by the prices of cheapest flows.

With the price `u_k` of serving customer k, `w_j` of bringing an order into satellite j and `v_i` of taking
one at plant i, all shortest distances from the source, a new satellite saves at most

.. math:: \max \Big\{ \sum_k (u_k - c_{jk} - \min_i (v_i + c_{ij}))^+ x_k :
          0 \le x_k \le d_k, \; \sum_k x_k \le q_j \Big\}

and a new plant the like over satellites. The prices with this one more are feasible for the dual with the new
site, so the bound holds. They are feasible without a site that is open too, so closing it loses at least
the price of its room; and both hold at once where one site is closed and another opened.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.legs.two_stage.flow import distances

__all__ = ["least_lost", "most_saved", "node_prices"]


@njit(cache=True, fastmath=False)
def node_prices(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    is_open: tuple[Floats, Floats],
) -> Floats:  # pragma: no cover
    """Prices of all nodes by product, shape (products, 1 + plants + 2 satellites); see `distances`."""
    prices = np.empty((first.shape[0], 1 + first.shape[1] + 2 * first.shape[2]))
    for m in range(first.shape[0]):
        own = (flow[0][m], flow[1][m], flow[2][m], flow[3][m])
        prices[m] = distances(first[m], second[m], (room[0][m], room[1][m]), own, is_open)
    return prices


@njit(cache=True, fastmath=False)
def most_saved(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    served: Floats,
    is_open: tuple[Floats, Floats],
    prices: Floats,
    sites: Ints,
    of_plants: bool,
) -> Floats:  # pragma: no cover
    """Saving in flows of each product at most for each of the closed sites, opened alone."""
    saved = np.zeros((first.shape[0], len(sites)))
    for m in range(first.shape[0]):
        price, own = prices[m], saved[m]
        if of_plants:
            _plant_savings(first[m], room[1][m], room[0][m], is_open[1], price, sites, own)
        else:
            _satellite_savings(first[m], second[m], served[m], room[1][m], is_open, price, sites, own)
    return saved


def least_lost(
    first: Floats, room: tuple[Floats, Floats], prices: Floats, sites: Ints, of_plants: bool
) -> Floats:
    """What flows of all products cost more at least when each of these open sites is closed."""
    inner = 1 + first.shape[1]
    outer = inner + first.shape[2]
    rent = prices[:, 1 + sites] if of_plants else prices[:, outer + sites] - prices[:, inner + sites]
    lost: Floats = (np.maximum(rent, 0.0) * room[0 if of_plants else 1][:, sites]).sum(axis=0)
    return lost


@njit(cache=True, fastmath=False)
def _satellite_savings(
    first: Floats,
    second: Floats,
    served: Floats,
    room: Floats,
    is_open: tuple[Floats, Floats],
    price: Floats,
    sites: Ints,
    saved: Floats,
) -> None:  # pragma: no cover
    n_plants, n_satellites = first.shape
    outer = 1 + n_plants + n_satellites
    plants, satellites = np.flatnonzero(is_open[0]), np.flatnonzero(is_open[1])
    customers = second.shape[0]
    worth, demand = np.full(customers, np.inf), np.zeros(customers)
    for k in range(customers):
        for j in satellites:
            worth[k] = min(worth[k], price[outer + j] + second[k, j])
            demand[k] += served[j, k]
    margin = np.empty(customers)
    for at in range(len(sites)):
        site = sites[at]
        into = np.inf
        for i in plants:
            into = min(into, price[1 + i] + first[i, site])
        if into < np.inf:
            for k in range(customers):
                margin[k] = worth[k] - second[k, site] - into
            saved[at] += _filled(margin, demand, room[site])


@njit(cache=True, fastmath=False)
def _plant_savings(
    first: Floats,
    satellite_room: Floats,
    room: Floats,
    satellite_open: Floats,
    price: Floats,
    sites: Ints,
    saved: Floats,
) -> None:  # pragma: no cover
    n_plants, n_satellites = first.shape
    inner = 1 + n_plants
    margin = np.empty(n_satellites)
    for at in range(len(sites)):
        for j in range(n_satellites):
            margin[j] = price[inner + j] - first[sites[at], j] if satellite_open[j] > 0.0 else -np.inf
        saved[at] += _filled(margin, satellite_room, room[sites[at]])


@njit(cache=True, fastmath=False)
def _filled(margin: Floats, amount: Floats, room: float) -> float:  # pragma: no cover
    """Greatest sum of margins within the room."""
    some = np.flatnonzero(margin > 0.0)
    order = some[np.argsort(-margin[some])]
    value, left = 0.0, room
    for k in order:
        taken = min(amount[k], left)
        value += taken * margin[k]
        left -= taken
        if left <= 0.0:
            break
    return value
