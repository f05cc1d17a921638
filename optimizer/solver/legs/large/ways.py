"""Legs without the list of their pairs, in the order in which prices pass over them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Leg, Legs
from optimizer.problem.ragged import counts_to_start

__all__ = ["Ways", "ways_of"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ways:
    """Heads, and tails by node.

    Attributes
    ----------
    head_row : int64, shape (heads,)
        Row of each head, ascending.
    head, tail
        The legs; the heads of a row stand by their least cost, tails by node.
    head_of, tail_of : int64, shapes (heads,) and (tails,)
        Head and tail of the original legs that each stands for.
    tail_start : int64, shape (nodes + 1,)
        CSR range of each node's tails.
    """

    head_row: Ids
    head: Leg
    tail: Leg
    head_of: Ids
    tail_of: Ids
    tail_start: Ids

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.tail_start) - 1

    @property
    def least_tail(self) -> Floats:
        """Cost of each node's cheapest tail, per order."""
        least: Floats = np.minimum.reduceat(self.tail.cost, self.tail_start[:-1])
        return least


def ways_of(legs: Legs) -> Ways:
    """Heads sorted by row, then by their cost with the cheapest tail of their node; tails sorted by node."""
    tails = np.argsort(legs.tail.node, kind="stable")
    nodes = int(legs.head.node.max()) + 1
    start = counts_to_start(np.bincount(legs.tail.node, minlength=nodes))
    tail = legs.tail.taken(tails)
    least = np.minimum.reduceat(tail.cost, start[:-1])
    heads = np.lexsort((legs.head.cost + least[legs.head.node], legs.head_row))
    return Ways(legs.head_row[heads], legs.head.taken(heads), tail, heads, tails, start)
