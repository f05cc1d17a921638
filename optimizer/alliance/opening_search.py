r"""Branch and bound over openings: the coalition of least excess, proved, in compiled code.

Every subset T of the sites is a root; its bound is the largest L(μ) over capacity prices μ
(`priced_plans`), found by the small linear program over the plans met so far (`price_program`). Where
that is below the level of interest, the mixture of plans that the program ends with says what is undecided:
the size of a site, whether a member takes part, whether it pays a site's fee. One of these is branched
on. A mixture that agrees on all of them is a plan. The prices found for each T are kept from one search
to the next: shares move little, so most roots are settled by one look.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.alliance.price_program import begin_basis, optimise, weights_of
from optimizer.alliance.priced_plans import Node, Plan, Question, begin_plan, fit_sizes, price_plan
from optimizer.alliance.site_structure import SiteStructure
from optimizer.problem.problem import Floats, Ints

__all__ = ["Found", "Limits", "Room", "begin_room", "search"]

MOST_PLANS = 96
KEPT_PLANS = 48
MOST_FOUND = 64
MOST_STEPS = 150
UNDECIDED = 1e-6
INFINITE = 1e200


class Limits(NamedTuple):
    """What is looked for.

    `level`: only excesses below it count; `tolerance`: accuracy of a bound; `ambition` φ ≥ 0: once a
    coalition with excess e < level is known, only those below level − φ (level − e) are looked for
    (1: the worst; 0: all); `most_nodes`: stop after so many.
    """

    level: float
    tolerance: float
    ambition: float
    most_nodes: int


class Found(NamedTuple):
    """Coalitions below the level: `mask`, `excess`, `size` (MOST_FOUND, sites); `used` (MOST_FOUND, n).

    `count` (1,) tells how many; `work` (3,): nodes, priced plans, pivot programs.
    """

    mask: Ints
    excess: Floats
    size: Ints
    used: Ints
    count: Ints
    work: Ints


class Stack(NamedTuple):
    """Open nodes, last in first out."""

    open_sites: Ints
    sizes: Ints
    state: Ints
    need: Ints
    bar: Ints
    price: Floats
    bound: Floats
    is_root: Ints


class Cuts(NamedTuple):
    """Plans met: their base cost, their use beyond what there is, and their choices."""

    base: Floats
    excess: Floats
    open_sites: Ints
    inside: Ints
    used: Ints
    size: Ints
    weight: Floats


class Room(NamedTuple):
    """Everything a search works in, kept between searches: `root_price` holds the prices of each T."""

    root_price: Floats
    root_bound: Floats
    unit: Floats
    reach: Ints
    stack: Stack
    cuts: Cuts
    plan: Plan
    node: Node
    basis: Ints
    inverse: Floats
    dual: Floats
    column: Floats
    size: Ints
    price: Floats
    best_price: Floats
    best_margin: Floats
    part: Floats


def begin_room(game: SiteStructure) -> Room:
    """Return a workplace for searches over the game."""
    n, sites, measures = game.n, game.n_sites, len(game.standing)
    depth = (1 << sites) + 4 * (n * (sites + 1) + len(game.size_cost)) + 16
    whole = np.int64
    unit = np.maximum(game.size_supply.max(axis=0, initial=0.0), game.standing + game.brought.sum(axis=0))
    return Room(
        np.zeros((1 << sites, measures)),
        np.zeros(1 << sites),
        np.where(unit > 0.0, unit, 1.0),
        _reach(game),
        Stack(
            np.zeros(depth, whole),
            np.zeros((depth, sites), whole),
            np.zeros((depth, n), whole),
            np.zeros((depth, n), whole),
            np.zeros((depth, n), whole),
            np.zeros((depth, measures)),
            np.zeros(depth),
            np.zeros(depth, whole),
        ),
        Cuts(
            np.zeros(MOST_PLANS),
            np.zeros((MOST_PLANS, measures)),
            np.zeros(MOST_PLANS, whole),
            np.zeros((MOST_PLANS, n), whole),
            np.zeros((MOST_PLANS, n), whole),
            np.zeros((MOST_PLANS, sites), whole),
            np.zeros(MOST_PLANS),
        ),
        begin_plan(game),
        Node(*(np.zeros(width, whole) for width in (1, sites, n, n, n))),
        np.zeros(measures + 1, whole),
        np.zeros((measures + 1, measures + 1)),
        np.zeros(measures + 1),
        np.zeros(measures + 1),
        np.zeros(sites, whole),
        np.zeros(measures),
        np.zeros(measures),
        np.zeros(n),
        np.zeros(max(int(np.diff(game.site_start).max(initial=1)), 1)),
    )


def _reach(game: SiteStructure) -> Ints:
    """Return, as bits, the sites whose options use each measure (bit `sites`: options without a site)."""
    site = np.arange(len(game.cell_start) - 1) % (game.n_sites + 1)
    of_option = np.repeat(site, np.diff(game.cell_start))
    of_use = np.repeat(of_option, np.diff(game.use_start))
    reach = np.zeros(len(game.standing), np.int64)
    np.bitwise_or.at(reach, game.use_measure, 1 << of_use)
    return reach


@njit(cache=True)
def search(
    game: SiteStructure, ask: Question, limits: Limits, state: Ints, keep_prices: bool, room: Room, found: Found
) -> float:
    """Fill `found` and return a proved lower bound on the excess of every coalition that counts.

    The bound is only of use up to the cutoff: parts of the search that lie above it are left. `state`
    fixes who takes part (1), who does not (0) and who is free (−1). `keep_prices`: remember the prices.
    """
    found.count[0] = 0
    found.work[:] = 0
    room.cuts.open_sites[:] = -1
    stack, lowest = room.stack, INFINITE
    top, lowest = _roots(game, ask, limits, state, room, found)
    while top > 0:
        top -= 1
        cut = _cutoff(limits, found)
        if stack.bound[top] >= cut:
            lowest = min(lowest, stack.bound[top])
            continue
        if found.work[0] >= limits.most_nodes:
            lowest = min(lowest, stack.bound[top])
            continue
        found.work[0] += 1
        is_root = stack.is_root[top] == 1
        _load(stack, top, room)
        bound, free_bound, value, count = _settle(game, ask, limits, room, found)
        if is_root and keep_prices:
            room.root_price[room.node.open_sites[0]] = room.best_price
        cut = _cutoff(limits, found)
        if bound >= cut - 0.5 * limits.tolerance:
            lowest = min(lowest, bound)
            continue
        lowest = min(lowest, _fix_members(room, free_bound, cut))
        top, closed = _branch(game, room, limits, found, bound, value, count, top)
        if closed:
            lowest = min(lowest, bound)
    return lowest


@njit(cache=True)
def _cutoff(limits: Limits, found: Found) -> float:
    if found.count[0] == 0:
        return limits.level
    best = found.excess[: found.count[0]].min()
    return (1.0 - limits.ambition) * limits.level + limits.ambition * best


@njit(cache=True)
def _roots(
    game: SiteStructure, ask: Question, limits: Limits, state: Ints, room: Room, found: Found
) -> tuple[int, float]:
    """Price every subset of the sites at its own prices; stack those below the level, the best on top."""
    node, stack = room.node, room.stack
    node.state[:], node.need[:], node.bar[:] = state, 0, 0
    for k in range(len(node.sizes)):
        node.sizes[k] = (1 << (game.site_start[k + 1] - game.site_start[k])) - 1
    for sites in range(len(room.root_bound)):
        node.open_sites[0] = sites
        bound, _, base = price_plan(game, ask, node, room.root_price[sites], room.plan)
        room.root_bound[sites] = bound
        if bound < 0.1 * INFINITE:
            _harvest(game, limits, room, found, base)
    cut, lowest, top = _cutoff(limits, found), INFINITE, 0
    for sites in np.argsort(-room.root_bound):
        if room.root_bound[sites] >= cut:
            lowest = min(lowest, room.root_bound[sites])
            continue
        node.open_sites[0] = sites
        room.best_price[:] = room.root_price[sites]
        top = _push(stack, top, room, room.root_bound[sites], 1)
    return top, lowest


@njit(cache=True)
def _push(stack: Stack, top: int, room: Room, bound: float, is_root: int) -> int:
    node = room.node
    stack.open_sites[top] = node.open_sites[0]
    stack.sizes[top], stack.state[top] = node.sizes, node.state
    stack.need[top], stack.bar[top] = node.need, node.bar
    stack.price[top], stack.bound[top], stack.is_root[top] = room.best_price, bound, is_root
    return top + 1


@njit(cache=True)
def _load(stack: Stack, top: int, room: Room) -> None:
    node = room.node
    node.open_sites[0] = stack.open_sites[top]
    node.sizes[:], node.state[:] = stack.sizes[top], stack.state[top]
    node.need[:], node.bar[:] = stack.need[top], stack.bar[top]
    room.price[:] = stack.price[top]


@njit(cache=True)
def _harvest(game: SiteStructure, limits: Limits, room: Room, found: Found, base: float) -> None:
    """Keep the coalition of the plan just priced, with sizes that hold it, if it is below the level."""
    excess = fit_sizes(game, room.plan, base, room.size)
    if excess < limits.level:
        mask = 0
        for i in range(len(room.plan.inside)):
            mask |= room.plan.inside[i] << i
        _keep(found, mask, excess, room.size, room.plan.used)


@njit(cache=True)
def _keep(found: Found, mask: int, excess: float, size: Ints, used: Ints) -> None:
    count = found.count[0]
    at = -1
    for k in range(count):
        if found.mask[k] == mask:
            at = k
            if found.excess[k] <= excess:
                return
    if at < 0 and count < len(found.mask):
        at = count
        found.count[0] = count + 1
    elif at < 0:
        at = int(np.argmax(found.excess))
        if found.excess[at] <= excess:
            return
    found.mask[at], found.excess[at], found.size[at], found.used[at] = mask, excess, size, used


@njit(cache=True)
def _settle(
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
        _harvest(game, limits, room, found, base)
        cut = _cutoff(limits, found)
        if best >= cut:
            return best, free_best, np.inf, 0
        count = _add_cut(game, room, base, dims, width, count)
        value = optimise(
            width, count, cuts.base, cuts.excess, cut, 1e-3 * limits.tolerance,
            room.basis, room.inverse, room.dual, room.column,
        )  # fmt: skip
        found.work[2] += 1
        if value - best <= 0.1 * limits.tolerance:
            weights_of(width, count, room.basis, room.inverse, cuts.weight)
            return best, free_best, value, count
        for d in range(width):
            room.price[dims[d]] = room.dual[d] / room.unit[dims[d]]
    weights_of(width, count, room.basis, room.inverse, cuts.weight)
    return best, free_best, np.inf, count


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
def _fix_members(room: Room, free_bound: float, cut: float) -> float:
    """Fix members that cannot turn around below the cutoff; return the least bound of what is left out."""
    lowest = INFINITE
    for i in range(len(room.node.state)):
        if room.node.state[i] < 0:
            turned = free_bound + abs(room.best_margin[i])
            if turned >= cut:
                room.node.state[i] = 1 if room.best_margin[i] < 0.0 else 0
                lowest = min(lowest, turned)
    return lowest


@njit(cache=True)
def _branch(
    game: SiteStructure, room: Room, limits: Limits, found: Found,
    bound: float, value: float, count: int, top: int,
) -> tuple[int, bool]:  # fmt: skip
    """Stack the node's children; return the height of the stack, and whether the node is closed instead."""
    cuts, stack, node = room.cuts, room.stack, room.node
    total = cuts.weight[:count].sum()
    if total < UNDECIDED:
        return _split_anything(game, room, bound, top)
    site, size = _mixed_site(game, room, count, total)
    if site >= 0:
        allowed = node.sizes[site]
        node.sizes[site] = allowed & ~(1 << size)
        top = _push(stack, top, room, bound, 0)
        node.sizes[site] = 1 << size
        return _push(stack, top, room, bound, 0), False
    member, at, share = _mixed_member(room, count, total)
    if member >= 0:
        return _split_member(room, member, at, share, bound, top), False
    if np.isfinite(value):
        heaviest = int(np.argmax(cuts.weight[:count]))
        if value < limits.level:
            mask = 0
            for i in range(len(node.state)):
                mask |= cuts.inside[heaviest, i] << i
            for k in range(len(node.sizes)):
                place = cuts.size[heaviest, k]
                room.size[k] = game.site_start[k] + place if place >= 0 else -1
            _keep(found, mask, value, room.size, cuts.used[heaviest])
        return top, True
    return _split_anything(game, room, bound, top)


