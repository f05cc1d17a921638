"""Surcharges on rate cards: fuel, peak, demand, remote area, battery, oversize, overweight, by date."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Flags, Floats, Ints
from optimizer.costing.matching import ANY
from optimizer.costing.money import Exchange
from optimizer.costing.rate_cards import MG_PER_KG, RateBook
from optimizer.costing.validity import epochs, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["BASES", "CONDITIONS", "SurchargeBook", "Traits", "surcharge", "surcharge_book"]

BASES = ("pct_of_base", "parcel", "kg")
CONDITIONS = ("always", "remote", "battery", "side_over_cm", "weight_from_kg")


@dataclass(frozen=True, eq=False)
class Traits:
    """What decides whether a conditional surcharge applies, per parcel."""

    remote: Flags
    battery: Flags
    side_cm: Floats


@dataclass(frozen=True, eq=False)
class SurchargeBook:
    """Surcharges by card, zone, epoch and slot.

    Parameters
    ----------
    epoch
        Per date of the rate book.
    slots
        Per card, zone (the last one stands for zones without a row of their own) and epoch: row numbers
        of surcharges, −1 for an empty slot.
    basis, condition, amount, minimum, threshold, currency
        Per surcharge row.
    factor
        Per currency and date: to scenario currency.
    """

    epoch: Ints
    slots: Ints
    basis: Ints
    condition: Ints
    amount: Floats
    minimum: Floats
    threshold: Floats
    currency: Ints
    factor: Floats


def surcharge_book(instance: Instance, book: RateBook) -> SurchargeBook:
    """Arrange the surcharges of an instance by the cards, zones and dates of its rate book.

    Of one surcharge, a row for the zone beats the row for ``*``.
    """
    table = instance["surcharges"].reset_index(drop=True)
    epoch, samples = epochs(table, book.dates)
    found = [_by_zone(rows_on(table, ["card", "surcharge", "zone"], date), book) for date in samples]
    width = max((int(one["slot"].max()) + 1 for one in found if len(one)), default=0)
    slots = np.full((len(book.cards), len(book.zones) + 1, max(len(samples), 1), width), -1, dtype=np.int64)
    for number, one in enumerate(found):
        slots[one["card"], one["zone"], number, one["slot"]] = one["row"]
    currency, names = pd.factorize(table["currency"])
    return SurchargeBook(
        epoch=epoch,
        slots=slots,
        basis=pd.Index(BASES).get_indexer(pd.Index(table["basis"])).astype(np.int64),
        condition=pd.Index(CONDITIONS).get_indexer(pd.Index(table["condition"])).astype(np.int64),
        amount=table["amount"].to_numpy(np.float64),
        minimum=table["minimum_amount"].to_numpy(np.float64),
        threshold=table["threshold"].to_numpy(np.float64),
        currency=currency.astype(np.int64),
        factor=Exchange(instance).table([str(name) for name in names], book.dates),
    )


def surcharge(
    book: SurchargeBook, card: Ints, zone: Ints, date: Ints, weight_mg: Ints, base: Floats, traits: Traits
) -> Floats:
    r"""Return the sum of all surcharges of parcels, in scenario currency.

    .. math:: s = \sum_k [\text{condition}_k] \cdot \max(a_k \cdot u_k,\ \text{minimum}_k)

    with u = base charge / 100, 1 or chargeable kg by the basis. Percentages count on the base charge
    alone, never on other surcharges. "Side over" is strict; "weight from" includes its threshold and
    looks at the chargeable weight.

    Parameters
    ----------
    card, zone, date
        Positions in the rate book.
    weight_mg, base
        Chargeable weight, and base charge in scenario currency.
    traits
        Remote market, battery, longest side.
    """
    total = np.zeros(len(card))
    epoch = book.epoch[date]
    for slot in range(book.slots.shape[3]):
        row = book.slots[card, zone, epoch, slot]
        at = np.flatnonzero(row >= 0)
        row = row[at]
        kg = weight_mg[at] / MG_PER_KG
        applies = np.select(
            [book.condition[row] == k for k in range(1, len(CONDITIONS))],
            [
                traits.remote[at],
                traits.battery[at],
                traits.side_cm[at] > book.threshold[row],
                weight_mg[at] >= np.rint(np.nan_to_num(book.threshold[row]) * MG_PER_KG),
            ],
            default=True,
        )
        factor = book.factor[book.currency[row], date[at]]
        units = np.select([book.basis[row] == 0, book.basis[row] == 2], [base[at] / 100, kg * factor], factor)
        charge = np.maximum(book.amount[row] * units, book.minimum[row] * factor)
        total[at] += np.where(applies, charge, 0.0)
    return total


def _by_zone(held: pd.DataFrame, book: RateBook) -> pd.DataFrame:
    """Surcharge rows by card and zone, numbered by slot; the last zone stands for any without a row."""
    frame = pd.DataFrame(
        {
            "card": book.cards.get_indexer(pd.Index(held["card"])),
            "zone": book.zones.get_indexer(pd.Index(held["zone"])),
            "surcharge": held["surcharge"].to_numpy(),
            "row": held.index.to_numpy(),
        }
    )
    general = (held["zone"] == ANY).to_numpy()
    own = frame[~general & (frame["zone"] >= 0) & (frame["card"] >= 0)]
    zones = pd.DataFrame({"zone": np.arange(len(book.zones) + 1)})
    spread = frame[general & (frame["card"] >= 0)].drop(columns="zone").merge(zones, how="cross")
    both = pd.concat([own, spread], ignore_index=True).drop_duplicates(["card", "zone", "surcharge"])
    both = both.sort_values(["card", "zone", "row"], kind="stable", ignore_index=True)
    return both.assign(slot=both.groupby(["card", "zone"]).cumcount())
