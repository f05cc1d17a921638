"""Depth-first branch and bound on sites, then on rows, with the knapsack relaxation at every node."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.single_source.arrays import FREE, Data, Duals, Node, Relaxed, Scratch
from optimizer.solver.single_source.ascent import ascend
from optimizer.solver.single_source.bound import NEVER
from optimizer.solver.single_source.branching import branch
from optimizer.solver.single_source.fixing import fix_by_penalty
from optimizer.solver.single_source.plans import plan_cost, plan_from
from optimizer.solver.single_source.settling import settle
from optimizer.solver.single_source.stack import Stack, pop, push

__all__ = ["cutoff_of", "raise_root", "search"]

ROOT_ROUNDS, ROOT_STEPS = 20, 20
NODE_TURNS, NODE_STEPS, NODE_STEP = 4, 30, 0.2
MANY = 10
"""Decisions by penalty after which a node is bounded once more before it is split."""


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
    hand_over: bool,
) -> tuple[int, bool]:
    """Work off up to `nodes` nodes of the stack.

    `plan` and `best[0]` are the incumbent and are updated. Nodes are dropped at `cutoff_of`.

    Returns
    -------
    tuple
        How many nodes were worked off; whether, with `hand_over`, the top of the stack is a node that is
        open although all its sites are decided.
    """
    trial = plan.copy()
    done = 0
    while done < nodes and 0 < stack.height[0] < len(stack.bound) - 2:
        done += 1
        bound = pop(stack, node, duals.price)
        if bound >= cutoff_of(best[0], rule):
            continue
        if not settle(data, node) or _take_leaf(data, node, plan, best):
            continue
        duals.step[0] = NODE_STEP
        is_open = True
        for turn in range(NODE_TURNS):
            cutoff = cutoff_of(best[0], rule)
            target = _target(bound, best[0], rule)
            value = ascend(data, node, duals, out, scratch, target, cutoff, NODE_STEPS, turn == 0)
            bound = max(bound, value)
            if bound < cutoff:
                cost = plan_from(data, duals.share, out.opened, duals.price, trial)
                if cost < best[0] - 1e-9:
                    best[0] = cost
                    plan[:] = trial
                    cutoff = cutoff_of(best[0], rule)
            is_open = bound < cutoff
            if not is_open:
                break
            made = fix_by_penalty(data, node, duals.price, out, scratch, cutoff)
            is_open = made >= 0 and not _take_leaf(data, node, plan, best)
            if not is_open or made < MANY:
                break
        if is_open and hand_over and not np.any(node.site == FREE):
            push(stack, node, duals.price, bound)
            return done, True
        if is_open:
            branch(data, stack, node, duals, out, bound, cutoff_of(best[0], rule))
    return done, False


@njit(cache=True)
def _target(bound: float, best: float, rule: Floats) -> float:
    """Value that the dual method aims at: a little beyond the cost below which plans are looked for."""
    target = best if best < NEVER else bound + 0.05 * abs(bound)
    if rule[3] < NEVER:
        target = min(target, rule[3] + 0.2 * (rule[3] - bound))
    return float(target)


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
