"""One node of the search: its best bound over capacity prices, by generating plans."""

import numpy as np
from numba import njit

from optimizer.alliance.openings.found import Found, Limits, cutoff_of, harvest
from optimizer.alliance.openings.plans import Node, Question, price_plan
from optimizer.alliance.openings.prices import begin_basis, optimise, weights_of
from optimizer.alliance.openings.room import Cuts, Room
from optimizer.alliance.openings.structure import SiteStructure
from optimizer.problem.problem import Ints

__all__ = ["INFINITE", "fix_members", "settle"]

KEPT_PLANS = 48
MOST_STEPS = 150
INFINITE = 1e200
MIXED = 1e-9


@njit(cache=True)
def settle(
    game: SiteStructure, ask: Question, limits: Limits, room: Room, found: Found
) -> tuple[float, float, float, int]:
    """Raise the node's bound by better prices until it is settled.

    Returns the bound, the bound without the span condition at the same prices, the value of the mixture
    (inf where it was not reached) and the number of plans that it mixes; their weights lie in `cuts`.
    """
    measures, cuts, plan = len(room.price), room.cuts, room.plan
    dims = np.empty(measures, np.int64)
    width = 0
    for q in range(measures):
        if room.reach[q] & (room.node.open_sites[0] | 1 << len(plan.size)):
            dims[width] = q
            width += 1
        else:
            room.price[q] = 0.0
    count = _inherit(room)
    begin_basis(width, room.basis, room.inverse)
    best, free_best = -INFINITE, -INFINITE
    for _ in range(MOST_STEPS):
        bound, free_bound, base = price_plan(game, ask, room.node, room.price, plan)
        found.work[1] += 1
        if bound > 0.1 * INFINITE:
            return INFINITE, INFINITE, np.inf, 0
        if bound > best:
            best, free_best = bound, free_bound
            room.best_price[:], room.best_margin[:] = room.price, plan.margin
        harvest(game, limits, room.plan, room.size, found, base)
        cut = cutoff_of(limits, found)
        if best >= cut:
            return best, free_best, np.inf, 0
        count = _add_cut(game, room, base, dims, width, count)
        value = optimise(
            width, count, cuts.base, cuts.excess, cut, 1e-3 * limits.tolerance,
            room.basis, room.inverse, room.dual, room.column,
        )  # fmt: skip
        found.work[2] += 1
        if value - best <= 0.1 * limits.tolerance:
            cutoff = weights_of(width, count, room.basis, room.inverse, cuts.weight)
            if cutoff > MIXED or not _mixture_holds(room, width, count):
                value = np.inf
            return best, free_best, value, count
        for d in range(width):
            room.price[dims[d]] = room.dual[d] / room.unit[dims[d]]
    weights_of(width, count, room.basis, room.inverse, cuts.weight)
    return best, free_best, np.inf, count


@njit(cache=True)
def _mixture_holds(room: Room, width: int, count: int) -> bool:
    """Whether the weights sum to 1 and keep every capacity: a check of the basis inverse."""
    cuts = room.cuts
    if abs(cuts.weight[:count].sum() - 1.0) > MIXED:
        return False
    for d in range(width):
        over = 0.0
        for j in range(count):
            over += cuts.weight[j] * cuts.excess[j, d]
        if over > MIXED:
            return False
    return True


@njit(cache=True)
def _inherit(room: Room) -> int:
    """Keep the latest plans of earlier nodes that this node allows; return how many."""
    cuts, node = room.cuts, room.node
    allowed = 0
    for j in range(len(cuts.base)):
        if cuts.open_sites[j] == node.open_sites[0] and not _allows(node, cuts, j):
            cuts.open_sites[j] = -1
        if cuts.open_sites[j] == node.open_sites[0]:
            allowed += 1
    skip, count = max(0, allowed - KEPT_PLANS), 0
    for j in range(len(cuts.base)):
        if cuts.open_sites[j] != node.open_sites[0]:
            continue
        if skip > 0:
            skip -= 1
            continue
        _move(cuts, j, count)
        count += 1
    cuts.open_sites[count:] = -1
    return count


@njit(cache=True)
def _allows(node: Node, cuts: Cuts, j: int) -> bool:
    """Whether the node allows a plan over the same open sites."""
    for k in range(len(node.sizes)):
        if cuts.size[j, k] >= 0 and not node.sizes[k] >> cuts.size[j, k] & 1:
            return False
    for i in range(len(node.state)):
        if node.state[i] >= 0 and node.state[i] != cuts.inside[j, i]:
            return False
        if cuts.inside[j, i] == 1:
            used = cuts.used[j, i]
            if used & node.bar[i] or (used & node.need[i]) != node.need[i]:
                return False
    return True


@njit(cache=True)
def _move(cuts: Cuts, j: int, to: int) -> None:
    if j != to:
        cuts.base[to], cuts.open_sites[to] = cuts.base[j], cuts.open_sites[j]
        cuts.excess[to], cuts.inside[to] = cuts.excess[j], cuts.inside[j]
        cuts.used[to], cuts.size[to] = cuts.used[j], cuts.size[j]


@njit(cache=True)
def _add_cut(game: SiteStructure, room: Room, base: float, dims: Ints, width: int, count: int) -> int:
    """Add the plan just priced; where there is no room, drop plans outside the basis, oldest first."""
    cuts, plan = room.cuts, room.plan
    if count == len(cuts.base):
        kept = 0
        for j in range(count):
            place = -1
            for b in range(width + 1):
                if room.basis[b] == width + 1 + j:
                    place = b
            if place >= 0 or j >= count - KEPT_PLANS:
                _move(cuts, j, kept)
                if place >= 0:
                    room.basis[place] = width + 1 + kept
                kept += 1
        cuts.open_sites[kept:] = -1
        count = kept
    cuts.base[count], cuts.open_sites[count] = base, room.node.open_sites[0]
    for d in range(width):
        q = dims[d]
        cuts.excess[count, d] = (plan.use[q] - plan.room[q]) / room.unit[q]
    cuts.inside[count], cuts.used[count] = plan.inside, plan.used
    for k in range(len(plan.size)):
        cuts.size[count, k] = plan.size[k] - game.site_start[k] if plan.size[k] >= 0 else -1
    return count + 1


@njit(cache=True)
def fix_members(room: Room, free_bound: float, cut: float) -> float:
    """Fix members that cannot turn around below the cutoff; return the least bound of what is left out."""
    lowest = INFINITE
    for i in range(len(room.node.state)):
        if room.node.state[i] < 0:
            turned = free_bound + abs(room.best_margin[i])
            if turned >= cut:
                room.node.state[i] = 1 if room.best_margin[i] < 0.0 else 0
                lowest = min(lowest, turned)
    return lowest
