"""Price vectors: prices on rows, measures, links and rules in one flat array."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats
from optimizer.solver.layout import Layout
from optimizer.solver.solution import Prices

__all__ = ["PriceVector", "as_prices", "blend", "metric_products", "step_along"]


@dataclass(frozen=True, eq=False)
class PriceVector:
    """Prices on rows, measures (≥ 0), links (≥ 0) and rules, side by side.

    Examples
    --------
    >>> vector = PriceVector.of(np.ones(2), np.zeros(1), np.zeros(0), np.full(1, -3.0))
    >>> vector.flat.tolist(), vector.rule.tolist()
    ([1.0, 1.0, 0.0, -3.0], [-3.0])
    """

    flat: Floats
    ends: tuple[int, int, int]

    @staticmethod
    def of(row: Floats, measure: Floats, link: Floats, rule: Floats) -> "PriceVector":
        """Join the four parts."""
        first = len(row)
        second = first + len(measure)
        return PriceVector(np.concatenate([row, measure, link, rule]), (first, second, second + len(link)))

    def with_measures(self, measure: Floats) -> "PriceVector":
        """The same with other prices of measures."""
        return PriceVector.of(self.row, measure, self.link, self.rule)

    @property
    def row(self) -> Floats:
        """Prices of rows."""
        return self.flat[: self.ends[0]]

    @property
    def measure(self) -> Floats:
        """Prices of measures."""
        return self.flat[self.ends[0] : self.ends[1]]

    @property
    def link(self) -> Floats:
        """Prices of links."""
        return self.flat[self.ends[1] : self.ends[2]]

    @property
    def rule(self) -> Floats:
        """Prices of rules."""
        return self.flat[self.ends[2] :]


def as_prices(layout: Layout, prices: PriceVector, split: bool = False, *, over_legs: bool = False) -> Prices:
    """Prices in the form that is stored: for options split by size, for options over legs, or as they are."""
    return Prices(
        prices.row,
        prices.measure,
        layout.link_row,
        layout.link_gate,
        prices.link,
        prices.rule,
        split,
        over_legs=over_legs,
    )


@njit(cache=True, nogil=True)
def metric_products(square: Floats, a: Floats, b: Floats) -> tuple[float, float, float]:
    """``a·a``, ``a·b`` and ``b·b`` in the metric with the given squared scales."""
    aa, ab, bb = 0.0, 0.0, 0.0
    for k in range(len(a)):
        aa += square[k] * a[k] * a[k]
        ab += square[k] * a[k] * b[k]
        bb += square[k] * b[k] * b[k]
    return aa, ab, bb


@njit(cache=True, nogil=True)
def blend(share: float, new: Floats, old: Floats) -> None:
    """Replace `old` by ``share·new + (1 − share)·old``."""
    for k in range(len(old)):
        old[k] += share * (new[k] - old[k])


@njit(cache=True, nogil=True)
def step_along(
    flat: Floats, length: float, square: Floats, slope: Floats, first_sign: int, end_sign: int
) -> Floats:
    """``flat + length·square·slope``, with the entries in [first_sign, end_sign) kept ≥ 0."""
    moved = np.empty_like(flat)
    for k in range(len(flat)):
        value = flat[k] + length * square[k] * slope[k]
        if first_sign <= k < end_sign and value < 0.0:
            value = 0.0
        moved[k] = value
    return moved
