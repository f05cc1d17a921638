"""One member, product, market and month, in euros and round figures: all can be checked by hand."""

from copy import deepcopy

from instances import make_instance

TABLES = {
    "members": [{"member": "ann", "origin": "YIW", "capital_rate_pct": 0.0}],
    "products": [
        {
            "product": "lamp",
            "member": "ann",
            "category": "home",
            "hs_code": "940521",
            "weight_kg": 1.0,
            "length_cm": 10.0,
            "width_cm": 10.0,
            "height_cm": 10.0,
            "retail_price": 40.0,
            "unit_cost": 10.0,
            "currency": "EUR",
        }
    ],
    "markets": [{"market": "DE", "country": "DE", "lat": 51.0, "lon": 10.0}],
    "periods": [{"period": "2026-04", "start": "2026-04-01", "end": "2026-04-30"}],
    "demand": [{"product": "lamp", "market": "DE", "period": "2026-04", "orders": 1000.0}],
    "places": [
        {"place": "YIW", "country": "CN", "kind": "origin", "lat": 29.9, "lon": 121.6},
        {"place": "NGB", "country": "CN", "kind": "port", "lat": 29.9, "lon": 121.6},
        {"place": "HAM", "country": "DE", "kind": "port", "lat": 53.5, "lon": 9.9},
    ],
    "services": [
        {"service": "post", "mode": "postal", "rate_card": "post", "duty_channel": "postal"},
        {"service": "sea", "mode": "sea", "regime": "9810"},
        {"service": "dpd", "mode": "last_mile", "rate_card": "dpd"},
    ],
    "lanes": [
        {
            "service": "post",
            "origin": "CN",
            "destination": "DE",
            "zone": "1",
            "days_mean": 12.0,
            "days_p95": 20.0,
        },
        {
            "service": "dpd",
            "origin": "DE",
            "destination": "DE",
            "zone": "1",
            "days_mean": 2.0,
            "days_p95": 3.0,
        },
    ],
    "rate_cards": [{"card": "post", "currency": "EUR"}, {"card": "dpd", "currency": "EUR"}],
    "rate_breaks": [
        {"card": "post", "zone": "1", "amount": 2.0, "amount_per_kg": 3.0},
        {"card": "dpd", "zone": "1", "amount": 2.0},
    ],
    "freight_lanes": [
        {
            "service": "sea",
            "from_place": "NGB",
            "to_place": "HAM",
            "days_mean": 35.0,
            "days_p95": 35.0,
            "distance_km": 20000.0,
        }
    ],
    "freight_rates": [
        {
            "service": "sea",
            "mode": "sea",
            "from_place": "NGB",
            "to_place": "HAM",
            "unit": "lcl",
            "amount": 100.0,
            "currency": "EUR",
        }
    ],
    "handling_charges": [
        {
            "place": "DE",
            "side": "destination",
            "item": "documents",
            "basis": "shipment",
            "amount": 50.0,
            "currency": "EUR",
        }
    ],
    "sites": [{"site": "HAM-1", "country": "DE", "lat": 53.5, "lon": 9.9, "provider": "p"}],
    "site_sizes": [
        {
            "site": "HAM-1",
            "size": "s",
            "model": "3pl",
            "rent_per_month": 300.0,
            "capacity_m3": 100.0,
            "capacity_orders_per_month": 5000.0,
            "currency": "EUR",
        }
    ],
    "warehouse_charges": [
        {"provider": "p", "item": "inbound_m3", "amount": 6.0, "currency": "EUR"},
        {"provider": "p", "item": "first_unit", "amount": 1.2, "currency": "EUR"},
        {"provider": "p", "item": "packing", "amount": 0.1, "currency": "EUR"},
        {"provider": "p", "item": "onboarding", "amount": 40.0, "currency": "EUR"},
    ],
    "storage_tiers": [{"provider": "p", "age_from_days": 0.0, "amount_per_m3_day": 0.5, "currency": "EUR"}],
    "order_fee_tiers": [
        {"provider": "p", "orders_from": 0.0, "orders_to": 500.0, "amount_per_order": 1.0, "currency": "EUR"},
        {"provider": "p", "orders_from": 500.0, "amount_per_order": 0.6, "currency": "EUR"},
    ],
    "duty_rules": [
        {"destination": "DE", "hs_prefix": "*", "rule": "mfn", "channel": "freight", "rate_pct": 5.0},
        {"destination": "DE", "hs_prefix": "*", "rule": "mfn", "channel": "postal", "rate_pct": 0.0},
    ],
    "tax_rules": [{"destination": "DE", "rate_pct": 19.0, "at_sale_threshold": 150.0, "currency": "EUR"}],
    "export_regimes": [
        {"regime": "9810", "name": "", "refund": True, "refund_days": 45.0, "currency": "EUR"}
    ],
    "refund_rates": [{"hs_prefix": "*", "rate_pct": 13.0}],
    "emission_factors": [
        {"leg": "truck", "kg_per_tkm": 0.1, "scope": "WTW"},
        {"leg": "van", "kg_per_tkm": 0.3, "scope": "WTW"},
        {"leg": "parcel_air", "kg_per_tkm": 1.0, "scope": "WTW"},
        {"leg": "sea", "kg_per_tkm": 0.02, "scope": "WTW"},
    ],
}


def hand_instance(*, change=None, **model):
    """Return the scenario, after `change(tables)` on a copy of its rows."""
    tables = deepcopy(TABLES)
    if change:
        change(tables)
    settings = {"demand_cv": 0.0} | model
    return make_instance(tables, currency="EUR", **settings)
