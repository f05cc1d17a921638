r"""Averages over orders of arrival: Shapley, weighted Shapley, Owen and solidarity values.

All work on an explicit game, vectorised over the 2ⁿ coalitions (twenty players take seconds), in
floats or, with `exact`, in rationals.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import factorial

import numpy as np

from optimizer.alliance.coalition import Table, sizes, subset_sums, with_player
from optimizer.alliance.game import CostGame
from optimizer.errors import Fault, InputError
from optimizer.problem.problem import Floats

__all__ = [
    "dividends",
    "owen_value",
    "shapley_interval",
    "shapley_value",
    "solidarity_value",
    "weighted_shapley",
]


def arrival_weights(n: int, exact: bool) -> Table:
    """Return |S|! (n − 1 − |S|)! / n! by |S| = 0 … n − 1: the odds of finding just S before oneself."""
    odds = [Fraction(factorial(k) * factorial(n - 1 - k), factorial(n)) for k in range(n)]
    return np.array(odds, dtype=object) if exact else np.array([float(entry) for entry in odds])


def shapley_value(game: CostGame, exact: bool = False) -> Table:
    r"""Return the mean marginal cost over all orders of arrival.

    .. math:: x_i = \sum_{S \not\ni i} \frac{|S|!\,(n-1-|S|)!}{n!} \bigl(c(S \cup i) - c(S)\bigr)

    Source: Shapley (1953).

    >>> shapley_value(CostGame.from_values([0, 8, 11, 11]), exact=True).tolist()
    [Fraction(4, 1), Fraction(7, 1)]
    """
    return _mean_marginals(game.table(exact), game.table(exact), game.n, exact)


def shapley_interval(game: CostGame) -> tuple[Floats, Floats]:
    """Return the least and the largest Shapley share that values within their intervals allow.

    The bounds hold for each player by itself; c(S ∪ i) and c(S) move independently within them.
    """
    low = _mean_marginals(game.lower, game.upper, game.n, False)
    high = _mean_marginals(game.upper, game.lower, game.n, False)
    return low, high


def _mean_marginals(having: Table, without: Table, n: int, exact: bool) -> Table:
    weights = arrival_weights(n, exact)
    before = sizes(n - 1)
    odds = weights[before] if n > 1 else weights[:1]
    shares = [(odds * (with_player(having, i)[1] - with_player(without, i)[0])).sum() for i in range(n)]
    return np.array(shares, dtype=object if exact else np.float64)


def dividends(table: Table) -> Table:
    """Return Harsanyi's dividends d(S) = Σ_{T ⊆ S} (−1)^{|S|−|T|} c(T), shape (2ⁿ,).

    >>> dividends(np.array([0.0, 6.0, 4.0, 8.0])).tolist()
    [0.0, 6.0, 4.0, -2.0]
    """
    result = table.copy()
    for player in range(len(table).bit_length() - 1):
        blocks = result.reshape(-1, 2, 1 << player)
        blocks[:, 1, :] -= blocks[:, 0, :]
    return result


def weighted_shapley(game: CostGame, weights: Table, exact: bool = False) -> Table:
    """Return x_i = Σ_{S ∋ i} d(S) · w_i / w(S): each dividend split by bargaining weight.

    Equal weights give the Shapley value.

    Source: Shapley (1953b); Kalai and Samet (1987), IJGT 16.

    >>> weighted_shapley(CostGame.from_values([0, 6, 4, 8]), np.array([3.0, 1.0])).tolist()
    [4.5, 3.5]
    """
    if (np.asarray(weights, dtype=np.float64) <= 0).any():
        raise InputError([Fault("weights", str(weights), "bargaining weights are > 0.", "Raise them.")])
    parts = dividends(game.table(exact))
    parts[1:] = parts[1:] / subset_sums(weights)[1:]
    shares = [weights[i] * with_player(parts, i)[1].sum() for i in range(game.n)]
    return np.array(shares, dtype=object if exact else np.float64)


def owen_value(game: CostGame, blocs: Sequence[Sequence[int]], exact: bool = False) -> Table:
    """Return the mean marginal cost over the orders in which the members of a bloc arrive together.

    Parameters
    ----------
    game
        An explicit game.
    blocs
        A partition of the players 0 … n − 1.

    Source: Owen (1977), Values of games with a priori unions.

    >>> game = CostGame.from_values([0, 6, 4, 8])
    >>> owen_value(game, [[0], [1]]).tolist() == shapley_value(game).tolist()
    True
    """
    if sorted(player for bloc in blocs for player in bloc) != list(range(game.n)):
        raise InputError([Fault("blocs", str(blocs), "every player is in exactly one bloc.", "Mend them.")])
    table = game.table(exact)
    shares = np.zeros(game.n, dtype=object if exact else np.float64)
    masks = np.array([sum(1 << player for player in bloc) for bloc in blocs], dtype=np.int64)
    outer_odds = arrival_weights(len(blocs), exact)[sizes(len(blocs) - 1)]
    for k, bloc in enumerate(blocs):
        others = subset_sums(np.delete(masks, k))
        inner_odds = arrival_weights(len(bloc), exact)[sizes(len(bloc) - 1)]
        odds = outer_odds[:, None] * inner_odds[None, :]
        for player in bloc:
            mates = np.array([1 << mate for mate in bloc if mate != player], dtype=np.int64)
            before = others[:, None] + subset_sums(mates)[None, :]
            shares[player] = (odds * (table[before | (1 << player)] - table[before])).sum()
    return shares


def solidarity_value(game: CostGame, exact: bool = False) -> Table:
    r"""Return the value in which each arrival pays the average marginal cost of all those present.

    .. math:: x_i = \sum_{S \ni i} \frac{(n-|S|)!\,(|S|-1)!}{n!}\,
              \frac{1}{|S|} \sum_{j \in S} \bigl(c(S) - c(S \setminus j)\bigr)

    Source: Nowak and Radzik (1994), IJGT 23.
    """
    table = game.table(exact)
    average = np.zeros(len(table), dtype=table.dtype)
    for player in range(game.n):
        blocks, source = average.reshape(-1, 2, 1 << player), table.reshape(-1, 2, 1 << player)
        blocks[:, 1, :] += source[:, 1, :] - source[:, 0, :]
    average[1:] = average[1:] / sizes(game.n)[1:]
    odds = arrival_weights(game.n, exact)[sizes(game.n - 1)]
    shares = [(odds * with_player(average, i)[1]).sum() for i in range(game.n)]
    return np.array(shares, dtype=object if exact else np.float64)
