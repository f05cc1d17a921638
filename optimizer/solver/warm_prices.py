"""Where the dual method begins: prices of an earlier solve, and the usual start for what it did not know."""

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.layout import Layout
from optimizer.solver.prices import PriceVector
from optimizer.solver.warm import Warm

__all__ = ["started_prices"]


def started_prices(layout: Layout, usual: PriceVector, warm: Warm | None) -> PriceVector:
    """Start from the warm prices where there are any, from the usual ones elsewhere."""
    prices = None if warm is None else warm.prices
    if prices is None:
        return usual
    link = usual.link.copy()
    if len(link) and len(prices.link_price):
        gates = layout.problem.n_gates
        known = prices.link_row.astype(np.int64) * gates + prices.link_gate
        order = np.argsort(known)
        wanted = layout.link_row.astype(np.int64) * gates + layout.link_gate
        at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
        link = np.where(known[at] == wanted, prices.link_price[at], link)
    return PriceVector.of(
        _or_usual(prices.row, usual.row),
        _or_usual(prices.measure, usual.measure),
        link,
        _or_usual(prices.rule, usual.rule),
    )


def _or_usual(warm: Floats, usual: Floats) -> Floats:
    """Warm prices where they are known; the usual ones where they are not, or are for other items."""
    return np.where(np.isfinite(warm), warm, usual) if len(warm) == len(usual) else usual