@njit(cache=True)
def _mixed_site(game: SiteStructure, room: Room, count: int, total: float) -> tuple[int, int]:
    """Return the site whose size is least agreed upon, with its heaviest size, or (−1, −1)."""
    cuts, site, size, least = room.cuts, -1, -1, 1.0 - UNDECIDED
    for k in range(len(room.node.sizes)):
        if not room.node.open_sites[0] >> k & 1:
            continue
        room.part[:] = 0.0
        for j in range(count):
            room.part[cuts.size[j, k]] += cuts.weight[j]
        heaviest = int(np.argmax(room.part))
        if room.part[heaviest] < least * total:
            site, size, least = k, heaviest, room.part[heaviest] / total
    return site, size


@njit(cache=True)
def _mixed_member(room: Room, count: int, total: float) -> tuple[int, int, float]:
    """Return the member least agreed upon and the site in question (−1: taking part), with the share for."""
    cuts, node = room.cuts, room.node
    member, at, share, furthest = -1, -1, 0.0, UNDECIDED
    for i in range(len(node.state)):
        inside = 0.0
        for j in range(count):
            inside += cuts.weight[j] * cuts.inside[j, i]
        inside /= total
        if node.state[i] < 0 and min(inside, 1.0 - inside) > furthest:
            member, at, share, furthest = i, -1, inside, min(inside, 1.0 - inside)
        if inside < 1.0 - UNDECIDED:
            continue
        for k in range(len(node.sizes)):
            if node.open_sites[0] >> k & 1 and not (node.need[i] | node.bar[i]) >> k & 1:
                pays = 0.0
                for j in range(count):
                    pays += cuts.weight[j] * (cuts.inside[j, i] & cuts.used[j, i] >> k & 1)
                pays /= total
                if min(pays, 1.0 - pays) > furthest:
                    member, at, share, furthest = i, k, pays, min(pays, 1.0 - pays)
    return member, at, share


