"""Random tiny scenarios with every feature of the model, small enough for two independent formulations."""

from typing import Any

import numpy as np

from instances import make_instance
from optimizer.scenario.instance import Instance
from tiny_supply import freight, pick, warehouses

FEATURES = (
    "two_periods",
    "ahead",
    "staged",
    "hub",
    "pooled",
    "own",
    "air",
    "lcl_minimum",
    "order_tiers",
    "single_fee",
    "monthly_minimum",
    "onboarding",
    "forbidden",
    "promise_hard",
    "promise_soft",
    "carrier",
    "carbon_cap",
    "carbon_price",
    "max_open",
    "min_open",
    "at_most_one",
    "requires",
    "budget",
    "max_orders",
    "single_source",
    "no_sharing",
    "discount",
    "battery",
    "second_size",
    "existing",
    "ddp",
)

PLACES = [
    {"place": "YIW", "country": "CN", "kind": "origin", "lat": 29.3, "lon": 120.1},
    {"place": "SZX", "country": "CN", "kind": "origin", "lat": 22.6, "lon": 114.1},
    {"place": "CON", "country": "CN", "kind": "consolidation", "lat": 29.5, "lon": 121.0},
    {"place": "NGB", "country": "CN", "kind": "port", "lat": 29.9, "lon": 121.6},
    {"place": "HAM", "country": "DE", "kind": "port", "lat": 53.5, "lon": 9.9},
    {"place": "PVG", "country": "CN", "kind": "airport", "lat": 31.1, "lon": 121.8},
    {"place": "FRA", "country": "DE", "kind": "airport", "lat": 50.0, "lon": 8.6},
    {"place": "HUB", "country": "DE", "kind": "hub", "lat": 52.0, "lon": 9.0},
]


def tiny_instance(seed: int, features: frozenset[str] | None = None, *, roomy: bool = False) -> Instance:
    """Return a random scenario; without `features`, a random set of them. Some have no plan at all.

    With `roomy` no warehouse ever runs out of space.
    """
    random = np.random.default_rng([20261120, seed])
    chosen = frozenset(name for name in FEATURES if random.random() < 0.4)
    on = chosen if features is None else features
    tables: dict[str, list[dict[str, Any]]] = {"places": PLACES}
    tables |= _firms(random, on) | _parcels(random, on) | freight(random, on) | warehouses(random, on)
    tables |= _customs() | {"rules": _rules(random, on)}
    if roomy:
        tables["site_sizes"] = [size | {"capacity_m3": 1e5} for size in tables["site_sizes"]]
    return make_instance(
        tables,
        sharing="no_sharing" not in on,
        pooling="pooled" in on,
        own_freight="own" in on or "pooled" not in on,
        ahead_periods=int("ahead" in on),
        staged_openings="staged" in on,
        carbon_price_per_t=80.0 if "carbon_price" in on else 0.0,
        discount_rate_pct=12.0 if "discount" in on else 0.0,
    )


