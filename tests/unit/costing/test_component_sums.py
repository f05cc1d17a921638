"""Totals are the sums of their components: in quotes, in priced options, and between the two."""

from dataclasses import replace

import numpy as np
import pytest

from lamp_world import world
from optimizer.costing.direct import DIRECT_COSTS, direct_table
from optimizer.costing.enquiry import Enquiry
from optimizer.costing.options import price
from optimizer.costing.quote import quote
from optimizer.network import build
from optimizer.scenario import load


@pytest.fixture(scope="module")
def quickstart(scenarios_dir):
    return load(scenarios_dir / "quickstart.toml")


@pytest.fixture(scope="module")
def priced(quickstart):
    return price(quickstart, build(quickstart))


def components(table):
    return table[[name for name in table.columns if name.startswith("cost_")]].to_numpy()


def test_the_cost_of_an_option_is_the_sum_of_its_components(priced):
    direct = priced.option_direct >= 0
    stocked = ~direct
    total = np.zeros(len(priced.option_cost))
    total[direct] = components(priced.direct).sum(axis=1)[priced.option_direct[direct]]
    for table, position in (
        (priced.inbound, priced.option_inbound),
        (priced.holding, priced.option_holding),
        (priced.outbound, priced.option_outbound),
    ):
        total[stocked] += components(table).sum(axis=1)[position[stocked]]
    assert direct.any()
    assert stocked.any()
    np.testing.assert_allclose(priced.option_cost, total, rtol=0, atol=1e-9)


def test_no_component_is_missing_or_of_the_wrong_sign(priced):
    for table in (priced.direct, priced.inbound, priced.holding, priced.outbound):
        assert np.isfinite(components(table)).all()
        costs = table[[name for name in table.columns if name.startswith("cost_")]]
        assert (costs.drop(columns="cost_export_refund", errors="ignore").to_numpy() >= 0).all()
        if "cost_export_refund" in costs:
            assert (costs["cost_export_refund"] <= 0).all()


@pytest.mark.parametrize("day", ["2026-06-15", "2026-11-15"])
def test_a_quote_gives_what_the_scenario_pays(day):
    """One lamp, no cartons: the scenario's row of the period whose middle day it is, to the cent."""
    instance = world()
    enquiry = Enquiry(
        "", "DE", 0.8, (30.0, 20.0, 10.0), 40.0, ("940521",), np.datetime64(day), unit_cost=10.0,
        category="home", member="lantern",
    )  # fmt: skip
    table = direct_table(instance, build(instance).direct_lanes)
    table = table[table["period"] == day[:7]].set_index("service")
    for route in quote(instance, enquiry)["routes"]:
        row = table.loc[route["service"]]
        exact = {name: float(row[f"cost_{name}"]) for name in DIRECT_COSTS}
        for name, amount in exact.items():
            assert route["components"][name] == pytest.approx(amount, abs=0.01)
        assert route["total"] - route["components"]["lateness"] == pytest.approx(
            sum(exact.values()), abs=0.015
        )


def test_cheap_and_dear_days_of_the_same_lane(quickstart):
    """The peak surcharge of November shows in a quote of the shipped scenario, and only there."""
    parcel = Enquiry("Yiwu", "DE", 0.8, (30.0, 20.0, 10.0), 25.0, ("950300",), np.datetime64("2026-11-10"))
    rates = replace(quickstart, tables={**quickstart.tables, "sites": quickstart["sites"].iloc[:0]})
    peak = {item["service"]: item["components"] for item in quote(rates, parcel)["routes"]}
    calm = replace(parcel, date=np.datetime64("2026-08-10"))
    calm_parts = {item["service"]: item["components"] for item in quote(rates, calm)["routes"]}
    assert peak["dhl-express"]["parcel_surcharges"] > calm_parts["dhl-express"]["parcel_surcharges"]
