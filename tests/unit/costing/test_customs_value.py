"""What duty in bulk is counted on: the goods alone, or with the freight to the border."""

import numpy as np
import pandas as pd
import pytest

from hand_instance import hand_instance
from optimizer.costing.customs_value import customs_value
from optimizer.costing.options import price
from optimizer.costing.unit_freight import order_freight, unit_freight
from optimizer.errors import InputError
from optimizer.network import build
from tiny_instance import tiny_instance

RULES = """
    destination,freight_pct,valid_from,valid_to
    EU,100,2020-01-01,
    FR,50,2020-01-01,
    US,0,2020-01-01,
    GB,0,2020-01-01,2026-06-30
    GB,100,2026-07-01,"""


def asked(*places):
    countries, days = zip(*places, strict=True)
    return pd.DataFrame({"destination": countries, "date": pd.to_datetime(list(days))})


@pytest.mark.parametrize(
    ("country", "day", "value"),
    [
        ("DE", "2026-03-01", 112.0),  # EU: 100 of goods + 12 of freight
        ("FR", "2026-03-01", 106.0),  # the country wins over EU: half of the freight
        ("US", "2026-03-01", 100.0),  # FOB
        ("GB", "2026-06-30", 100.0),  # the last day of the old rule
        ("GB", "2026-07-01", 112.0),  # the first day of the new one
    ],
)
def test_basis_by_country_and_day(country, day, value):
    requests = asked((country, day))
    one = np.ones(1)
    assert customs_value(tiny_instance(customs_values=RULES), requests, 100 * one, 12 * one) == value


def test_a_missing_country_is_an_error_an_empty_table_is_not():
    requests, one = asked(("BR", "2026-03-01")), np.ones(1)
    with pytest.raises(InputError, match=r"customs_values.*BR on 2026-03-01"):
        customs_value(tiny_instance(customs_values=RULES), requests, one, one)
    assert customs_value(tiny_instance(), requests, one, one) == 1.0


def test_duty_on_freight_to_the_border():
    """1 litre by LCL at 100 a revenue ton: 0.10 of freight; 5 % of 10.10 = 0.505. Documents come after."""

    def cif(tables):
        tables["customs_values"] = [{"destination": "EU", "freight_pct": 100.0}]

    priced = price(hand_instance(change=cif), build(hand_instance(change=cif)))
    assert priced.inbound["cost_import_duty"].tolist() == pytest.approx([0.505])


def test_full_loads_by_hand():
    """40HQ 2600 for 65 m³ and 24 t: 40 and 108.33; LCL at 50 would be dearer per m³. Air: 3 a kg, 167 kg."""
    sailings = pd.DataFrame({"kg_per_m3": [1000.0, 167.0]})
    full = pd.DataFrame(
        {"20GP": np.nan, "40GP": np.nan, "40HQ": [2600.0, np.nan], "lcl": [50.0, np.nan], "kg": [0.0, 0.5]}
    )
    breaks = pd.DataFrame({"sailing": [1, 1], "amount": [3.5, 2.5]})
    boxes = """
        container,usable_m3,payload_t,us_road_limit_t
        40HQ,65,24,19"""
    prices = {"full": full, "border": full.assign(**{"40HQ": [1950.0, np.nan]})}
    found = unit_freight(tiny_instance(containers=boxes), sailings, prices, breaks)
    assert found["full_per_m3"].tolist() == pytest.approx([40.0, 3 * 167])
    assert found["full_per_t"].tolist() == pytest.approx([2600 / 24, 3000.0])
    assert found["border_per_m3"].tolist() == pytest.approx([30.0, 3 * 167])
    # 0.01 m³ with 6 kg in the box weigh more than they fill: 0.65 against 0.40
    goods = found.iloc[[0]].assign(m3=0.01, t=0.006)
    assert order_freight(goods, "full").tolist() == pytest.approx([0.65])
