"""Tariffs: which resources are some, what they prove beyond a price per unit, and claims that are fair."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.legs import Leg, Legs
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.rounds import lane_prices
from optimizer.solver.legs.lanes.supply import supply_cost
from optimizer.solver.legs.lanes.tariffs import TariffPasses, parallel, serial, tariff_pieces, tariffs_of
from optimizer.solver.limits import SolveOptions
from tiny_lanes import optimum_of, tiny_lanes


def two_warehouses(rate: float = 1.0, amount: float = 1.0) -> tuple[Problem, Legs]:
    """Two warehouses, each near to one of two rows of 10 orders, with order fees 5 up to 30, then `rate`."""
    builder = ProblemBuilder()
    rows, sites = builder.add_rows([10.0, 10.0]), builder.add_sites(2)
    sizes = builder.add_sizes(sites, [1.0, 1.0])
    door = builder.add_gates(np.zeros(2), sites)
    fees = builder.add_resources(2)
    measure = builder.add_measures(fees, 0.0)
    for resource in fees:
        builder.add_tiers(np.full(2, resource), [0.0, 30.0], [30.0, 1000.0], [0.0, 0.0], [5.0, rate])
    assert len(sizes) == 2
    row, node = np.repeat(rows, 2), np.tile([0, 1], 2)
    head = Leg(
        node, np.where(row == node, 40.0, 60.0), door[node][:, None], measure[node][:, None],
        np.where(row == 0, 1.0, amount)[:, None],
    )  # fmt: skip
    none = np.full((2, 1), -1)
    tail = Leg(np.array([0, 1]), np.zeros(2), none, none, np.zeros((2, 1)))
    builder.add_options(
        row, 10.0 * head.cost, gates=head.gate, measures=head.measure, amounts=10.0 * head.amount
    )
    built = builder.build()
    return built.problem, Legs(np.arange(4)[built.option_order], node[built.option_order], row, head, tail)


def raised(problem: Problem, legs: Legs) -> tuple[float, float]:
    """Bound over legs and that with whole lanes and tariffs."""
    course = Course(SolveOptions(gap=0.0, threads=1, time_limit_s=20.0))
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    first = first_prices(tied_problem(problem, legs), course)
    return first.run.best.value, lane_prices(problem, legs, lanes, first, course).first(1.0).best.value


def test_a_tariff_is_not_bought_at_the_rate_of_a_tier_out_of_reach() -> None:
    problem, legs = two_warehouses()
    over_legs, whole = raised(problem, legs)
    optimum = optimum_of(problem)
    assert optimum == pytest.approx(2 * (400.0 + 30.0 + 1.0))
    assert over_legs < optimum - 35.0
    assert optimum - 2.0 <= whole <= optimum * (1.0 + 1e-9)


@pytest.mark.parametrize("amount", [1.0, 2.0])
def test_heads_of_a_row_use_alike(amount: float) -> None:
    problem, legs = two_warehouses(amount=amount)
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    assert len(lanes.tariff) == 2
    tariffs = tariffs_of(problem, legs, lanes.tariff, lanes.node_site)
    assert tariffs.row.tolist() == [0, 1, 0, 1]
    assert tariffs.rate.tolist() == [1.0, amount, 1.0, amount]


def test_what_others_use_or_no_head_does_is_no_tariff() -> None:
    problem, legs = two_warehouses()
    bought = np.where(np.arange(2)[:, None] == 0, legs.head.measure[:1], -1)
    tail = replace(legs.tail, measure=bought, amount=np.ones((2, 1)))
    with_tail = lanes_of(problem, replace(legs, tail=tail))
    assert with_tail is not None
    assert len(with_tail.tariff) == 1
    bare = replace(legs, head=replace(legs.head, amount=0.0 * legs.head.amount))
    without = lanes_of(problem, bare)
    assert without is not None
    assert not len(without.tariff)


def test_some_tariffs_of_tiny_problems_are_refused_and_most_are_not() -> None:
    found = []
    for seed in range(24):
        problem, legs = tiny_lanes(seed)
        lanes = lanes_of(problem, legs)
        assert lanes is not None
        use = np.unique(legs.head.measure[(legs.head.measure >= 0) & (legs.head.amount > 0.0)])
        resource = np.searchsorted(problem.resource_start, use, side="right") - 1
        tiered = np.diff(problem.tier_start)[resource] > 0
        found.append((int(tiered.sum()), len(lanes.tariff)))
    paid, kept = np.sum(found, axis=0)
    assert 10 < kept < paid


@pytest.mark.parametrize("passes", [serial, parallel])
def test_fair_claims_leave_a_tariff_nothing_and_none_could_pay_more(passes: TariffPasses) -> None:
    problem, legs = two_warehouses(rate=2.0)
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    tariffs = tariffs_of(problem, legs, lanes.tariff, lanes.node_site)
    pieces, amount = tariff_pieces(problem, tariffs), tariffs.rate * problem.row_demand[tariffs.row]
    asked = np.array([100.0, 20.0, 30.0, 0.0])
    fair = passes.fair(tariffs.start, asked, amount, *pieces)
    worth, share = np.zeros(2), np.zeros(4)
    passes.price(tariffs.start, fair, amount, *pieces, worth, share)
    np.testing.assert_allclose(worth, 0.0, atol=1e-9)
    assert fair[1:].tolist() == asked[1:].tolist()
    assert fair[0] == pytest.approx(supply_cost(pieces, 0, 20.0) - 20.0)
    passes.price(tariffs.start, fair + np.eye(4)[0], amount, *pieces, worth, share)
    assert worth[0] == pytest.approx(-1.0)
    assert share.tolist() == [1.0, 1.0, 0.0, 0.0]
