"""One key per item of a problem, by which the same item is found in another problem."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["ItemKeys"]

Keys = npt.NDArray[np.uint64]


def _none() -> Keys:
    return np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class ItemKeys:
    """One key per item, in the order of the problem's arrays.

    Numbers are counted anew in every problem, so lanes are named by carrier service and places. Where a
    problem falls apart into legs, these (whole options, heads and tails, in this order), nodes and options
    have keys too.
    """

    row: Keys
    gate: Keys
    size: Keys
    measure: Keys
    rule: Keys
    resource: Keys = field(default_factory=_none)
    module: Keys = field(default_factory=_none)
    tier: Keys = field(default_factory=_none)
    leg: Keys = field(default_factory=_none)
    node: Keys = field(default_factory=_none)
    option: Keys = field(default_factory=_none)
