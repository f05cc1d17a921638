"""The dual method at one node, compiled whole: deflected steps around the best prices (volume algorithm).

F. Barahona and R. Anbil, Mathematical Programming 87 (2000), 385–399; used inside a tree for facility
location by S. Görtz and A. Klose, INFORMS Journal on Computing 24 (2012), 597–610.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Indices, Ints
from optimizer.solver.facility.pricing import add_served, choose, gains

__all__ = ["ascend"]


@njit(cache=True)
def ascend(  # noqa: PLR0912, PLR0915 (one compiled loop)
    start: Ints, customer: Indices, unit: Floats, demand: Floats, capacity: Floats, fixed: Floats,
    need: float, state: np.ndarray, price: Floats, ceiling: Floats, square: Floats, target: float,
    steps: int, first_step: float, patience: int, least_gain: float, share_open: Floats,
) -> tuple[float, Floats, Floats, Floats, Bools, int, float]:  # fmt: skip
    """Raise the bound of a node from the given prices.

    Parameters
    ----------
    state : int8, shape (facilities,)
        -1 free, 0 closed, 1 open.
    ceiling : float64, shape (customers,)
        Prices are kept below it: up to there the entries are complete. Any price gives a valid bound.
    square : float64, shape (customers,)
        Squared scale of each customer's price, for the whole demand.
    target
        Value at which the node is done, and to aim at.
    patience, least_gain
        The run ends when `patience` steps have gained less than `least_gain` of what is missing.
    share_open : float64, shape (facilities,)
        Filled with the averaged openings.

    Returns
    -------
    bound, price, gain, cut
        Best value and its prices, gains and cuts.
    opened
        Openings at the best prices.
    steps
        Steps made.
    step
        Step length at the end.
    """
    n, m = len(demand), len(fixed)
    gain, cut, opened = np.empty(m), np.zeros(m), np.zeros(m, dtype=np.bool_)
    margin, weight, served = np.empty(n + 1), np.empty(n + 1), np.empty(n)
    best_price = np.minimum(price, ceiling)
    gains(start, customer, unit, demand, capacity, fixed, state, best_price, gain, cut, margin, weight)
    best = choose(gain, capacity, need, state, opened) + (demand * best_price).sum()
    best_gain, best_cut, best_opened = gain.copy(), cut.copy(), opened.copy()
    add_served(start, customer, unit, demand, capacity, cut, opened, best_price, served)
    slope = 1.0 - served
    for i in range(m):
        share_open[i] = 1.0 if opened[i] else 0.0
    norm = 0.0
    for j in range(n):
        norm += square[j] * slope[j] * slope[j]
    vanished = 1e-24 * norm
    history = np.empty(steps + 1)
    history[0] = best
    trial = np.empty(n)
    step, lost, done = first_step, 0, 0
    for it in range(1, steps + 1):
        if norm <= vanished or best >= target:
            break
        aim = min(target, best + 0.05 * abs(best))
        length = step * max(aim - best, 1e-9 * abs(best)) / norm
        for j in range(n):
            trial[j] = min(best_price[j] + length * square[j] * slope[j] / demand[j], ceiling[j])
        gains(start, customer, unit, demand, capacity, fixed, state, trial, gain, cut, margin, weight)
        value = choose(gain, capacity, need, state, opened)
        add_served(start, customer, unit, demand, capacity, cut, opened, trial, served)
        new, forward, old = 0.0, 0.0, 0.0
        for j in range(n):
            value += demand[j] * trial[j]
            s = 1.0 - served[j]
            new += square[j] * s * s
            forward += square[j] * s * slope[j]
            old += square[j] * slope[j] * slope[j]
        bottom = new - 2.0 * forward + old
        share = (old - forward) / bottom if bottom > 0.0 else 1.0
        share = min(max(share, 0.01), 0.1)
        norm = 0.0
        for j in range(n):
            slope[j] += share * (1.0 - served[j] - slope[j])
            norm += square[j] * slope[j] * slope[j]
        for i in range(m):
            share_open[i] += share * ((1.0 if opened[i] else 0.0) - share_open[i])
        if value > best:
            best, lost = value, 0
            best_price[:] = trial
            best_gain[:] = gain
            best_cut[:] = cut
            best_opened[:] = opened
            if forward > 0.0:
                step = min(step * 1.1, 2.0)
        else:
            lost += 1
            if lost >= 20:
                step, lost = max(step * 0.66, 1e-4), 0
        history[it] = best
        done = it
        if it > patience and best - history[it - patience] < least_gain * (target - best):
            break
    return best, best_price, best_gain, best_cut, best_opened, done, step
