"""Items of lanes: each cell at the node of a lane's tail is one, by its best head and that tail."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import counts_to_start
from optimizer.solver.legs.lanes.cells import Cells, Links
from optimizer.solver.legs.lanes.form import Lanes

__all__ = ["ItemsOf", "items_of"]

Ids = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


class ItemsOf(NamedTuple):
    """Where copies of lanes find their items.

    Lane and size (−1: any) of each copy; CSR of the tails of each lane; node of each tail; CSR of each node's
    cells, and their orders; row and orders of each cell; copy of each head's link by size, and its claim, −1
    for none; where the links of each tail start, one for every cell of its node, −1 for none; their copies
    by size.
    """

    copy_lane: Ids
    copy_size: Ids
    lane_start: Ids
    lane_tail: Ids
    tail_node: Ids
    node_start: Ids
    node_orders: Floats
    cell_row: Ids
    cell_orders: Floats
    head_link: Numbers
    head_claim: Ids
    tail_link_start: Ids
    tail_link: Numbers


def items_of(
    problem: Problem,
    legs: Legs,
    lanes: Lanes,
    cells: Cells,
    links: Links,
    copies: tuple[Ids, Ids],
    sizes: int,
) -> ItemsOf:
    """Write down where copies of lanes find their items.

    Parameters
    ----------
    copies
        Lane and size (−1: any) of each.
    sizes
        Most sizes of a site.
    """
    return ItemsOf(
        copy_lane=copies[0],
        copy_size=copies[1],
        lane_start=counts_to_start(np.bincount(lanes.of_tail, minlength=len(lanes.resource))),
        lane_tail=np.argsort(lanes.of_tail, kind="stable"),
        tail_node=legs.tail.node,
        node_start=cells.node_start,
        node_orders=cells.orders,
        cell_row=cells.row,
        cell_orders=problem.row_demand[cells.row],
        head_link=_copies(links, links.of_head, sizes),
        head_claim=links.claim_of_head,
        tail_link_start=links.tail_start,
        tail_link=_copies(links, links.of_tail, sizes),
    )


def _copies(links: Links, link: Ids, sizes: int) -> Numbers:
    """Copies of some links for every size: the last, where their gate has no more; −1 for no link."""
    has = np.flatnonzero(link >= 0)
    first, last = links.start[link[has]], links.start[link[has] + 1] - 1
    copies = np.full((len(link), sizes), -1, dtype=np.int32)
    copies[has] = np.minimum(first[:, None] + np.arange(sizes), last[:, None])
    return copies
