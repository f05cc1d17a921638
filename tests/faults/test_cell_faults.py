"""Faults of single cells: numbers, dates, codes, ranges and units."""

from pathlib import Path

import pytest

from mini_scenario import write_mini
from one_fault import Change, faults_of, only_fault, swap

CASES: dict[str, tuple[Change, str]] = {
    "negative_weight": (
        swap("products", "940521,0.9,", "940521,-0.9,"),
        "tables/products.csv row 2 column weight_kg: found '-0.9': It must be above 0 kg. Write a "
        "value as in 0.9.",
    ),
    "weight_in_grams": (
        swap("products", "940521,0.9,", "940521,900,"),
        "tables/products.csv row 2 column weight_kg: found '900': It lies outside 0.005 to 70 kg, as "
        "if it were in another unit. If it is in grams, write 0.9; or allow it with unusual = "
        '["products.weight_kg"] in [scenario].',
    ),
    "sides_in_millimetres": (
        swap("products", "28,18,16", "280,180,160"),
        "tables/products.csv row 2 column weight_kg: found '0.9 kg in 8064 litres': Weight and size "
        "give a density outside 3 to 20000 kg/m³. Write the weight in kg and the sides in cm.",
    ),
    "decimal_comma": (
        swap("products", "940521,0.9,", '940521,"0,9",'),
        "tables/products.csv row 2 column weight_kg: found '0,9': It is not a number. Write a point "
        "as decimal mark and no thousands mark, as in 1234.5.",
    ),
    "thousands_mark": (
        swap("demand", "2026-11,420", '2026-11,"1,420"'),
        "tables/demand.csv row 2 column orders: found '1,420': It is not a number. Write a point as "
        "decimal mark and no thousands mark, as in 1234.5.",
    ),
    "unit_in_a_number": (
        swap("products", "940521,0.9,", "940521,0.9 kg,"),
        "tables/products.csv row 2 column weight_kg: found '0.9 kg': It is not a number. Write the "
        "number alone in kg, without a unit.",
    ),
    "percent_sign": (
        swap("order_mix", "lamp,2,1,20", "lamp,2,1,20%"),
        "tables/order_mix.csv row 3 column share_pct: found '20%': It is not a number. Write the "
        "number alone: 20 for 20%.",
    ),
    "word_for_a_number": (
        swap("demand", "2026-11,420", "2026-11,many"),
        "tables/demand.csv row 2 column orders: found 'many': It is not a number. Write a number, as in 420.",
    ),
    "nan": (
        swap("demand", "2026-11,420", "2026-11,nan"),
        "tables/demand.csv row 2 column orders: found 'nan': It is not a finite number. Write a "
        "number, or leave the cell empty if there is none.",
    ),
    "infinity": (
        swap("demand", "2026-11,420", "2026-11,inf"),
        "tables/demand.csv row 2 column orders: found 'inf': It is not a finite number. Write a "
        "number, or leave the cell empty if there is none.",
    ),
    "empty_needed_cell": (
        swap("products", "lamp,lantern,Table lamp,home", "lamp,lantern,Table lamp,"),
        "tables/products.csv row 2 column category: The cell is empty, but the column needs a value "
        "in every row. Write a value, as in home.",
    ),
    "fraction_for_a_whole_number": (
        swap("order_mix", "lamp,2,1,20", "lamp,2.5,1,20"),
        "tables/order_mix.csv row 3 column units: found '2.5': It is not a whole number. Write a "
        "whole number, as in 2.",
    ),
    "neither_true_nor_false": (
        swap("members", "general,true,8", "general,perhaps,8"),
        "tables/members.csv row 2 column vat_invoice: found 'perhaps': It is neither true nor false. "
        "Write true or false.",
    ),
    "unknown_choice": (
        swap("members", "small_scale", "small-scale"),
        "tables/members.csv row 3 column taxpayer: found 'small-scale': It must be one of: general, "
        "small_scale. Did you mean 'small_scale'?",
    ),
    "ambiguous_date": (
        swap("periods", "2026-11-01,2026-11-30", "01/11/2026,2026-11-30"),
        "tables/periods.csv row 2 column start: found '01/11/2026': A date is written year-month-day. "
        "Write it as in 2026-11-30.",
    ),
    "impossible_date": (
        swap("periods", "2026-11-01,2026-11-30", "2026-11-01,2026-11-31"),
        "tables/periods.csv row 2 column end: found '2026-11-31': The calendar has no such day. Write "
        "a day that exists, as in 2026-11-30.",
    ),
    "two_digit_year": (
        swap("rate_breaks", "18.85,70.44,2026-01-01", "18.85,70.44,26-01-01"),
        "tables/rate_breaks.csv row 2 column valid_from: found '26-01-01': A date is written "
        "year-month-day. Write it as in 2026-11-30.",
    ),
    "serial_number_for_a_date": (
        swap("rate_breaks", "18.85,70.44,2026-01-01", "18.85,70.44,46023"),
        "tables/rate_breaks.csv row 2 column valid_from: found '46023': It is a number, not a date. "
        "Write it as in 2026-11-30.",
    ),
    "country_uk": (
        swap("markets", "PL,Poland,PL", "PL,Poland,UK"),
        "tables/markets.csv row 3 column country: found 'UK': It is not a country code of ISO 3166-1 "
        "(two letters). Did you mean 'GB'?",
    ),
    "currency_rmb": (
        swap("rate_cards", "epacket-2026,CNY", "epacket-2026,RMB"),
        "tables/rate_cards.csv row 2 column currency: found 'RMB': It is not a currency code of ISO "
        "4217. Did you mean 'CNY'?",
    ),
    "percentage_over_100": (
        swap("services", "postal,2,1.2", "postal,2,120"),
        "tables/services.csv row 2 column loss_pct: found '120': It must be at least 0 and at most "
        "100 % of parcels. Write percent: ten percent is 10.",
    ),
    "share_for_a_percentage": (
        swap("tax_rules", "DE,19,", "DE,0.19,"),
        "tables/tax_rules.csv row 2 column rate_pct: found '0.19': It lies between 0 and 1, as if it were "
        "a share and not a percentage. Write 19 for 19 %, or allow it with unusual = "
        '["tax_rules.rate_pct"] in [scenario].',
    ),
    "latitude_out_of_range": (
        swap("markets", "DE,Germany,DE,51.0", "DE,Germany,DE,151.0"),
        "tables/markets.csv row 2 column lat: found '151': It must be at least -90 and at most 90 "
        "degrees north. Write a value as in 53.55.",
    ),
    "short_hs_code": (
        swap("products", "940521", "9405"),
        "tables/products.csv row 2 column hs_code: found '9405': An HS code has 6, 8 or 10 digits and "
        "nothing else. Write the digits alone, a leading zero included.",
    ),
    "dotted_hs_code": (
        swap("products", "940521", "9405.21"),
        "tables/products.csv row 2 column hs_code: found '9405.21': An HS code has 6, 8 or 10 digits "
        "and nothing else. Write the digits alone, a leading zero included.",
    ),
    "lost_leading_zero": (
        swap("duty_rules", "EU,*,9405", "EU,*,905"),
        "tables/duty_rules.csv row 2 column hs_prefix: found '905': An HS prefix has 2, 4, 6, 8 or 10 "
        "digits, or is * for all. Write the digits alone, a leading zero included.",
    ),
    "failed_formula": (
        swap("products", "Table lamp,home", "Table lamp,#REF!"),
        "tables/products.csv row 2 column category: found '#REF!': The formula in this cell has "
        "failed. Mend the formula or write the value.",
    ),
    "no_source": (
        swap("containers", "ISO 668", ""),
        "tables/containers.csv row 2 column source: The cell is empty, but the column needs a value "
        "in every row. Write a value, as in contract 2026-07.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    change, message = CASES[name]
    assert only_fault(tmp_path, change) == message


def test_many_cells_wrong_in_the_same_way_are_counted(tmp_path: Path) -> None:
    def change(texts: dict[str, str]) -> None:
        header = texts["places"].splitlines()[0]
        rows = [f"P{number},Port {number},UK,port,1,2,GeoNames,sourced\n" for number in range(20)]
        texts["places"] = texts["places"] + "".join(rows)
        assert header.startswith("place,name,country")

    faults = faults_of(write_mini(tmp_path, change))
    assert len(faults) == 6
    assert faults[4].startswith("tables/places.csv row 10 column country: found 'UK'")
    assert faults[5] == "tables/places.csv column country: 15 more rows break the same rule."
