"""The canonical problem and the PuLP formulation agree on random tiny scenarios, feature by feature."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.costing.options import price
from optimizer.errors import InfeasibleError
from optimizer.network import build
from optimizer.problem.assemble import assemble
from optimizer.problem.matrix import linear_model
from optimizer.problem.validate import validate_problem
from optimizer.reference import ReferenceStatus, solve_reference
from tiny_instances import FEATURES, tiny_instance

# What each feature needs beside itself to have something to act on.
COMPANIONS = {
    "ahead": {"two_periods"},
    "staged": {"two_periods"},
    "discount": {"two_periods"},
    "hub": {"pooled"},
    "battery": {"air"},
    "forbidden": {"second_size"},
}


def canonical_optimum(problem):
    model = linear_model(problem)
    result = milp(
        model.cost,
        constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
        bounds=Bounds(model.lower, model.upper),
        integrality=model.integer.astype(int),
        options={"mip_rel_gap": 1e-9},
    )
    assert result.status in (0, 2), result.message
    return result.fun + model.offset if result.status == 0 else np.inf


def assert_agreement(instance):
    """Both find the same optimum, or both prove that there is no plan."""
    try:
        priced = price(instance, build(instance))
    except InfeasibleError:
        return
    problem = assemble(instance, priced).problem
    assert not validate_problem(problem)
    reference = solve_reference(instance, priced)
    assert reference.status in (ReferenceStatus.OPTIMAL, ReferenceStatus.INFEASIBLE)
    assert canonical_optimum(problem) == pytest.approx(reference.objective, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("feature", FEATURES)
def test_agree_with_each_feature_on(feature):
    chosen = frozenset({feature, "own"} | COMPANIONS.get(feature, set()))
    assert_agreement(tiny_instance(FEATURES.index(feature), chosen))


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_agree_on_random_scenarios(seed):
    assert_agreement(tiny_instance(seed))


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_leaving_out_what_is_beaten_changes_nothing(seed):
    features = frozenset(name for name in FEATURES if (seed * 31 + sum(map(ord, name))) % 3 == 0)
    instance = tiny_instance(seed, features | {"own", "air"}, roomy=True)
    network = build(instance)
    try:
        full = price(instance, network, reduce=False)
    except InfeasibleError:
        return
    reduced = price(instance, network)
    assert len(reduced.option_cost) <= len(full.option_cost)
    best, found = (canonical_optimum(assemble(instance, priced).problem) for priced in (full, reduced))
    assert found == pytest.approx(best, rel=1e-7, abs=1e-7)
