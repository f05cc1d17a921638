"""Array types and the index tricks on which vectorised pricing rests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "Dates",
    "Flags",
    "Floats",
    "Ints",
    "common_keys",
    "distinct",
    "lazy_copies",
    "numbered",
    "pairs",
    "ragged",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]

_ONE_AT_A_TIME = RLock()


@contextmanager
def lazy_copies() -> Iterator[None]:
    """Let pandas copy columns only when they are written to; a fifth of the time of pricing otherwise.

    The switch is global in pandas, so that one thread at a time prices.
    """
    with _ONE_AT_A_TIME, pd.option_context("mode.copy_on_write", True):
        yield


def ragged(starts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return, for slices ``starts[i] : starts[i] + counts[i]``, the owner and the position of every element.

    Examples
    --------
    >>> owner, position = ragged(np.array([4, 0]), np.array([2, 3]))
    >>> owner.tolist(), position.tolist()
    ([0, 0, 1, 1, 1], [4, 5, 0, 1, 2])
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(int(counts.sum())) - first[owner] + starts[owner]


def distinct(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, Ints]:
    """Return the distinct rows of `columns` and, for every row of `frame`, the number of its distinct row.

    Prices depend on few columns only (the zone, not the market), so they are computed once per distinct
    row and taken from there.

    Examples
    --------
    >>> rows, inverse = distinct(pd.DataFrame({"a": list("xyx"), "b": [1, 1, 1]}), ["a", "b"])
    >>> rows["a"].tolist(), inverse.tolist()
    (['x', 'y'], [0, 1, 0])
    """
    code = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(frame[column], use_na_sentinel=False)
        code = code * max(len(values), 1) + codes
        code, _ = pd.factorize(code)
    first = np.full(int(code.max()) + 1 if len(code) else 0, -1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return frame.iloc[first][list(columns)].reset_index(drop=True), code.astype(np.int64)


def numbered(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Number the distinct pairs of codes ≥ 0 as they come: where each first occurs, and every pair's number.

    Examples
    --------
    >>> first, number = numbered(np.array([5, 0, 5]), np.array([1, 1, 1]))
    >>> first.tolist(), number.tolist()
    ([0, 1], [0, 1, 0])
    """
    number, _ = pd.factorize(one * (int(other.max(initial=0)) + 1) + other)
    _, first = np.unique(number, return_index=True)
    return first.astype(np.int64), number.astype(np.int64)


def common_keys(left: pd.DataFrame, right: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Return integer keys of the rows of two frames, equal where all `columns` agree.

    Examples
    --------
    >>> one, other = pd.DataFrame({"a": ["x", "y"]}), pd.DataFrame({"a": ["y"]})
    >>> [side.tolist() for side in common_keys(one, other, ["a"])]
    [[0, 1], [1]]
    """
    both = pd.concat([left[list(columns)], right[list(columns)]], ignore_index=True)
    code = both.groupby(list(columns), sort=False).ngroup().to_numpy().astype(np.int64)
    return code[: len(left)], code[len(left) :]


def pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of positions whose keys agree, in the order of `left`, then of `right`.

    Examples
    --------
    >>> [side.tolist() for side in pairs(np.array([7, 5]), np.array([5, 7, 7]))]
    [[0, 0, 1], [1, 2, 0]]
    """
    order = np.argsort(right, kind="stable")
    ascending = right[order]
    first = np.searchsorted(ascending, left, side="left")
    last = np.searchsorted(ascending, left, side="right")
    owner, position = ragged(first, last - first)
    return owner, order[position]
