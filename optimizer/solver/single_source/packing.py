"""The 0–1 knapsack of one site: depth-first branch and bound (Horowitz and Sahni 1974)."""

from numba import njit

from optimizer.problem.problem import Bools, Floats

__all__ = ["best_packing"]

MOST_NODES = 20_000
ROUNDING = 1e-11


@njit(cache=True)
def best_packing(  # noqa: PLR0912 (one compiled loop)
    profit: Floats, weight: Floats, count: int, capacity: float, take: Bools, trial: Bools
) -> float:
    r"""Solve ``max Σ profit·x  s.t.  Σ weight·x ≤ capacity``, `x` binary, over the first `count` items.

    Parameters
    ----------
    profit, weight
        Positive profits, in descending order of profit per weight.
    take
        Receives the best choice found.
    trial
        Scratch of the same length.

    Returns
    -------
    float
        The optimum; after `MOST_NODES` nodes the linear bound instead, which no choice exceeds.

    Examples
    --------
    >>> import numpy as np
    >>> take, trial = np.zeros(3, dtype=np.bool_), np.zeros(3, dtype=np.bool_)
    >>> best_packing(np.array([6.0, 10.0, 12.0]), np.array([1.0, 2.0, 3.0]), 3, 5.0, take, trial)
    22.0
    >>> take.tolist()
    [False, True, True]
    """
    best, value, left, at, nodes = -1.0, 0.0, capacity, 0, 0
    linear = -1.0
    for i in range(count):
        take[i] = trial[i] = False
    while True:
        bound, room, k = value, left, at
        while k < count and weight[k] <= room:
            bound += profit[k]
            room -= weight[k]
            k += 1
        if k < count:
            bound += room * profit[k] / weight[k]
        if linear < 0.0:
            linear = bound
        nodes += 1
        if bound > best + ROUNDING * (1.0 + linear):
            if nodes > MOST_NODES:
                return linear
            while at < k:
                trial[at] = True
                value += profit[at]
                left -= weight[at]
                at += 1
            if at < count:
                trial[at] = False
                at += 1
            if at < count:
                continue
            if value > best:
                best = value
                for i in range(count):
                    take[i] = trial[i]
        at -= 1
        while at >= 0 and not trial[at]:
            at -= 1
        if at < 0:
            return best
        trial[at] = False
        left += weight[at]
        value -= profit[at]
        at += 1
