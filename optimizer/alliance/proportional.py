"""Shares in proportion to a size: the practitioners' baseline."""

import numpy.typing as npt

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.coalition import Table
from optimizer.problem.problem import Floats

__all__ = ["direct_plus_volume", "proportional"]


def proportional(total: npt.ArrayLike, weights: Table) -> Table:
    """Return x_i = c(N) · w_i / Σ w.

    Parameters
    ----------
    total
        c(N), a float or a fraction.
    weights
        Stand-alone costs, volumes, weights or orders, shape (n,), ≥ 0 and not all 0.

    Source: the rule of thumb; Young (1994), Cost allocation, ch. 34 of the Handbook of Game Theory.

    >>> import numpy as np
    >>> proportional(90.0, np.array([1.0, 2.0])).tolist()
    [30.0, 60.0]
    """
    whole = weights.sum()
    if whole <= 0 or (weights < 0).any():
        raise UndefinedRuleError("proportional shares need weights ≥ 0 with a positive sum")
    shares: Table = total * weights / whole
    return shares


def direct_plus_volume(total: float, direct: Floats, volume: Floats) -> Floats:
    """Return x_i = d_i + (c(N) − Σ d) · w_i / Σ w: traceable cost direct, shared cost by volume.

    >>> import numpy as np
    >>> direct_plus_volume(100.0, np.array([30.0, 10.0]), np.array([1.0, 2.0])).tolist()
    [50.0, 50.0]
    """
    shares: Floats = direct + proportional(total - float(direct.sum()), volume)
    return shares
