"""What a solve by prices with whole lanes leaves to the next: prices, and nodes of its trees over sites."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LaneStart", "SiteNodes"]


@dataclass(frozen=True, eq=False)
class LaneStart:
    """Prices with whole lanes (`Prices.lane_weight`) in the numbers of the problem itself, by size.

    Attributes
    ----------
    row, rule : float64, shape (rows,) and (rules,)
    measure : float64, shape (measures, sizes)
        Price of each measure at every size of its site; NaN where lanes decide it whole.
    weight : float64, shape (measures,)
    link_row, link_gate, link_size, link_price : int64, int64, int64, float64, shape (links,)
        Prices of the links of each gate at every size of its site.
    claim_row, claim_measure, claim_price : int64, int64, float64, shape (claims,)
        Prices of the claims of rows on tariffs, which their measures stand for.
    demand : float64, shape (rows,)
        Demand of each row then: the prices of rows, links and claims are for all of it.
    proved : float
        The bound of the solve that they come from.
    """

    row: npt.NDArray[np.float64]
    measure: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    link_row: npt.NDArray[np.int64]
    link_gate: npt.NDArray[np.int64]
    link_size: npt.NDArray[np.int64]
    link_price: npt.NDArray[np.float64]
    rule: npt.NDArray[np.float64]
    claim_row: npt.NDArray[np.int64]
    claim_measure: npt.NDArray[np.int64]
    claim_price: npt.NDArray[np.float64]
    demand: npt.NDArray[np.float64]
    proved: float


@dataclass(frozen=True, eq=False)
class SiteNodes:
    """All that trees over sites (`optimizer.solver.legs.lanes.site_tree`) left open.

    The last axis of every array stands for the nodes. A node in which nothing can open is among them:
    something may in another problem.

    Attributes
    ----------
    count : int64, shape (nodes,)
        For how many sites of the region the tree is.
    region, allowed, must : bool, shape (sizes, nodes)
        Sizes of the region; those that may open; those of sites that have to open.
    share : float64, shape (sizes, nodes)
        How often each size was open in the mean of the dual method; NaN where that is not known.
    shift : LaneStart
        What the prices of each node are above those of the whole, and its weights of lanes.
    """

    count: npt.NDArray[np.int64]
    region: npt.NDArray[np.bool_]
    allowed: npt.NDArray[np.bool_]
    must: npt.NDArray[np.bool_]
    share: npt.NDArray[np.float64]
    shift: LaneStart
