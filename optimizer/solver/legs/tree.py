"""A tree over sizes: parts of the search in which some sizes are ruled out and some sites must open."""

import heapq
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["Looked", "Node", "OpenNodes", "settle_site", "split", "whole"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

WHOLE = 1e-6


@dataclass(frozen=True, eq=False)
class Node:
    """A part of the search.

    Attributes
    ----------
    bound
        No plan in it costs less.
    allowed : bool, shape (sizes,)
    must : bool, shape (sites,)
        Sites of which one of the allowed sizes is open.
    tried : bool
        Whether a plan was looked for in it.
    """

    bound: float
    allowed: Bools
    must: Bools
    tried: bool = False

    def narrower(self, node: "Node") -> bool:
        """Tell whether it lacks a part of another that it came from."""
        return self.allowed is not node.allowed or self.must is not node.must


def whole(sizes: int, sites: int, bound: float = -np.inf) -> Node:
    """Return the node that rules nothing out."""
    return Node(bound, np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))


@dataclass(frozen=True, eq=False)
class Looked:
    """An earlier search among some sizes: no plan that opens none but these costs less than its bound."""

    sizes: Bools
    bound: float

    def covers(self, sizes: Bools) -> bool:
        """Tell whether it searched among all of these."""
        return not np.any(sizes & ~self.sizes)


def split(node: Node, bound: float, size: Floats, site_start: Ids) -> tuple[Node, Node] | None:
    """Split where the values of the sizes are the least whole: the likelier half first.

    A site's choices stand in the order closed, first size, …, last size; the cut is made where the weights of
    both sides are the most alike. None where all sizes are whole.
    """
    best, where = 0.0, (-1, -1)
    for site in range(len(site_start) - 1):
        weight = size[site_start[site] : site_start[site + 1]]
        if np.all(np.abs(weight - np.round(weight)) <= WHOLE):
            continue
        below = np.cumsum(np.concatenate([[1.0 - weight.sum()], weight[:-1]]))
        balance = np.minimum(below, 1.0 - below)
        at = int(np.argmax(balance))
        if balance[at] > best:
            best, where = float(balance[at]), (site, at)
    site, at = where
    if site < 0:
        return None
    first, last = int(site_start[site]), int(site_start[site + 1])
    small, large = node.allowed.copy(), node.allowed.copy()
    small[first + at : last] = False
    large[first : first + at] = False
    must = node.must.copy()
    must[site] = True
    low, high = Node(bound, small, node.must), Node(bound, large, must)
    return (low, high) if size[first + at : last].sum() < 0.5 else (high, low)


def settle_site(node: Node, bound: float, size: Floats, site_start: Ids) -> tuple[Node, Node] | None:
    """Split a node whose sizes are whole: the half in which one more site keeps its choice, then the other.

    Sites that are open come first. None where no site has a choice left. A node of which every site is
    settled is a small problem, however many sites there are; the other halves have to pay for a choice that
    the relaxation did not want.
    """
    order = sorted(
        range(len(site_start) - 1), key=lambda site: size[site_start[site] : site_start[site + 1]].sum() < 0.5
    )
    for site in order:
        span = slice(int(site_start[site]), int(site_start[site + 1]))
        opened = size[span] > 0.5
        if np.array_equal(node.allowed[span], opened) and bool(node.must[site]) == bool(opened.any()):
            continue
        kept, other = node.allowed.copy(), node.allowed.copy()
        kept[span] = opened
        kept_must, other_must = node.must.copy(), node.must.copy()
        kept_must[site] = opened.any()
        if opened.any():
            other[span] &= ~opened
        else:
            other_must[site] = True
        return Node(bound, kept, kept_must), Node(bound, other, other_must)
    return None


@dataclass(eq=False)
class OpenNodes:
    """Nodes still to be searched, the lowest bound first, and the bounds of those left unsettled."""

    heap: list[tuple[float, int, Node]] = field(default_factory=list)
    left: float = np.inf
    count: int = 0

    def push(self, node: Node) -> None:
        """Put a node aside."""
        heapq.heappush(self.heap, (node.bound, self.count, node))
        self.count += 1

    def pop(self) -> Node | None:
        """Take the node with the lowest bound."""
        return heapq.heappop(self.heap)[2] if self.heap else None

    def settle(self, bound: float) -> None:
        """Close a node for good at a bound."""
        self.left = min(self.left, bound)

    def floor(self) -> float:
        """Bound of all that was put aside or settled."""
        return min(self.heap[0][0] if self.heap else np.inf, self.left)