@njit(cache=True)
def _split_member(room: Room, member: int, at: int, share: float, bound: float, top: int) -> int:
    """Stack both answers to a member's question, the likelier one on top."""
    node, stack = room.node, room.stack
    need, bar = node.need[member], node.bar[member]
    for turn in range(2):
        yes = (share >= 0.5) == (turn == 1)
        if at < 0:
            node.state[member] = 1 if yes else 0
        elif yes:
            node.need[member], node.bar[member] = need | 1 << at, bar
        else:
            node.need[member], node.bar[member] = need, bar | 1 << at
        top = _push(stack, top, room, bound, 0)
    return top


@njit(cache=True)
def _split_anything(game: SiteStructure, room: Room, bound: float, top: int) -> tuple[int, bool]:
    """Split on the first thing that is open: for nodes whose prices did not converge."""
    node, stack = room.node, room.stack
    for k in range(len(node.sizes)):
        sizes = node.sizes[k]
        if node.open_sites[0] >> k & 1 and sizes & (sizes - 1):
            node.sizes[k] = sizes & -sizes
            top = _push(stack, top, room, bound, 0)
            node.sizes[k] = sizes & (sizes - 1)
            return _push(stack, top, room, bound, 0), False
    for i in range(len(node.state)):
        if node.state[i] < 0:
            return _split_member(room, i, -1, 0.5, bound, top), False
        for k in range(len(node.sizes)):
            if node.open_sites[0] >> k & 1 and not (node.need[i] | node.bar[i]) >> k & 1:
                if node.state[i] == 1:
                    return _split_member(room, i, k, 0.5, bound, top), False
    return top, True
