"""Headers in snake_case and in PascalCase."""

import pytest

from optimizer.scenario.headers import match_headers
from optimizer.scenario.tables import TABLES


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("products", "weight_kg", "weight_kg"),
        ("products", "WEIGHT_KG", "weight_kg"),
        ("products", "WeightKg", "weight_kg"),
        ("products", "Weight", "weight_kg"),
        ("products", "UnitWeight", "weight_kg"),
        ("products", "UnitCost", "unit_cost"),
        ("products", "ProductName", "product"),
        ("products", "ProductCategory", "category"),
        ("products", "Name", "name"),
        ("products", "MemberName", "member"),
        ("products", "HSCode", "hs_code"),
        ("members", "OriginName", "origin"),
        ("demand", "MarketName", "market"),
        ("demand", "PeriodName", "period"),
        ("sites", "SiteName", "site"),
        ("sites", "Status", "status"),
        ("freight_lanes", "KgPerM3", "kg_per_m3"),
        ("site_sizes", "SizeCapacity", ""),
        ("site_sizes", "Capacity", ""),
        ("products", "weight", ""),
        ("products", "Weights", ""),
    ],
)
def test_alias(table: str, header: str, column: str) -> None:
    found, faults = match_headers(TABLES[table], [header], "file", 1)
    assert list(found) == ([column] if column else [])
    assert any(fault.what == header for fault in faults) == (not column)


def test_alias_and_name_of_the_same_column_clash() -> None:
    _, faults = match_headers(
        TABLES["demand"], ["orders", "product", "market", "period", "Orders"], "file", 1
    )
    assert [fault.rule for fault in faults] == ["The column orders stands twice."]


def test_order_of_columns_and_empty_headers_do_not_matter() -> None:
    found, faults = match_headers(
        TABLES["demand"], ["orders", None, "period", "", "market", "product"], "file", 1
    )
    assert found == {"orders": 0, "period": 2, "market": 4, "product": 5}
    assert not faults
