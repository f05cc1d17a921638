"""Demand that has no option at all, named with the reason."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.direct import refused_direct
from optimizer.errors import InfeasibleError
from optimizer.network import Network, unreachable
from optimizer.scenario.instance import Instance

__all__ = ["require_options"]

SHOWN = 50


def require_options(
    instance: Instance, network: Network, rows: pd.DataFrame, option_row: npt.NDArray[np.int32]
) -> None:
    """Raise unless every row has an option.

    Raises
    ------
    InfeasibleError
        One reason per product and market: no lane, no service that takes the cargo, or parcels that every
        service refuses for their weight or size while no warehouse can deliver them.
    """
    served = np.zeros(len(rows), dtype=bool)
    served[option_row] = True
    if served.all():
        return
    reasons = unreachable(instance, network)
    lost = rows[~served]
    named = {reason.split(" (")[0] for reason in reasons}
    refused = refused_direct(instance, network.direct_lanes)
    for (product, market), group in lost.groupby(["product", "market"], sort=False):
        label = f"{product} to {market}"
        if label not in named:
            here = refused[(refused["product"] == product) & (refused["market"] == market)]
            why = "; ".join(
                f"{row.service}: {row.reason}" for row in here.drop_duplicates("service").itertuples()
            )
            orders, periods = group["orders"].sum(), ", ".join(group["period"])
            tail = why or "no direct service"
            reasons.append(
                f"{label} ({orders:,.0f} orders in {periods}): no warehouse can deliver it and {tail}"
            )
    more = len(reasons) - SHOWN
    raise InfeasibleError([*reasons[:SHOWN], *([f"and {more} more like these"] if more > 0 else [])])
