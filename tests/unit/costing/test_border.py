"""At the border: duty, low value, import tax and clearance, each boundary from both sides."""

import numpy as np
import pandas as pd
import pytest

from lamp_world import WORLD, world
from optimizer.costing.duty import duty_rate_pct
from optimizer.costing.import_charges import parcel_import_charges
from optimizer.costing.import_tax import bulk_tax, tax_rules
from optimizer.costing.orders import profile
from optimizer.errors import InputError


def rate(destination, hs_code, date, origin="CN", channel="courier", **changes):
    asked = pd.DataFrame(
        {"destination": [destination], "origin": [origin], "hs_code": [hs_code], "channel": [channel],
         "date": pd.to_datetime([date])}
    )  # fmt: skip
    return float(duty_rate_pct(world(**changes), asked)[0])


@pytest.mark.parametrize(
    ("destination", "hs_code", "date", "origin", "pct", "why"),
    [
        ("DE", "940521", "2026-06-01", "CN", 4.0, "9405 is longer than *"),
        ("DE", "910211", "2026-06-01", "CN", 3.0, "only * fits"),
        ("US", "940521", "2026-02-23", "CN", 27.0, "2 + 25: rules add; the day before section 122"),
        ("US", "940521", "2026-02-24", "CN", 37.0, "2 + 25 + 10: its first day"),
        ("US", "940521", "2026-07-24", "CN", 37.0, "its last day"),
        ("US", "940521", "2026-07-25", "CN", 27.0, "the day after"),
        ("US", "940521", "2026-03-01", "VN", 12.0, "2 + 10: section 301 is for CN only"),
        ("GB", "940521", "2026-06-01", "CN", 2.0, "not in the EU: its own row"),
    ],
)
def test_duty_rate(destination, hs_code, date, origin, pct, why):
    assert rate(destination, hs_code, date, origin) == pytest.approx(pct), why


def test_the_country_beats_the_union_and_the_channel_beats_any():
    rules = (
        WORLD["duty_rules"]
        + """
        FR,*,9405,mfn,*,7,2020-01-01,
        EU,*,*,anti-dumping,postal,20,2020-01-01,
        EU,*,*,anti-dumping,*,5,2020-01-01,"""
    )
    assert rate("FR", "940521", "2026-06-01", duty_rules=rules) == 7.0 + 5.0
    assert rate("DE", "940521", "2026-06-01", duty_rules=rules) == 4.0 + 5.0
    assert rate("DE", "940521", "2026-06-01", channel="postal", duty_rules=rules) == 4.0 + 20.0


def test_no_ordinary_rate_is_not_free_entry():
    rules = """
        destination,origin,hs_prefix,rule,channel,rate_pct
        US,CN,9405,section-301,*,25"""
    assert np.isnan(rate("US", "940521", "2026-06-01", duty_rules=rules))


def border(
    destination, date, price, headings=1, channel="courier", *, currency="EUR", included=False, units=1
):
    """Duty, tax and clearance of a lamp at a price, in EUR."""
    products = f"""
        product,member,name,category,hs_code,weight_kg,length_cm,width_cm,height_cm,retail_price,unit_cost,currency
        lamp,lantern,Lamp,home,940521,0.8,30,20,10,{price},10,{currency}"""
    mix = f"""
        product,units,headings,share_pct
        lamp,{units},{headings},100"""
    instance = world(products=products, order_mix=mix)
    asked = pd.DataFrame(
        {"product": ["lamp"], "origin": ["CN"], "destination": [destination], "channel": [channel],
         "duty_included": [included], "date": pd.to_datetime([date])}
    )  # fmt: skip
    row = parcel_import_charges(instance, profile(instance), asked).iloc[0]
    return [round(float(row[name]), 6) for name in ("import_duty", "import_tax", "clearance")]


@pytest.mark.parametrize(
    ("destination", "date", "price", "expected", "arithmetic"),
    [
        ("DE", "2026-06-30", 40, [0, 0, 0], "within 150 EUR until 30 June: exempt; VAT at the sale"),
        ("DE", "2026-07-01", 40, [3, 0, 0], "from 1 July: 3 EUR per heading"),
        ("DE", "2026-07-01", 150, [3, 0, 0], "150.00 is within"),
        (
            "DE",
            "2026-07-01",
            150.01,
            [6.0004, 29.641976, 10],
            "4 % of 150.01; 19 % of 156.0104; presentation 10",
        ),
        ("DE", "2026-06-30", 150.01, [6.0004, 29.641976, 10], "above the threshold the day does not matter"),
        (
            "DE",
            "2028-07-01",
            40,
            [1.6, 0, 10],
            "the rule ended: 4 % of 40; above 'no threshold', so presentation",
        ),
        (
            "GB",
            "2026-06-01",
            168.75,
            [0, 0, 0.625],
            "135 GBP / 0.8 = 168.75 EUR: within; 0.50 GBP per heading",
        ),
        ("GB", "2026-06-01", 168.76, [3.3752, 34.42704, 0], "2 %; 20 % of 172.1352"),
    ],
)
def test_low_value_boundaries(destination, date, price, expected, arithmetic):
    assert border(destination, date, price) == pytest.approx(expected, abs=1e-6), arithmetic


