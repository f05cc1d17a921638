"""Packing: the carton that weighs least on the card, several pieces, bundles, and refusals."""

from math import inf

import pytest

from optimizer.costing.packing import Carton, Limits, Unit, chargeable, grid_count, pack

SMALL = Carton("small", (30.0, 20.0, 10.0), 0.1, 5.0, 0.3, "EUR")
TALL = Carton("tall", (30.0, 20.0, 20.0), 0.2, 8.0, 0.5, "EUR")
HUGE = Carton("huge", (60.0, 40.0, 40.0), 0.9, 25.0, 1.2, "EUR")
LAMP = Unit(0.8, (28.0, 18.0, 9.0))


def test_one_unit_takes_the_smallest_chargeable_carton():
    """max(0.9, 6000/5000 = 1.2) in small, max(1.0, 2.4) in tall: small."""
    (piece,) = pack(1, LAMP, (HUGE, TALL, SMALL), Limits(divisor=5000.0))
    assert (piece.carton, piece.weight_kg, piece.amount) == ("small", pytest.approx(0.9), 0.3)
    assert chargeable(piece.weight_kg, piece.sides_cm, 5000.0) == 1.2


def test_two_units_stack_in_the_taller_carton():
    """20 cm holds two of 9 cm: 2 x 0.8 + 0.2 = 1.8 kg, 12000/5000 = 2.4 chargeable."""
    (piece,) = pack(2, LAMP, (SMALL, TALL, HUGE), Limits(divisor=5000.0))
    assert (piece.carton, piece.units, piece.weight_kg) == ("tall", 2, pytest.approx(1.8))


def test_the_divisor_of_the_card_decides():
    """Foil: light and flat in a wide carton or heavy in a dense one.

    flat: 0.1 + 0.05 = 0.15 kg, 5000 cm3; dense: 0.1 + 0.5 = 0.6 kg, 1000 cm3. With divisor 5000: 1.0
    against 0.6, dense; by actual weight: 0.15 against 0.6, flat.
    """
    flat = Carton("flat", (50.0, 50.0, 2.0), 0.05, 5.0, 0.1, "EUR")
    dense = Carton("dense", (10.0, 10.0, 10.0), 0.5, 5.0, 0.1, "EUR")
    foil = Unit(0.1, (9.0, 9.0, 1.0))
    assert pack(1, foil, (flat, dense), Limits(divisor=5000.0))[0].carton == "dense"
    assert pack(1, foil, (flat, dense), Limits())[0].carton == "flat"


def test_equal_weight_takes_the_cheaper_carton():
    dear = Carton("a-dear", (30.0, 20.0, 10.0), 0.1, 5.0, 0.9, "EUR")
    assert pack(1, LAMP, (dear, SMALL))[0].carton == "small"


def test_more_than_one_carton_holds_becomes_several_pieces():
    """tall holds 2; five units are 2 + 2 + 1: two tall of 1.8 kg and one small of 0.9 kg."""
    pieces = pack(5, LAMP, (SMALL, TALL))
    assert [(piece.count, piece.units, piece.carton) for piece in pieces] == [(2, 2, "tall"), (1, 1, "small")]
    assert sum(piece.count * piece.weight_kg for piece in pieces) == pytest.approx(2 * 1.8 + 0.9)


def test_the_weight_limit_of_the_service_splits_orders():
    """2 kg: two lamps in tall weigh 1.8 kg, three would weigh 2.6 kg: 3 units are 2 + 1."""
    pieces = pack(3, LAMP, (HUGE, TALL, SMALL), Limits(weight_kg=2.0))
    assert [(piece.count, piece.units) for piece in pieces] == [(1, 2), (1, 1)]
    assert all(piece.weight_kg <= 2.0 for piece in pieces)


@pytest.mark.parametrize(
    ("unit", "limits", "reason"),
    [
        (Unit(2.0001, (10.0, 10.0, 10.0)), Limits(weight_kg=2.0), "over 2 kg"),
        (Unit(1.0, (61.0, 10.0, 10.0)), Limits(side_cm=60.0), "a side over 60 cm"),
        (Unit(1.0, (50.0, 30.0, 11.0)), Limits(sides_sum_cm=90.0), "length + width + height over 90 cm"),
    ],
)
def test_a_unit_over_the_limit_is_refused_with_the_reason(unit, limits, reason):
    assert pack(1, unit, (), limits) == reason


def test_limits_themselves_are_accepted():
    limits = Limits(2.0, 60.0, 90.0)
    (piece,) = pack(1, Unit(2.0, (60.0, 20.0, 10.0)), (), limits)
    assert piece.weight_kg == 2.0


def test_without_cartons_units_are_bundled():
    """Four bricks of 20 x 10 x 5 make the block of 4000 cm3 with the least sum of sides: 20 x 10 x 20."""
    (piece,) = pack(4, Unit(0.5, (20.0, 10.0, 5.0)), ())
    assert (piece.weight_kg, piece.carton) == (2.0, "")
    assert sorted(piece.sides_cm) in ([10.0, 20.0, 20.0],)


def test_bundles_respect_the_limits():
    """0.8 kg each and at most 2 kg: 2 + 2 + 1."""
    pieces = pack(5, LAMP, (), Limits(weight_kg=2.0))
    assert [(piece.count, piece.units) for piece in pieces] == [(2, 2), (1, 1)]


def test_turning_the_unit_counts():
    """30 x 20 x 20 holds 20 x 10 x 15 as 1 x 2 x 1 upright; laid along 15: 2 x 1 x 2 = 4."""
    assert grid_count((30.0, 20.0, 20.0), (20.0, 10.0, 15.0)) == 4
    assert grid_count((10.0, 10.0, 10.0), (10.1, 1.0, 1.0)) == 0


def test_a_carton_that_is_too_weak_is_not_filled_beyond_its_content():
    weak = Carton("weak", (30.0, 20.0, 20.0), 0.2, 1.5, 0.2, "EUR")
    assert [piece.units for piece in pack(2, LAMP, (weak,))] == [1]
    assert Limits().weight_kg == inf


def test_the_rest_of_an_order_fits_where_a_full_piece_does():
    """Sides up to 20 cm, sum up to 40 cm: 11 bricks of 5 x 5 x 11 go six by six as 15 x 10 x 11.

    The remaining five would make the block of least volume at 25 x 5 x 11, which is too long: 15 x 10 x 11.
    """
    pieces = pack(11, Unit(0.1, (5.0, 5.0, 11.0)), (), Limits(1.0, 20.0, 40.0))
    assert sum(piece.count * piece.units for piece in pieces) == 11
    assert all(max(piece.sides_cm) <= 20.0 and sum(piece.sides_cm) <= 40.0 for piece in pieces)
