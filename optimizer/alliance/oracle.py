"""Cost games behind a function: each coalition is costed once, and kept."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from optimizer.alliance.game import CostGame

__all__ = ["CachedGame", "Interval"]

Interval = tuple[float, float]
"""A proved (lower, upper) bound of c(S), in money."""


class CachedGame:
    """A game whose costs come from a function (usually a solve) and are asked for once each.

    Parameters
    ----------
    cost
        Returns (lower, upper) of c(S) for a mask.
    players
        Names.

    >>> game = CachedGame(lambda mask: (mask - 0.5, float(mask)), ("a", "b"))
    >>> game.upper(3), game.interval(3), game.solves
    (3.0, (2.5, 3.0), 1)
    """

    def __init__(self, cost: Callable[[int], Interval], players: Sequence[str]) -> None:
        self.players = tuple(players)
        self._cost = cost
        self._known: dict[int, Interval] = {0: (0.0, 0.0)}

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.players)

    @property
    def solves(self) -> int:
        """How many coalitions have been costed."""
        return len(self._known) - 1

    def interval(self, mask: int) -> Interval:
        """Return the proved interval of c(S)."""
        if mask not in self._known:
            lower, upper = self._cost(mask)
            self._known[mask] = (min(lower, upper), upper)
        return self._known[mask]

    def upper(self, mask: int) -> float:
        """Return the cost of the coalition's plan in hand."""
        return self.interval(mask)[1]

    def know(self, values: Iterable[tuple[int, Interval]]) -> None:
        """Put values found elsewhere (in parallel, in an earlier run) into the cache."""
        self._known.update(values)

    def explicit(self) -> CostGame:
        """Cost every coalition and return the explicit game."""
        bounds = np.array([self.interval(mask) for mask in range(1 << self.n)])
        return CostGame.from_intervals(bounds[:, 0], bounds[:, 1], self.players)
