"""A time limit is never called a proof, and an infeasible scenario says so."""

import numpy as np
import pulp
import pytest

from hand_instance import hand_instance
from optimizer.costing.options import price
from optimizer.network import build
from optimizer.reference import ReferenceStatus, build_reference, solve_reference
from optimizer.reference.result import status_of


def solved(status, sol_status):
    model = pulp.LpProblem("stub", pulp.LpMinimize)
    model.status, model.sol_status = status, sol_status
    return model


@pytest.mark.parametrize(
    ("status", "sol_status", "expected"),
    [
        (pulp.LpStatusOptimal, pulp.LpSolutionOptimal, ReferenceStatus.OPTIMAL),
        (pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible, ReferenceStatus.FEASIBLE),  # the trap
        (pulp.LpStatusNotSolved, pulp.LpSolutionNoSolutionFound, ReferenceStatus.UNKNOWN),
        (pulp.LpStatusInfeasible, pulp.LpSolutionInfeasible, ReferenceStatus.INFEASIBLE),
    ],
)
def test_status_comes_from_sol_status(status, sol_status, expected):
    assert status_of(solved(status, sol_status)) is expected


def test_flows_and_openings_of_the_plan():
    instance = hand_instance()
    result = solve_reference(instance, price(instance, build(instance)))
    assert result.status is ReferenceStatus.OPTIMAL
    assert result.objective == pytest.approx(3603.5)
    assert result.bound == pytest.approx(3603.5)
    assert result.flows["orders"].tolist() == pytest.approx([1000.0])
    assert result.openings.to_numpy().tolist() == [["", "HAM-1", "s", "2026-04"]]


def test_no_plan_under_a_hard_promise_that_nobody_keeps():
    def promise(tables):
        tables["markets"][0] |= {"promise_days": 1.0, "promise_share_pct": 100.0, "currency": "EUR"}

    instance = hand_instance(change=promise)
    result = solve_reference(instance, price(instance, build(instance)))
    assert result.status is ReferenceStatus.INFEASIBLE
    assert result.objective == np.inf and result.bound == -np.inf


def test_model_can_be_handed_to_any_solver():
    instance = hand_instance()
    model, shares, openings, _ = build_reference(instance, price(instance, build(instance)))
    assert len(shares) == 2 and len(openings) == 1
    assert model.sense == pulp.LpMinimize
