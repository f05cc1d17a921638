"""`quote`: the same engine for one order, reasons for what is not offered, cents that add up."""

from dataclasses import replace

import numpy as np
import pytest

from lamp_world import WORLD, world
from optimizer.costing.enquiry import Enquiry, enquiry_instance, rate_source
from optimizer.costing.quote import quote, to_cents
from optimizer.errors import InputError

LAMP = Enquiry(
    origin="Yiwu", to="DE", weight_kg=0.8, dims_cm=(30.0, 20.0, 10.0), value=40.0, hs=("940521",),
    date=np.datetime64("2026-11-01"), unit_cost=10.0, member="lantern",
)  # fmt: skip


def route(answer, service):
    return next(item for item in answer["routes"] if item["service"] == service)


def reasons(answer):
    return {item["service"]: item["reason"] for item in answer["not_offered"]}


def test_components_of_the_line_in_november():
    """As in the scenario: base 8, fuel 1.6 + peak 1, 3 EUR flat duty, refund 1.26; late at 2 EUR each.

    Loss 0.49, returns 0.61, capital 0.03; late share of (10, 15) days against 10 days: sigma 0.269,
    P = Phi(-sigma / 2) = 0.4465, x 2 = 0.89. No cent is lost: the parts add up to the total.
    """
    answer = route(quote(world(), LAMP), "line")
    parts = answer["components"]
    expected = {
        "parcel_base": 8.0, "parcel_surcharges": 2.6, "import_duty": 3.0, "export_refund": -1.26,
        "loss_damage": 0.49, "returns": 0.61, "export_declaration": 0.1, "lateness": 0.89,
    }  # fmt: skip
    assert {name: parts[name] for name in expected} == pytest.approx(expected, abs=0.011)
    assert round(sum(parts.values()), 2) == answer["total"]
    assert (answer["mode"], answer["days"], answer["days_p95"], answer["currency"]) == (
        "line",
        10.0,
        15.0,
        "EUR",
    )


def test_routes_are_cheapest_first():
    totals = [item["total"] for item in quote(world(), LAMP)["routes"]]
    assert totals == sorted(totals)
    assert len(totals) == 3


def test_not_offered_says_why():
    heavy = quote(world(), replace(LAMP, weight_kg=2.5))
    assert reasons(heavy)["post"] == "over 2 kg"
    battery = quote(world(), replace(LAMP, cargo="battery"))
    assert reasons(battery)["post"] == "does not take lithium batteries"
    liquid = quote(world(), replace(LAMP, cargo="liquid"))
    assert reasons(liquid)["post"] == "does not take liquids"
    brazil = quote(world(), replace(LAMP, to="BR"))
    assert brazil["routes"] == []
    assert reasons(brazil) == {
        "post": "no lane to BR", "line": "no lane to BR", "ddp": "no lane to BR",
        "warehouse": "the rates hold no candidate sites",
    }  # fmt: skip


def test_a_lane_that_has_ended_is_named_with_the_day():
    lanes = (
        WORLD["lanes"]
        .replace("days_p95", "days_p95,valid_from,valid_to")
        .replace("20,30", "20,30,2026-01-01,2026-10-31")
        .replace("10,15", "10,15,2026-01-01,")
    )
    answer = quote(world(lanes=lanes), LAMP)
    assert reasons(answer)["post"] == "its lane to DE does not hold on 2026-11-01"
    answer = quote(world(lanes=lanes), replace(LAMP, date=np.datetime64("2026-10-31")))
    assert "post" not in reasons(answer)


def test_two_headings_in_the_parcel_cost_six_euro():
    one = route(quote(world(), LAMP), "line")["components"]["import_duty"]
    two = route(quote(world(), replace(LAMP, hs=("940521", "910211"))), "line")["components"]["import_duty"]
    assert (one, two) == (3.0, 6.0)


def test_quantity_packs_an_order():
    """Three lamps, 2.4 kg: 1.6 + 0.8 kg on the 2 kg service: 18 + 10 = 28."""
    answer = quote(world(), replace(LAMP, quantity=3))
    assert route(answer, "post")["components"]["parcel_base"] == 28.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"member": "nobody"}, "--member: found 'nobody': there is no such member"),
        ({"member": "", "origin": "Yiwo"}, "such as Yiwu"),
        ({"weight_kg": 0.0}, "--weight: found '0': must be above zero"),
        ({"dims_cm": (30.0, 0.0, 10.0)}, "--dims"),
        ({"hs": ("9405.21",)}, "--hs: found '9405.21'"),
        ({"cargo": "magnets"}, "--cargo: found 'magnets'"),
        ({"to": "XX"}, "table markets: found 'destination XX'"),
    ],
)
def test_faulty_questions(change, message):
    with pytest.raises(InputError) as error:
        quote(world(), replace(LAMP, **change))
    assert message in str(error.value)


def test_the_source_is_not_changed():
    source = world()
    before = {name: frame.copy() for name, frame in source.tables.items()}
    quote(source, LAMP)
    assert all(before[name].equals(frame) for name, frame in source.tables.items())


def test_without_a_member_the_exporter_is_a_general_taxpayer():
    instance = enquiry_instance(world(), replace(LAMP, member=""))
    row = instance["members"].iloc[0]
    assert (row["taxpayer"], row["vat_invoice"], row["capital_rate_pct"]) == ("general", True, 8.0)


def test_cents_add_up():
    parts, total = to_cents({"a": 0.335, "b": 0.335, "c": 0.335, "d": -1.004})
    assert total == 0.0
    assert sum(round(100 * part) for part in parts.values()) == 0
    assert to_cents({}) == ({}, 0.0)


def test_shipped_reference_rates_quote_without_a_scenario(scenarios_dir):
    answer = quote(rate_source(scenarios_dir / "reference" / "2026"), replace(LAMP, member="", value=25.0))
    assert {item["mode"] for item in answer["routes"]} == {"postal", "express", "line"}


def test_shipped_scenario_quotes_warehouses_too(scenarios_dir):
    source = rate_source(scenarios_dir / "quickstart.toml")
    answer = quote(source, replace(LAMP, member="", value=25.0))
    stocked = [item for item in answer["routes"] if item["mode"] == "warehouse"]
    assert stocked
    for item in answer["routes"]:
        assert round(sum(item["components"].values()), 2) == item["total"]
