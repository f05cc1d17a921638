"""Rate cards: bands, rounding steps, per-kg parts and minimum charges, for arrays of parcels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Dates, Flags, Floats, Ints
from optimizer.costing.money import Exchange
from optimizer.costing.validity import day, epochs, missing, rows_on
from optimizer.errors import Fault, InputError
from optimizer.scenario.instance import Instance

__all__ = ["MG_PER_KG", "RateBook", "base_charge", "chargeable_mg", "rate_book"]

MG_PER_KG = 1_000_000
SPAN = 1 << 36


@dataclass(frozen=True, eq=False)
class RateBook:
    """All rate cards of an instance on given dates, as arrays.

    Weights are whole milligrams, so that "from ≤ x < to" and rounding steps are exact.

    Parameters
    ----------
    cards, zones
        Keys; the other arrays count by their positions.
    dates, epoch
        Dates, and the epoch of each: the same breaks hold on all dates of an epoch.
    divisor, step_mg, minimum_mg, minimum_amount, duty_included
        Per card; divisor 0: actual weight only.
    factor
        Per card and date: to scenario currency.
    block
        Per card, zone and epoch: number of its bands' block, −1 where there is none.
    key
        Per band, ascending: ``block · 2³⁶ + weight_from`` in mg.
    to_mg, from_mg, amount, per_kg
        Per band; `from_mg` is 0 where the per-kg part counts the whole weight.
    """

    cards: pd.Index
    zones: pd.Index
    dates: Dates
    epoch: Ints
    divisor: Floats
    step_mg: Ints
    minimum_mg: Ints
    minimum_amount: Floats
    duty_included: Flags
    factor: Floats
    block: Ints
    key: Ints
    to_mg: Ints
    from_mg: Ints
    amount: Floats
    per_kg: Floats


def rate_book(instance: Instance, dates: Dates) -> RateBook:
    """Bring the rate cards and breaks of an instance into arrays for `dates`.

    Raises
    ------
    InputError
        Bands of a card, zone and date overlap or leave a gap, or an exchange rate is missing.
    """
    cards, breaks = instance["rate_cards"], instance["rate_breaks"]
    epoch, samples = epochs(breaks, dates)
    card_keys, zones = pd.Index(cards["card"]), pd.Index(breaks["zone"].unique())
    block = np.full((len(card_keys), len(zones), max(len(samples), 1)), -1, dtype=np.int64)
    bands = [_bands(rows_on(breaks, ["card", "zone"], date), card_keys, zones) for date in samples]
    for number, band in enumerate(bands):
        _check_bands(band, samples[number])
        band["epoch"] = number
    table = pd.concat(bands, ignore_index=True) if bands else _bands(breaks, card_keys, zones)
    codes, groups = pd.factorize(table.set_index(["c", "z", "epoch"]).index if len(table) else pd.Index([]))
    if len(table):
        at = np.array(list(groups), dtype=np.int64)
        block[at[:, 0], at[:, 1], at[:, 2]] = np.arange(len(groups))
    from_mg = _mg(table["weight_from_kg"])
    excess = (table["per_kg_on"] == "excess").to_numpy()
    return RateBook(
        cards=card_keys,
        zones=zones,
        dates=dates,
        epoch=epoch,
        divisor=cards["divisor_cm3_per_kg"].fillna(0.0).to_numpy(np.float64),
        step_mg=_mg(cards["step_kg"]),
        minimum_mg=_mg(cards["minimum_kg"]),
        minimum_amount=cards["minimum_amount"].to_numpy(np.float64),
        duty_included=cards["duty_included"].to_numpy(np.bool_),
        factor=Exchange(instance).table(list(cards["currency"]), dates),
        block=block,
        key=codes * SPAN + from_mg,
        to_mg=np.where(table["weight_to_kg"].isna(), SPAN - 1, _mg(table["weight_to_kg"].fillna(0.0))),
        from_mg=np.where(excess, from_mg, 0),
        amount=table["amount"].to_numpy(np.float64),
        per_kg=table["amount_per_kg"].to_numpy(np.float64),
    )


def chargeable_mg(book: RateBook, card: Ints, weight_kg: Floats, volume_cm3: Floats) -> Ints:
    r"""Return the chargeable weight of parcels in mg.

    .. math:: w = \lceil \max(\text{actual},\ L W H / \text{divisor},\ \text{minimum}) \rceil_{\text{step}}

    Source: the carriers' rule as every rate card states it; divisor, step and minimum are fields of the card.
    """
    divisor = book.divisor[card]
    volumetric = np.divide(volume_cm3, divisor, out=np.zeros(len(card)), where=divisor > 0)
    weight = np.maximum(
        np.rint(np.maximum(weight_kg, volumetric) * MG_PER_KG).astype(np.int64), book.minimum_mg[card]
    )
    step = np.maximum(book.step_mg[card], 1)
    rounded: Ints = -(-weight // step) * step
    return rounded


def base_charge(book: RateBook, card: Ints, zone: Ints, date: Ints, weight_mg: Ints) -> tuple[Floats, Flags]:
    r"""Return the base charge of parcels in the card's currency, and whether the card has a band for them.

    .. math:: b = \max(\text{amount} + \text{per kg} \cdot (w - w_0),\ \text{minimum amount})

    with :math:`w_0 = 0` ("whole") or the band's lower end ("excess"), for
    :math:`\text{from} \le w < \text{to}`.

    Parameters
    ----------
    book
        Cards, breaks and dates.
    card, zone, date
        Positions in the book; shape (n,). Zone −1: unknown to every card.
    weight_mg
        Chargeable weight.

    Raises
    ------
    InputError
        A card has no band at all for a zone on a date; a weight outside the bands only is not offered.
    """
    block = np.where(zone >= 0, book.block[card, zone, book.epoch[date]], -1)
    if np.any(block < 0):
        raise _no_rates(book, card, zone, date, block < 0)
    band = np.searchsorted(book.key, block * SPAN + weight_mg, side="right") - 1
    band = np.maximum(band, 0)
    offered = (book.key[band] // SPAN == block) & (weight_mg < book.to_mg[band])
    charged = (weight_mg - book.from_mg[band]) / MG_PER_KG
    amount = book.amount[band] + book.per_kg[band] * charged
    return np.maximum(amount, book.minimum_amount[card]), offered


def _bands(held: pd.DataFrame, cards: pd.Index, zones: pd.Index) -> pd.DataFrame:
    frame = held[["card", "zone", "weight_from_kg", "weight_to_kg", "amount", "amount_per_kg", "per_kg_on"]]
    frame = frame.assign(
        c=cards.get_indexer(pd.Index(held["card"])), z=zones.get_indexer(pd.Index(held["zone"])), epoch=0
    )
    return frame[frame["c"] >= 0].sort_values(["c", "z", "weight_from_kg"], kind="stable", ignore_index=True)


def _check_bands(bands: pd.DataFrame, date: np.datetime64) -> None:
    same = (bands["c"].diff() == 0) & (bands["z"].diff() == 0)
    broken = bands[same & (_mg(bands["weight_from_kg"]) != _mg(bands["weight_to_kg"].shift().fillna(-1.0)))]
    faults = [
        Fault(
            f"table rate_breaks, card {row.card} zone {row.zone} on {day(date)}",
            f"{row.weight_from_kg:g} kg",
            "the band before does not end where this one begins.",
            "Let each weight_to_kg equal the next weight_from_kg.",
        )
        for row in broken.itertuples()
    ]
    if faults:
        raise InputError(faults)


def _no_rates(book: RateBook, card: Ints, zone: Ints, date: Ints, absent: Flags) -> InputError:
    wanted = sorted(
        set(zip(card[absent].tolist(), zone[absent].tolist(), date[absent].tolist(), strict=True))
    )
    names = [
        f"card {book.cards[c]} zone {book.zones[z] if z >= 0 else '(unknown)'} on {day(book.dates[d])}"
        for c, z, d in wanted[:20]
    ]
    return missing(
        "rate_breaks", names, "Add breaks that hold on that date, or end the lanes that use the zone."
    )


def _mg(kg: pd.Series) -> Ints:
    rounded: Ints = np.rint(kg.to_numpy(np.float64) * MG_PER_KG).astype(np.int64)
    return rounded
