"""Freight and warehouses of the random tiny scenarios of `tiny_instances`."""

from typing import Any

import numpy as np

__all__ = ["freight", "pick", "warehouses"]


def pick(random: np.random.Generator, low: float, high: float) -> float:
    """Draw an amount, to the cent."""
    return float(np.round(random.uniform(low, high), 2))


def freight(random: np.random.Generator, on: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    """Draw lanes, their rates, ports and hubs."""
    lanes = [
        {
            "service": "sea",
            "from_place": "NGB",
            "to_place": "HAM",
            "days_mean": 36.0,
            "days_p95": 44.0,
            "distance_km": 19800.0,
        }
    ]
    sea = {"service": "sea", "from_place": "NGB", "to_place": "HAM", "mode": "sea", "currency": "USD"}
    minimum = {"minimum_amount": 150.0} if "lcl_minimum" in on else {}
    rates = [
        sea | {"unit": "20GP", "amount": pick(random, 900, 1500)},
        sea | {"unit": "40HQ", "amount": pick(random, 1500, 2800)},
        sea | {"unit": "lcl", "amount": pick(random, 40, 110)} | minimum,
    ]
    if "air" in on:
        lanes.append(
            {
                "service": "air",
                "from_place": "PVG",
                "to_place": "FRA",
                "days_mean": 5.0,
                "distance_km": 8800.0,
                "kg_per_m3": 167.0,
                "shipments_per_month": 2.0,
            }
        )
        air = {
            "service": "air",
            "from_place": "PVG",
            "to_place": "FRA",
            "mode": "air",
            "unit": "kg",
            "currency": "USD",
        }
        rates += [
            air | {"break_from_kg": start, "amount": amount, "minimum_amount": 90.0}
            for start, amount in ((0.0, 5.5), (45.0, 4.2), (300.0, 3.1))
        ]
    if "ddp" in on:
        lanes.append(
            {"service": "door", "from_place": "SZX", "to_place": "HAM", "days_mean": 20.0, "kg_per_m3": 167.0}
        )
        door = {
            "service": "door",
            "from_place": "SZX",
            "to_place": "HAM",
            "mode": "truck",
            "unit": "kg",
            "currency": "USD",
        }
        rates.append(door | {"amount": 2.2, "duty_included": True})
    charges = [
        ("CN", "origin", "*", "documents", "shipment", 60.0, "USD"),
        ("CN", "origin", "*", "declaration", "declaration", 35.0, "USD"),
        ("CN", "origin", "sea", "THC 40", "container_40", 240.0, "USD"),
        ("CN", "origin", "sea", "THC 20", "container_20", 140.0, "USD"),
        ("NGB", "origin", "sea", "CFS", "lcl", 12.0, "USD"),
        ("DE", "destination", "*", "delivery order", "shipment", 45.0, "EUR"),
        ("DE", "destination", "sea", "deconsolidation", "lcl", 30.0, "EUR"),
        ("DE", "destination", "*", "security", "kg", 0.02, "EUR"),
        ("DE", "destination", "*", "processing", "pct_of_value", 0.3, "EUR"),
        ("CON", "consolidation", "*", "handling", "m3", 4.0, "USD"),
    ]
    names = ("place", "side", "mode", "item", "basis", "amount", "currency")
    inland = [("CN", "20GP", 40, 0.9), ("CN", "40HQ", 60, 1.1), ("CN", "m3", 3, 0.03)]
    inland += [("DE", "20GP", 100, 1.2), ("DE", "40HQ", 120, 1.5), ("DE", "m3", 6, 0.05)]
    return {
        "freight_lanes": lanes,
        "freight_rates": rates,
        "handling_charges": [dict(zip(names, charge, strict=True)) for charge in charges],
        "inland_rates": [
            {"country": c, "unit": u, "amount": float(a), "amount_per_km": k, "currency": "EUR"}
            for c, u, a, k in inland
        ],
        "containers": [
            {"container": "20GP", "usable_m3": 27.0, "payload_t": 22.0, "us_road_limit_t": 17.0},
            {"container": "40HQ", "usable_m3": 65.0, "payload_t": 24.0, "us_road_limit_t": 19.0},
        ],
        "hubs": [{"hub": "HUB", "amount": 15.0, "handling_per_m3": 2.0, "dwell_days": 1.0, "currency": "EUR"}]
        if "hub" in on
        else [],
    }


def warehouses(random: np.random.Generator, on: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    """Draw two sites with their sizes and rates, and who may use them."""
    status = "Open" if "existing" in on else "Consider"
    sites = [
        {"site": "S1", "country": "DE", "lat": 53.0, "lon": 9.5, "provider": "three", "status": status},
        {"site": "S2", "country": "DE", "lat": 49.0, "lon": 8.4, "provider": "lease", "status": "Consider"},
    ]
    small = {
        "size": "s",
        "model": "3pl",
        "rent_per_month": pick(random, 0, 150),
        "capacity_m3": pick(random, 4, 60),
        "capacity_orders_per_month": pick(random, 100, 2000),
        "currency": "EUR",
    }
    big = {
        "size": "b",
        "model": "lease",
        "rent_per_month": 240.0,
        "labour_per_month": 90.0,
        "start_up": 600.0,
        "lease_months": 12,
        "capacity_m3": 90.0,
        "capacity_orders_per_month": 4000.0,
        "currency": "EUR",
    }
    sizes = [small | {"site": "S1"}, big | {"site": "S2"}]
    if "second_size" in on:
        sizes.append(big | {"site": "S1"})
    items = [
        ("three", "first_unit", 0.0, 1.6),
        ("three", "first_unit", 1.0, 2.1),
        ("three", "further_unit", 0.0, 0.4),
    ]
    items += [
        ("three", "inbound_m3", 0.0, 6.0),
        ("three", "return_order", 0.0, 1.5),
        ("three", "packing", 0.0, 0.3),
    ]
    items += [("lease", "first_unit", 0.0, 0.9), ("lease", "packing", 0.0, 0.3)]
    if "monthly_minimum" in on:
        items.append(("three", "monthly_minimum", 0.0, pick(random, 100, 900)))
    if "onboarding" in on:
        items.append(("three", "onboarding", 0.0, 120.0))
    tiers: list[tuple[float, float | None, float]] = []
    if "order_tiers" in on:
        tiers = [(0.0, 150.0, 1.9), (150.0, 500.0, 1.2), (500.0, None, 0.8)]
    elif "single_fee" in on:
        tiers = [(0.0, None, 1.1)]
    pairs = [{"member": "ann", "site": "S2", "onboarding": 75.0, "currency": "EUR"}]
    if "forbidden" in on:
        pairs.append({"member": "bo", "site": "S1", "allowed": False})
    return {
        "sites": sites,
        "site_sizes": sizes,
        "warehouse_charges": [
            {"provider": p, "item": i, "weight_from_kg": w, "amount": a, "currency": "EUR"}
            for p, i, w, a in items
        ],
        "storage_tiers": [
            {
                "provider": "three",
                "age_from_days": 0.0,
                "age_to_days": 30.0,
                "amount_per_m3_day": 0.3,
                "currency": "EUR",
            },
            {"provider": "three", "age_from_days": 30.0, "amount_per_m3_day": 0.6, "currency": "EUR"},
        ],
        "order_fee_tiers": [
            {"provider": "three", "orders_from": a, "amount_per_order": c, "currency": "EUR"}
            | ({"orders_to": b} if b else {})
            for a, b, c in tiers
        ],
        "member_sites": pairs if "onboarding" in on or "forbidden" in on else [],
    }
