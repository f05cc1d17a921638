"""The modiclus: as little envy as possible between any two coalitions' excesses."""

from fractions import Fraction

import numpy as np

from optimizer.alliance.coalition import indicator
from optimizer.alliance.game import CostGame
from optimizer.alliance.lexicographic import Lexicographic, lexicographic_shares
from optimizer.alliance.separation import Query, Row, Separation
from optimizer.errors import Fault, InputError

__all__ = ["modiclus"]

MOST_PLAYERS = 7
ROWS_PER_ROUND = 30


class PairSeparator:
    """Rows x(S) − x(T) + ε ≤ c(S) − c(T) for all pairs of coalitions, held as dense arrays."""

    def __init__(self, game: CostGame) -> None:
        self.game = game
        masks = np.arange(1 << game.n)
        first, second = np.meshgrid(masks, masks, indexing="ij")
        keep = first != second
        self.first, self.second = first[keep], second[keep]
        incidence = np.array([indicator(int(mask), game.n) for mask in masks])
        self.coefficients = incidence[self.first] - incidence[self.second]
        self.costs = game.upper[self.first] - game.upper[self.second]

    @property
    def n(self) -> int:
        """Number of players."""
        return self.game.n

    def initial(self) -> tuple[Row, ...]:
        """Return the pairs of a singleton and the empty coalition, both ways."""
        sizes = np.abs(self.coefficients).sum(axis=1)
        empty = (self.first == 0) | (self.second == 0)
        return tuple(self._row(int(k)) for k in np.flatnonzero(empty & (sizes == 1)))

    def refine(self, row: Row) -> Row:
        """Return the row itself."""
        return row

    def separate(self, query: Query) -> Separation:
        """Return the most violated pairs."""
        excess = self.costs - self.coefficients @ query.shares - query.level
        if query.complement is None:
            inside = np.all(self.coefficients == self.coefficients[:, :1], axis=1)
        else:
            inside = ~(self.coefficients @ query.complement.T).any(axis=1)
        excess[inside] = np.inf
        order = np.argsort(excess, kind="stable")[:ROWS_PER_ROUND]
        rows = tuple(self._row(int(k)) for k in order if excess[k] < -query.tolerance)
        return Separation(rows, float(excess.min()))

    def _row(self, k: int) -> Row:
        first, second = int(self.first[k]), int(self.second[k])
        cost = self.game.exact(first) - self.game.exact(second)
        return Row((first << self.n) | second, tuple(self.coefficients[k].tolist()), cost, cost)


def modiclus(game: CostGame) -> Lexicographic:
    """Return the shares that minimise lexicographically the differences e(T) − e(S) of all pairs.

    It weighs what coalitions can achieve and what they can prevent alike, and splits between the two
    sides of a glove market. The program has 4ⁿ rows: up to seven players.

    Source: Sudhölter (1997), The modified nucleolus, IJGT 26.

    >>> game = CostGame.from_worths([0, 0, 0, 1, 0, 1, 0, 1])
    >>> [str(-share) for share in modiclus(game).shares]
    ['1/2', '1/4', '1/4']
    """
    if game.n > MOST_PLAYERS:
        raise InputError(
            [Fault("modiclus", str(game.n), f"at most {MOST_PLAYERS} players.", "Use nucleolus.")]
        )
    return lexicographic_shares(PairSeparator(game), Fraction(game.exact(game.everybody)))
