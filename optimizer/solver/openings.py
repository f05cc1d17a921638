"""Local search over which size opens at which site: open, close, resize and swap, by whole plans."""

from collections.abc import Callable, Iterator

import numpy as np

from optimizer.problem.problem import Bools, Floats, Ints, Problem

__all__ = ["OpeningSearch", "one_size_per_site"]

IMPROVEMENT = 1e-7


def one_size_per_site(problem: Problem, share: Floats, least: float) -> Ints:
    """Size of largest share of each site where the site's total share reaches `least`, else -1."""
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    for site in range(problem.n_sites):
        first, last = problem.site_start[site], problem.site_start[site + 1]
        if last > first and share[first:last].sum() >= least:
            size[site] = first + int(np.argmax(share[first:last]))
    return size


class OpeningSearch:
    """First-improvement search with a memory of what was tried.

    Parameters
    ----------
    value
        Objective of the best plan found with some sizes open, `inf` where there is none.
    stop
        Polled before every evaluation.
    allowed : bool, shape (sizes,)
        Sizes that may open.
    """

    def __init__(
        self, problem: Problem, value: Callable[[Bools], float], stop: Callable[[], bool], allowed: Bools
    ) -> None:
        self.problem = problem
        self._value = value
        self._stop = stop
        self.allowed = allowed
        self.known: dict[bytes, float] = {}
        self.best = np.full(problem.n_sites, -1, dtype=np.int64)
        self.best_value = np.inf

    def start_from(self, size: Ints) -> float:
        """Evaluate some openings (size per site or -1) and keep them if they are the best."""
        key = size.tobytes()
        if key not in self.known:
            opened = np.zeros(self.problem.n_sizes, dtype=bool)
            opened[size[size >= 0]] = True
            self.known[key] = self._value(opened)
        if self.known[key] < self.best_value - IMPROVEMENT * abs(self.best_value if self.known else 0.0) or (
            np.isinf(self.best_value) and np.isfinite(self.known[key])
        ):
            self.best, self.best_value = size.copy(), self.known[key]
        return self.known[key]

    def singles(self) -> None:
        """Try nothing open, and every size alone."""
        nothing = np.full(self.problem.n_sites, -1, dtype=np.int64)
        self.start_from(nothing)
        for move in self._moves(nothing, swaps=False):
            if self._stop():
                return
            self.start_from(move)

    def improve(self, swaps: bool = True) -> None:
        """Move to the first better neighbour until none is better."""
        improved = True
        while improved and not self._stop():
            improved = False
            before = self.best_value
            for move in self._moves(self.best.copy(), swaps):
                if self._stop():
                    return
                self.start_from(move)
                if self.best_value < before:
                    improved = True
                    break

    def _moves(self, size: Ints, swaps: bool) -> Iterator[Ints]:
        """Neighbours: closings first, then resizings and openings, then swaps."""
        start = self.problem.site_start
        opened, closed = np.flatnonzero(size >= 0), np.flatnonzero(size < 0)
        for site in opened:
            yield _changed(size, {int(site): -1})
        for site in (*opened, *closed):
            for other in range(start[site], start[site + 1]):
                if other != size[site] and self.allowed[other]:
                    yield _changed(size, {int(site): other})
        if swaps:
            for site in opened:
                for target in closed:
                    for other in range(start[target], start[target + 1]):
                        if self.allowed[other]:
                            yield _changed(size, {int(site): -1, int(target): other})


def _changed(size: Ints, change: dict[int, int]) -> Ints:
    moved = size.copy()
    for site, other in change.items():
        moved[site] = other
    return moved
