"""Lanes: what tails of legs buy together, and where each lane leads.

A *lane* is a resource with modules or tiers that only tails use, each tail at most one of them, with the gate
that opens it where there is one: the sea freight of a month to a warehouse with its customs entry, say.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.gate_sites import site_of_gates
from optimizer.problem.legs import Legs, whole_options
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions
from optimizer.solver.legs.lanes.tariffs import tariff_resources

__all__ = ["NO_LANE", "Lanes", "lanes_of"]

Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]

NO_LANE = -1


@dataclass(frozen=True, eq=False)
class Lanes:
    """The lanes of a problem over legs.

    Attributes
    ----------
    resource, gate : int64, shape (lanes,)
        Resource and gate of each lane; −1 for none. The last lanes have neither: they are what the tails
        without a lane of their own at each site need.
    site : int64, shape (lanes,)
        Site that the lane leads to, −1 where it leads to several.
    of_tail : int64, shape (tails,)
        Lane of each tail.
    node_site : int64, shape (nodes,)
        Site of each node: no pair of legs meets there without a gate that admits its sizes.
    tariff : int64, shape (tariffs,)
        Resources that are tariffs (`optimizer.solver.legs.lanes.tariffs`), ascending.
    """

    resource: Ids
    gate: Ids
    site: Ids
    of_tail: Ids
    node_site: Ids
    tariff: Ids


def lanes_of(problem: Problem, legs: Legs) -> Lanes | None:
    """Find the lanes of a problem over legs; None where its legs are not of this kind.

    Rules speak of sizes only, no row is single sourced, no whole option needs two gates, every node is at one
    site, gates of legs admit all sizes of theirs, and no head needs two gates with a fee.
    """
    if problem.row_single.any() or np.any(problem.rule_index >= problem.n_sizes) or not problem.n_gates:
        return None
    if np.any(np.diff(problem.option_gate_start)[whole_options(legs)] > 1) or _choosy(problem, legs):
        return None
    node_site = _node_sites(problem, legs)
    if node_site is None or np.any(_priced_gates(problem, legs.head.gate).sum(axis=1) > 1):
        return None
    resource_of_tail = _bought_by_tails(problem, legs)
    if resource_of_tail is None:
        return None
    gate_of_tail = _own_gates(problem, legs, resource_of_tail)
    if np.any(_other_gates(problem, legs, gate_of_tail).sum(axis=1) > 1):
        return None
    tariff = tariff_resources(problem, legs, node_site)
    return _numbered(problem, legs, resource_of_tail, gate_of_tail, node_site, tariff)


def _priced_gates(problem: Problem, gate: Ids) -> Bools:
    """Entries that are gates with a fee."""
    return np.asarray((gate >= 0) & (problem.gate_fee[np.maximum(gate, 0)] > 0.0))


def _other_gates(problem: Problem, legs: Legs, gate_of_tail: Ids) -> Bools:
    """Entries of the tails that are gates with a fee, but not those of the lanes."""
    return np.asarray(_priced_gates(problem, legs.tail.gate) & (legs.tail.gate != gate_of_tail[:, None]))


def _choosy(problem: Problem, legs: Legs) -> bool:
    """Tell whether some leg needs a gate that does not admit every size of its site."""
    site = site_of_gates(problem)
    admitted, sizes = np.diff(problem.gate_size_start), np.diff(problem.site_start)
    choosy = (site >= 0) & (admitted != sizes[np.maximum(site, 0)])
    return any(bool(choosy[leg.gate[leg.gate >= 0]].any()) for leg in (legs.head, legs.tail))


def _node_sites(problem: Problem, legs: Legs) -> Ids | None:
    """Site of each node; None where some pair of its legs needs none, or a node's pairs need several."""
    site = site_of_gates(problem)
    found = np.full(int(legs.head.node.max()) + 1, -1, dtype=np.int64)
    bound = np.zeros(len(found), dtype=bool)
    for leg in (legs.head, legs.tail):
        of_entry = np.where(leg.gate >= 0, site[np.maximum(leg.gate, 0)], -1)
        at, place = np.nonzero(of_entry >= 0)
        fresh = found[leg.node[at]] < 0
        found[leg.node[at[fresh]]] = of_entry[at[fresh], place[fresh]]
        if np.any(found[leg.node[at]] != of_entry[at, place]):
            return None
        free = np.zeros(len(found), dtype=bool)
        free[leg.node[np.all(of_entry < 0, axis=1)]] = True
        bound |= ~free
    return found if np.all(bound & (found >= 0)) else None


def _bought_by_tails(problem: Problem, legs: Legs) -> Ids | None:
    """Resource of each tail's lane, −1 for none; None where a tail has several."""
    lane = (np.diff(problem.module_start) > 0) | (np.diff(problem.tier_start) > 0)
    resource = owner(problem.resource_start)
    whole = whole_options(legs)
    used = problem.option_use_measure[positions(problem.option_use_start, whole)]
    lane[resource[used]] = False
    head = legs.head
    lane[resource[head.measure[(head.measure >= 0) & (head.amount > 0.0)]]] = False
    lane[resource[problem.size_supply_measure]] = False
    tail = legs.tail
    of_entry = resource[np.maximum(tail.measure, 0)]
    of_entry = np.where((tail.measure >= 0) & (tail.amount > 0.0) & lane[of_entry], of_entry, -1)
    of_tail = of_entry.max(axis=1, initial=-1)
    several = (of_entry >= 0) & (of_entry != of_tail[:, None])
    return None if several.any() else of_tail


def _own_gates(problem: Problem, legs: Legs, resource_of_tail: Ids) -> Ids:
    """Gate of each tail's lane: one with a fee that all tails of the lane need, and no other leg; or −1."""
    tail, place = np.nonzero(_priced_gates(problem, legs.tail.gate))
    gate, resource = legs.tail.gate[tail, place], resource_of_tail[tail]
    shared = np.zeros(problem.n_gates, dtype=bool)
    shared[legs.head.gate[legs.head.gate >= 0]] = True
    shared[problem.option_gate[positions(problem.option_gate_start, whole_options(legs))]] = True
    first = np.full(problem.n_gates, -1, dtype=np.int64)
    first[gate] = resource
    shared[gate[resource != first[gate]]] = True
    tails = np.bincount(resource_of_tail + 1, minlength=problem.n_resources + 1)
    needs = np.bincount(gate, minlength=problem.n_gates)
    alone = ~shared & (first >= 0) & (needs == tails[first + 1])
    own = np.full(len(resource_of_tail), -1, dtype=np.int64)
    own[tail[alone[gate]][::-1]] = gate[alone[gate]][::-1]
    return own


def _numbered(
    problem: Problem, legs: Legs, resource_of_tail: Ids, gate_of_tail: Ids, node_site: Ids, tariff: Ids
) -> Lanes:
    """Number the lanes, those of the tails without one last, by site."""
    site = node_site[legs.tail.node]
    key = np.where(resource_of_tail >= 0, resource_of_tail, problem.n_resources + site)
    present, of_tail = np.unique(key, return_inverse=True)
    gate, least, most = (np.full(len(present), -1, dtype=np.int64) for _ in range(3))
    gate[of_tail] = gate_of_tail
    least[of_tail] = problem.n_sites
    np.minimum.at(least, of_tail, site)
    np.maximum.at(most, of_tail, site)
    return Lanes(
        resource=np.where(present < problem.n_resources, present, NO_LANE),
        gate=gate,
        site=np.where(least == most, least, -1),
        of_tail=of_tail,
        node_site=node_site,
        tariff=tariff,
    )
