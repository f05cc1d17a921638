"""One key per item of a problem, by which the same item is found in another problem."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ItemKeys"]

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class ItemKeys:
    """One key per item, in the order of the problem's arrays.

    Numbers are counted anew in every problem, so lanes are named by carrier service and places.
    """

    row: Keys
    gate: Keys
    size: Keys
    measure: Keys
    rule: Keys
