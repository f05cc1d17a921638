"""From sets of sizes that prices open to the one whose plan promises to be the cheapest.

What a plan costs is guessed by a relaxation at rates of supply. From the best of some candidates on, sets are
tried in which one site is enlarged, closed or made smaller, as long as relaxations take little work.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.legs.core import Relaxed
from optimizer.solver.legs.trials import Trials

__all__ = ["most_promising"]

MOST_WORK = 1e8
"""Work on sets near the best one from which on no further set is tried: a few seconds."""

WORK_OF_ONE = 3e7
"""Most work for one of them: what takes more costs more, as a rule."""

WORTH = 2e-4
"""Part of the cost by which a set near the best must promise to be cheaper."""


def most_promising(
    problem: Problem, candidates: Sequence[Bools], trials: Trials
) -> tuple[Bools, Relaxed | None]:
    """Find the sizes that promise the cheapest plan.

    Parameters
    ----------
    candidates
        Sets of sizes, one at least; all of them are tried, and of equals the first is taken.
    trials
        Relaxes the problem with some sizes.

    Returns
    -------
    bool, shape (sizes,)
    Relaxed or None
        Their relaxation; None where there is none of any candidate.
    """
    descent = _Descent(candidates[0], trials)
    for sizes in candidates:
        descent.moved(sizes, worth=0.0, work=np.inf)
    last = trials.work + MOST_WORK
    while descent.relaxed is not None and any(
        trials.work < last and descent.moved(sizes, WORTH, WORK_OF_ONE)
        for sizes in _near(problem, descent.best)
    ):
        pass
    return descent.best, descent.relaxed


class _Descent:
    """The best sizes so far, and their relaxation."""

    def __init__(self, first: Bools, trials: Trials) -> None:
        self.best = first
        self.relaxed: Relaxed | None = None
        self._trials = trials
        self._known: set[bytes] = set()

    def moved(self, sizes: Bools, worth: float, work: float) -> bool:
        """Try sizes that were not tried before; tells whether they are the best now."""
        key = sizes.tobytes()
        if key in self._known:
            return False
        self._known.add(key)
        enough = np.inf if self.relaxed is None else (1.0 - worth) * self.relaxed.estimate
        found = self._trials.relaxed(sizes, enough, work)
        if found is None:
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
