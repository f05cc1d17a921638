"""Distances, lane matching, routes, departures and unreachable demand."""

import numpy as np
import pandas as pd
import pytest

from hand_instance import hand_instance
from optimizer.network import build, sailings, unreachable
from optimizer.network.distance import great_circle_km, road_km, same_landmass, sea_km, transit_days
from optimizer.network.freight_routes import pickups, truck_legs
from optimizer.network.lane_match import match_lanes, valid_on

PERIODS = pd.DataFrame(
    {
        "period": ["jun", "jul"],
        "start": pd.to_datetime(["2026-06-01", "2026-07-01"]),
        "end": pd.to_datetime(["2026-06-30", "2026-07-31"]),
    }
)
MARKETS = pd.DataFrame({"market": ["DE-BE", "DE-BY", "FR"], "country": ["DE", "DE", "FR"]})
STARTS = pd.DataFrame({"start": ["YIW", "HAN"], "country": ["CN", "VN"]})


def lanes(*rows):
    columns = ["service", "origin", "destination", "valid_from", "valid_to"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(**{name: pd.to_datetime(table[name]) for name in columns[3:]})


def test_great_circle_of_hamburg_to_new_york():
    # published great-circle distance HAM–JFK: 6,127 km (3,807 miles)
    assert great_circle_km(53.63, 9.99, 40.64, -73.78) == pytest.approx(6127, abs=12)
    assert great_circle_km(10.0, 20.0, 10.0, 20.0) == 0.0
    assert road_km(0, 0, 0, 1) == pytest.approx(1.3 * great_circle_km(0, 0, 0, 1))


def test_sea_distance_goes_by_suez_and_not_overland():
    km = sea_km(29.87, 121.56, 53.55, 9.93)
    assert 18_000 < km < 22_000  # Ningbo–Hamburg, 10,700 nautical miles
    assert km > 2 * float(great_circle_km(29.87, 121.56, 53.55, 9.93))
    assert transit_days("sea", km) == pytest.approx(km / (13 * 1.852 * 24))


def test_trucks_stay_on_their_landmass():
    assert same_landmass("NL", "CZ") and same_landmass("US", "CA") and not same_landmass("FR", "US")
    points = pd.DataFrame(
        {
            "key": ["a", "b", "c"],
            "country": ["DE", "PL", "JP"],
            "lat": [52.0, 52.0, 35.0],
            "lon": [10.0, 21.0, 139.0],
        }
    )
    legs = truck_legs(points, points)
    assert set(zip(legs["from_key"], legs["to_key"], strict=True)) == {
        ("a", "a"),
        ("a", "b"),
        ("b", "a"),
        ("b", "b"),
        ("c", "c"),
    }
    assert legs.loc[legs["from_key"] == legs["to_key"], "km"].tolist() == [0.0, 0.0, 0.0]


def test_the_most_specific_lane_wins_market_before_start():
    table = lanes(
        ("post", "CN", "DE", "2026-01-01", None),
        ("post", "YIW", "DE", "2026-01-01", None),
        ("post", "CN", "DE-BE", "2026-01-01", None),
        ("post", "CN", "FR", "2026-01-01", None),
    )
    found = match_lanes(table, STARTS, MARKETS, PERIODS.head(1)).set_index("market")["lane"]
    assert found.to_dict() == {"DE-BE": 2, "DE-BY": 1, "FR": 3}


def test_the_middle_day_of_the_period_decides_which_edition_holds():
    table = lanes(
        ("post", "CN", "FR", "2026-01-01", "2026-06-14"),
        ("post", "CN", "FR", "2026-06-15", None),
        ("post", "CN", "FR", "2026-07-16", None),
    )
    found = match_lanes(table, STARTS, MARKETS, PERIODS).set_index("period")["lane"]
    assert found.to_dict() == {
        "jun": 1,
        "jul": 2,
    }  # 15 June; 16 July, on which the newer of two open rows counts


@pytest.mark.parametrize(
    ("day", "holds"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-01-31", True), ("2026-02-01", False)],
)
def test_both_ends_of_a_validity_are_included(day, holds):
    table = lanes(("post", "CN", "FR", "2026-01-01", "2026-01-31"))
    assert bool(valid_on(table, pd.Series([pd.Timestamp(day)])).iloc[0]) is holds


def with_hub_and_pool(tables):
    point = {"place": "CON", "country": "CN", "kind": "consolidation", "lat": 30.0, "lon": 121.0}
    far = {"place": "CON2", "country": "CN", "kind": "consolidation", "lat": 23.0, "lon": 113.0}
    hub = {"place": "HUB", "country": "DE", "kind": "hub", "lat": 52.0, "lon": 9.0}
    tables["places"] += [point, far, hub]
    tables["hubs"] = [
        {"hub": "HUB", "amount": 100.0, "handling_per_m3": 5.0, "dwell_days": 2.0, "currency": "EUR"}
    ]


def test_routes_of_own_and_pooled_freight_with_and_without_hub():
    network = build(hand_instance(change=with_hub_and_pool))
    routes = network.freight_routes
    assert len(routes) == 4
    assert set(zip(routes["member"], routes["start"], routes["hub"], strict=True)) == {
        ("ann", "YIW", ""),
        ("ann", "YIW", "HUB"),
        ("", "CON", ""),
        ("", "CON", "HUB"),
    }
    assert routes["lane"].nunique() == 4
    by_hub = routes[(routes["hub"] == "HUB") & (routes["member"] == "ann")].iloc[0]
    straight = routes[(routes["hub"] == "") & (routes["member"] == "ann")].iloc[0]
    trucking = (by_hub["hub_km"] + by_hub["on_km"]) / 500
    assert by_hub["days_mean"] - straight["days_mean"] == pytest.approx(2 + trucking)
    assert (straight["pre_km"], straight["on_km"], straight["main_km"]) == (0.0, 0.0, 20000.0)


def test_only_the_nearest_consolidation_point_is_kept_and_the_other_counted():
    kept, left_out = pickups(hand_instance(change=with_hub_and_pool))
    assert kept["place"].tolist() == ["CON"] and left_out == 1
    kept, left_out = pickups(hand_instance(change=with_hub_and_pool, routes_per_pair=2))
    assert kept["place"].tolist() == ["CON", "CON2"] and left_out == 0
    assert pickups(hand_instance(change=with_hub_and_pool, pooling=False))[0].empty


def test_departure_is_the_middle_of_the_arrival_period_less_the_days():
    def dated(tables):
        early = tables["freight_lanes"][0]
        tables["freight_lanes"] = [
            early | {"valid_to": pd.Timestamp("2026-03-01")},
            early | {"valid_from": pd.Timestamp("2026-03-02"), "days_mean": 44.5, "days_p95": float("nan")},
        ]

    instance = hand_instance(change=dated)
    found = sailings(instance, build(instance).freight_routes, instance["periods"])
    # arrival 15 April. By the old row, 35 days: 11 March, when it no longer holds. By the new one, 44.5 days
    # rounded up to 45: 1 March, when it does not hold yet. Nothing sails.
    assert found.empty
    found = sailings(hand_instance(), build(hand_instance()).freight_routes, hand_instance()["periods"])
    assert found["arrival"].tolist() == [pd.Timestamp("2026-04-15")]
    assert found["departure"].tolist() == [pd.Timestamp("2026-03-11")]


def test_unreachable_demand_is_named_with_its_reason():
    def batteries(tables):
        tables["products"][0]["cargo"] = "battery"

    assert unreachable(hand_instance(), build(hand_instance())) == []
    instance = hand_instance(change=batteries)
    assert unreachable(instance, build(instance)) == [
        "lamp to DE (1,000 orders in 2026-04): no service takes lithium batteries to DE"
    ]

    def elsewhere(tables):
        tables["markets"].append({"market": "BR", "country": "BR", "lat": -15.0, "lon": -47.0})
        tables["demand"].append({"product": "lamp", "market": "BR", "period": "2026-04", "orders": 7.0})

    instance = hand_instance(change=elsewhere)
    assert unreachable(instance, build(instance)) == [
        "lamp to BR (7 orders in 2026-04): no service has a lane to BR"
    ]


def test_graph_holds_every_leg():
    graph = build(hand_instance(change=with_hub_and_pool)).graph
    assert graph.edges[("place", "NGB"), ("place", "HAM")]["services"] == {"sea"}
    assert graph.edges[("place", "HUB"), ("site", "HAM-1")]["services"] == {"truck"}
    assert graph.has_edge(("place", "YIW"), ("market", "DE"))
    assert np.isfinite([km for _, _, km in graph.edges(data="km")]).all()
