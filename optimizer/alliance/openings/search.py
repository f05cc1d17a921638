r"""Branch and bound over openings: the coalition of least excess, proved, in compiled code.

Every subset T of the sites is a root; its bound is the largest L(μ) over capacity prices μ
(`plans`), found by the small linear program over the plans met so far (`prices`). Where
that is below the level of interest, the mixture of plans that the program ends with says what is undecided:
the size of a site, whether a member takes part, whether it pays a site's fee. One of these is branched
on. A mixture that agrees on all of them is a plan. The prices found for each T are kept from one search
to the next: shares move little, so most roots are settled by one look.

A search is begun by `begin_search` and carried on, some nodes at a time, by `search_on`.
"""

import numpy as np
from numba import njit

from optimizer.alliance.openings.branch import branch, load, push, put_aside
from optimizer.alliance.openings.found import Found, Limits, cutoff_of, harvest
from optimizer.alliance.openings.node import INFINITE, fix_members, settle
from optimizer.alliance.openings.plans import Question, price_plan
from optimizer.alliance.openings.room import Room
from optimizer.alliance.openings.structure import SiteStructure
from optimizer.problem.problem import Floats, Ints

__all__ = ["begin_search", "bound_so_far", "search_on"]

VISIT = 30
"""Nodes of one subset of the sites to look at before its other nodes are put aside for those of the next."""


@njit(cache=True)
def begin_search(
    game: SiteStructure, ask: Question, limits: Limits, state: Ints, prices: Floats, room: Room, found: Found
) -> None:
    """Price every subset of the sites at its own prices; stack those below the level, the best on top.

    `state` fixes who takes part (1), who does not (0) and who is free (−1); `prices` has shape
    (subsets of the sites, measures).
    """
    found.number[0] = 0
    found.work[:] = 0
    room.cuts.open_sites[:] = -1
    node, stack = room.node, room.stack
    node.state[:], node.need[:], node.bar[:] = state, 0, 0
    for k in range(len(node.sizes)):
        node.sizes[k] = (1 << (game.site_start[k + 1] - game.site_start[k])) - 1
    for sites in range(len(room.root_bound)):
        node.open_sites[0] = sites
        bound, _, base = price_plan(game, ask, node, prices[sites], room.plan)
        room.root_bound[sites] = bound
        if bound < 0.1 * INFINITE:
            harvest(game, limits, room.plan, room.size, found, base)
    cut, lowest, top = cutoff_of(limits, found), INFINITE, 0
    for sites in np.argsort(-room.root_bound):
        if room.root_bound[sites] >= cut:
            lowest = min(lowest, room.root_bound[sites])
            continue
        node.open_sites[0] = sites
        room.best_price[:] = prices[sites]
        top = push(stack, top, room, room.root_bound[sites], 1)
    room.top[0], room.lowest[0], room.visit[0] = top, lowest, 0


@njit(cache=True)
def search_on(
    game: SiteStructure, ask: Question, limits: Limits, prices: Floats, room: Room, found: Found, nodes: int
) -> bool:
    """Look at so many nodes more; tell whether the search is at its end.

    `found` fills; `bound_so_far` is a proved lower bound on the excess of every coalition that counts, of
    use up to the cutoff. The prices found for whole subsets of the sites are put into `prices`.
    """
    stack, top, lowest = room.stack, room.top[0], room.lowest[0]
    last = found.work[0] + nodes
    while top > 0 and found.work[0] < last:
        if room.visit[0] >= VISIT and stack.is_root[top - 1] == 0:
            put_aside(stack, room.aside, top)
            room.visit[0] = 0
        top -= 1
        cut = cutoff_of(limits, found)
        enough = found.work[0] >= limits.enough and found.number[0] > 0
        if stack.bound[top] >= cut or enough:
            lowest = min(lowest, stack.bound[top])
            continue
        found.work[0] += 1
        is_root = stack.is_root[top] == 1
        room.visit[0] = 0 if is_root else room.visit[0] + 1
        load(stack, top, room)
        bound, free_bound, value, count = settle(game, ask, limits, room, found)
        if is_root:
            prices[room.node.open_sites[0]] = room.best_price
        cut = cutoff_of(limits, found)
        if bound >= cut - 0.5 * limits.tolerance:
            lowest = min(lowest, bound)
            continue
        lowest = min(lowest, fix_members(room, free_bound, cut))
        top, closed = branch(game, room, limits, found, bound, value, count, top)
        if closed:
            lowest = min(lowest, bound)
    room.top[0], room.lowest[0] = top, lowest
    return bool(top == 0)


@njit(cache=True)
def bound_so_far(room: Room) -> float:
    """Return the proved bound of a search, finished or not."""
    lowest = float(room.lowest[0])
    for k in range(room.top[0]):
        lowest = min(lowest, float(room.stack.bound[k]))
    return lowest
