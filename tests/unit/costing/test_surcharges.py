"""Surcharges: basis, minimum, condition, zone and date, with the arithmetic written out."""

import numpy as np
import pytest

from lamp_world import world
from optimizer.costing.rate_cards import rate_book
from optimizer.costing.surcharges import Traits, surcharge, surcharge_book

SURCHARGES = """
    card,surcharge,zone,basis,amount,minimum_amount,condition,threshold,currency,valid_from,valid_to
    line,fuel,*,pct_of_base,28.25,0,always,,EUR,2026-01-01,
    line,demand,*,kg,2,0,always,,EUR,2026-09-15,2027-01-31
    line,demand,DE,kg,15,0,always,,EUR,2026-09-15,2027-01-31
    line,remote,*,kg,5,25,remote,,EUR,2026-01-01,
    line,battery,*,parcel,4,0,battery,,EUR,2026-01-01,
    line,oversize,*,parcel,33,0,side_over_cm,100,EUR,2026-01-01,
    line,heavy,*,parcel,90,0,weight_from_kg,20,CNY,2026-01-01,
    post,handling,*,pct_of_base,1,3,always,,EUR,2026-01-01,"""
FUEL = 28.25


def charge(card, date, kg, base, *, zone="DE", remote=False, battery=False, side=30.0):
    instance = world(surcharges=SURCHARGES)
    book = rate_book(instance, np.array([date], dtype="datetime64[D]"))
    extra = surcharge_book(instance, book)
    z = book.zones.get_indexer([zone])
    traits = Traits(np.array([remote]), np.array([battery]), np.array([side]))
    weight = np.array([round(kg * 1e6)])
    at = (np.array([book.cards.get_loc(card)]), z, np.array([0]))
    return float(surcharge(extra, *at, weight, np.array([float(base)]), traits)[0])


@pytest.mark.parametrize(
    ("arguments", "traits", "amount", "arithmetic"),
    [
        (("line", "2026-06-01", 2.0, 100), {}, 28.25, "fuel 28.25 % of 100"),
        (("line", "2026-06-01", 2.0, 0), {}, 0.0, "28.25 % of nothing"),
        (("line", "2026-09-14", 2.0, 100), {}, 28.25, "the day before the demand surcharge starts"),
        (("line", "2026-09-15", 2.0, 100), {}, 58.25, "28.25 + 2 kg x 15: the zone's row beats *"),
        (("line", "2026-09-15", 2.0, 100), {"zone": "elsewhere"}, 32.25, "28.25 + 2 kg x 2: the row for *"),
        (("line", "2027-01-31", 2.0, 100), {}, 58.25, "its last day"),
        (("line", "2027-02-01", 2.0, 100), {}, 28.25, "the day after"),
        (("line", "2026-06-01", 2.0, 100), {"remote": True}, 53.25, "28.25 + max(2 x 5, 25)"),
        (("line", "2026-06-01", 5.0, 100), {"remote": True}, 53.25, "28.25 + max(5 x 5, 25): both alike"),
        (("line", "2026-06-01", 6.0, 100), {"remote": True}, 58.25, "28.25 + max(6 x 5, 25)"),
        (("line", "2026-06-01", 2.0, 100), {"battery": True}, 32.25, "28.25 + 4"),
        (("line", "2026-06-01", 2.0, 100), {"side": 100.0}, 28.25, "100 cm is not over 100 cm"),
        (("line", "2026-06-01", 2.0, 100), {"side": 100.1}, 61.25, "28.25 + 33"),
        (("line", "2026-06-01", 19.999, 100), {}, 28.25, "below 20 kg"),
        (("line", "2026-06-01", 20.0, 100), {}, 39.5, "28.25 + 90 CNY / 8 CNY per EUR = 11.25"),
        (("post", "2026-06-01", 1.0, 100), {}, 3.0, "1 % of 100 = 1, minimum 3"),
        (("post", "2026-06-01", 1.0, 400), {}, 4.0, "1 % of 400 = 4, above the minimum"),
        (("ddp", "2026-06-01", 1.0, 400), {}, 0.0, "a card without surcharges"),
    ],
)
def test_worked_example(arguments, traits, amount, arithmetic):
    assert charge(*arguments, **traits) == pytest.approx(amount, abs=1e-9), arithmetic
