"""Caps and floors agreed for single members, kept by moving every other share as little as fits."""

import numpy as np

from optimizer.errors import Fault, InputError
from optimizer.problem.problem import Floats

__all__ = ["within_limits"]


def within_limits(
    shares: Floats,
    floor: Floats,
    cap: Floats,
    weights: Floats | None = None,
    total: float | None = None,
) -> Floats:
    """Return x_i = clip(y_i + λ w_i, floor_i, cap_i) with the λ that keeps the sum.

    Parameters
    ----------
    shares
        y, what the rule says.
    floor, cap
        Least and most for each member; −inf and inf where nothing is agreed.
    weights
        In which proportion the others move; equal by default.
    total
        What is to be paid in all; by default what the shares sum to.

    Raises
    ------
    InputError
        The floors sum to more, or the caps to less, than what is to be paid.

    >>> cap = np.array([40.0, 99.0, 99.0])
    >>> within_limits(np.array([50.0, 30.0, 20.0]), np.full(3, -np.inf), cap).tolist()
    [40.0, 35.0, 25.0]
    """
    total = float(shares.sum()) if total is None else total
    weight = np.ones(len(shares)) if weights is None else np.asarray(weights, dtype=np.float64)
    tolerance = 1e-9 * max(1.0, abs(total))
    if (floor > cap).any() or floor.sum() > total + tolerance or cap.sum() < total - tolerance:
        found = f"floors {floor.tolist()}, caps {cap.tolist()}"
        rule = f"floors ≤ caps, and {total} must lie between their sums."
        raise InputError([Fault("caps and floors", found, rule, "Lower a floor or raise a cap.")])
    if (weight <= 0).any():
        raise InputError([Fault("weights", str(weight.tolist()), "weights are > 0.", "Raise them.")])
    kinks = np.concatenate([(floor - shares) / weight, (cap - shares) / weight, [0.0]])
    kinks = np.unique(kinks[np.isfinite(kinks)])
    kinks = np.concatenate([[kinks[0] - 1.0], kinks, [kinks[-1] + 1.0]])
    clipped = np.clip(shares + kinks[:, None] * weight, floor, cap)
    k = int(np.clip(np.searchsorted(clipped.sum(axis=1), total), 1, len(kinks) - 1))
    start, end = clipped[k - 1], clipped[k]
    step = end.sum() - start.sum()
    result: Floats = start + (end - start) * ((total - start.sum()) / step if step else 0.0)
    return result