def test_the_flat_duty_counts_headings_not_units():
    """Five T-shirts: 3 EUR; a T-shirt and a watch: 6 EUR."""
    assert border("DE", "2026-11-01", 10, headings=1, units=5)[0] == 3.0
    assert border("DE", "2026-11-01", 10, headings=2, units=2)[0] == 6.0


def test_the_threshold_looks_at_the_whole_order():
    """4 x 40 = 160 EUR is above 150: 4 % of 160 = 6.40, 19 % of 166.40 = 31.616, presentation 10."""
    assert border("DE", "2026-11-01", 40, units=4) == pytest.approx([6.4, 31.616, 10.0])


def test_duty_is_never_added_to_a_duty_paid_card():
    assert border("DE", "2026-11-01", 400, included=True) == [0.0, 0.0, 0.0]


def test_us_entry_fees_and_the_end_of_the_exemption():
    """1 May 2025: 800 USD exempt. Later: 2 + 25 (+ 10 in spring 2026) % from the first dollar.

    Price 100 USD = 80 EUR at 1.25. Entry 1 USD = 0.80 EUR; processing max(0.5 % of 80 = 0.40, 2 USD = 1.60).
    """
    assert border("US", "2025-05-01", 100, currency="USD") == pytest.approx([0, 0, 2.4])
    assert border("US", "2025-05-02", 100, currency="USD") == pytest.approx([80 * 0.27, 0, 2.4])
    assert border("US", "2026-03-01", 100, currency="USD") == pytest.approx([80 * 0.37, 0, 2.4])
    # 1000 USD = 800 EUR: processing 0.5 % = 4 EUR, above its minimum of 1.60
    assert border("US", "2026-03-01", 1000, currency="USD")[2] == pytest.approx(0.8 + 4.0)


def test_postal_parcels_escape_courier_fees():
    assert border("US", "2026-03-01", 100, channel="postal", currency="USD")[2] == 0.0


def test_relief_frees_small_parcels_of_import_tax():
    """JP: 10,000 JPY = 62.50 EUR at 160; at 62.51 EUR the 10 % tax falls due on goods and duty."""
    rules = WORLD["duty_rules"] + "\n        JP,*,*,mfn,*,5,2020-01-01,"
    products = WORLD["products"].replace("40,10,EUR,general", "{price},10,EUR,general")
    for price, expected in ((62.5, [0.0, 0.0]), (62.51, [3.1255, 6.56355])):
        instance = world(duty_rules=rules, products=products.format(price=price))
        asked = pd.DataFrame(
            {"product": ["lamp"], "origin": ["CN"], "destination": ["JP"], "channel": ["postal"],
             "duty_included": [False], "date": pd.to_datetime(["2026-06-01"])}
        )  # fmt: skip
        row = parcel_import_charges(instance, profile(instance), asked).iloc[0]
        assert [row["import_duty"], row["import_tax"]] == pytest.approx(expected)


def test_bulk_tax_costs_its_financing_or_all_of_it():
    """100 goods + 4 duty. DE: 19 % = 19.76 back after 73 days: x 0.1 x 73/365 = 0.3952. NO: 25 % = 26."""
    asked = pd.DataFrame({"destination": ["DE", "GB", "NO"], "date": pd.to_datetime(["2026-06-01"] * 3)})
    rules = tax_rules(world(), asked)
    cost = bulk_tax(rules, np.full(3, 100.0), np.full(3, 4.0), np.full(3, 10.0))
    assert cost == pytest.approx([0.3952, 0.0, 26.0])


def test_missing_rules_name_goods_country_date_and_table():
    with pytest.raises(
        InputError, match=r"table duty_rules.*HS 940521 from CN to NO by courier on 2026-11-01"
    ):
        border("NO", "2026-11-01", 400)
    with pytest.raises(InputError, match=r"table tax_rules.*SE on 2026-11-01"):
        tax_rules(world(), pd.DataFrame({"destination": ["SE"], "date": pd.to_datetime(["2026-11-01"])}))
