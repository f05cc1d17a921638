"""Decisions of a node and the plain conclusions that follow from them."""

from numba import njit

from optimizer.solver.single_source.arrays import CLOSED, OPEN, Data, Node

__all__ = ["close_site", "decide", "settle"]

HARMLESS = 1e-9


@njit(cache=True)
def settle(data: Data, node: Node) -> bool:
    """Draw the plain conclusions until nothing changes; False where the node has no plan.

    Rows that do not fit a site's remaining capacity lose it; rows with one site left are decided.
    """
    sites, rows = data.cost.shape
    changed = True
    while changed:
        changed = False
        for i in range(rows):
            if node.home[i] >= 0:
                continue
            count, last = 0, -1
            for w in range(sites):
                if node.allowed[w, i]:
                    if data.weight[w, i] > node.left[w] + HARMLESS:
                        node.allowed[w, i] = False
                    else:
                        count += 1
                        last = w
            if count == 0:
                return False
            if count == 1:
                decide(data, node, last, i)
                changed = True
    return True


@njit(cache=True)
def decide(data: Data, node: Node, w: int, i: int) -> None:
    """Serve row `i` from site `w`."""
    node.allowed[:, i] = False
    node.allowed[w, i] = True
    node.home[i] = w
    node.left[w] -= data.weight[w, i]
    node.site[w] = OPEN


@njit(cache=True)
def close_site(node: Node, w: int) -> None:
    """Close site `w`; it must have no decided row."""
    node.site[w] = CLOSED
    node.allowed[w, :] = False
