"""Rate cards: every band edge, step, minimum and divisor, with the arithmetic of the card written out."""

import numpy as np
import pytest

from lamp_world import world
from optimizer.costing.rate_cards import base_charge, chargeable_mg, rate_book
from optimizer.errors import InputError
from optimizer.scenario.instance import Instance
from tiny_instance import tiny_instance

JUNE = np.array(["2026-06-01"], dtype="datetime64[D]")

CARDS = """
    card,currency,divisor_cm3_per_kg,step_kg,minimum_kg,minimum_amount
    cainiao,CNY,,0.001,0,0
    express,CNY,5000,0.5,0.5,0
    line,CNY,8000,0.1,0,30
    ground,CNY,,0,0,0"""
BREAKS = """
    card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg,per_kg_on
    cainiao,DE,0,2.001,18.85,70.44,whole
    express,7,0,0.5,344,0,whole
    express,7,0.5,21,344,70,excess
    express,7,21,,0,110,whole
    line,DE,0,0.3,10,60,whole
    line,DE,0.3,,12,50,whole
    ground,8,0,1,7.93,0,whole
    ground,8,1,,9,0,whole"""


def card_world() -> Instance:
    return tiny_instance("CNY", rate_cards=CARDS, rate_breaks=BREAKS)


def charge(
    card: str, zone: str, weight_kg: float, sides: tuple[float, float, float] = (1, 1, 1)
) -> tuple[float, float, bool]:
    """Chargeable kg, base charge and whether the card has a band."""
    book = rate_book(card_world(), JUNE)
    c = np.array([book.cards.get_loc(card)])
    z = np.array([book.zones.get_loc(zone)])
    d = np.array([0])
    mg = chargeable_mg(book, c, np.array([weight_kg]), np.array([float(np.prod(sides))]))
    amount, offered = base_charge(book, c, z, d, mg)
    return float(mg[0]) / 1e6, float(amount[0]), bool(offered[0])


@pytest.mark.parametrize(
    ("card", "zone", "weight", "sides", "chargeable", "amount", "arithmetic"),
    [
        ("cainiao", "DE", 0.8, (30, 20, 10), 0.8, 75.202, "18.85 + 0.8 x 70.44; no divisor: volume is free"),
        ("cainiao", "DE", 0.1234, (1, 1, 1), 0.124, 27.58456, "0.1234 -> 0.124; 18.85 + 0.124 x 70.44"),
        ("cainiao", "DE", 2.0, (1, 1, 1), 2.0, 159.73, "18.85 + 2 x 70.44; 2 kg is inside 'to 2.001'"),
        (
            "express",
            "7",
            0.4,
            (1, 1, 1),
            0.5,
            344.0,
            "minimum 0.5 kg falls in the band from 0.5: 344 + 0 x 70",
        ),
        ("express", "7", 0.5, (1, 1, 1), 0.5, 344.0, "0.5 is on a step: no rounding"),
        ("express", "7", 0.501, (1, 1, 1), 1.0, 379.0, "0.501 -> 1.0; 344 + (1.0 - 0.5) x 70"),
        ("express", "7", 0.8, (30, 20, 10), 1.5, 414.0, "6000 / 5000 = 1.2 -> 1.5; 344 + (1.5 - 0.5) x 70"),
        ("express", "7", 20.5, (1, 1, 1), 20.5, 1744.0, "344 + (20.5 - 0.5) x 70"),
        ("express", "7", 21.0, (1, 1, 1), 21.0, 2310.0, "21 is in the upper band: 21 x 110"),
        ("line", "DE", 0.29, (1, 1, 1), 0.3, 30.0, "0.29 -> 0.3: 12 + 0.3 x 50 = 27, minimum charge 30"),
        ("line", "DE", 0.2, (1, 1, 1), 0.2, 30.0, "10 + 0.2 x 60 = 22, minimum charge 30"),
        ("line", "DE", 0.36, (1, 1, 1), 0.4, 32.0, "0.36 -> 0.4; 12 + 0.4 x 50 = 32, above the minimum"),
        ("line", "DE", 0.5, (40, 30, 10), 1.5, 87.0, "12000 / 8000 = 1.5; 12 + 1.5 x 50"),
        ("ground", "8", 0.999999, (1, 1, 1), 0.999999, 7.93, "just below the edge"),
        ("ground", "8", 1.0, (1, 1, 1), 1.0, 9.0, "from <= x: the edge belongs to the upper band"),
    ],
)
def test_worked_example(card, zone, weight, sides, chargeable, amount, arithmetic):
    kg, base, offered = charge(card, zone, weight, sides)
    assert offered
    assert kg == pytest.approx(chargeable, abs=1e-9), arithmetic
    assert base == pytest.approx(amount, abs=1e-9), arithmetic


def test_steps_are_exact_where_floats_are_not():
    """0.1 + 0.2 kg is 0.30000000000000004 in floats; the card still sees 0.3 kg, not the next step."""
    assert charge("line", "DE", 0.1 + 0.2)[0] == 0.3


def test_beyond_the_last_band_the_card_does_not_offer():
    assert charge("cainiao", "DE", 2.001)[2] is False
    assert charge("cainiao", "DE", 2.0)[2] is True


def test_crossing_an_all_units_break_can_be_cheaper():
    """20.5 kg pays 1744; were the upper band 80 per kg, 21 kg would pay 1680: cheaper, and shown as such."""
    breaks = BREAKS.replace("express,7,21,,0,110,whole", "express,7,21,,0,80,whole")
    book = rate_book(tiny_instance("CNY", rate_cards=CARDS, rate_breaks=breaks), JUNE)
    c, z = np.array([book.cards.get_loc("express")] * 2), np.array([book.zones.get_loc("7")] * 2)
    amount, _ = base_charge(book, c, z, np.zeros(2, dtype=int), np.array([20_500_000, 21_000_000]))
    assert amount.tolist() == [1744.0, 1680.0]


def test_editions_follow_their_dates():
    """Edition of 2026-01-01 until replaced on 2026-07-01: 5 on 30 June, 6 on 1 July; 0.5 kg x 10 on both."""
    breaks = """
        card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg,valid_from,valid_to
        post,DE,0,,5,10,2026-01-01,
        post,DE,0,,6,10,2026-07-01,"""
    dates = np.array(["2026-06-30", "2026-07-01"], dtype="datetime64[D]")
    book = rate_book(world(rate_breaks=breaks), dates)
    amount, _ = base_charge(
        book, np.zeros(2, int), np.zeros(2, int), np.array([0, 1]), np.array([500_000] * 2)
    )
    assert amount.tolist() == [10.0, 11.0]


def test_a_missing_rate_names_card_zone_date_and_table():
    breaks = """
        card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg,valid_from,valid_to
        post,DE,0,,5,10,2026-01-01,2026-06-30"""
    book = rate_book(world(rate_breaks=breaks), np.array(["2026-07-01"], dtype="datetime64[D]"))
    with pytest.raises(InputError, match=r"table rate_breaks.*card post zone DE on 2026-07-01"):
        base_charge(book, np.array([0]), np.array([0]), np.array([0]), np.array([500_000]))


def test_bands_with_a_gap_are_refused():
    breaks = """
        card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg
        post,DE,0,1,5,10
        post,DE,1.1,2,5,10"""
    with pytest.raises(InputError, match="does not end where this one begins"):
        rate_book(world(rate_breaks=breaks), JUNE)
