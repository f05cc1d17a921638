"""Order profiles: the sizes in which a product is ordered, what they weigh, are worth and how they are packed."""

from dataclasses import dataclass
from math import inf, isnan

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, Ints
from optimizer.costing.packing import NO_LIMITS, Carton, Limits, Piece, Unit, pack
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
    packed = [_packed(row, cartons, NO_LIMITS) for row in frame.itertuples()]
    frame["packed_kg"] = [sum(piece.count * piece.weight_kg for piece in order) for order in packed]
    frame["packed_m3"] = [
        sum(piece.count * float(np.prod(piece.sides_cm)) / 1e6 for piece in order) for order in packed
    ]
    columns = [
        "product", "member", "product_number", "units", "headings", "share", "weight_kg", "volume_m3", "packed_kg",
        "packed_m3", "retail_value", "goods_cost", "currency", "hs_code", "category", "cargo", "unit_kg",
        "length_cm", "width_cm", "height_cm",
    ]  # fmt: skip
    return frame[columns]


def means(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the mean order of each product: units, weight_kg, volume_m3, packed_kg, packed_m3, retail_value, goods_cost.

    Returns
    -------
    pandas.DataFrame
        Index product, in table order; also member, currency, hs_code, category and cargo.
    """
    amounts = ["units", "weight_kg", "volume_m3", "packed_kg", "packed_m3", "retail_value", "goods_cost"]
    weighted = profiles[amounts].mul(profiles["share"], axis=0).groupby(profiles["product"], sort=False).sum()
    labels = profiles.drop_duplicates("product").set_index("product")
    return weighted.join(labels[["member", "currency", "hs_code", "category", "cargo"]])


def service_limits(instance: Instance) -> dict[str, Limits]:
    """Return the limits of every service with a rate card, with the volumetric divisor of that card."""
    divisors = dict(zip(instance["rate_cards"]["card"], instance["rate_cards"]["divisor_cm3_per_kg"], strict=True))
    return {
        str(row.service): Limits(
            _or(row.max_weight_kg, inf), _or(row.max_side_cm, inf), _or(row.max_sides_sum_cm, inf),
            _or(divisors.get(row.rate_card, 0.0), 0.0),
        )
        for row in instance["services"].itertuples()
        if row.rate_card
    }  # fmt: skip


def pieces(instance: Instance, profiles: pd.DataFrame) -> Pieces:
    """Pack every profile for every parcel service and last mile."""
    cartons = _cartons(instance)
    limits = service_limits(instance)
    shape = (len(limits), len(profiles))
    start, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    reason = np.full(shape, "", dtype=object)
    flat: list[Piece] = []
    done: dict[tuple[Limits, int], tuple[int, int, str]] = {}
    for s, bound in enumerate(limits.values()):
        for p, row in enumerate(profiles.itertuples()):
            if (bound, p) not in done:
                order = _packed(row, cartons, bound)
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
        volume_cm3=np.array([np.prod(piece.sides_cm) for piece in flat], dtype=np.float64),
        side_cm=np.array([max(piece.sides_cm) for piece in flat], dtype=np.float64),
        carton_amount=np.array([piece.amount for piece in flat], dtype=np.float64),
        carton_currency=np.array([piece.currency for piece in flat], dtype=object),
    )


def _cartons(instance: Instance) -> tuple[Carton, ...]:
    return tuple(
        Carton(
            str(row.carton), (float(row.length_cm), float(row.width_cm), float(row.height_cm)),
            float(row.tare_kg), float(row.max_weight_kg), float(row.amount), str(row.currency),
        )
        for row in instance["cartons"].itertuples()
    )  # fmt: skip


def _packed(row: object, cartons: tuple[Carton, ...], limits: Limits) -> tuple[Piece, ...] | str:
    unit = Unit(float(row.unit_kg), (float(row.length_cm), float(row.width_cm), float(row.height_cm)))  # type: ignore[attr-defined]
    return pack(int(row.units), unit, cartons, limits)  # type: ignore[attr-defined]


def _or(value: float, default: float) -> float:
    return default if isnan(value) else float(value)
