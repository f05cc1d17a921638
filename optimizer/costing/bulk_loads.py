"""Ways to load one known bulk shipment on a lane: containers, part load, by the kilogram, or a mix."""

from dataclasses import dataclass, field
from math import ceil, floor

import numpy as np
import pandas as pd

from optimizer.costing.freight import FreightPrices
from optimizer.costing.lane_supply import LaneSupply

__all__ = ["BulkLoad", "bulk_loads", "tier_price"]

EPSILON = 1e-9
BY_KG = "air_freight"


@dataclass(frozen=True)
class BulkLoad:
    """One way to load a shipment, and what the lane charges for it.

    Parameters
    ----------
    way
        In words: ``2 x 40HQ``, ``lcl``, ``by kg``, ``1 x 40HQ + lcl``.
    components
        Main leg under `container_freight`, `lcl_freight` and `air_freight`; `origin_charges` and
        `destination_charges`. Their sum is what the lane costs in a plan.
    """

    way: str
    components: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """What the lane charges."""
        return sum(self.components.values())

    @property
    def to_border(self) -> float:
        """What of it arises before the border."""
        return self.total - self.components.get("destination_charges", 0.0)


def tier_price(tiers: pd.DataFrame, quantity: float) -> tuple[float, float]:
    """Lowest price of a quantity, and the quantity charged: a heavier break may be bought.

    Parameters
    ----------
    tiers
        Tiers of one lane: start, end, fixed, unit_cost.
    quantity
        In units of the tiers, > 0.

    Examples
    --------
    80 kg at 3.00 cost 240; charged as 100 kg at 2.00 they cost 200.

    >>> steps = {"start": [0.0, 100.0], "end": [100.0, np.inf], "fixed": 0.0, "unit_cost": [3.0, 2.0]}
    >>> tier_price(pd.DataFrame(steps), 80.0)
    (200.0, 100.0)
    """
    open_to = tiers[tiers["end"] > quantity]
    charged = np.maximum(open_to["start"].to_numpy(np.float64), quantity)
    price = open_to["fixed"].to_numpy(np.float64) + open_to["unit_cost"].to_numpy(np.float64) * charged
    best = int(np.argmin(price))
    return float(price[best]), float(charged[best])


def bulk_loads(
    prices: FreightPrices, freight: LaneSupply, sailing: int, m3: float, t: float
) -> list[BulkLoad]:
    """Every way to load a shipment on a sailing: each pure one, and the best mix if it beats them all.

    A mix fills containers of one type and sends the rest as part load or in one container of another type.

    Parameters
    ----------
    prices, freight
        Of one period with one consignment.
    sailing
        Row of `prices.sailings`.
    m3, t
        Of the shipment.
    """
    row = prices.sailings.loc[sailing]
    on_lane = (freight.lanes["lane"] == row["lane"]) & (freight.lanes["period"] == row["period"])
    lane = freight.lanes.index[on_lane][0]
    boxes = freight.modules[freight.modules["lane_period"] == lane]
    kinds = {str(box["container"]): (float(box["m3"]), float(box["t"])) for _, box in boxes.iterrows()}
    parts = _Parts(prices, freight, sailing, int(lane))
    pure = [parts.containers(name, _count(kind, m3, t)) for name, kind in kinds.items()]
    pure += parts.loose(m3, t)
    mixes = []
    for name, (volume, payload) in kinds.items():
        full = floor(max(m3 / volume, t / payload) + EPSILON)
        rest = max(0.0, m3 - full * volume), max(0.0, t - full * payload)
        if full and max(rest) > EPSILON:
            others = [parts.containers(other, 1) for other, kind in kinds.items()
                      if other != name and _count(kind, *rest) == 1]  # fmt: skip
            mixes += [_sum(parts.containers(name, full), other) for other in [*others, *parts.loose(*rest)]]
    best = min(mixes, key=lambda load: load.total, default=None)
    cheapest = min((load.total for load in pure), default=float("inf"))
    return pure if best is None or best.total >= cheapest else [*pure, best]


def _count(kind: tuple[float, float], m3: float, t: float) -> int:
    return max(1, ceil(max(m3 / kind[0], t / kind[1]) - EPSILON))


def _sum(one: BulkLoad, other: BulkLoad) -> BulkLoad:
    names = dict.fromkeys([*one.components, *other.components])
    return BulkLoad(
        f"{one.way} + {other.way}",
        {name: one.components.get(name, 0.0) + other.components.get(name, 0.0) for name in names},
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """Charges of one lane, split at its ends."""

    prices: FreightPrices
    freight: LaneSupply
    sailing: int
    lane: int

    def containers(self, name: str, count: int) -> BulkLoad:
        """A number of containers of one type."""
        return BulkLoad(f"{count} x {name}", self._split("container_freight", name, count))

    def loose(self, m3: float, t: float) -> list[BulkLoad]:
        """Part load by W/M, or by the kilogram, where the lane offers it."""
        lane = self.freight.lanes.loc[self.lane]
        tiers = self.freight.tiers[self.freight.tiers["lane_period"] == self.lane]
        ratio = float(lane["kg_per_m3"])
        if lane["basis"] == "kg":
            return [self._by_kg(tiers, max(1000 * t, m3 * ratio))]
        tons = max(m3, 1000 * t / ratio)
        if len(tiers):
            found = self._split("lcl_freight", "lcl", tons)
            ends = found["origin_charges"] + found["destination_charges"]
            return [BulkLoad("lcl", found | {"lcl_freight": tier_price(tiers, tons)[0] - ends})]
        return [] if np.isnan(lane["lcl"]) else [BulkLoad("lcl", self._split("lcl_freight", "lcl", tons))]

    def _split(self, component: str, unit: str, count: float) -> dict[str, float]:
        tables = (self.prices.sailings, self.prices.border, self.prices.main)
        full, border, main = (float(table[unit].to_numpy(np.float64)[self.sailing]) for table in tables)
        return {
            component: count * main,
            "origin_charges": count * (border - main),
            "destination_charges": count * (full - border),
        }

    def _by_kg(self, tiers: pd.DataFrame, kg: float) -> BulkLoad:
        total, charged = tier_price(tiers, kg)
        items = self.prices.kg_handling
        items = items[items["sailing"] == self.sailing]
        handled = np.maximum(items["minimum_amount"], items["amount"] * charged)
        after = (items["side"] == "destination").to_numpy()
        before, beyond = float(handled[~after].sum()), float(handled[after].sum())
        return BulkLoad(
            "by kg",
            {BY_KG: total - before - beyond, "origin_charges": before, "destination_charges": beyond},
        )
