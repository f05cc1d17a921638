"""Options spelled out in words: where each starts, passes and ends, and what it takes per order."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from optimizer.costing.options import PricedOptions
from optimizer.scenario.instance import Instance

__all__ = ["Way", "grouped", "ways"]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Way:
    """One option of one row; amounts per order.

    Parameters
    ----------
    option, row
        Positions in the priced options and rows.
    owner
        Empty where everything is shared, else the member.
    member, market, sale, orders, cost
        Of the row, and the option's cost per order.
    site, arrival, hub, lane
        Empty or −1 for direct parcels; `lane` is a lane × period of the freight supply.
    m3, kg, m3_before, m3_sale
        Freight, and space at the site before and in the period of sale.
    charge_arrival, charge_sale
        Provider's charges when goods arrive and when they are stored and sold.
    carrier, carrier_kg, late_share, co2_kg
        Parcel lane and chargeable weight, lateness, emissions.
    """

    option: int
    row: int
    owner: str
    member: str
    market: str
    sale: str
    orders: float
    cost: float
    site: str
    arrival: str
    hub: str
    lane: int
    m3: float
    kg: float
    m3_before: float
    m3_sale: float
    charge_arrival: float
    charge_sale: float
    carrier: int
    carrier_kg: float
    late_share: float
    co2_kg: float


def ways(instance: Instance, priced: PricedOptions) -> list[Way]:
    """Spell out every priced option."""
    rows, direct = priced.rows.to_dict("records"), priced.direct.to_dict("records")
    inbound, holding = priced.inbound.to_dict("records"), priced.holding.to_dict("records")
    outbound = priced.outbound.to_dict("records")
    lanes = priced.supply.freight.lanes
    number = {(lane, period): at for at, lane, period in lanes[["lane", "period"]].itertuples(name=None)}
    found = []
    for option, row_number in enumerate(priced.option_row):
        row = rows[row_number]
        common = {
            "option": option, "row": int(row_number),
            "owner": "" if instance.model.sharing else row["member"],
            "member": row["member"], "market": row["market"], "sale": row["period"], "orders": row["orders"],
            "cost": float(priced.option_cost[option]),
        }  # fmt: skip
        if priced.option_direct[option] >= 0:
            parcel = direct[priced.option_direct[option]]
            own = {
                "site": "", "arrival": "", "hub": "", "lane": -1, "m3": 0.0, "kg": 0.0, "m3_before": 0.0,
                "m3_sale": 0.0, "charge_arrival": 0.0, "charge_sale": 0.0, "co2_kg": parcel["co2_kg"],
            }  # fmt: skip
        else:
            bring = inbound[priced.option_inbound[option]]
            keep = holding[priced.option_holding[option]]
            parcel = outbound[priced.option_outbound[option]]
            at = number[bring["lane"], bring["period"]]
            own = {
                "site": bring["site"], "arrival": bring["period"], "hub": lanes["hub"].iloc[at], "lane": at,
                "m3": bring["m3"], "kg": 1000 * bring["t"], "m3_before": keep["m3_before"],
                "m3_sale": keep["m3_sale"], "charge_arrival": bring["provider_charge"],
                "charge_sale": keep["provider_charge"] + parcel["provider_charge"],
                "co2_kg": bring["co2_kg"] + parcel["co2_kg"],
            }  # fmt: skip
        last = {"carrier": parcel["lane"], "carrier_kg": parcel["kg"], "late_share": parcel["late_share"]}
        found.append(Way(**common, **own, **last))
    return found


def grouped(found: Iterable[Way], key: Callable[[Way], Key]) -> dict[Key, list[Way]]:
    """Group ways by a key, in order of appearance."""
    groups: dict[Key, list[Way]] = defaultdict(list)
    for way in found:
        groups[key(way)].append(way)
    return groups
