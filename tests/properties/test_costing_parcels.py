"""Parcels: an exact scalar oracle, monotony in weight, volume and value, packing that loses nothing."""

from decimal import ROUND_CEILING, Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.costing.packing import Carton, Limits, Unit, chargeable, grid_count, pack, refusal
from optimizer.costing.quote import to_cents
from optimizer.costing.rate_cards import base_charge, chargeable_mg, rate_book
from tiny_instance import changed, tiny_instance

JUNE = np.array(["2026-06-01"], dtype="datetime64[D]")
EMPTY = tiny_instance()

grams = st.integers(1, 30_000)
cards = st.fixed_dictionaries(
    {
        "divisor": st.sampled_from([0, 5000, 6000, 8000]),
        "step": st.sampled_from(["0", "0.001", "0.1", "0.5", "1"]),
        "minimum_kg": st.sampled_from(["0", "0.05", "0.5", "2"]),
        "minimum_amount": st.sampled_from(["0", "7.5", "40"]),
        "edges": st.lists(st.integers(1, 60), max_size=4, unique=True).map(sorted),
        "bands": st.lists(
            st.tuples(st.integers(0, 50), st.integers(0, 30), st.sampled_from(["whole", "excess"])),
            min_size=5, max_size=5,
        ),
    }
)  # fmt: skip


def book_of(card):
    edges = [0, *(edge / 2 for edge in card["edges"])]
    rows = [
        f"c,z,{low},{high},{amount},{per_kg},{on}"
        for (low, high), (amount, per_kg, on) in zip(
            zip(edges, [*edges[1:], ""], strict=True), card["bands"], strict=False
        )
    ]
    return rate_book(
        changed(
            EMPTY,
            rate_cards="card,currency,divisor_cm3_per_kg,step_kg,minimum_kg,minimum_amount\nc,EUR,"
            f"{card['divisor'] or ''},{card['step']},{card['minimum_kg']},{card['minimum_amount']}",
            rate_breaks="card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg,per_kg_on\n"
            + "\n".join(rows),
        ),
        JUNE,
    )


def priced(book, weight_kg, volume_cm3):
    weight_kg, volume_cm3 = np.asarray(weight_kg, float), np.asarray(volume_cm3, float)
    zero = np.zeros(len(weight_kg), dtype=np.int64)
    mg = chargeable_mg(book, zero, weight_kg, volume_cm3)
    amount, offered = base_charge(book, zero, zero, zero, mg)
    assert offered.all()
    return mg, amount


def oracle(card, weight_g, volume_cm3):
    """The card read by hand, in exact decimals."""
    weight = Decimal(weight_g) / 1000
    if card["divisor"]:
        weight = max(weight, (Decimal(volume_cm3) / card["divisor"]).quantize(Decimal("0.000001")))
    weight = max(weight, Decimal(card["minimum_kg"]))
    step = Decimal(card["step"])
    if step:
        weight = (weight / step).to_integral_value(ROUND_CEILING) * step
    edges = [Decimal(0), *(Decimal(edge) / 2 for edge in card["edges"])]
    band = max(k for k, edge in enumerate(edges) if edge <= weight)
    amount, per_kg, on = card["bands"][band]
    charged = weight - edges[band] if on == "excess" else weight
    return weight, max(amount + per_kg * charged, Decimal(card["minimum_amount"]))


@settings(deadline=None, max_examples=60)
@given(card=cards, parcels=st.lists(st.tuples(grams, st.integers(1, 100_000)), min_size=1, max_size=8))
def test_vectorised_cards_agree_with_exact_decimals(card, parcels):
    weights, volumes = [g / 1000 for g, _ in parcels], [cm3 for _, cm3 in parcels]
    mg, amount = priced(book_of(card), weights, volumes)
    for k, (weight_g, volume) in enumerate(parcels):
        weight, charge = oracle(card, weight_g, volume)
        assert mg[k] == int(weight * 1_000_000)
        assert abs(amount[k] - float(charge)) < 1e-9


