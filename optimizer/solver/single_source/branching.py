"""How a node is split: on a site that is half open, or on the row that costs most wherever it goes."""

from numba import njit

from optimizer.solver.single_source.arrays import FREE, OPEN, Data, Duals, Node, Relaxed
from optimizer.solver.single_source.settling import close_site, decide
from optimizer.solver.single_source.stack import Stack, push

__all__ = ["branch"]

NOTHING = 1e-4
"""Part of the missing bound that a loss of zero counts as."""


@njit(cache=True)
def branch(
    data: Data, stack: Stack, node: Node, duals: Duals, out: Relaxed, bound: float, cutoff: float
) -> None:
    """Put both parts of the node on the stack, the likelier one on top."""
    copy = Node(node.site.copy(), node.allowed.copy(), node.home.copy(), node.left.copy(), node.slack.copy())
    best, at = -1.0, -1
    for w in range(len(data.fixed)):
        if node.site[w] == FREE:
            score = 1.0 - abs(2.0 * duals.use[w] - 1.0)
            if score > best:
                best, at = score, w
    if at >= 0:
        copy.site[at] = OPEN
        close_site(node, at)
        if duals.use[at] >= 0.5:
            push(stack, node, duals.price, bound)
            push(stack, copy, duals.price, bound)
        else:
            push(stack, copy, duals.price, bound)
            push(stack, node, duals.price, bound)
        return
    row, at = _dearest_row(data, node, out, max(NOTHING * (cutoff - bound), 1e-9))
    node.allowed[at, row] = False
    push(stack, node, duals.price, bound)
    decide(data, copy, at, row)
    push(stack, copy, duals.price, bound)


@njit(cache=True)
def _dearest_row(data: Data, node: Node, out: Relaxed, least: float) -> tuple[int, int]:
    """Row whose cheapest and second cheapest home raise the bound most, and the cheapest home.

    Serving a row from one site costs what putting it in loses there and what leaving it out loses elsewhere.
    """
    sites, rows = data.cost.shape
    best, row, home = -1.0, -1, -1
    for i in range(rows):
        if node.home[i] >= 0:
            continue
        total = 0.0
        for w in range(sites):
            if node.site[w] == OPEN and out.chosen[w, i]:
                total += out.penalty[w, i]
        first, second, at = 1e30, 1e30, -1
        for w in range(sites):
            if not node.allowed[w, i]:
                continue
            loss = total - out.penalty[w, i] if out.chosen[w, i] else total + out.penalty[w, i]
            if loss < first:
                first, second, at = loss, first, w
            elif loss < second:
                second = loss
        score = max(first, least) * max(second, least)
        if score > best:
            best, row, home = score, i, at
    return row, home
