"""Coalitions as bit masks: bit i of the mask is player i, mask 0 is empty, 2ⁿ − 1 is everybody."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Floats, Ints

__all__ = [
    "Table",
    "as_floats",
    "indicator",
    "mask_of",
    "members_of",
    "names_of",
    "sizes",
    "subset_sums",
    "with_player",
]

Table = npt.NDArray[Any]
"""One entry per coalition, shape (2ⁿ,); float64, or object holding `fractions.Fraction`."""


def members_of(mask: int) -> tuple[int, ...]:
    """Return the players of a coalition, ascending.

    >>> members_of(0b1101)
    (0, 2, 3)
    """
    return tuple(i for i in range(mask.bit_length()) if mask >> i & 1)


def mask_of(members: Iterable[int]) -> int:
    """Return the coalition of the given players.

    >>> mask_of([3, 0])
    9
    """
    mask = 0
    for member in members:
        mask |= 1 << member
    return mask


def names_of(mask: int, players: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a coalition's players."""
    return tuple(players[i] for i in members_of(mask))


def indicator(mask: int, n: int) -> Ints:
    """Return the incidence vector of a coalition, shape (n,)."""
    return np.array([mask >> i & 1 for i in range(n)], dtype=np.int64)


def subset_sums(amounts: npt.NDArray[Any]) -> Table:
    """Return x(S) = Σ_{i∈S} x_i for every coalition, shape (2ⁿ,), in the type of the amounts.

    >>> subset_sums(np.array([1, 10])).tolist()
    [0, 1, 10, 11]
    """
    sums = np.zeros(1, dtype=amounts.dtype)
    for amount in amounts:
        sums = np.concatenate([sums, sums + amount])
    return sums


def sizes(n: int) -> Ints:
    """Return |S| of every coalition, shape (2ⁿ,)."""
    result: Ints = subset_sums(np.ones(n, dtype=np.int64))
    return result


def with_player(table: Table, player: int) -> tuple[Table, Table]:
    """Split a table into views (without the player, with the player), both in the same order.

    Entry k of both views belongs to the same coalition but for the player itself.

    >>> without, having = with_player(np.arange(8), 1)
    >>> without.tolist(), having.tolist()
    ([0, 1, 4, 5], [2, 3, 6, 7])
    """
    blocks = table.reshape(-1, 2, 1 << player)
    return blocks[:, 0, :].reshape(-1), blocks[:, 1, :].reshape(-1)


def as_floats(values: npt.NDArray[Any]) -> Floats:
    """Return a table or share vector as float64."""
    return np.asarray(values, dtype=np.float64)
