"""From sets of sizes that prices open to the one whose plan promises to be the cheapest.

What a plan costs is guessed by a relaxation at rates of supply. From the best of some candidates on, sets are
tried in which one site is enlarged, closed or made smaller, as long as relaxations take little time.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.legs.core import Relaxed

__all__ = ["most_promising"]

TRIED_COLUMNS = 300_000
"""Columns of all relaxations together from which on no further set is tried: a few seconds."""

WORTH = 2e-4
"""Part of the cost by which a set near the best must promise to be cheaper."""


def most_promising(
    problem: Problem, candidates: Sequence[Bools], relax: Callable[[Bools], Relaxed | None]
) -> tuple[Bools, Relaxed | None]:
    """Find the sizes that promise the cheapest plan.

    Parameters
    ----------
    candidates
        Sets of sizes, one at least; all of them are tried, and of equals the first is taken.
    relax
        Relaxes the problem with some sizes; None where that cannot be had.

    Returns
    -------
    bool, shape (sizes,)
    Relaxed or None
        Their relaxation; None where there is none of any candidate.
    """
    trial = _Trial(candidates[0], relax)
    for sizes in candidates:
        trial.moved(sizes, worth=0.0)
    while trial.relaxed is not None and any(
        trial.columns < TRIED_COLUMNS and trial.moved(sizes, WORTH) for sizes in _near(problem, trial.best)
    ):
        pass
    return trial.best, trial.relaxed


class _Trial:
    """The best sizes so far, and how many columns all relaxations had."""

    def __init__(self, first: Bools, relax: Callable[[Bools], Relaxed | None]) -> None:
        self.best = first
        self.relaxed: Relaxed | None = None
        self.columns = 0
        self._relax = relax
        self._known: set[bytes] = set()

    def moved(self, sizes: Bools, worth: float) -> bool:
        """Try sizes that were not tried before; tells whether they are the best now."""
        key = sizes.tobytes()
        found = None if key in self._known else self._relax(sizes)
        self._known.add(key)
        if found is None:
            return False
        self.columns += found.program.model.matrix.shape[1]
        if self.relaxed is not None and found.estimate >= (1.0 - worth) * self.relaxed.estimate:
            return False
        self.best, self.relaxed = sizes, found
        return True


def _near(problem: Problem, sizes: Bools) -> Iterator[Bools]:
    """The sizes with one site enlarged, then closed, then made smaller."""
    site, opened = owner(problem.site_start), np.flatnonzero(sizes).tolist()
    for step in (1, None, -1):
        for size in opened:
            changed = sizes.copy()
            changed[size] = False
            if step is not None:
                other = size + step
                if not 0 <= other < len(site) or site[other] != site[size]:
                    continue
                changed[other] = True
            yield changed
