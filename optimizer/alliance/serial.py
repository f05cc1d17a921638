"""Tier fees: who needs more pays for the increment that only the larger users need."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from optimizer.errors import Fault, InputError
from optimizer.problem.problem import Floats

__all__ = ["serial_fees"]


def serial_fees(costs: Sequence[float], users: Sequence[int] | None = None) -> Floats:
    r"""Return the fee per user of each tier, in the order given.

    Sorted by cost, the increment of tier k is shared equally by all users of tiers k and above:

    .. math:: x_t = \sum_{k \le t} \frac{C_k - C_{k-1}}{\sum_{l \ge k} u_l}

    This is the Shapley value of the airport game, of any number of users.

    Parameters
    ----------
    costs
        Cost of a facility that serves each tier, ≥ 0.
    users
        Users in each tier, ≥ 1; one each by default.

    Source: Littlechild and Owen (1973), Management Science 20.

    >>> serial_fees([8, 11, 13, 18]).tolist()
    [2.0, 3.0, 4.0, 9.0]
    """
    counts = [1] * len(costs) if users is None else list(users)
    if len(counts) != len(costs) or min(counts, default=1) < 1 or min(costs, default=0) < 0:
        found = f"{list(costs)}, {counts}"
        raise InputError(
            [Fault("tiers", found, "each tier has a cost ≥ 0 and at least 1 user.", "Mend them.")]
        )
    fees = np.zeros(len(costs))
    fee, previous, remaining = Fraction(0), Fraction(0), sum(counts)
    for tier in sorted(range(len(costs)), key=lambda k: costs[k]):
        cost = Fraction(costs[tier])
        fee += (cost - previous) / remaining
        fees[tier] = float(fee)
        previous, remaining = cost, remaining - counts[tier]
    return fees
