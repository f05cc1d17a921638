"""Array types and the two index tricks on which vectorised pricing rests."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Dates", "Flags", "Floats", "Ints", "distinct", "pairs", "ragged"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]


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
