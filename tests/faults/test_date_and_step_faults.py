"""Faults of validity dates, periods, exchange rates and step tables."""

from pathlib import Path

import pytest

from one_fault import Change, both, only_fault, swap

CASES: dict[str, tuple[Change, str]] = {
    "ends_before_it_starts": (
        swap("rate_breaks", "0,5,3.9,0.1,2026-01-01,2026-12-31", "0,5,3.9,0.1,2026-01-01,2025-12-31"),
        "tables/rate_breaks.csv row 3 column valid_to: found '2025-12-31': valid_to lies before "
        "valid_from. Exchange them or mend the year.",
    ),
    "overlapping_validity": (
        swap("low_value_rules", "2020-01-01,,", "2020-01-01,2026-07-15,"),
        "tables/low_value_rules.csv row 3 column valid_from: found '2026-07-01': The row overlaps an "
        "earlier one with the same destination + channel. End tables/low_value_rules.csv row 2 column "
        "valid_to on 2026-06-30, or leave it empty.",
    ),
    "rate_ends_within_the_horizon": (
        swap("rate_breaks", "0.3,2026-01-01,2026-12-31", "0.3,2026-01-01,2026-12-15"),
        "tables/rate_breaks.csv row 5 column valid_to: found 'dhl-de-2026 / 2': No row of rate_breaks "
        "for dhl-de-2026 / 2 holds on 2026-12-16, a day of the horizon. Add a row for that day, or "
        "extend the validity.",
    ),
    "rate_starts_within_the_horizon": (
        both(
            swap("freight_rates", "40HQ,0,2450,USD,2026-01-01", "40HQ,0,2450,USD,2026-11-10"),
            swap("freight_rates", "lcl,0,60,USD,2026-01-01", "lcl,0,60,USD,2026-11-10"),
        ),
        "tables/freight_rates.csv row 2 column valid_to: found 'sea-eu / CNNGB / DEHAM': No row of "
        "freight_rates for sea-eu / CNNGB / DEHAM holds on 2026-11-01, a day of the horizon. Add a "
        "row for that day, or extend the validity.",
    ),
    "storage_between_two_tariffs": (
        both(
            swap("storage_tiers", "0,30,0.2,EUR,2026-01-01,", "0,30,0.2,EUR,2026-01-01,2026-11-30,"),
            swap("storage_tiers", "30,,0.35,EUR,2026-01-01,", "30,,0.35,EUR,2026-01-01,2026-11-30,"),
            swap("storage_tiers", "valid_from,", "valid_from,valid_to,"),
        ),
        "tables/storage_tiers.csv row 2 column valid_to: found 'de-3pl': No row of storage_tiers for "
        "de-3pl holds on 2026-12-01, a day of the horizon. Add a row for that day, or extend the "
        "validity.",
    ),
    "gap_between_periods": (
        swap("periods", "2026-12-01,", "2026-12-02,"),
        "tables/periods.csv row 3 column start: found '2026-12-02': The period leaves a gap after "
        "2026-11, which ends on 2026-11-30. Start it on 2026-12-01.",
    ),
    "overlap_of_periods": (
        swap("periods", "2026-12-01,", "2026-11-30,"),
        "tables/periods.csv row 3 column start: found '2026-11-30': The period overlaps 2026-11, "
        "which ends on 2026-11-30. Start it on 2026-12-01.",
    ),
    "reversed_period": (
        swap("periods", "2026-12-01,2026-12-31", "2026-12-01,2026-11-30"),
        "tables/periods.csv row 3 column end: found '2026-11-30': The period ends before it starts. "
        "Exchange start and end, or mend the year.",
    ),
    "no_exchange_rate": (
        swap("fx_rates", "CNY,2026-10-30,7.4326,ECB,sourced\n", ""),
        "tables/rate_cards.csv row 2 column currency: found 'CNY': fx_rates has no rate for this "
        "currency. Add a row for CNY to fx_rates.",
    ),
    "exchange_rate_too_late": (
        swap("fx_rates", "CNY,2026-10-30", "CNY,2026-11-30"),
        "tables/rate_cards.csv row 2 column currency: found 'CNY': fx_rates starts on 2026-11-30 for "
        "CNY, after the first day 2026-11-01. Add a rate of CNY dated 2026-11-01 or before.",
    ),
    "all_lanes_expired": (
        both(
            swap("freight_lanes", "valid_from,", "valid_from,valid_to,"),
            swap("freight_lanes", "2026-01-01,", "2025-01-01,2025-12-31,"),
        ),
        "tables/freight_lanes.csv row 2 column valid_from: No row of freight_lanes holds between 2026-11-01 "
        "and 2026-12-31, the horizon. Mend the dates of the periods or of the lanes.",
    ),
    "gap_between_breaks": (
        swap("rate_breaks", "1,5,31.5", "1,6,31.5"),
        "tables/rate_breaks.csv row 3 column weight_to_kg: found '5': The steps of dhl-de-2026 / 1 "
        "leave a gap from 5 to 6. Write 6, where tables/rate_breaks.csv row 4 starts.",
    ),
    "overlap_of_breaks": (
        swap("rate_breaks", "1,0,5,", "1,0,6,"),
        "tables/rate_breaks.csv row 3 column weight_to_kg: found '6': The steps of dhl-de-2026 / 1 "
        "overlap: the next one starts at 5. Write 5, where tables/rate_breaks.csv row 4 starts.",
    ),
    "open_break_in_the_middle": (
        swap("rate_breaks", "1,0,5,", "1,0,,"),
        "tables/rate_breaks.csv row 3 column weight_to_kg: The steps of dhl-de-2026 / 1 overlap: the "
        "next one starts at 5. Write 5, where tables/rate_breaks.csv row 4 starts.",
    ),
    "step_without_width": (
        swap("order_fee_tiers", "300,,3.08", "300,300,3.08"),
        "tables/order_fee_tiers.csv row 3 column orders_to: found '300': The step ends at or before "
        "its start, 300. A step holds for from ≤ x < to: write a larger end.",
    ),
    "tiers_above_zero": (
        swap("storage_tiers", "de-3pl,0,30,0.2,EUR,2026-01-01,quote,sourced\n", ""),
        "tables/storage_tiers.csv row 2 column age_from_days: found '30': The steps of de-3pl start "
        "above 0. Add the step from 0 to 30.",
    ),
    "freight_breaks_above_zero": (
        swap("freight_rates", "lcl,0,60", "kg,45,6"),
        "tables/freight_rates.csv row 3 column break_from_kg: found '45': The lowest kg break of the "
        "lane starts above 0. Add the break from 0: all-units breaks need a price for small shipments "
        "too.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    change, message = CASES[name]
    assert only_fault(tmp_path, change) == message
