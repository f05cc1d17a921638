"""`quote --bulk`: one shipment by every service, by hand; the engine of the scenario; cents that add up."""

from dataclasses import replace

import numpy as np
import pytest

from hand_instance import hand_instance
from optimizer.costing.enquiry import Enquiry, rate_source
from optimizer.costing.options import price
from optimizer.costing.quote_bulk import quote_bulk
from optimizer.errors import InputError
from optimizer.network import build

LAMPS = Enquiry(
    origin="YIW", to="HAM-1", weight_kg=1.0, dims_cm=(10.0, 10.0, 10.0), value=10.0, hs=("940521",),
    date=np.datetime64("2026-04-15"), quantity=1000, member="ann",
)  # fmt: skip
BOXES = [
    {"container": "20GP", "usable_m3": 27.0, "payload_t": 22.0, "us_road_limit_t": 17.0},
    {"container": "40HQ", "usable_m3": 65.0, "payload_t": 24.0, "us_road_limit_t": 19.0},
]
LANE = {"service": "sea", "mode": "sea", "from_place": "NGB", "to_place": "HAM", "currency": "EUR"}


def boxes(tables):
    tables["freight_rates"] += [
        LANE | {"unit": "20GP", "amount": 1000.0},
        LANE | {"unit": "40HQ", "amount": 1900.0},
    ]
    tables["containers"] = BOXES


def quoted(enquiry=LAMPS, change=None):
    answer = quote_bulk(hand_instance(change=change), enquiry)
    for route in answer["routes"]:
        assert round(sum(route["components"].values()), 2) == route["total"]
    return {route["service"]: route for route in answer["routes"]}, answer


def parts(route):
    return {name: amount for name, amount in route["components"].items() if amount}


def test_a_part_load_by_hand():
    """1000 lamps: 1 m³ and 1 t are one revenue ton: 100. Documents 50. Duty 5 % and refund 13 % of 10,000."""
    route = quoted()[0]["sea, lcl"]
    expected = {
        "lcl_freight": 100.0, "shipment_fees": 50.0, "import_duty": 500.0, "export_refund": -1300.0,
        "inbound_handling": 6.0,
    }  # fmt: skip
    assert parts(route) == expected
    assert (route["total"], route["per_unit"], route["mode"]) == (-644.0, -0.644, "sea")
    assert (route["days"], route["via"]) == (35.0, "YIW > NGB > HAM > HAM-1")


def test_the_same_money_as_in_a_scenario():
    """What a plan pays for 1000 orders that travel together, stage by stage."""
    instance = hand_instance()
    priced = price(instance, build(instance))
    lane = priced.supply.freight.lanes.iloc[0]
    inbound = priced.inbound.iloc[0]
    plan = 1000 * inbound["cost"] + 1.0 * lane["lcl"] + lane["shipment_fee"] + lane["declaration_fee"]
    assert quoted()[0]["sea, lcl"]["total"] == pytest.approx(plan)


def test_a_known_shipment_pays_duty_on_its_own_freight():
    """CIF: one revenue ton pays the minimum of 250, so duty is 5 % of 10,250; a plan would count 100."""

    def cif(tables):
        tables["freight_rates"][0]["minimum_amount"] = 250.0
        tables["customs_values"] = [{"destination": "EU", "freight_pct": 100.0}]

    found = quoted(change=cif)[0]["sea, lcl"]["components"]
    assert (found["lcl_freight"], found["import_duty"]) == (250.0, 512.5)


@pytest.mark.parametrize(("units", "services"), [
    (27_000, {"sea, 2 x 20GP", "sea, 2 x 40HQ", "sea, lcl", "sea, 1 x 20GP + lcl"}),
    (22_000, {"sea, 1 x 20GP", "sea, 1 x 40HQ", "sea, lcl"}),
    (22_001, {"sea, 2 x 20GP", "sea, 1 x 40HQ", "sea, lcl", "sea, 1 x 20GP + lcl"}),
])  # fmt: skip
def test_containers_hold_their_payload(units, services):
    """Lamps of 1 kg and 1 litre: 22 t fill a 20GP by weight, 24 t a 40HQ; the rest may go as part load."""
    assert set(quoted(replace(LAMPS, quantity=units), boxes)[0]) == services


