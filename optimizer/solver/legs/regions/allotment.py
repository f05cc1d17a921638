"""How many sites each region may open where a limit on their number is shared."""

from collections.abc import Sequence

import numpy as np

from optimizer.problem.problem import Floats

__all__ = ["cheapest_counts"]


def cheapest_counts(value: Sequence[Floats], most: int) -> tuple[float, list[int]]:
    r"""Numbers of sites that make the sum of the regions' values least.

    .. math:: \min \Big\{ \sum_r V_r(k_r) : \sum_r k_r \le K \Big\}

    Parameters
    ----------
    value : float64, shape (counts,), for each region
        Value of each number of sites from none on, falling.
    most
        `K`: how many may open in all.

    Returns
    -------
    float
        The least sum, `inf` where none is finite.
    list of int
        Number of each region; the smallest of those that are as good.

    Examples
    --------
    >>> cheapest_counts([np.array([9.0, 5.0, 4.0]), np.array([8.0, 2.0])], 2)
    (7.0, [1, 1])
    """
    best = np.zeros(most + 1)
    picks: list[list[int]] = []
    for own in value:
        total = np.full((most + 1, most + 1), np.inf)
        for k, each in enumerate(own[: most + 1].tolist()):
            total[k:, k] = best[: most + 1 - k] + each
        pick = total.argmin(axis=1)
        picks.append(pick.tolist())
        best = total[np.arange(most + 1), pick]
    counts, left = [], most
    for pick_of in reversed(picks):
        counts.append(pick_of[left])
        left -= pick_of[left]
    return float(best[most]), counts[::-1]
