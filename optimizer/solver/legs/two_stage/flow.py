r"""Cheapest flows of one product from open plants over open satellites to customers, by re-routing.

A flow that is cheapest with some sites open stays so while one site more is opened, or one closed: what
passes through that site is changed along shortest paths of the residual graph, the cheapest first, as long
as that pays (opening) or until nothing passes any more (closing). Every flow on the way is the cheapest with
just so much through the site. A chain of customers that change satellites is one arc of that graph, so it
has as many nodes as there are open sites.

An idle plant and an idle satellite, the last of each, bring and serve what the others cannot, dearly.
R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows" (1993), sections 9.7 and 9.11.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Ints

__all__ = ["close_site", "distances", "open_site"]

NOTHING = 1e-9
"""Amounts and costs below this are none."""

MOST_LABELS = 1000
"""Labels per node after which rounding must have made a circle that pays: there is no path then."""


@njit(cache=True, fastmath=False)
def _chains(
    second: Floats, served: Floats, satellites: Ints, chain: Floats, mover: Ints, to: int
) -> None:  # pragma: no cover
    """Cheapest customer of satellite `to` that each other satellite could take over."""
    for j in satellites:
        chain[j, to] = np.inf
        mover[j, to] = -1
    for k in range(second.shape[0]):
        if served[to, k] <= NOTHING:
            continue
        now = second[k, to]
        for j in satellites:
            cost = second[k, j] - now
            if cost < chain[j, to]:
                chain[j, to] = cost
                mover[j, to] = k


@njit(cache=True, fastmath=False)
def _cheapest_path(  # noqa: PLR0912, PLR0915 (one compiled loop)
    first: Floats,
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    plants: Ints,
    satellites: Ints,
    frozen: tuple[int, int],
    chain: Floats,
    start: int,
    distance: Floats,
    before: Ints,
) -> None:  # pragma: no cover
    """Label-correcting search from a node: the source is 0, then plants, satellites' inner, outer nodes."""
    plant_room, satellite_room = room
    supplied, _, plant_load, satellite_load = flow
    n_plants, n_satellites = first.shape
    inner, outer = 1 + n_plants, 1 + n_plants + n_satellites
    nodes = outer + n_satellites
    waiting = np.zeros(nodes, dtype=np.bool_)
    queue = np.empty(nodes, dtype=np.int64)
    distance[:] = np.inf
    before[:] = -1
    distance[start] = 0.0
    queue[0], head, count = start, 0, 1
    waiting[start] = True
    left = MOST_LABELS * nodes
    while count:
        left -= 1
        if left == 0:
            distance[:] = np.inf
            return
        node = queue[head]
        head = (head + 1) % nodes
        count -= 1
        waiting[node] = False
        here = distance[node] + NOTHING
        # Each kind of node has its own arcs; what is reached more cheaply than before waits again.
        for step in range(n_plants + n_satellites + 1):
            to, cost = -1, np.inf
            if node == 0:
                if step >= len(plants):
                    break
                i = plants[step]
                if i != frozen[0] and plant_room[i] - plant_load[i] > NOTHING:
                    to, cost = 1 + i, 0.0
            elif node < inner:
                i = node - 1
                if step > len(satellites):
                    break
                if step == len(satellites):
                    if i != frozen[0] and plant_load[i] > NOTHING:
                        to, cost = 0, 0.0
                else:
                    to, cost = inner + satellites[step], first[i, satellites[step]]
            elif node < outer:
                j = node - inner
                if step > len(plants):
                    break
                if step == len(plants):
                    if j != frozen[1] and satellite_room[j] - satellite_load[j] > NOTHING:
                        to, cost = outer + j, 0.0
                elif supplied[plants[step], j] > NOTHING:
                    to, cost = 1 + plants[step], -first[plants[step], j]
            else:
                j = node - outer
                if step > len(satellites):
                    break
                if step == len(satellites):
                    if j != frozen[1] and satellite_load[j] > NOTHING:
                        to, cost = inner + j, 0.0
                else:
                    to, cost = outer + satellites[step], chain[j, satellites[step]]
            if to >= 0 and here + cost < distance[to]:
                distance[to] = distance[node] + cost
                before[to] = node
                if not waiting[to]:
                    waiting[to] = True
                    queue[(head + count) % nodes] = to
                    count += 1


@njit(cache=True, fastmath=False)
def _push(
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    mover: Ints,
    before: Ints,
    ends: tuple[int, int],
    most: float,
    changed: Ints,
) -> float:  # pragma: no cover
    """Push as much as possible along a path; `changed` marks satellites whose customers changed."""
    plant_room, satellite_room = room
    supplied, served, plant_load, satellite_load = flow
    inner = 1 + len(plant_room)
    outer = inner + len(satellite_room)
    amount = most
    for turn in range(2):
        node = ends[1]
        while node != ends[0]:
            last = before[node]
            if last == 0:
                amount = _apply(turn, amount, plant_load, node - 1, plant_room[node - 1], 1.0)
            elif node == 0:
                amount = _apply(turn, amount, plant_load, last - 1, np.inf, -1.0)
            elif last < inner:
                if turn:
                    supplied[last - 1, node - inner] += amount
            elif last < outer and node < inner:
                amount = _apply(turn, amount, supplied[node - 1], last - inner, np.inf, -1.0)
            elif last < outer:
                j = last - inner
                amount = _apply(turn, amount, satellite_load, j, satellite_room[j], 1.0)
            elif node < outer:
                amount = _apply(turn, amount, satellite_load, last - outer, np.inf, -1.0)
            else:
                j, to = last - outer, node - outer
                k = mover[j, to]
                amount = _apply(turn, amount, served[to], k, np.inf, -1.0)
                if turn:
                    served[j, k] += amount
                    changed[j], changed[to] = 1, 1
            node = last
    return amount