def test_the_mix_by_hand():
    """22.001 t: one 20GP at 1000 and one kilogram over: 0.001 revenue tons at 100."""
    found = quoted(replace(LAMPS, quantity=22_001), boxes)[0]["sea, 1 x 20GP + lcl"]["components"]
    assert (found["container_freight"], found["lcl_freight"]) == (1000.0, 0.1)


def test_volume_binds_for_light_goods():
    """27 m³ fit a 20GP, 27.001 m³ do not."""
    light = replace(LAMPS, weight_kg=0.1)
    assert "sea, 1 x 20GP" in quoted(replace(light, quantity=27_000), boxes)[0]
    assert "sea, 2 x 20GP" in quoted(replace(light, quantity=27_001), boxes)[0]


def test_charges_at_both_ends_stand_apart():
    """THC at origin 120 and at destination 250 a box, 30 a revenue ton at destination, clearance 60."""

    def ends(tables):
        boxes(tables)
        charge = {"currency": "EUR"}
        tables["handling_charges"] += [
            charge
            | {"place": "CN", "side": "origin", "item": "THC", "basis": "container_20", "amount": 120.0},
            charge
            | {"place": "DE", "side": "destination", "item": "THC", "basis": "container_20", "amount": 250.0},
            charge | {"place": "DE", "side": "destination", "item": "CFS", "basis": "lcl", "amount": 30.0},
            charge
            | {
                "place": "DE",
                "side": "destination",
                "item": "clearance",
                "basis": "declaration",
                "amount": 60.0,
            },
        ]

    routes = quoted(replace(LAMPS, quantity=2000), ends)[0]
    box, loose = parts(routes["sea, 1 x 20GP"]), parts(routes["sea, lcl"])
    names = ("container_freight", "origin_charges", "destination_charges", "shipment_fees")
    assert [box[name] for name in names] == [1000.0, 120.0, 250.0, 110.0]
    assert (loose["lcl_freight"], loose["destination_charges"]) == (200.0, 60.0)


@pytest.mark.parametrize(
    ("value", "fee"),
    [
        (5.0, 27.23),  # 0.3464 % of 5,000 = 17.32, below the minimum
        (7.86, 27.23),  # 7,860: 27.227
        (7.87, 27.26),  # 7,870: 27.262
        (100.0, 346.4),
        (152.5, 528.26),
        (153.0, 528.33),  # 529.99 is capped
    ],
)
def test_a_fee_on_the_value_keeps_its_limits(value, fee):
    """The US merchandise processing fee: 0.3464 % of the value, at least 27.23 and at most 528.33."""

    def processing(tables):
        tables["handling_charges"] = [
            {"place": "DE", "side": "destination", "item": "fee", "basis": "pct_of_value", "amount": 0.3464,
             "minimum_amount": 27.23, "maximum_amount": 528.33, "currency": "EUR"}
        ]  # fmt: skip

    found = quoted(replace(LAMPS, value=value), processing)[0]["sea, lcl"]["components"]
    assert found["clearance"] == pytest.approx(fee, abs=0.006)


