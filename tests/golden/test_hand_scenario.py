"""A whole scenario by hand: prices, openings and total of the canonical problem and of the reference."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from hand_instance import hand_instance
from optimizer.costing.options import price
from optimizer.network import build
from optimizer.problem.assemble import assemble
from optimizer.problem.matrix import linear_model
from optimizer.reference import solve_reference


def optimum(problem):
    model = linear_model(problem)
    result = milp(
        model.cost,
        constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
        bounds=Bounds(model.lower, model.upper),
        integrality=model.integer.astype(int),
        options={"mip_rel_gap": 1e-9},
    )
    return result.fun + model.offset


def both(instance):
    priced = price(instance, build(instance))
    return optimum(assemble(instance, priced).problem), solve_reference(instance, priced).objective


def test_components_of_the_direct_option():
    # 2.00 + 3.00 × 1 kg; no duty under 0 %, tax at the sale, no losses or returns given, capital 0 %
    priced = price(hand_instance(), build(hand_instance()))
    assert priced.direct["cost"].tolist() == pytest.approx([5.0])
    assert priced.direct["cost_parcel_base"].tolist() == pytest.approx([5.0])


def test_components_of_the_stocked_option():
    priced = price(hand_instance(), build(hand_instance()))
    inbound, holding, outbound = (
        table.iloc[0] for table in (priced.inbound, priced.holding, priced.outbound)
    )
    assert inbound["cost_import_duty"] == pytest.approx(0.5)  # 5 % of 10
    assert inbound["cost_export_refund"] == pytest.approx(-1.3)  # 13 % of 10, capital 0 %
    assert inbound["cost_inbound_handling"] == pytest.approx(0.006)  # 6 per m³ × 0.001 m³
    assert inbound["cost"] == pytest.approx(0.5 - 1.3 + 0.006)
    # one shipment a month: goods are sold over 30 days, 15 on average, at 0.5 per m³ and day
    assert holding["age"] == pytest.approx(15.0)
    assert holding["cost_storage"] == pytest.approx(0.5 * 15 * 0.001)
    assert holding["m3_sale"] == pytest.approx(0.0005)  # half a cycle's stock
    assert outbound["cost_pick_pack"] == pytest.approx(1.2)
    assert outbound["cost_packing"] == pytest.approx(0.1)
    assert outbound["cost_last_mile"] == pytest.approx(2.0)


def test_total_of_the_shared_warehouse():
    # per order 0.5 − 1.3 + 0.006 + 0.0075 + 1.2 + 0.1 + 2.0 = 2.5135; × 1000 = 2513.50
    # 1 revenue ton (1 m³ = 1 t) 100; documents 50; rent 300; onboarding 40; order fees 1000 × 0.6 = 600
    # 2513.5 + 100 + 50 + 300 + 40 + 600 = 3603.50 against 5000 direct
    assert both(hand_instance()) == pytest.approx((3603.5, 3603.5), rel=1e-9)


def test_capacity_splits_the_row():
    # 600 orders fit: 600 × 2.5135 = 1508.10, freight 60, 50, 300, 40, fees 360; 400 direct: 2000
    def small(tables):
        tables["site_sizes"][0]["capacity_orders_per_month"] = 600.0

    assert both(hand_instance(change=small)) == pytest.approx((4318.1, 4318.1), rel=1e-9)


def test_order_fees_may_be_bought_up_to_the_next_tier():
    # 450 orders: 450 × 1.0 = 450 in the first tier, but 500 × 0.6 = 300 when charged from 500
    # 450 × 2.5135 = 1131.075, freight 45, 50, 300, 40, fees 300 = 1866.075; direct would be 2250
    def fewer(tables):
        tables["demand"][0]["orders"] = 450.0

    assert both(hand_instance(change=fewer)) == pytest.approx((1866.075, 1866.075), rel=1e-9)


def test_monthly_minimum_tops_up_the_charges():
    # charges 1000 × (0.006 + 0.0075 + 1.2 + 0.1) = 1313.5; a minimum of 1500 adds 186.50
    def minimum(tables):
        charge = {"provider": "p", "item": "monthly_minimum", "amount": 1500.0, "currency": "EUR"}
        tables["warehouse_charges"].append(charge)

    assert both(hand_instance(change=minimum)) == pytest.approx((3790.0, 3790.0), rel=1e-9)


def test_lcl_minimum_per_shipment():
    # max(250, 100 × 1 RT) = 250 instead of 100
    def dear(tables):
        tables["freight_rates"][0]["minimum_amount"] = 250.0

    assert both(hand_instance(change=dear)) == pytest.approx((3753.5, 3753.5), rel=1e-9)


def test_a_container_replaces_lcl_once_it_is_cheaper():
    # 80 per 20GP against 100 for the one revenue ton
    def boxes(tables):
        lane = {"service": "sea", "mode": "sea", "from_place": "NGB", "to_place": "HAM", "currency": "EUR"}
        tables["freight_rates"].append(lane | {"unit": "20GP", "amount": 80.0})
        box = {"container": "20GP", "usable_m3": 27.0, "payload_t": 22.0, "us_road_limit_t": 17.0}
        tables["containers"] = [box]

    assert both(hand_instance(change=boxes)) == pytest.approx((3583.5, 3583.5), rel=1e-9)


def test_no_sharing_gives_every_member_its_own_site():
    # a second firm with 1000 orders of the same lamp. Together: linear 5027, freight 200, documents
    # per own lane 100, rent 300, onboarding 80, fees 2000 × 0.6 = 1200: 6907. Apart: 2 × 3603.5 = 7207.
    def second(tables):
        tables["members"].append({"member": "bo", "origin": "YIW", "capital_rate_pct": 0.0})
        tables["products"].append(tables["products"][0] | {"product": "lamp2", "member": "bo"})
        tables["demand"].append(tables["demand"][0] | {"product": "lamp2"})

    assert both(hand_instance(change=second)) == pytest.approx((6907.0, 6907.0), rel=1e-9)
    assert both(hand_instance(change=second, sharing=False)) == pytest.approx((7207.0, 7207.0), rel=1e-9)


def test_soft_promise_prices_late_orders_beyond_the_share():
    # promise 1 day to all, 3 per late order: postal is always late, the last mile nearly always
    def promise(tables):
        tables["markets"][0] |= {
            "promise_days": 1.0,
            "promise_share_pct": 100.0,
            "late_order_amount": 3.0,
            "currency": "EUR",
        }

    priced = price(hand_instance(change=promise), build(hand_instance(change=promise)))
    late = float(priced.outbound["late_share"].iloc[0])
    total = 3603.5 + 3000.0 * late
    assert both(hand_instance(change=promise)) == pytest.approx((total, total), rel=1e-6)


def test_labels_stand_beside_the_arrays():
    instance = hand_instance()
    labelled = assemble(instance, price(instance, build(instance)))
    problem, labels = labelled.problem, labelled.labels
    for name in (
        "rows",
        "options",
        "gates",
        "sites",
        "sizes",
        "resources",
        "measures",
        "modules",
        "tiers",
        "rules",
    ):
        assert len(getattr(labels, name)) == getattr(problem, f"n_{name}"), name
    fees = labels.gates.assign(fee=problem.gate_fee).groupby("kind")["fee"].sum()
    assert fees.to_dict() == pytest.approx({"lane": 50.0, "member_site": 40.0})
    owner = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    assert labels.measures["resource"].tolist() == owner.tolist()