@settings(deadline=None, max_examples=60)
@given(
    card=cards,
    weights=st.tuples(grams, grams),
    volumes=st.tuples(st.integers(1, 100_000), st.integers(1, 100_000)),
)
def test_heavier_or_bulkier_is_cheaper_only_across_a_break(card, weights, volumes):
    book = book_of(card)
    small = (min(weights) / 1000, min(volumes))
    large = (max(weights) / 1000, max(volumes))
    mg, amount = priced(book, [small[0], large[0]], [small[1], large[1]])
    assert mg[0] <= mg[1]
    edges = [edge * 500_000 for edge in card["edges"]]
    crossed = any(mg[0] < edge <= mg[1] for edge in edges)
    assert amount[0] <= amount[1] + 1e-9 or crossed


@settings(deadline=None, max_examples=30)
@given(card=cards, parcels=st.lists(st.tuples(grams, st.integers(1, 100_000)), min_size=2, max_size=6))
def test_zero_rates_cost_nothing_and_order_does_not_matter(card, parcels):
    weights, volumes = [g / 1000 for g, _ in parcels], [cm3 for _, cm3 in parcels]
    book = book_of(card)
    _, forwards = priced(book, weights, volumes)
    _, backwards = priced(book, weights[::-1], volumes[::-1])
    assert forwards.tolist() == backwards[::-1].tolist()
    free = {**card, "minimum_amount": "0", "bands": [(0, 0, on) for _, _, on in card["bands"]]}
    assert not priced(book_of(free), weights, volumes)[1].any()


sides = st.tuples(*[st.integers(1, 40).map(float)] * 3)
cartons = st.lists(st.tuples(sides, st.integers(0, 9), st.integers(1, 30)), max_size=4).map(
    lambda rows: tuple(
        Carton(f"c{k}", size, tare / 10, float(load), 0.1 * k, "EUR")
        for k, (size, tare, load) in enumerate(rows)
    )
)
limits = st.builds(
    Limits, weight_kg=st.integers(1, 30).map(float), side_cm=st.integers(20, 120).map(float),
    sides_sum_cm=st.integers(40, 250).map(float), divisor=st.sampled_from([0.0, 5000.0]),
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(units=st.integers(1, 12), weight=st.integers(1, 50), size=sides, cartons=cartons, limits=limits)
def test_packing_holds_every_unit_within_the_limits(units, weight, size, cartons, limits):
    unit = Unit(weight / 10, size)
    order = pack(units, unit, cartons, limits)
    if isinstance(order, str):
        assert order == refusal(unit.weight_kg, unit.sides_cm, limits) != ""
        return
    assert sum(piece.count * piece.units for piece in order) == units
    tare = {carton.key: carton.tare_kg for carton in cartons} | {"": 0.0}
    for piece in order:
        assert refusal(piece.weight_kg, piece.sides_cm, limits) == ""
        assert abs(piece.weight_kg - piece.units * unit.weight_kg - tare[piece.carton]) < 1e-9
        assert piece.units <= grid_count(piece.sides_cm, unit.sides_cm)


@settings(deadline=None, max_examples=150)
@given(units=st.integers(1, 4), weight=st.integers(1, 50), size=sides, cartons=cartons, limits=limits)
def test_one_carton_is_the_lightest_that_holds_the_order(units, weight, size, cartons, limits):
    unit = Unit(weight / 10, size)
    order = pack(units, unit, cartons, limits)
    fitting = [
        chargeable(units * unit.weight_kg + c.tare_kg, c.sides_cm, limits.divisor)
        for c in cartons
        if grid_count(c.sides_cm, size) >= units
        and units * unit.weight_kg <= c.max_weight_kg + 1e-9
        and not refusal(units * unit.weight_kg + c.tare_kg, c.sides_cm, limits)
    ]
    if fitting:
        assert not isinstance(order, str)
        (piece,) = order
        assert abs(chargeable(piece.weight_kg, piece.sides_cm, limits.divisor) - min(fitting)) < 1e-9


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(-500, 500), max_size=14))
def test_cents_add_up_and_move_less_than_a_cent(amounts):
    exact = {f"c{k}": amount for k, amount in enumerate(amounts)}
    parts, total = to_cents(exact)
    assert sum(round(100 * part) for part in parts.values()) == round(100 * total)
    assert abs(total - sum(amounts)) <= 0.005 + 1e-6
    assert all(abs(parts[name] - exact[name]) < 0.01 + 1e-9 for name in exact)
