"""Finding the coalition that objects most: the question, the answer, and the explicit separator."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np

from optimizer.alliance.coalition import indicator, sizes, subset_sums, with_player
from optimizer.alliance.game import CostGame
from optimizer.problem.problem import Bools, Floats, Ints

__all__ = [
    "LEEWAY",
    "ExplicitSeparator",
    "Query",
    "Row",
    "Separation",
    "Separator",
    "excess_weights",
    "first_coalitions",
]

LEEWAY = 0.8
"""Part of a query's tolerance that a search leaves aside: it looks for coalitions below level − that."""


@dataclass(frozen=True)
class Row:
    """One coalition's inequality x(S) + weight · ε ≤ cost.

    `cost` is what the coalition's plan in hand costs, `cost_lower` a proved lower bound of c(S); they
    agree where the value is known exactly. A weight of 0 states individual rationality.
    """

    coalition: int
    coefficients: tuple[int, ...]
    cost: Fraction
    cost_lower: Fraction
    weight: Fraction = field(default=Fraction(1))


@dataclass(frozen=True, eq=False)
class Query:
    """A search for the coalition of least excess c(S) − x(S) − level · weight(S) at given shares.

    Attributes
    ----------
    shares : float64, shape (n,)
    level : float
        ε of the linear program; only coalitions that fall below it are of interest.
    tolerance : float
        Money below which a violation does not count.
    complement : int64, shape (k, n), or None
        Integer basis of the orthogonal complement of the coalitions fixed so far: only coalitions
        with complement @ p ≠ 0 are asked for.
    exact : bool
        False: violated rows that are quickly found will do, and the bound may be −inf.
    """

    shares: Floats
    level: float
    tolerance: float
    complement: Ints | None = None
    exact: bool = True


@dataclass(frozen=True)
class Separation:
    """Violated rows (the worst first) and a proved bound on the least excess less level · weight."""

    rows: tuple[Row, ...]
    bound: float


class Separator(Protocol):
    """Answers queries about one cost game; the only way in which row generation sees the game."""

    @property
    def n(self) -> int:
        """Number of players."""

    def initial(self) -> tuple[Row, ...]:
        """Return the rows to begin with: all singletons and all coalitions of n − 1 players."""

    def refine(self, row: Row) -> Row:
        """Return the row with its cost settled as well as can be."""

    def separate(self, query: Query) -> Separation:
        """Return violated rows, or none together with the bound that says there are none."""


def first_coalitions(n: int) -> tuple[int, ...]:
    """Return the singletons and the coalitions that lack one player.

    >>> first_coalitions(3)
    (1, 2, 3, 4, 5, 6)
    """
    everybody = (1 << n) - 1
    singles = {1 << i for i in range(n)}
    return tuple(sorted((singles | {everybody ^ single for single in singles}) - {0, everybody}))


def excess_weights(game: CostGame, per: str, weights: Floats | None = None) -> Floats:
    """Return what excesses are measured in, per coalition: shape (2ⁿ,).

    `unit`: 1 (nucleolus); `size`: |S|, or w(S) when weights are given (per-capita nucleolus);
    `cost`: c(S) > 0 (proportional nucleolus).
    """
    if per == "unit":
        return np.ones(1 << game.n)
    if per == "size" and weights is not None:
        return np.asarray(subset_sums(weights), dtype=np.float64)
    if per == "size":
        return sizes(game.n).astype(np.float64)
    if per == "cost":
        return game.upper
    raise ValueError(f"excess is measured per 'unit', 'size' or 'cost', not {per!r}")


class ExplicitSeparator:
    """Separates over a table of all 2ⁿ values, some milliseconds at twenty players."""

    def __init__(self, game: CostGame, per: str = "unit", weights: Floats | None = None) -> None:
        self.game = game
        self.per = per
        self._weights = excess_weights(game, per, weights)
        if (self._weights[1:-1] <= 0).any():
            raise ValueError("excess per size or per cost needs positive weights and costs")
        self._allowed: tuple[Ints | None, Bools] = (None, self._outside(None))

    @property
    def n(self) -> int:
        """Number of players."""
        return self.game.n

    def initial(self) -> tuple[Row, ...]:
        """Return the rows of the singletons and of the coalitions that lack one player."""
        return tuple(self._row(mask) for mask in first_coalitions(self.n))

    def refine(self, row: Row) -> Row:
        """Return the row itself: a table has nothing to add."""
        return row

    def separate(self, query: Query) -> Separation:
        """Return, for each player, the worst coalition with it and the worst without it."""
        if query.complement is not self._allowed[0]:
            self._allowed = (query.complement, self._outside(query.complement))
        excess = self.game.upper - subset_sums(query.shares) - query.level * self._weights
        excess[~self._allowed[1]] = np.inf
        bound = float(excess.min())
        if bound >= -query.tolerance:
            return Separation((), bound)
        violation = excess.copy()
        violation[1:-1] /= self._weights[1:-1]
        masks = np.arange(len(violation))
        worst = {int(violation.argmin())}
        for player in range(self.n):
            for part, label in zip(with_player(violation, player), with_player(masks, player), strict=True):
                worst.add(int(label[part.argmin()]))
        violated = (mask for mask in worst if excess[mask] < -query.tolerance)
        return Separation(tuple(self._row(m) for m in sorted(violated, key=lambda m: violation[m])), bound)

    def _row(self, coalition: int) -> Row:
        """Return the row of a coalition."""
        cost = self.game.exact(coalition)
        weight = cost if self.per == "cost" else Fraction(float(self._weights[coalition]))
        coefficients = tuple(indicator(coalition, self.n).tolist())
        return Row(coalition, coefficients, cost, Fraction(float(self.game.lower[coalition])), weight)

    def _outside(self, complement: Ints | None) -> Bools:
        """Return which proper coalitions lie outside the span, shape (2ⁿ,)."""
        if complement is None:
            outside = np.ones(1 << self.n, dtype=np.bool_)
        else:
            outside = np.zeros(1 << self.n, dtype=np.bool_)
            for vector in complement:
                outside |= subset_sums(vector) != 0
        outside[0] = outside[-1] = False
        return outside
