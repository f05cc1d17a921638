"""When two figures of a plan count as equal, and how a difference is told."""

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["RELATIVE", "differing", "exceeding", "tell"]

RELATIVE = 1e-6
"""Relative difference from which a figure counts as wrong."""

MOST_TOLD = 5

Floats = npt.NDArray[np.float64]


def differing(left: npt.ArrayLike, right: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether figures differ by more than `RELATIVE` of the larger (and by more than 1e-6 in all).

    >>> differing([1e6, 1e6, 0.0], [1e6 + 0.5, 1e6 + 2.0, 5e-7]).tolist()
    [False, True, False]
    """
    a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)
    allowed = RELATIVE * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    return np.logical_not(np.abs(a - b) <= allowed)


def exceeding(use: npt.ArrayLike, limit: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether a use exceeds its limit by more than `RELATIVE`.

    >>> exceeding([10.0, 10.1], [10.0, 10.0]).tolist()
    [False, True]
    """
    use, limit = np.asarray(use, np.float64), np.asarray(limit, np.float64)
    over: npt.NDArray[np.bool_] = np.logical_not(use <= limit + RELATIVE * np.maximum(1.0, np.abs(limit)))
    return over


def tell(frame: pd.DataFrame, wrong: npt.NDArray[np.bool_], sentence: str) -> list[str]:
    """Fill the sentence with the columns of each wrong row; the first few, and how many more.

    >>> tell(pd.DataFrame({"site": ["HAM"], "m3": [12.0]}), np.array([True]), "{site} holds {m3:.0f} m³")
    ['HAM holds 12 m³']
    """
    rows = frame[wrong].to_dict("records")
    told = [sentence.format(**{str(key): value for key, value in row.items()}) for row in rows[:MOST_TOLD]]
    return told + ([f"… and {len(rows) - MOST_TOLD} more like it"] if len(rows) > MOST_TOLD else [])