def by_air(tables):
    tables["freight_lanes"][0]["kg_per_m3"] = 167.0
    lane = LANE | {"unit": "kg"}
    tables["freight_rates"] = [
        lane | {"break_from_kg": 0.0, "amount": 5.0, "minimum_amount": 60.0},
        lane | {"break_from_kg": 100.0, "amount": 3.0},
    ]
    tables["handling_charges"] = [
        {"place": "CN", "side": "origin", "item": "terminal", "basis": "kg", "amount": 0.5,
         "minimum_amount": 45.0, "currency": "EUR"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "freight", "terminal"),
    [
        (10, 60.0, 45.0),  # both minimums
        (12, 60.0, 45.0),
        (13, 65.0, 45.0),
        (61, 300.0, 50.0),  # 61 kg at 5 = 305 + 45; as 100 kg at 3 = 300 + 50 are as dear: the first counts
        (62, 300.0, 50.0),  # 310 + 45 = 355 against 350: bought as 100 kg
        (100, 300.0, 50.0),
        (120, 360.0, 60.0),
    ],
)
def test_kilogram_breaks_and_minimums(units, freight, terminal):
    found = quoted(replace(LAMPS, quantity=units), by_air)[0]["sea, by kg"]["components"]
    total = found["air_freight"] + found["origin_charges"]
    assert total == pytest.approx(freight + terminal)
    if units != 61:
        assert (found["air_freight"], found["origin_charges"]) == (freight, terminal)


def test_behind_a_hub_the_contract_and_the_onward_leg_count():
    """1 m³ by way of a hub next to the site: 80 a month for the contract and 14 per m³ there."""

    def by_hub(tables):
        tables["places"].append({"place": "HUB", "country": "DE", "kind": "hub", "lat": 53.5, "lon": 9.9})
        tables["hubs"] = [{"hub": "HUB", "amount": 80.0, "handling_per_m3": 14.0, "dwell_days": 2.0}]
        tables["hubs"][0]["currency"] = "EUR"

    found = {route["via"]: parts(route) for route in quoted(change=by_hub)[1]["routes"]}
    hub = found["YIW > NGB > HAM > HUB > HAM-1"]
    assert (hub["hub_fees"], hub["first_leg"], hub["lcl_freight"]) == (80.0, 14.0, 100.0)
    assert "hub_fees" not in found["YIW > NGB > HAM > HAM-1"]


def test_reasons():
    def refusing(tables):
        tables["services"][1]["accepts_battery"] = False
        tables["services"].append(
            {"service": "rail", "mode": "rail", "regime": "9810", "accepts_battery": True}
        )

    reasons = {item["service"]: item["reason"] for item in quoted(change=refusing)[1]["not_offered"]}
    assert reasons["rail"] == "the rates hold no lane of it"
    assert reasons["sea, 20GP"] == "its lanes have no such rate"
    battery = quoted(replace(LAMPS, cargo="battery"), refusing)[1]
    assert battery["routes"] == []
    assert {"service": "sea", "reason": "does not take lithium batteries"} in battery["not_offered"]


def test_a_lane_that_is_not_in_force_is_named():
    def ended(tables):
        tables["freight_lanes"][0]["valid_to"] = np.datetime64("2026-03-10")  # departure is 11 March

    answer = quoted(change=ended)[1]
    assert answer["routes"] == []
    assert answer["not_offered"][0]["reason"].startswith("none of its lanes holds on the day of departure")


def test_destinations():
    """A site, the sites of its country, a place; where there is no site, a door that charges nothing."""
    assert quoted(replace(LAMPS, to="DE"))[0]["sea, lcl"]["total"] == -644.0
    port = quoted(replace(LAMPS, to="HAM"))[0]["sea, lcl"]
    assert (port["total"], "inbound_handling" in parts(port)) == (-650.0, False)
    with pytest.raises(InputError, match="destination ATLANTIS"):
        quoted(replace(LAMPS, to="Atlantis"))


def test_totals_add_up_over_the_shipped_rates(scenarios_dir):
    source = rate_source(scenarios_dir / "reference" / "2026")
    asked = replace(LAMPS, origin="Yiwu", to="US", member="", quantity=5000, date=np.datetime64("2026-11-10"))
    answer = quote_bulk(source, asked)
    assert {route["mode"] for route in answer["routes"]} == {"sea", "air"}
    for route in answer["routes"]:
        assert round(sum(route["components"].values()), 2) == route["total"]
    assert any(item["service"] == "rail" for item in answer["not_offered"])
