"""Branching: which question a mixture of plans leaves open, and the stack of what is still to do."""

import numpy as np
from numba import njit

from optimizer.alliance.openings.found import Found, Limits, keep
from optimizer.alliance.openings.room import Room, Stack
from optimizer.alliance.openings.structure import SiteStructure

__all__ = ["branch", "load", "push", "put_aside"]

UNDECIDED = 1e-9


@njit(cache=True)
def push(stack: Stack, top: int, room: Room, bound: float, is_root: int) -> int:
    """Stack the node of the room with its best prices; return the new height."""
    node = room.node
    stack.open_sites[top] = node.open_sites[0]
    stack.sizes[top], stack.state[top] = node.sizes, node.state
    stack.need[top], stack.bar[top] = node.need, node.bar
    stack.price[top], stack.bound[top], stack.is_root[top] = room.best_price, bound, is_root
    return top + 1


@njit(cache=True)
def put_aside(stack: Stack, aside: Stack, top: int) -> None:
    """Move the topmost nodes that have the same open sites to the bottom, where there is room."""
    count, sites = 1, stack.open_sites[top - 1]
    while count < top and stack.open_sites[top - 1 - count] == sites:
        count += 1
    spare = len(stack.bound) - top
    if count == top or spare < len(aside.bound):
        return
    for at in range(count):
        _copy(stack, top - count + at, aside, at)
    for at in range(top - count - 1, -1, -1):
        _copy(stack, at, stack, at + count)
    for at in range(count):
        _copy(aside, at, stack, at)


@njit(cache=True)
def _copy(stack: Stack, at: int, other: Stack, to: int) -> None:
    """Copy a node from one stack to another."""
    other.open_sites[to], other.sizes[to], other.state[to] = (
        stack.open_sites[at],
        stack.sizes[at],
        stack.state[at],
    )
    other.need[to], other.bar[to], other.price[to] = stack.need[at], stack.bar[at], stack.price[at]
    other.bound[to], other.is_root[to] = stack.bound[at], stack.is_root[at]


@njit(cache=True)
def load(stack: Stack, top: int, room: Room) -> None:
    """Make the node at this height that of the room."""
    node = room.node
    node.open_sites[0] = stack.open_sites[top]
    node.sizes[:], node.state[:] = stack.sizes[top], stack.state[top]
    node.need[:], node.bar[:] = stack.need[top], stack.bar[top]
    room.price[:] = stack.price[top]


@njit(cache=True)
def branch(
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
        top = push(stack, top, room, bound, 0)
        node.sizes[site] = 1 << size
        return push(stack, top, room, bound, 0), False
    member, at, share = _mixed_member(room, count, total)
    if member >= 0:
        return _split_member(room, member, at, share, bound, top), False
    if not _agrees(room, count, total):
        return push(stack, top, room, bound, 0), False
    if np.isfinite(value):
        heaviest = int(np.argmax(cuts.weight[:count]))
        if value < limits.level:
            mask = 0
            for i in range(len(node.state)):
                mask |= cuts.inside[heaviest, i] << i
            for k in range(len(node.sizes)):
                place = cuts.size[heaviest, k]
                room.size[k] = game.site_start[k] + place if place >= 0 else -1
            keep(found, mask, value, room.size, cuts.used[heaviest])
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
def _agrees(room: Room, count: int, total: float) -> bool:
    """Whether the mixture agrees with members that were fixed after it was found."""
    cuts, state = room.cuts, room.node.state
    for i in range(len(state)):
        if state[i] >= 0:
            off = 0.0
            for j in range(count):
                off += cuts.weight[j] * abs(cuts.inside[j, i] - state[i])
            if off > UNDECIDED * total:
                return False
    return True


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
        top = push(stack, top, room, bound, 0)
    return top


@njit(cache=True)
def _split_anything(game: SiteStructure, room: Room, bound: float, top: int) -> tuple[int, bool]:
    """Split on the first thing that is open: for nodes whose prices did not converge."""
    node, stack = room.node, room.stack
    for k in range(len(node.sizes)):
        sizes = node.sizes[k]
        if node.open_sites[0] >> k & 1 and sizes & (sizes - 1):
            node.sizes[k] = sizes & -sizes
            top = push(stack, top, room, bound, 0)
            node.sizes[k] = sizes & (sizes - 1)
            return push(stack, top, room, bound, 0), False
    for i in range(len(node.state)):
        if node.state[i] < 0:
            return _split_member(room, i, -1, 0.5, bound, top), False
        for k in range(len(node.sizes)):
            asked = (node.need[i] | node.bar[i]) >> k & 1
            if node.state[i] == 1 and node.open_sites[0] >> k & 1 and not asked:
                return _split_member(room, i, k, 0.5, bound, top), False
    return top, True
