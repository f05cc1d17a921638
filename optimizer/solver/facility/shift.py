r"""Lower the prices of all customers alike where the need for capacity pays for it.

While every facility that may open is filled by customers with margins below :math:`-c`, prices `w` and
:math:`w - c` say the same: each facility's worth rises by :math:`c Q_i`, and the knapsack over the openings,
which covers total demand, counts that once. The lower prices reach fewer entries, so each step of the dual
method costs less.
"""

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.facility.core import Core, core_gains
from optimizer.solver.facility.location import Location
from optimizer.solver.facility.pricing import choose

__all__ = ["lower_prices"]

TRIALS = 6
MOST_LOSS = 0.005
"""Part of what is missing that a shift may cost for the moment."""


def lower_prices(location: Location, core: Core, price: Floats, target: float) -> Floats:
    """Shift the prices down, by halving, as far as that costs hardly any of the bound missing to `target`."""
    free = np.full(len(core.who), -1, dtype=np.int8)
    opened = np.zeros(len(core.who), dtype=np.bool_)
    price = np.minimum(price, core.ceiling)

    def value(at: Floats) -> tuple[float, Floats]:
        gain, cut = core_gains(location, core, at)
        taken = float(choose(gain, core.capacity, location.need, free, opened))
        return taken + float((location.demand * at).sum()), cut

    whole, cut = value(price)
    enough = whole - MOST_LOSS * max(target - whole, 0.0)
    low, high = 0.0, float(np.max(-cut[opened], initial=0.0))
    for _ in range(TRIALS if high > 0.0 else 0):
        middle = 0.5 * (low + high)
        if value(price - middle)[0] >= enough:
            low = middle
        else:
            high = middle
    return price - low
