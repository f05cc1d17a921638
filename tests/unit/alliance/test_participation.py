"""The participation program on problems with every feature, against brute force over coalition problems."""

from dataclasses import replace

import numpy as np
import pytest

from dealt_problems import PLAYERS, of_three_rows, shared_out
from optimizer.alliance.coalition import indicator, members_of
from optimizer.alliance.member_problem import MemberProblem, coalition_problem
from optimizer.alliance.participation import Participation
from tiny_problems import FEATURES, brute_force


def agrees(members: MemberProblem, seed: int) -> int:
    """Compare costs and least excess with brute force; return how many coalitions have a plan."""
    everybody = (1 << PLAYERS) - 1
    costs = {mask: brute_force(coalition_problem(members, mask).problem) for mask in range(1, everybody + 1)}
    model = Participation(members)
    for mask, cost in costs.items():
        answer = model.cost_of(mask)
        assert answer.cost == pytest.approx(cost, abs=1e-5)
        assert answer.bound <= cost + 1e-5
    proper = {mask: cost for mask, cost in costs.items() if mask != everybody and np.isfinite(cost)}
    random = np.random.default_rng([8, seed])
    for _ in range(2):
        prices = random.uniform(0, 30, PLAYERS)
        excess = {m: cost - float(prices @ indicator(m, PLAYERS)) for m, cost in proper.items()}
        least = min(excess.values(), default=np.inf)
        answer = model.least_excess(prices, level=500.0)
        assert answer.bound <= least + 1e-5
        if np.isfinite(least):
            assert answer.objective == pytest.approx(least, abs=1e-5)
            assert answer.coalition is not None
            assert excess[answer.coalition] == pytest.approx(least, abs=1e-5)
            below = model.least_excess(prices, level=least - 1.0)
            assert below.coalition is None or below.objective >= least - 1e-5
        else:
            assert answer.coalition is None
    return len(proper)


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_by_brute_force(feature):
    agrees(shared_out(of_three_rows(3, (feature, "sizes", "fees")), 3), 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_mixed_features_by_brute_force(seed):
    agrees(shared_out(of_three_rows(seed, None), seed), seed)


def test_a_rule_about_members_falls_with_them():
    """a must use the site, whatever it costs; b and c, and nobody else, do not care."""
    members = shared_out(of_three_rows(1, ("fees",)), 1)
    problem = members.problem
    own = [g for g in range(problem.n_gates) if members.member_of_gate[g] == 0]
    ruled = replace(
        problem,
        rule_start=np.array([0, len(own)]),
        rule_index=np.array(own, dtype=np.int32) + problem.n_sizes,
        rule_coefficient=np.ones(len(own)),
        rule_lower=np.array([1.0]),
        rule_upper=np.array([np.inf]),
    )
    assert agrees(replace(members, problem=ruled), 1) > 0
    model = Participation(replace(members, problem=ruled))
    for mask in range(1, 8):
        gates = model.cost_of(mask).point[model.model.gate_column[own]]
        assert (gates.sum() > 0.5) == (0 in members_of(mask))
