"""The check of a plan finds every kind of lie: one figure is changed, and the check must say so."""

from dataclasses import replace

import pandas as pd
import pytest

from optimizer import pipeline
from optimizer.plan.check.check import check
from optimizer.plan.plan import Plan
from small_scenarios import one_member


@pytest.fixture(scope="module")
def solved(tmp_path_factory, scenarios_dir):
    """Instance, rates and a sound plan of one member that rents a warehouse."""
    instance = pipeline.load(one_member(tmp_path_factory.mktemp("check"), scenarios_dir))
    model = pipeline.build(instance)
    solution = pipeline.optimise(model)
    return instance, model.priced, pipeline.make(instance, model.priced, model.labelled, solution)


def lie(plan: Plan, table: str, column: str, change) -> Plan:
    """Change the first figure of a column."""
    frame = plan[table].copy()
    frame.loc[0, column] = change(frame.loc[0, column])
    return replace(plan, tables={**plan.tables, table: frame})


def test_the_plan_itself_is_sound(solved):
    instance, priced, plan = solved
    assert len(plan["openings"]) == 1, "the tests below need a warehouse"
    assert check(instance, plan, priced) == []


LIES = [
    ("flows", "orders", lambda x: x * 1.00001, "orders are served"),
    ("flows", "days_mean", lambda x: x - 1, "days_mean"),
    ("flows", "late_share", lambda x: x + 0.01, "late_share"),
    ("flows", "m3", lambda x: x * 0.9, "m3"),
    ("flows", "kg", lambda x: x * 0.9, "kg"),
    ("flows", "co2_kg", lambda x: x * 0.9, "co2_kg"),
    ("flows", "cost", lambda x: x * 0.99999, "cost"),
    ("flows", "route", lambda x: x + 100_000, "no rate"),
    ("flows", "service", lambda x: "pigeon", "no rate"),
    ("openings", "cost", lambda x: x - 1, "costs"),
    ("openings", "site", lambda x: "US-NOWHERE", "is not open"),
    ("openings", "capacity_m3", lambda x: 0.01, "it holds 0.01"),
    ("openings", "capacity_orders_per_month", lambda x: 1.0, "it can ship 1"),
    ("member_use", "cost", lambda x: x - 1, "joins"),
    ("shipments", "m3", lambda x: x * 0.9, "m3"),
    ("shipments", "t", lambda x: x * 0.9, "t is"),
    ("shipments", "lcl_revenue_t", lambda x: x * 0.9, "revenue tons"),
    ("shipments", "cost_lcl", lambda x: x * 0.9, "cost"),
    ("shipments", "containers_40hq", lambda x: x + 1, "containers do not cost"),
    ("shipments", "cost_fees", lambda x: x - 1, "fees"),
    ("site_periods", "m3", lambda x: x * 0.9, "stock is"),
    ("site_periods", "orders", lambda x: x - 1, "orders, not"),
    ("site_periods", "charged_orders", lambda x: x - 1, "fees for"),
    ("site_periods", "cost_order_fees", lambda x: x * 0.99, "order fees"),
    ("site_periods", "provider_charges", lambda x: x * 0.99, "charges are"),
    ("site_periods", "cost_provider_minimum", lambda x: x - 1, "minimum"),
    ("market_service", "late_orders", lambda x: x + 1, "are late"),
    ("market_service", "cost_late_orders", lambda x: x + 1, "late orders cost"),
    ("costs", "amount", lambda x: x * 1.00001, "right"),
]


@pytest.mark.parametrize(
    ("table", "column", "change", "expected"), LIES, ids=[f"{t}.{c}" for t, c, *_ in LIES]
)
def test_a_lie_is_found_out(solved, table, column, change, expected):
    instance, priced, plan = solved
    failures = check(instance, lie(plan, table, column, change), priced)
    assert any(expected in failure for failure in failures), failures


@pytest.mark.parametrize(
    "component", ["site_rent", "onboarding", "order_fees", "shipment_fees", "lcl_freight"]
)
def test_a_joint_cost_that_nobody_bears_is_missed(solved, component):
    instance, priced, plan = solved
    costs = plan["costs"]
    kept = costs[~((costs["stage"] == "joint") & (costs["component"] == component))]
    assert len(kept) < len(costs)
    failures = check(instance, replace(plan, tables={**plan.tables, "costs": kept}), priced)
    assert any(component in failure for failure in failures)


def test_a_flow_that_is_left_out_is_missed(solved):
    instance, priced, plan = solved
    fewer = replace(plan, tables={**plan.tables, "flows": plan["flows"].iloc[1:]})
    assert any("orders are served" in failure for failure in check(instance, fewer, priced))


RULES = [
    ("max_open", "", 0.0, "at most 0 may be"),
    ("min_open", "", 2.0, "at least 2 must be"),
    ("budget", "", 10.0, "openings cost"),
    ("carbon_cap", "", 1.0, "kg CO₂e of 1"),
    ("max_orders", "", 5.0, "orders in"),
]


@pytest.mark.parametrize(("kind", "sites", "value", "expected"), RULES, ids=[rule[0] for rule in RULES])
def test_a_broken_rule_is_found_out(solved, kind, sites, value, expected):
    instance, priced, plan = solved
    line = {"rule": "mine", "kind": kind, "sites": sites, "value": value, "currency": "USD"}
    strict = replace(instance, tables={**instance.tables, "rules": pd.DataFrame([line])})
    failures = check(strict, plan, priced)
    assert len(failures) == 1 and expected in failures[0]
    assert failures[0].startswith("rule mine")


def test_a_site_that_needs_another_is_found_out(solved):
    instance, priced, plan = solved
    opened = plan["openings"]["site"].iloc[0]
    other = next(site for site in instance["sites"]["site"] if site != opened)
    line = {"rule": "mine", "kind": "requires", "sites": f"{opened} {other}", "value": 0.0, "currency": "USD"}
    strict = replace(instance, tables={**instance.tables, "rules": pd.DataFrame([line])})
    assert check(strict, plan, priced) == [f"rule mine: {opened} is open without {other}"]
