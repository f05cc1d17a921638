"""Sizes settled one by one with the prices: what the mean of the dual method leaves undecided is decided.

Sites that could stand for each other are each open for a part of the time, all of them or none by their
shares alone. So the surest of them is opened, the prices follow, and the others close by themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.large.implicit import ImplicitRelaxation, implicit_scales
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.prices import PriceVector
from optimizer.solver.volume import ascend

__all__ = ["Settled", "settled_sizes"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROUNDS = ((60, 0.1), (60, 0.03))
"""Iterations after each decision, and how their steps on measures compare with the usual ones."""

SURE, LEAST = 0.95, 0.25
"""Shares from which a site is open whatever the others do, and below which none of those left is opened."""


@dataclass(frozen=True, eq=False)
class Settled:
    """One size at most of every site, and shares of sizes and of the relaxation's gates in the last mean."""

    sizes: Bools
    shares: tuple[Floats, Floats]


def settled_sizes(
    problem: Problem,
    relaxation: ImplicitRelaxation,
    prices: PriceVector,
    shares: tuple[Floats, Floats],
    target: float,
    should_stop: Callable[[], bool],
) -> Settled:
    """Open sites, the surest first, and let the prices follow, until none that is left is open often enough.

    Parameters
    ----------
    relaxation, prices
        The relaxation of the problem split by size, with cuts or without, and prices in its numbers.
    shares
        How often sizes, and gates of the relaxation, were open in the mean of the dual method there.
    target
        Objective of the best plan.
    should_stop
        Asked at every step; what is settled by then is returned.
    """
    site = owner(problem.site_start)
    sizes = np.zeros(problem.n_sizes, dtype=bool)
    try:
        while not should_stop():
            likely = sizes_by_share(problem, shares[0], LEAST) & ~sites_with(problem, sizes)[site]
            share = np.where(likely, sum_by(site, shares[0], problem.n_sites)[site], 0.0)
            if not likely.any():
                break
            chosen = share > SURE
            chosen[int(np.argmax(np.where(chosen, 0.0, share)))] |= bool(np.any(likely & ~chosen))
            sizes |= chosen
            relaxation.size_fixed[:] = np.where(sizes, 1, np.where(sites_with(problem, sizes)[site], 0, -1))
            prices, shares = _followed(relaxation, prices, target, should_stop)
    finally:
        relaxation.size_fixed[:] = -1
    return Settled(sizes, shares)


def _followed(
    relaxation: ImplicitRelaxation, prices: PriceVector, target: float, should_stop: Callable[[], bool]
) -> tuple[PriceVector, tuple[Floats, Floats]]:
    """Prices after some rounds under the decisions, and the shares of their last mean."""
    usual = implicit_scales(relaxation, prices)
    for iterations, caution in ROUNDS:
        scales = PriceVector.of(usual.row, caution * usual.measure, usual.link, usual.rule)
        run = ascend(relaxation, prices, scales, lambda: target, iterations, lambda *_: should_stop())
        prices = run.prices
    return prices, (run.size_share, run.gate_share)
