"""Depth-first branch and bound on sites, then on rows, with the knapsack relaxation at every node."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.single_source.arrays import FREE, OPEN, Data, Duals, Node, Relaxed, Scratch
from optimizer.solver.single_source.ascent import ascend
from optimizer.solver.single_source.bound import NEVER
from optimizer.solver.single_source.fixing import close_site, decide, fix_by_penalty, settle
from optimizer.solver.single_source.plans import plan_cost, plan_from

__all__ = ["Stack", "cutoff_of", "grown", "new_stack", "push", "raise_root", "search"]

ROOT_ROUNDS, ROOT_STEPS = 20, 20
NODE_STEPS = 30
NODE_STEP = 0.2


class Stack(NamedTuple):
    """Open nodes, the deepest last; `bound` is what is proved of each."""

    site: npt.NDArray[np.int8]
    allowed: npt.NDArray[np.bool_]
    home: Ints
    left: Floats
    price: Floats
    bound: Floats
    height: Ints


def new_stack(data: Data, height: int) -> Stack:
    """Room for some open nodes."""
    sites, rows = data.cost.shape
    return Stack(
        np.zeros((height, sites), dtype=np.int8),
        np.zeros((height, sites, rows), dtype=bool),
        np.zeros((height, rows), dtype=np.int64),
        np.zeros((height, sites)),
        np.zeros((height, rows)),
        np.zeros(height),
        np.zeros(1, dtype=np.int64),
    )


def grown(stack: Stack) -> Stack:
    """The same stack with twice the room."""

    def twice(part: Any) -> Any:
        return np.concatenate([part, np.zeros_like(part)])

    return Stack(
        twice(stack.site), twice(stack.allowed), twice(stack.home), twice(stack.left), twice(stack.price),
        twice(stack.bound), stack.height,
    )  # fmt: skip


@njit(cache=True)
def push(stack: Stack, node: Node, price: Floats, bound: float) -> None:
    """Put a node on the stack."""
    at = stack.height[0]
    stack.site[at] = node.site
    stack.allowed[at] = node.allowed
    stack.home[at] = node.home
    stack.left[at] = node.left
    stack.price[at] = price
    stack.bound[at] = bound
    stack.height[0] = at + 1


@njit(cache=True)
def _pop(stack: Stack, node: Node, price: Floats) -> float:
    at = stack.height[0] - 1
    node.site[:] = stack.site[at]
    node.allowed[:] = stack.allowed[at]
    node.home[:] = stack.home[at]
    node.left[:] = stack.left[at]
    price[:] = stack.price[at]
    stack.height[0] = at
    return float(stack.bound[at])


@njit(cache=True)
def search(
    data: Data,
    stack: Stack,
    node: Node,
    duals: Duals,
    out: Relaxed,
    scratch: Scratch,
    plan: Ints,
    best: Floats,
    rule: Floats,
    nodes: int,
) -> int:
    """Work off up to `nodes` nodes of the stack; returns how many were.

    `plan` and `best[0]` are the incumbent and are updated. Nodes are dropped at `cutoff_of`.
    """
    trial = plan.copy()
    done = 0
    while done < nodes and 0 < stack.height[0] < len(stack.bound) - 2:
        done += 1
        bound = _pop(stack, node, duals.price)
        if bound >= cutoff_of(best[0], rule):
            continue
        if not settle(data, node) or _take_leaf(data, node, plan, best):
            continue
        duals.step[0] = NODE_STEP
        closed = False
        for turn in range(4):
            target = best[0] if best[0] < NEVER else bound + 0.05 * abs(bound)
            value = ascend(
                data, node, duals, out, scratch, target, cutoff_of(best[0], rule), NODE_STEPS, turn == 0
            )
            bound = max(bound, value)
            if bound >= cutoff_of(best[0], rule):
                closed = True
                break
            cost = plan_from(data, duals.share, out.opened, duals.price, trial)
            if cost < best[0] - 1e-9:
                best[0] = cost
                plan[:] = trial
            if bound >= cutoff_of(best[0], rule):
                closed = True
                break
            made = fix_by_penalty(data, node, duals.price, out, scratch, cutoff_of(best[0], rule))
            if made < 0 or _take_leaf(data, node, plan, best):
                closed = True
                break
            if made < 10:
                break
        if closed:
            continue
        _branch(data, stack, node, duals, bound)
    return done


@njit(cache=True)
def _take_leaf(data: Data, node: Node, plan: Ints, best: Floats) -> bool:
    """Take the plan of a node whose rows are all decided; tells whether it is one."""
    if node.home.min() < 0:
        return False
    cost = plan_cost(data, node.home)
    if cost < best[0]:
        best[0] = cost
        plan[:] = node.home
    return True


@njit(cache=True)
def cutoff_of(best: float, rule: Floats) -> float:
    """Bound at which no plan worth having is left: within the gap, or within the grain, of the incumbent.

    `rule` holds the grain of the costs (plans differ by multiples of it), the relative gap, the constant
    that objectives carry, and the cost below which plans are looked for at present.
    """
    if best >= NEVER:
        return float(rule[3])
    return float(min(rule[3], best - max(rule[0] * (1.0 - 1e-6), rule[1] * abs(best + rule[2]))))


@njit(cache=True)
def raise_root(
    data: Data,
    node: Node,
    duals: Duals,
    out: Relaxed,
    scratch: Scratch,
    plan: Ints,
    best: Floats,
    rule: Floats,
) -> float:
    """Bound the root in rounds, with a plan after each, and fix by penalty; `NEVER` where nothing is left."""
    trial = plan.copy()
    bound = -NEVER
    for turn in range(ROOT_ROUNDS):
        first = np.abs(duals.price).sum()
        target = best[0] if best[0] < NEVER else max(bound, 0.0) * 1.05 + 0.05 * first
        if turn == 0:
            target = 1.2 * first
        before = bound
        value = ascend(
            data, node, duals, out, scratch, target, cutoff_of(best[0], rule), ROOT_STEPS, turn == 0
        )
        bound = max(bound, value)
        if bound >= NEVER:
            return NEVER
        cost = plan_from(data, duals.share, out.opened, duals.price, trial)
        if cost < best[0]:
            best[0] = cost
            plan[:] = trial
        if bound >= cutoff_of(best[0], rule):
            return NEVER
        if turn > 4 and bound - before < 1e-5 * abs(bound):
            break
    return bound


@njit(cache=True)
def _branch(data: Data, stack: Stack, node: Node, duals: Duals, bound: float) -> None:
    """Split the node on a free site, or where none is left on a row; the likelier side comes on top."""
    sites, rows = data.cost.shape
    best, at = -1.0, -1
    for w in range(sites):
        if node.site[w] == FREE:
            score = 1.0 - abs(2.0 * duals.use[w] - 1.0) + 1e-3
            if score > best:
                best, at = score, w
    if at >= 0:
        copy = Node(node.site.copy(), node.allowed.copy(), node.home.copy(), node.left.copy())
        copy.site[at] = OPEN
        close_site(node, at)
        if duals.use[at] >= 0.5:
            push(stack, node, duals.price, bound)
            push(stack, copy, duals.price, bound)
        else:
            push(stack, copy, duals.price, bound)
            push(stack, node, duals.price, bound)
        return
    best, at, row = 2.0, -1, -1
    for i in range(rows):
        if node.home[i] >= 0:
            continue
        most, where = -1.0, -1
        for w in range(sites):
            if node.allowed[w, i] and duals.share[w, i] > most:
                most, where = duals.share[w, i], w
        if most < best:
            best, at, row = most, where, i
    if row < 0:
        return
    copy = Node(node.site.copy(), node.allowed.copy(), node.home.copy(), node.left.copy())
    node.allowed[at, row] = False
    push(stack, node, duals.price, bound)
    decide(data, copy, at, row)
    push(stack, copy, duals.price, bound)
