"""Fees along a shared collection tree: each member pays the link by which it joins."""

import numpy as np

from optimizer.problem.problem import Floats

__all__ = ["bird_fees"]


def bird_fees(to_root: Floats, between: Floats) -> Floats:
    """Return Bird's fees: each node pays the edge that joins it to the tree grown from the root.

    The fees lie in the core of the minimum-cost spanning-tree game. Ties are broken by node number.

    Parameters
    ----------
    to_root
        Cost of joining each node directly, shape (n,).
    between
        Symmetric cost of linking two nodes, shape (n, n).

    Source: Bird (1976), Networks 6; the tree by Prim (1957).

    >>> links = np.array([[0, 3, 8], [3, 0, 4], [8, 4, 0]], dtype=float)
    >>> bird_fees(np.array([10.0, 10.0, 10.0]), links).tolist()
    [10.0, 3.0, 4.0]
    """
    reach = to_root.astype(np.float64).copy()
    fees = np.zeros(len(reach))
    waiting = np.ones(len(reach), dtype=np.bool_)
    while waiting.any():
        node = int(np.where(waiting, reach, np.inf).argmin())
        fees[node] = reach[node]
        waiting[node] = False
        reach = np.minimum(reach, between[node])
    return fees
