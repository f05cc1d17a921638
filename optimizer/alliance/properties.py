"""What a game is like: subadditive, submodular, monotone; and its subadditive cover."""

from itertools import combinations

import numpy as np

from optimizer.alliance.game import CostGame
from optimizer.problem.problem import Floats

__all__ = ["is_monotone", "is_subadditive", "is_submodular", "subadditive_cover"]

RELATIVE_TOLERANCE = 1e-9


def _slack(game: CostGame) -> float:
    return RELATIVE_TOLERANCE * max(1.0, float(np.abs(game.upper).max()))


def is_submodular(game: CostGame) -> bool:
    """Whether c(S∪i) + c(S∪j) ≥ c(S∪ij) + c(S) always: economies grow with size (a concave game).

    >>> is_submodular(CostGame.from_values([0, 8, 11, 11]))
    True
    """
    slack = _slack(game)
    masks = np.arange(1 << game.n)
    for i, j in combinations(range(game.n), 2):
        base = masks[(masks >> i | masks >> j) & 1 == 0]
        with_i, with_j = base | 1 << i, base | 1 << j
        if (
            game.upper[with_i] + game.upper[with_j] < game.upper[with_i | with_j] + game.upper[base] - slack
        ).any():
            return False
    return True


def is_monotone(game: CostGame) -> bool:
    """Whether a larger coalition never costs less."""
    slack = _slack(game)
    blocks = (game.upper.reshape(-1, 2, 1 << i) for i in range(game.n))
    return all(bool((block[:, 1] >= block[:, 0] - slack).all()) for block in blocks)


def subadditive_cover(costs: Floats) -> Floats:
    """Return the least Σ c(S_k) over all partitions of each coalition, shape (2ⁿ,).

    This is what a coalition pays if its parts may also go separate ways and nothing is scarce between
    them. O(3ⁿ): up to about fourteen players.

    >>> subadditive_cover(np.array([0.0, 3.0, 4.0, 9.0])).tolist()
    [0.0, 3.0, 4.0, 7.0]
    """
    cover = costs.copy()
    for mask in range(1, len(costs)):
        part = (mask - 1) & mask
        parts = []
        while part > mask >> 1 or (part and part >= mask ^ part):
            parts.append(part)
            part = (part - 1) & mask
        if parts:
            one = np.array(parts)
            cover[mask] = min(cover[mask], float((cover[one] + cover[mask ^ one]).min()))
    return cover


def is_subadditive(game: CostGame) -> bool:
    """Whether no coalition costs more than its parts: c(S) + c(T) ≥ c(S∪T) for disjoint S, T.

    Siting games can fail this, when two coalitions each count on the same scarce site.

    >>> is_subadditive(CostGame.from_values([0, 3, 4, 9]))
    False
    """
    return bool((subadditive_cover(game.upper) >= game.upper - _slack(game)).all())
