"""Alliances of which only a part of the coalitions is costed: right where it says something."""

import numpy as np
import pytest

from optimizer import pipeline
from optimizer.alliance.enumeration import enumerate_costs
from optimizer.alliance.rules import RuleInput, apply_rule
from optimizer.alliance.siting_games import random_siting_game
from optimizer.alliance.stability import stability
from optimizer.errors import InputError
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.study import alliance as module
from optimizer.study.alliance import study_alliance
from optimizer.study.coalitions import Costing
from optimizer.study.large_alliance import coalitions_to_cost, large_rules, partial_game, split_large
from optimizer.study.wishes import Wishes

EXACT = SolveOptions(gap=0.0)


def by_direct(part, options, warm):
    return solve_direct(part.problem, options)


def test_what_is_costed_of_fourteen():
    masks = coalitions_to_cost(tuple("abcdefghijklmn"), seed=1)
    sizes = [mask.bit_count() for mask in masks]
    assert masks[0] == 2**14 - 1 and sizes.count(1) == sizes.count(13) == 14
    assert len(set(masks)) == len(masks) <= 6 * 14 + 1


def test_parts_say_what_the_whole_says_or_nothing():
    members = random_siting_game(4, 3, sites=3, sizes=2, markets=4)
    whole = enumerate_costs(members, EXACT, solve_problem=by_direct)
    costed = {mask: whole.solutions[mask] for mask in (15, 1, 2, 4, 8, 7, 11, 13, 14)}
    game = partial_game(members.players, costed)
    rules = ("proportional_stand_alone", "equal_saving", "equal_charge", "separable_costs", "nucleolus")
    result = split_large(members, costed, RuleInput(game), rules, EXACT)
    assert result.partial and result.outlook.core_nonempty == "undecided"
    for rule, allocation in result.allocations.items():
        expected = apply_rule(rule, RuleInput(whole.game)).shares
        assert allocation.shares == pytest.approx(expected, abs=1e-5 * whole.game.total), rule
        fact = stability(whole.game, allocation.shares)
        said = result.stability[rule]
        assert said.in_core in ("undecided", fact.in_core), rule
        if said.in_core is False:
            assert {objection.members for objection in said.blocking} <= {
                objection.members for objection in fact.blocking
            }
        assert not said.doubtful


def test_a_study_of_too_many_members_says_so(scenarios_dir, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 2)
    instance = pipeline.load(scenarios_dir / "quickstart.toml")
    study = study_alliance(instance, costing=Costing(jobs=2))
    # of three members the sample holds every coalition, so that the estimate is the Shapley value
    assert study.result.solves == 7 and study.result.partial
    full = RuleInput(study.result.game)
    assert study.result.allocations["shapley"].shares == pytest.approx(apply_rule("shapley", full).shares)
    assert {"proportional_orders", "separable_costs"} <= set(study.result.allocations)
    assert np.isfinite(study.result.to_json()["grand_coalition_cost"])
    with pytest.raises(InputError, match="needs the cost of every coalition"):
        study_alliance(instance, ["tau_value"])
    with pytest.raises(InputError, match="Leave them out"):
        study_alliance(instance, wishes=Wishes(caps={"lantern": 1.0}))
    assert large_rules(["nucleolus"], ["orders"]) == ("nucleolus",)