def _firms(random: np.random.Generator, on: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    members = [
        {"member": "ann", "origin": "YIW", "capital_rate_pct": 10.0},
        {"member": "bo", "origin": "SZX", "capital_rate_pct": 6.0, "vat_invoice": False},
    ]
    products = []
    for number, member in enumerate(("ann", "bo", "bo")[: 2 + int(random.random() < 0.3)]):
        products.append(
            {
                "product": f"p{number}",
                "member": member,
                "category": "home",
                "hs_code": "940521",
                "weight_kg": pick(random, 0.2, 6),
                "length_cm": pick(random, 20, 50),
                "width_cm": pick(random, 10, 20),
                "height_cm": pick(random, 4, 10),
                "retail_price": pick(random, 20, 60),
                "unit_cost": pick(random, 4, 15),
                "currency": "USD",
                "cargo": "battery" if "battery" in on and number == 0 else "general",
                "single_source": "single_source" in on and number == 0,
            }
        )
    periods = [{"period": "m1", "start": "2026-03-01", "end": "2026-03-31"}]
    if "two_periods" in on or "ahead" in on or "staged" in on:
        periods.append({"period": "m2", "start": "2026-04-01", "end": "2026-04-30"})
    promise: dict[str, Any] = {}
    if "promise_hard" in on:
        promise = {"promise_days": 10.0, "promise_share_pct": 60.0}
    if "promise_soft" in on:
        promise = {
            "promise_days": 9.0,
            "promise_share_pct": 90.0,
            "late_order_amount": 2.5,
            "currency": "EUR",
        }
    markets = [
        {"market": "DE", "country": "DE", "lat": 51.0, "lon": 10.0} | promise,
        {"market": "FR", "country": "FR", "lat": 47.0, "lon": 2.5},
    ]
    demand = [
        {
            "product": p["product"],
            "market": m["market"],
            "period": t["period"],
            "orders": float(random.integers(5, 400)),
        }
        for p in products
        for m in markets
        for t in periods
        if random.random() < 0.8
    ]
    demand = demand or [{"product": "p0", "market": "DE", "period": "m1", "orders": 100.0}]
    mix = [{"product": "p0", "units": 1, "share_pct": 70.0}, {"product": "p0", "units": 3, "share_pct": 30.0}]
    return {
        "members": members,
        "products": products,
        "periods": periods,
        "markets": markets,
        "demand": demand,
        "order_mix": mix if random.random() < 0.5 else [],
    }


def _parcels(random: np.random.Generator, on: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    battery = {"accepts_battery": True}
    services = [
        {
            "service": "post",
            "mode": "postal",
            "rate_card": "post",
            "regime": "9610",
            "loss_pct": 2.0,
            "duty_channel": "postal",
        }
        | battery,
        {
            "service": "line",
            "mode": "line",
            "rate_card": "line",
            "regime": "9610",
            "loss_pct": 0.5,
            "duty_channel": "postal",
        }
        | battery,
        {"service": "dpd", "mode": "last_mile", "rate_card": "dpd", "loss_pct": 0.2} | battery,
        {"service": "sea", "mode": "sea", "regime": "9810"} | battery,
        {"service": "air", "mode": "air", "regime": "9810", "accepts_battery": "battery" not in on},
        {"service": "door", "mode": "truck"} | battery,
    ]
    lanes = [
        {
            "service": "post",
            "origin": "CN",
            "destination": c,
            "zone": "1",
            "days_mean": 14.0,
            "days_p95": 24.0,
        }
        for c in ("DE", "FR")
    ]
    capacity = {"capacity_kg_per_day": pick(random, 2, 12)} if "carrier" in on else {}
    lanes += [
        {"service": "line", "origin": "CN", "destination": c, "zone": "1", "days_mean": 8.0, "days_p95": 11.0}
        | capacity
        for c in ("DE", "FR")
    ]
    lanes += [
        {"service": "dpd", "origin": "DE", "destination": c, "zone": z, "days_mean": 2.0, "days_p95": 4.0}
        for c, z in (("DE", "home"), ("FR", "abroad"))
    ]
    if random.random() < 0.5:
        lanes.append(
            {
                "service": "dpd",
                "origin": "S2",
                "destination": "FR",
                "zone": "home",
                "days_mean": 1.5,
                "days_p95": 2.0,
            }
        )
    cards = [
        {"card": "post", "currency": "CNY"},
        {"card": "line", "currency": "CNY", "divisor_cm3_per_kg": 8000.0, "step_kg": 0.1},
        {"card": "dpd", "currency": "EUR"},
    ]
    breaks = [
        {
            "card": "post",
            "zone": "1",
            "amount": pick(random, 10, 30),
            "amount_per_kg": pick(random, 50, 80),
        },
        {
            "card": "line",
            "zone": "1",
            "amount": pick(random, 20, 40),
            "amount_per_kg": pick(random, 60, 100),
        },
        {"card": "dpd", "zone": "home", "amount": pick(random, 3, 6), "amount_per_kg": 0.2},
        {"card": "dpd", "zone": "abroad", "amount": pick(random, 7, 12), "amount_per_kg": 0.5},
    ]
    return {
        "services": services,
        "lanes": lanes,
        "rate_cards": cards,
        "rate_breaks": breaks,
        "returns": [
            {
                "category": "*",
                "channel": "direct",
                "return_pct": 5.0,
                "shipped_back_pct": 0.0,
                "resale_pct": 0.0,
                "currency": "USD",
            },
            {
                "category": "*",
                "channel": "warehouse",
                "return_pct": 8.0,
                "resale_pct": 80.0,
                "currency": "USD",
            },
        ],
        "emission_factors": [
            {"leg": leg, "kg_per_tkm": kg, "scope": "WTW"}
            for leg, kg in (("sea", 0.02), ("air", 0.9), ("truck", 0.1), ("van", 0.3), ("parcel_air", 1.0))
        ],
    }


def _customs() -> dict[str, list[dict[str, Any]]]:
    dated = {"valid_from": "2025-01-01"}
    return {
        "duty_rules": [
            {"destination": c, "hs_prefix": "*", "rule": "mfn", "rate_pct": 3.0} | dated for c in ("DE", "FR")
        ],
        "low_value_rules": [
            {
                "destination": "EU",
                "channel": "postal",
                "threshold": 150.0,
                "treatment": "exempt",
                "currency": "EUR",
            }
            | dated
        ],
        "tax_rules": [
            {"destination": c, "rate_pct": 19.0, "at_sale_threshold": 150.0, "currency": "EUR"} | dated
            for c in ("DE", "FR")
        ],
        "export_regimes": [
            {"regime": "9610", "name": "", "refund": False, "refund_days": 60.0, "currency": "CNY"} | dated,
            {"regime": "9810", "name": "", "refund": True, "refund_days": 45.0, "currency": "CNY"} | dated,
        ],
        "refund_rates": [{"hs_prefix": "*", "rate_pct": 13.0} | dated],
        "fx_rates": [
            {"currency": currency, "date": "2025-06-01", "per_eur": rate}
            for currency, rate in (("USD", 1.1), ("CNY", 7.9))
        ],
    }


def _rules(random: np.random.Generator, on: frozenset[str]) -> list[dict[str, Any]]:
    rules: dict[str, dict[str, Any]] = {
        "max_open": {"value": 1.0},
        "min_open": {"value": 1.0},
        "at_most_one": {"sites": "S1 S2"},
        "requires": {"sites": "S1 S2"},
        "budget": {"value": pick(random, 100, 800), "currency": "EUR"},
        "carbon_cap": {"value": pick(random, 2000, 20000)},
        "max_orders": {"sites": "S1", "value": pick(random, 50, 600)},
    }
    return [{"rule": kind, "kind": kind} | facts for kind, facts in rules.items() if kind in on]
