"""`quote --bulk` and `invest` on the command line: their JSON, their words, and what they refuse."""

import json

import pytest
from typer.testing import CliRunner

import cli
from optimizer import pipeline
from small_scenarios import one_member

ASKED = ["--bulk", "--origin", "Yiwu", "--hs", "950300", "--date", "2026-11-10"]
WHOLE = ["--to", "DE", "--weight", "3200", "--cbm", "18", "--value", "24000"]


def entrepot(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def rates(scenarios_dir):
    return ["--rates", scenarios_dir / "reference" / "2026"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, scenarios_dir):
    folder = tmp_path_factory.mktemp("invest")
    pipeline.solve(one_member(folder, scenarios_dir), alone=False, run_dir=folder / "run")
    return folder / "run"


def test_bulk_in_the_shape_of_a_quote(rates):
    result = entrepot("quote", *ASKED, *WHOLE, *rates, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert {route["mode"] for route in answer["routes"]} == {"sea", "rail", "air", "truck"}
    services = {route["service"] for route in answer["routes"]}
    assert {"sea, 1 x 20GP", "sea, 1 x 40HQ", "sea, lcl", "air, by kg"} <= services
    for route in answer["routes"]:
        assert {"mode", "service", "days", "components", "total", "currency"} <= route.keys()
        assert round(sum(route["components"].values()), 2) == route["total"]
    assert all({"service", "reason"} == refused.keys() for refused in answer["not_offered"])


def test_units_and_the_whole_shipment_ask_the_same(rates):
    """250 cartons of 0.072 m³ and 12.8 kg at 96 are 18 m³, 3200 kg and 24,000."""
    cartons = ["--to", "DE", "--weight", "12.8", "--dims", "60x40x30", "--qty", "250", "--value", "96"]
    one, other = (
        json.loads(entrepot("quote", *ASKED, *shipment, *rates, "--json").stdout)["routes"]
        for shipment in (WHOLE, cartons)
    )
    assert [route["service"] for route in one] == [route["service"] for route in other]
    totals = [route["total"] for route in one]
    assert [route["total"] for route in other] == pytest.approx(totals, abs=0.02)
    assert other[0]["per_unit"] == pytest.approx(other[0]["total"] / 250, abs=1e-4)


def test_bulk_in_words(rates):
    result = entrepot("quote", *ASKED, *WHOLE, *rates)
    assert result.exit_code == 0, result.output
    for word in ("1 x 20GP", "destination_charges", "per unit", "note: The day is that of arrival"):
        assert word in result.output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--to", "DE", "--weight", "1", "--value", "1"], "--dims"),
        (["--to", "Atlantis", "--weight", "1", "--cbm", "1", "--value", "1"], "destination ATLANTIS"),
        (["--to", "DE", "--weight", "0", "--cbm", "1", "--value", "1"], "--weight"),
    ],
)
def test_bulk_refuses_what_it_cannot_price(rates, change, message):
    result = entrepot("quote", *ASKED, *change, *rates)
    assert result.exit_code == 2
    assert message in result.output


def test_invest_of_a_finished_run(run):
    result = entrepot("invest", run, "--years", "2", "--rate", "10", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["years"], found["rate_pct"]) == (2.0, 10.0)
    direct, alone = found["against"]
    assert direct["against"] == "all parcels direct"
    assert direct["saving_per_year"] == pytest.approx(direct["cost_per_year"] - found["running_per_year"])
    assert "reason" in alone  # solved without the members alone
    words = entrepot("invest", run)
    assert words.exit_code == 0 and "net present value" in words.output


@pytest.mark.parametrize(("option", "value"), [("--years", "0"), ("--rate", "-100")])
def test_invest_refuses(run, option, value):
    result = entrepot("invest", run, option, value)
    assert result.exit_code == 2 and option in result.output
