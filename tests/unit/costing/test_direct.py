"""Whole orders: every component of a direct order on paper, and their sum."""

import numpy as np
import pandas as pd
import pytest

from lamp_world import WORLD, world
from optimizer.costing.direct import DIRECT_COSTS, direct_table, refused_direct
from optimizer.costing.orders import means, profile
from optimizer.errors import InputError
from optimizer.scenario.instance import ModelSettings

LANES = pd.DataFrame(
    {
        "member": "lantern",
        "service": ["post", "line", "ddp"] * 2,
        "mode": ["postal", "line", "line"] * 2,
        "market": "DE",
        "period": ["2026-06"] * 3 + ["2026-11"] * 3,
        "zone": "DE",
        "distance_km": 8000.0,
        "days_mean": [20.0, 10.0, 10.0] * 2,
        "days_p95": [30.0, 15.0, 15.0] * 2,
    }
)


def order(service, period, instance=None):
    table = direct_table(instance or world(), LANES)
    row = table[(table["service"] == service) & (table["period"] == period)].iloc[0]
    return row, {name: round(float(row[f"cost_{name}"]), 6) for name in DIRECT_COSTS}


def test_postal_parcel_in_june():
    """0.8 kg lamp at 40 EUR (cost 10) by post to DE, no carton, exempt below 150 EUR.

    base 2 + 0.8 x 10 = 10. Loss 2 %: 0.02 x (10 + 10) + 0.0004 x 40 = 0.416.
    Returns 5 % x [20 % x (10 + 10 + 0.5) + 80 % x 10] = 0.05 x 12.1 = 0.605.
    Capital 10 x 0.1 x 20 / 365 = 0.054795. CO2 0.0008 t x 8000 km x 0.6 = 3.84 kg x 0.05 = 0.192.
    """
    row, cost = order("post", "2026-06", world(model=ModelSettings(carbon_price_per_t=50.0)))
    assert cost == {
        "parcel_base": 10.0, "parcel_surcharges": 0.0, "packing": 0.0, "export_declaration": 0.0,
        "import_duty": 0.0,
        "import_tax": 0.0, "clearance": 0.0, "export_refund": 0.0, "loss_damage": 0.416, "returns": 0.605,
        "disputes": 0.0, "capital": 0.054795, "carbon": 0.192,
    }  # fmt: skip
    assert row["kg"] == pytest.approx(0.8)
    assert sum(cost.values()) == pytest.approx(11.267795)


def test_line_parcel_in_november():
    """The same lamp by line: 6000 / 5000 = 1.2 -> 1.5 kg: 6 + 0.5 x 4 = 8; fuel 20 % = 1.6, peak 1.

    Declaration 0.10; 3 EUR flat duty. Refund 13 % of 10 = 1.30; 1 % comes back (5 % x 20 %): x 0.99 = 1.287,
    73 days at 10 %: x 0.98 = 1.26126. Failures 1 % x 1.5 (November) + 0.5 % = 2 %:
    0.02 x (10 + 8 + 2.6 + 0.1 + 3) + 0.0004 x 40 = 0.474 + 0.016.
    Returns 0.05 x [0.2 x (10.6 + 10.5) + 0.8 x 10] = 0.05 x 12.22 = 0.611.
    Capital 10 x 0.1 x 10/365 = 0.027397.
    """
    _, cost = order("line", "2026-11")
    assert cost == {
        "parcel_base": 8.0, "parcel_surcharges": 2.6, "packing": 0.0, "export_declaration": 0.1,
        "import_duty": 3.0,
        "import_tax": 0.0, "clearance": 0.0, "export_refund": -1.26126, "loss_damage": 0.49, "returns": 0.611,
        "disputes": 0.0, "capital": 0.027397, "carbon": 0.0,
    }  # fmt: skip


def test_a_duty_paid_line_holds_its_duty():
    _, cost = order("ddp", "2026-11")
    assert (cost["parcel_base"], cost["import_duty"], cost["clearance"]) == (9.0, 0.0, 0.0)


