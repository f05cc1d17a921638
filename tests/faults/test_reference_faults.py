"""Faults of keys and references: a key twice, a name that exists nowhere."""

from pathlib import Path

import pytest

from one_fault import Change, add, both, only_fault, swap

CASES: dict[str, tuple[Change, str]] = {
    "duplicate_key": (
        add("products", "lamp,toys,Lamp again,home,940521,0.9,28,18,16,32,11,USD,general"),
        "tables/products.csv row 4 column product: found 'lamp': The key (product) stands twice in "
        "products. Remove or change this row or row 2.",
    ),
    "duplicate_compound_key": (
        add("demand", "lamp,DE,2026-11,7"),
        "tables/demand.csv row 7 column product: found 'lamp / DE / 2026-11': The key (product + market + "
        "period) stands twice in demand. Remove or change this row or row 2.",
    ),
    "duplicate_dated_key": (
        add("tax_rules", "DE,16,150,EUR,2026-01-01,UStG,sourced"),
        "tables/tax_rules.csv row 4 column destination: found 'DE / 2026-01-01': The key (destination + "
        "valid_from) stands twice in tax_rules. Remove or change this row or row 2.",
    ),
    "unknown_member": (
        swap("products", "bear,toys,P", "bear,toyz,P"),
        "tables/products.csv row 3 column member: found 'toyz': The table members has no such member. "
        "Did you mean 'toys'?",
    ),
    "unknown_market": (
        swap("demand", "lamp,PL,2026-11", "lamp,FR,2026-11"),
        "tables/demand.csv row 4 column market: found 'FR': The table markets has no such market. Use "
        "one of: DE, PL.",
    ),
    "unknown_period": (
        swap("demand", "lamp,DE,2026-12", "lamp,DE,2027-12"),
        "tables/demand.csv row 3 column period: found '2027-12': The table periods has no such "
        "period. Did you mean '2026-12'?",
    ),
    "unknown_place": (
        swap("members", "Lantern Home,CN-YIW", "Lantern Home,CN-YWI"),
        "tables/members.csv row 2 column origin: found 'CN-YWI': The table places has no such place. "
        "Did you mean 'CN-YIW'?",
    ),
    "unknown_rate_card": (
        swap("services", "postal,epacket-2026", "postal,epacket-2025"),
        "tables/services.csv row 2 column rate_card: found 'epacket-2025': The table rate_cards has "
        "no such card. Did you mean 'epacket-2026'?",
    ),
    "unknown_regime": (
        swap("services", "sea,,9810", "sea,,9811"),
        "tables/services.csv row 3 column regime: found '9811': The table export_regimes has no such "
        "regime. Did you mean '9810'?",
    ),
    "unknown_lane_origin": (
        swap("lanes", "epacket,CN,PL", "epacket,China,PL"),
        "tables/lanes.csv row 3 column origin: found 'China': It must be a place or site or country "
        "code. Write a country code of two letters, as in DE, or a name that exists.",
    ),
    "country_slip_in_a_lane": (
        swap("lanes", "epacket,CN,PL", "epacket,CN,UK"),
        "tables/lanes.csv row 3 column destination: found 'UK': It must be a market or country code. "
        "Did you mean 'GB'?",
    ),
    "unknown_duty_country": (
        swap("duty_rules", "EU,*,9503", "Europe,*,9503"),
        "tables/duty_rules.csv row 3 column destination: found 'Europe': It must be a country code or "
        "EU. Write a country code of two letters, as in DE, or a name that exists.",
    ),
    "unknown_provider": (
        swap("sites", "9.99,de-3pl", "9.99,de-3lp"),
        "tables/sites.csv row 2 column provider: found 'de-3lp': No table of tariffs "
        "(warehouse_charges, storage_tiers, order_fee_tiers) has this provider. Did you mean "
        "'de-3pl'?",
    ),
    "unknown_zone": (
        swap("lanes", "dhl-de,DE-HAM,PL,2", "dhl-de,DE-HAM,PL,3"),
        "tables/lanes.csv row 5 column zone: found '3': The rate card has no breaks "
        "for this zone. Use one of: 1, 2.",
    ),
    "no_zone_by_distance": (
        swap("lanes", "epacket,CN,DE,DE", "epacket,CN,DE,"),
        "tables/lanes.csv row 2 column zone: The zone is empty, but distance_zones has no rows for "
        "the card. Name a zone, or add distance_zones for the card epacket-2026.",
    ),
    "surcharge_of_an_unknown_zone": (
        both(
            swap("surcharges", "card,surcharge,", "card,surcharge,zone,"),
            swap("surcharges", "dhl-de-2026,peak,", "dhl-de-2026,peak,7,"),
        ),
        "tables/surcharges.csv row 2 column zone: found '7': The rate card has no breaks for this zone. "
        "Use one of: 1, 2.",
    ),
    "distance_to_an_unknown_zone": (
        swap("distance_zones", "700,,2,", "700,,3,"),
        "tables/distance_zones.csv row 3 column zone: found '3': The rate card has no breaks for this zone. "
        "Use one of: 1, 2.",
    ),
    "rule_of_an_unknown_site": (
        swap("rules", "max_open,,1", "max_open,DE-HAM DE-BER,1"),
        "tables/rules.csv row 2 column sites: found 'DE-BER': The table sites has no such site. Use "
        "one of: DE-HAM, PL-WAW.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    change, message = CASES[name]
    assert only_fault(tmp_path, change) == message