@njit(cache=True, fastmath=False)
def _apply(
    turn: int, amount: float, value: Floats, at: int, room: float, sign: float
) -> float:  # pragma: no cover
    """First turn: what may pass at most. Second: change the value; a remainder of rounding is nothing."""
    if turn == 0:
        left: float = value[at] if sign < 0.0 else room - value[at]
        return min(amount, left)
    value[at] += sign * amount
    if value[at] < NOTHING:
        value[at] = 0.0
    return amount


@njit(cache=True, fastmath=False)
def _reroute(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    is_open: tuple[Floats, Floats],
    ends: tuple[int, int],
    frozen: tuple[int, int],
    most: float,
    pays: bool,
) -> tuple[float, float]:  # pragma: no cover
    """Send up to `most` from one node to another, while it pays or all of it: the amount and its cost."""
    plants = np.flatnonzero(is_open[0])
    satellites = np.flatnonzero(is_open[1])
    n_plants, n_satellites = first.shape
    nodes = 1 + n_plants + 2 * n_satellites
    distance, before = np.empty(nodes), np.empty(nodes, dtype=np.int64)
    chain = np.empty((n_satellites, n_satellites))
    mover = np.empty((n_satellites, n_satellites), dtype=np.int64)
    changed = np.ones(n_satellites, dtype=np.int64)
    sent, cost = 0.0, 0.0
    while most - sent > NOTHING:
        for j in satellites:
            if changed[j]:
                _chains(second, flow[1], satellites, chain, mover, int(j))
                changed[j] = 0
        _cheapest_path(first, room, flow, plants, satellites, frozen, chain, ends[0], distance, before)
        length = distance[ends[1]]
        if not length < np.inf or (pays and length >= -NOTHING):
            break
        amount = _push(room, flow, mover, before, ends, most - sent, changed)
        sent += amount
        cost += amount * length
    return sent, cost


@njit(cache=True, fastmath=False)
def distances(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    is_open: tuple[Floats, Floats],
) -> Floats:  # pragma: no cover
    """Shortest distances from the source to plants, inner and outer nodes of satellites: optimal prices."""
    plants, satellites = np.flatnonzero(is_open[0]), np.flatnonzero(is_open[1])
    n_plants, n_satellites = first.shape
    nodes = 1 + n_plants + 2 * n_satellites
    distance, before = np.empty(nodes), np.empty(nodes, dtype=np.int64)
    chain = np.empty((n_satellites, n_satellites))
    mover = np.empty((n_satellites, n_satellites), dtype=np.int64)
    for j in satellites:
        _chains(second, flow[1], satellites, chain, mover, int(j))
    _cheapest_path(first, room, flow, plants, satellites, (-1, -1), chain, 0, distance, before)
    return distance


@njit(cache=True, fastmath=False)
def open_site(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    is_open: tuple[Floats, Floats],
    plant: bool,
    site: int,
) -> float:  # pragma: no cover
    """Let through a plant or a satellite what pays; returns what that costs, at most zero.

    Parameters
    ----------
    first, second
        Unit costs of ways from plants to satellites and from customers (!) to satellites, with the idle ones.
    room
        Capacity of plants and of satellites.
    flow
        What each plant supplies to each satellite, what each satellite serves of each customer, and the loads
        of plants and satellites; changed in place.
    is_open
        Which plants and satellites are open, the idle ones always; the site is marked.
    plant
        Whether the site is a plant.
    """
    kind = 0 if plant else 1
    load = flow[2] if plant else flow[3]
    is_open[kind][site] = 1.0
    within, frozen = _ends(first, plant, site)
    ends = (within[1], within[0])
    load[site], cost = _reroute(first, second, room, flow, is_open, ends, frozen, room[kind][site], True)
    return cost


@njit(cache=True, fastmath=False)
def close_site(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    flow: tuple[Floats, Floats, Floats, Floats],
    is_open: tuple[Floats, Floats],
    plant: bool,
    site: int,
) -> float:  # pragma: no cover
    """Take everything out of a plant or a satellite; returns what that costs, at least zero."""
    load = flow[2] if plant else flow[3]
    ends, frozen = _ends(first, plant, site)
    most = load[site]
    sent, cost = _reroute(first, second, room, flow, is_open, ends, frozen, most, False)
    is_open[0 if plant else 1][site] = 0.0
    load[site] = 0.0
    if plant:
        flow[0][site, :] = 0.0
    else:
        flow[0][:, site] = 0.0
        flow[1][site, :] = 0.0
    return cost if most - sent <= NOTHING * max(1.0, most) else np.inf


@njit(cache=True, fastmath=False)
def _ends(
    first: Floats, plant: bool, site: int
) -> tuple[tuple[int, int], tuple[int, int]]:  # pragma: no cover
    """Nodes before and behind a site, and the plant and the satellite through which nothing is sent."""
    inner = 1 + first.shape[0]
    if plant:
        return (0, 1 + site), (site, -1)
    return (inner + site, inner + first.shape[1] + site), (-1, site)