def test_an_order_mix_is_the_mean_of_its_sizes():
    """70 % one lamp, 30 % two: post 0.7 x (2 + 8) + 0.3 x (2 + 16) = 12.4; two lamps, 1.6 kg, fit 2 kg."""
    mix = """
        product,units,headings,share_pct
        lamp,1,1,70
        lamp,2,1,30"""
    row, cost = order("post", "2026-06", world(order_mix=mix))
    assert cost["parcel_base"] == pytest.approx(12.4)
    assert row["kg"] == pytest.approx(0.8 * 0.7 + 1.6 * 0.3)


def test_orders_over_the_limit_travel_in_several_pieces():
    """Three lamps, 2.4 kg, on a 2 kg service: 1.6 kg + 0.8 kg: (2 + 16) + (2 + 8) = 28."""
    mix = """
        product,units,headings,share_pct
        lamp,3,1,100"""
    _, cost = order("post", "2026-06", world(order_mix=mix))
    assert cost["parcel_base"] == pytest.approx(28.0)


def test_orders_beyond_the_card_travel_in_several_pieces():
    """The card ends below 1.6 kg, the service at 2 kg: two lamps are two parcels, 2 x (2 + 8) = 20."""
    mix = """
        product,units,headings,share_pct
        lamp,2,1,100"""
    breaks = WORLD["rate_breaks"].replace("post,DE,0,2.001,2,10,whole", "post,DE,0,1.6,2,10,whole")
    _, cost = order("post", "2026-06", world(order_mix=mix, rate_breaks=breaks))
    assert cost["parcel_base"] == pytest.approx(20.0)
    whole = breaks.replace("post,DE,0,1.6,", "post,DE,0,1.601,")
    _, cost = order("post", "2026-06", world(order_mix=mix, rate_breaks=whole))
    assert cost["parcel_base"] == pytest.approx(18.0)


def test_cartons_weigh_and_cost():
    """Carton 30 x 20 x 12, tare 0.1 kg, 0.40 EUR: post 2 + 0.9 x 10 = 11, packing 0.40."""
    cartons = """
        carton,length_cm,width_cm,height_cm,tare_kg,max_weight_kg,amount,currency
        C1,30,20,12,0.1,5,0.4,EUR"""
    _, cost = order("post", "2026-06", world(cartons=cartons))
    assert (cost["parcel_base"], cost["packing"]) == (11.0, 0.4)


def test_refusals_say_why():
    products = """
        product,member,name,category,hs_code,weight_kg,length_cm,width_cm,height_cm,retail_price,unit_cost,currency,cargo
        lamp,lantern,Lamp,home,940521,2.5,30,20,10,40,10,EUR,battery"""
    general = products.replace("battery", "general")
    refused = refused_direct(world(products=products), LANES)
    assert refused.loc[refused["service"] == "post", "reason"].unique().tolist() == [
        "does not take lithium batteries"
    ]
    refused = refused_direct(world(products=general), LANES)
    assert refused.loc[refused["service"] == "post", "reason"].unique().tolist() == ["over 2 kg"]
    assert not set(direct_table(world(products=general), LANES)["service"]) & {"post"}


def test_a_zone_without_rates_is_an_error():
    with pytest.raises(InputError, match=r"table rate_breaks.*service post zone FR on 2026-06-15"):
        direct_table(world(), LANES.assign(zone="FR"))


def test_currency_scales_every_amount():
    """In USD every June amount is 1.25 times that in EUR (rates of 2020 for all currencies)."""
    euro, dollar = direct_table(world(), LANES), direct_table(world("USD"), LANES)
    june = (euro["period"] == "2026-06").to_numpy()
    costs = [f"cost_{name}" for name in DIRECT_COSTS]
    np.testing.assert_allclose(dollar.loc[june, costs], 1.25 * euro.loc[june, costs], rtol=1e-12)


def test_means_are_weighted_by_share():
    mix = """
        product,units,headings,share_pct
        lamp,1,1,75
        lamp,3,1,25"""
    mean = means(profile(world(order_mix=mix))).loc["lamp"]
    assert (mean["units"], mean["goods_cost"], mean["retail_value"]) == (1.5, 15.0, 60.0)
    assert mean["volume_m3"] == pytest.approx(1.5 * 0.006)
