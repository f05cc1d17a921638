"""Order profiles: the sizes in which a product is ordered, their weight, worth and packing."""

from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, Ints
from optimizer.costing.packing import Carton, Limits, Piece, Unit, pack
from optimizer.costing.rate_cards import MG_PER_KG
from optimizer.scenario.instance import Instance

__all__ = ["Pieces", "means", "pieces", "profile", "service_limits"]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Packed pieces of every order profile under every service's limits, as flat arrays.

    Parameters
    ----------
    services
        Keys of the services that these pieces are packed for, in table order.
    start, count
        Per service and profile: first piece kind and how many kinds; no kind: the service refuses.
    refusal
        Per service and profile: the reason, empty where it takes the order.
    number
        Per piece kind: equal pieces in the order.
    weight_kg, volume_cm3, side_cm, carton_amount
        Per piece kind; `carton_currency` is the code of the carton's price.
    """

    services: pd.Index
    start: Ints
    count: Ints
    refusal: np.ndarray[tuple[int, int], np.dtype[np.object_]]
    number: Floats
    weight_kg: Floats
    volume_cm3: Floats
    side_cm: Floats
    carton_amount: Floats
    carton_currency: np.ndarray[tuple[int], np.dtype[np.object_]]


def profile(instance: Instance) -> pd.DataFrame:
    """Return one row per product and order size.

    A product without rows in `order_mix` sells one unit per order under one heading.

    Returns
    -------
    pandas.DataFrame
        product, member, product_number (row of `products`), units, headings, share (sums to 1 per
        product), weight_kg and volume_m3 of the bare units, packed_kg and packed_m3 in cartons without
        limits, retail_value, goods_cost (in `currency`), currency, hs_code, category, cargo.
    """
    products = instance["products"].assign(product_number=np.arange(len(instance["products"])))
    mix = instance["order_mix"][["product", "units", "headings", "share_pct"]]
    frame = products.merge(mix, on="product", how="left")
    frame["units"] = frame["units"].fillna(1).astype(np.int64)
    frame["headings"] = frame["headings"].fillna(1).astype(np.int64)
    weight = frame["share_pct"].fillna(100.0)
    frame["share"] = weight / weight.groupby(frame["product"], sort=False).transform("sum")
    volume = frame["length_cm"] * frame["width_cm"] * frame["height_cm"] / 1e6
    frame = frame.assign(
        unit_kg=frame["weight_kg"],
        weight_kg=frame["weight_kg"] * frame["units"],
        volume_m3=volume * frame["units"],
        retail_value=frame["retail_price"] * frame["units"],
        goods_cost=frame["unit_cost"] * frame["units"],
    )
    cartons = _cartons(instance)
    packed = [pack(units, unit, cartons) for units, unit in _ordered(frame)]
    orders = [order for order in packed if not isinstance(order, str)]
    frame["packed_kg"] = [sum(piece.count * piece.weight_kg for piece in order) for order in orders]
    frame["packed_m3"] = [sum(piece.count * piece.volume_cm3 / 1e6 for piece in order) for order in orders]
    columns = [
        "product", "member", "product_number", "units", "headings", "share", "weight_kg", "volume_m3",
        "packed_kg", "packed_m3", "retail_value", "goods_cost", "currency", "hs_code", "category", "cargo",
        "unit_kg", "length_cm", "width_cm", "height_cm",
    ]  # fmt: skip
    return frame[columns]


def means(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the mean order of each product.

    Returns
    -------
    pandas.DataFrame
        Index product, in table order: units, weight_kg, volume_m3, packed_kg, packed_m3, retail_value,
        goods_cost, member, currency, hs_code, category and cargo.
    """
    amounts = ["units", "weight_kg", "volume_m3", "packed_kg", "packed_m3", "retail_value", "goods_cost"]
    weighted = profiles[amounts].mul(profiles["share"], axis=0).groupby(profiles["product"], sort=False).sum()
    labels = profiles.drop_duplicates("product").set_index("product")
    return weighted.join(labels[["member", "currency", "hs_code", "category", "cargo"]])


def service_limits(instance: Instance) -> dict[str, Limits]:
    """Return the limits of every service with a rate card, with the volumetric divisor of that card.

    A card whose bands end below the service's heaviest parcel ends the service there: orders are split
    into pieces that the card has a rate for.
    """
    services = instance["services"]
    services = services[services["rate_card"] != ""]
    divisors = instance["rate_cards"].set_index("card")["divisor_cm3_per_kg"]
    bounds = (
        services[["max_weight_kg", "max_side_cm", "max_sides_sum_cm"]]
        .fillna(inf)
        .to_numpy(np.float64, copy=True)
    )
    ends = instance["rate_breaks"].groupby("card")["weight_to_kg"].agg(lambda kg: kg.fillna(inf).max())
    heaviest = ends.reindex(services["rate_card"]).fillna(inf).to_numpy(np.float64) - 1 / MG_PER_KG
    bounds[:, 0] = np.minimum(bounds[:, 0], heaviest)
    divisor = divisors.loc[services["rate_card"]].fillna(0.0).to_numpy(np.float64)
    rows = zip(services["service"], bounds.tolist(), divisor.tolist(), strict=True)
    return {
        str(service): Limits(kg, side, sides_sum, per_kg) for service, (kg, side, sides_sum), per_kg in rows
    }


def pieces(instance: Instance, profiles: pd.DataFrame) -> Pieces:
    """Pack every profile for every parcel service and last mile."""
    cartons = _cartons(instance)
    limits = service_limits(instance)
    ordered = _ordered(profiles)
    shape = (len(limits), len(profiles))
    start, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    reason = np.full(shape, "", dtype=object)
    flat: list[Piece] = []
    done: dict[tuple[Limits, int], tuple[int, int, str]] = {}
    for s, bound in enumerate(limits.values()):
        for p, (units, unit) in enumerate(ordered):
            if (bound, p) not in done:
                order = pack(units, unit, cartons, bound)
                text = order if isinstance(order, str) else ""
                kinds = () if isinstance(order, str) else order
                done[bound, p] = (len(flat), len(kinds), text)
                flat.extend(kinds)
            start[s, p], count[s, p], reason[s, p] = done[bound, p]
    return Pieces(
        services=pd.Index(list(limits)),
        start=start,
        count=count,
        refusal=reason,
        number=np.array([piece.count for piece in flat], dtype=np.float64),
        weight_kg=np.array([piece.weight_kg for piece in flat], dtype=np.float64),
        volume_cm3=np.array([piece.volume_cm3 for piece in flat], dtype=np.float64),
        side_cm=np.array([max(piece.sides_cm) for piece in flat], dtype=np.float64),
        carton_amount=np.array([piece.amount for piece in flat], dtype=np.float64),
        carton_currency=np.array([piece.currency for piece in flat], dtype=object),
    )


def _cartons(instance: Instance) -> tuple[Carton, ...]:
    columns = (
        "carton",
        "length_cm",
        "width_cm",
        "height_cm",
        "tare_kg",
        "max_weight_kg",
        "amount",
        "currency",
    )
    rows = zip(*(instance["cartons"][column].tolist() for column in columns), strict=True)
    return tuple(Carton(key, (length, width, height), *rest) for key, length, width, height, *rest in rows)


def _ordered(profiles: pd.DataFrame) -> list[tuple[int, Unit]]:
    """Units and the packed unit of every profile."""
    columns = ("units", "unit_kg", "length_cm", "width_cm", "height_cm")
    rows = zip(*(profiles[column].tolist() for column in columns), strict=True)
    return [(units, Unit(kg, (length, width, height))) for units, kg, length, width, height in rows]
