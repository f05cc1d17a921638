"""Which routes and lanes are kept, by hand, and what is said of the others."""

import numpy as np
import pandas as pd
import pytest

from hand_instance import hand_instance
from optimizer.costing.freight import freight_prices
from optimizer.costing.lane_choice import choose_lanes
from optimizer.costing.lane_supply import LaneSupply
from optimizer.costing.money import Exchange
from optimizer.costing.options import price
from optimizer.costing.route_choice import choose_routes
from optimizer.network import build


def two_ports(days, amount):
    """A second port of discharge beside the first, with its own lane and rate."""

    def change(tables):
        tables["places"].append({"place": "BRV", "country": "DE", "kind": "port", "lat": 53.5, "lon": 9.9})
        lane = tables["freight_lanes"][0]
        tables["freight_lanes"].append(lane | {"to_place": "BRV", "days_mean": days, "days_p95": days})
        tables["freight_rates"].append(tables["freight_rates"][0] | {"to_place": "BRV", "amount": amount})

    return hand_instance(change=change)


def chosen(instance):
    network = build(instance)
    prices = freight_prices(instance, Exchange(instance), network.freight_routes, instance["periods"])
    choice = choose_routes(instance, prices, 0.2)
    return network.freight_routes.loc[choice.kept, "discharge_place"].tolist(), choice


@pytest.mark.parametrize(
    ("days", "amount", "kept", "dominated", "left_out"),
    [
        (40.0, 120.0, "HAM", 1, 0),  # slower and dearer: proved worse
        (30.0, 120.0, "HAM", 0, 1),  # dearer but faster: left out for its price alone
        (40.0, 90.0, "BRV", 0, 1),  # cheaper but slower: now Hamburg is left out for its price
        (30.0, 90.0, "BRV", 1, 0),  # cheaper and faster: Hamburg is proved worse
    ],
)
def test_one_route_is_kept_and_the_other_judged(days, amount, kept, dominated, left_out):
    places, choice = chosen(two_ports(days, amount))
    assert places == [kept]
    assert (choice.dominated, choice.left_out) == (dominated, left_out)


def test_both_routes_stay_where_two_are_asked_for():
    instance = two_ports(30.0, 120.0)
    instance = type(instance)(
        instance.name,
        instance.currency,
        dict(instance.tables),
        type(instance.model)(routes_per_pair=2, demand_cv=0.0),
        instance.solve,
        instance.provenance,
    )
    assert sorted(chosen(instance)[0]) == ["BRV", "HAM"]
    # the slow port costs 100 a revenue ton, the fast one 120, and time is worth nothing at 0 % capital
    everything = price(instance, build(instance), reduce=False)
    assert len(everything.supply.freight.lanes) == 2
    assert len(price(instance, build(instance)).supply.freight.lanes) == 1


def lanes(*, fee=(50.0, 60.0), rate=(4.0, 5.0), minimum=(100.0, 100.0)):
    """Two services from the same start to the same site, charged per kg with a minimum."""
    table = pd.DataFrame(
        {
            "lane": [0, 1],
            "member": ["ann", "ann"],
            "service": ["slow", "fast"],
            "mode": ["sea", "air"],
            "start": ["YIW", "YIW"],
            "load_place": ["A", "B"],
            "discharge_place": ["C", "D"],
            "hub": ["", ""],
            "site": ["S", "S"],
            "period": ["t", "t"],
            "basis": ["kg", "kg"],
            "kg_per_m3": [167.0, 167.0],
            "shipments": [1.0, 1.0],
            "shipment_fee": fee,
            "declaration_fee": [0.0, 0.0],
            "lcl": [np.nan, np.nan],
        }
    )
    tiers = [
        {"lane_period": k, "start": 0.0, "end": minimum[k] / rate[k], "fixed": minimum[k], "unit_cost": 0.0}
        for k in (0, 1)
    ]
    tiers += [
        {"lane_period": k, "start": minimum[k] / rate[k], "end": np.inf, "fixed": 0.0, "unit_cost": rate[k]}
        for k in (0, 1)
    ]
    modules = pd.DataFrame(columns=["lane_period", "container", "cost", "m3", "t"])
    return LaneSupply(table, modules, pd.DataFrame(tiers))


def goods(linear=(1.0, 1.0), space=(0.1, 0.1), charge=(0.0, 0.0)):
    inbound = pd.DataFrame(
        {
            "product": ["p", "p"],
            "site": ["S", "S"],
            "period": ["t", "t"],
            "lane": [0, 1],
            "m3": [0.001, 0.001],
            "t": [0.001, 0.001],
            "cost": linear,
            "provider_charge": charge,
        }
    )
    holding = pd.DataFrame(
        {
            "inbound": [0, 1],
            "lag": [0, 0],
            "cost": [0.0, 0.0],
            "m3_sale": space,
            "provider_charge": [0.0, 0.0],
        }
    )
    return inbound, holding


@pytest.mark.parametrize(
    ("supply", "linear", "kept"),
    [
        (lanes(), (1.0, 1.0), [True, False]),  # lower fee, lower rate
        (lanes(fee=(70.0, 60.0)), (1.0, 1.0), [True, True]),  # a small load is cheaper on the other
        (lanes(rate=(5.5, 5.0)), (1.0, 1.0), [True, True]),  # a large load is cheaper on the other
        (
            lanes(),
            (1.5, 1.0),
            [True, True],
        ),  # many light goods within both minimums
        (lanes(minimum=(100.0, 80.0)), (1.0, 1.0), [True, True]),  # 50 + 100 > 60 + 80 for a small load
    ],
)
def test_a_lane_goes_only_if_it_is_undercut_at_any_load(supply, linear, kept):
    choice = choose_lanes(supply, *goods(linear))
    assert choice.kept.tolist() == kept
    assert choice.dominated == kept.count(False) and choice.dearer == 0


def test_a_substitute_that_takes_more_space_is_counted_apart():
    choice = choose_lanes(lanes(), *goods(space=(0.2, 0.1)))
    assert choice.kept.tolist() == [True, False]
    assert (choice.dominated, choice.dearer) == (0, 1)


def test_equal_lanes_do_not_drop_each_other():
    choice = choose_lanes(lanes(fee=(50.0, 50.0), rate=(4.0, 4.0)), *goods())
    assert choice.kept.tolist() == [True, False]


def test_charges_may_be_free_below_a_monthly_minimum():
    # lane 0 costs 1.0 in all, of which no charge; lane 1 costs 1.0, of which 0.5 may count towards a minimum
    assert choose_lanes(lanes(), *goods(charge=(0.0, 0.5))).kept.tolist() == [True, True]
    assert choose_lanes(lanes(), *goods(charge=(0.5, 0.5))).kept.tolist() == [True, False]
