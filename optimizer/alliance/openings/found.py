"""What a search looks for and what it finds: coalitions with plans that undercut their shares."""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.alliance.openings.plans import Plan, fit_sizes
from optimizer.alliance.openings.structure import SiteStructure
from optimizer.problem.problem import Floats, Ints

__all__ = ["Found", "Limits", "begin_found", "cutoff_of", "harvest", "keep"]

MOST_FOUND = 64


class Limits(NamedTuple):
    """What is looked for.

    `level`: only excesses below it count; `tolerance`: accuracy of a bound; `ambition` φ ≥ 0: once a
    coalition with excess e < level is known, only those below level − φ (level − e) are looked for
    (1: the worst; 0: all); `enough`: nodes after which to stop if any coalition was found.
    """

    level: float
    tolerance: float
    ambition: float
    enough: int


class Found(NamedTuple):
    """Coalitions below the level: `mask`, `excess`, `size` (MOST_FOUND, sites); `used` (MOST_FOUND, n).

    `number` (1,) tells how many; `work` (3,): nodes, priced plans, pivot programs.
    """

    mask: Ints
    excess: Floats
    size: Ints
    used: Ints
    number: Ints
    work: Ints


def begin_found(game: SiteStructure) -> Found:
    """Return an empty list of coalitions."""
    n, sites = game.n, game.n_sites
    return Found(
        np.zeros(MOST_FOUND, np.int64),
        np.zeros(MOST_FOUND),
        np.zeros((MOST_FOUND, sites), np.int64),
        np.zeros((MOST_FOUND, n), np.int64),
        np.zeros(1, np.int64),
        np.zeros(3, np.int64),
    )


@njit(cache=True)
def cutoff_of(limits: Limits, found: Found) -> float:
    """Return the excess from which on nothing more is looked for."""
    if found.number[0] == 0:
        return limits.level
    best = float(found.excess[: found.number[0]].min())
    return (1.0 - limits.ambition) * limits.level + limits.ambition * best


@njit(cache=True)
def harvest(game: SiteStructure, limits: Limits, plan: Plan, size: Ints, found: Found, base: float) -> None:
    """Keep the coalition of the plan just priced, with sizes that hold it, if it is below the level."""
    excess = fit_sizes(game, plan, base, size)
    if excess < limits.level:
        mask = 0
        for i in range(len(plan.inside)):
            mask |= plan.inside[i] << i
        keep(found, mask, excess, size, plan.used)


@njit(cache=True)
def keep(found: Found, mask: int, excess: float, size: Ints, used: Ints) -> None:
    """Keep a coalition with its plan, in the place of a dearer plan or of the least violated one."""
    count = found.number[0]
    at = -1
    for k in range(count):
        if found.mask[k] == mask:
            at = k
            if found.excess[k] <= excess:
                return
    if at < 0 and count < len(found.mask):
        at = count
        found.number[0] = count + 1
    elif at < 0:
        at = int(np.argmax(found.excess))
        if found.excess[at] <= excess:
            return
    found.mask[at], found.excess[at], found.size[at], found.used[at] = mask, excess, size, used
