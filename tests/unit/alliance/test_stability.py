import json
from dataclasses import replace

import numpy as np
import pytest

from optimizer.alliance.allocate import allocate
from optimizer.alliance.game import CostGame
from optimizer.alliance.limits import within_limits
from optimizer.alliance.member_view import member_view
from optimizer.alliance.stability import outlook, stability
from optimizer.alliance.what_if import best_partners, compare_plans, entry_exit, merger_gain, subgame
from optimizer.errors import InputError

TRIANGLE = [0, 3, 3, 4, 3, 4, 4, 7]
THREE = [0, 100, 80, 150, 60, 130, 110, 190]


def widened(values: list[float], gap: float) -> CostGame:
    upper = np.array(values, dtype=float)
    return CostGame.from_intervals(upper * (1 - gap), upper, ["a", "b", "c"])


def test_empty_core_by_hand():
    # every pair pays 14/3 but costs 4 alone: it gains 2/3 by leaving; pairs can be charged 6 of 7 at most
    game = CostGame.from_values(TRIANGLE, ["a", "b", "c"])
    result = stability(game, np.full(3, 7 / 3))
    assert result.in_core is False and result.individually_rational is True
    assert [objection.members for objection in result.blocking] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert result.blocking[0].gain == pytest.approx((2 / 3, 2 / 3))
    assert result.epsilon == pytest.approx((-2 / 3, -2 / 3))
    view = outlook(game)
    assert view.core_nonempty is False
    assert view.subsidy == pytest.approx((1.0, 1.0)) and view.gamma == pytest.approx((6 / 7, 6 / 7))
    assert view.least_core_epsilon == pytest.approx((-2 / 3, -2 / 3))


def test_individual_rationality_is_told_apart():
    result = stability(CostGame.from_values(THREE, ["a", "b", "c"]), np.array([105.0, 50.0, 35.0]))
    assert result.irrational == ("a",)
    assert result.individually_rational is False
    assert result.slack["member"].iloc[0] == "a"


def test_the_core_is_found():
    result = stability(CostGame.from_values(THREE, ["a", "b", "c"]), np.array([85.0, 60.0, 45.0]))
    assert result.in_core is True and not result.blocking and not result.doubtful
    # the least content coalition is {a, c}, which pays just the 130 that it would cost
    assert result.epsilon == (0.0, 0.0)


def test_a_loose_gap_is_undecided_never_wrong():
    shares = np.array([80.0, 65.0, 45.0])
    sharp = stability(widened(THREE, 0.0), shares)
    assert sharp.in_core is True
    loose = stability(widened(THREE, 0.2), shares)
    assert loose.in_core == "undecided" and loose.individually_rational == "undecided"
    assert loose.doubtful and not loose.blocking
    assert loose.epsilon[0] < 0 <= loose.epsilon[1]
    assert outlook(widened(THREE, 0.2)).core_nonempty == "undecided"


def test_verdicts_hold_for_every_game_within_the_intervals():
    random = np.random.default_rng(2)
    for _ in range(30):
        upper = np.array(THREE) * random.uniform(0.9, 1.05, 8)
        upper[0] = 0
        lower = upper * random.uniform(0.95, 1.0, 8)
        lower[-1] = upper[-1]
        game = CostGame.from_intervals(lower, upper, ["a", "b", "c"])
        shares = game.alone() * game.total / game.alone().sum() + random.normal(0, 2, 3)
        shares += (game.total - shares.sum()) / 3
        said, view = stability(game, shares), outlook(game)
        for _ in range(3):
            truth = CostGame.from_values(lower + (upper - lower) * random.random(8))
            fact = stability(truth, shares)
            assert said.in_core in {"undecided", fact.in_core}
            assert said.individually_rational in {"undecided", fact.individually_rational}
            assert said.epsilon[0] - 1e-9 <= fact.epsilon[0] <= said.epsilon[1] + 1e-9
            assert view.core_nonempty in {"undecided", outlook(truth).core_nonempty}


def test_json_has_the_agreed_shape():
    game = CostGame.from_values(TRIANGLE, ["a", "b", "c"])
    result = allocate(game, measures={"orders": np.array([1.0, 2.0, 4.0])}, solves=7, runtime_s=1.5)
    data = json.loads(json.dumps(result.to_json()))
    assert data["grand_coalition_cost"] == 7.0
    assert data["stand_alone_cost"] == {"a": 3.0, "b": 3.0, "c": 3.0}
    assert data["allocations"]["proportional_orders"] == {"a": 1.0, "b": 2.0, "c": 4.0}
    assert set(data["undefined"]) == {"separable_costs", "tau_value"}
    assert data["stability"]["shapley"]["in_core"] is False
    assert data["stability"]["shapley"]["blocking"][0]["members"] == ["a", "b"]
    assert (data["solves"], data["runtime_s"]) == (7, 1.5)
    assert set(result.shares_table()["rule"]) == set(data["allocations"])
    assert len(result.stability_table()) == len(data["allocations"])


def test_unknown_rules_are_refused():
    with pytest.raises(InputError, match="known rules are"):
        allocate(CostGame.from_values([0, 1]), ["shaply"])


def test_caps_and_floors():
    low, high = np.array([-np.inf, 35.0, -np.inf]), np.array([40.0, np.inf, np.inf])
    assert within_limits(np.array([50.0, 30.0, 20.0]), low, high).tolist() == [40.0, 35.0, 25.0]
    free = np.full(3, np.inf)
    assert within_limits(np.array([50.0, 30.0, 20.0]), -free, free).tolist() == [50.0, 30.0, 20.0]
    with pytest.raises(InputError, match="must lie between"):
        within_limits(np.array([50.0, 30.0, 20.0]), low, np.full(3, 30.0))
    result = allocate(CostGame.from_values(THREE), ["shapley"], cap=np.array([60.0, 999.0, 999.0]))
    assert result.allocations["shapley"].shares[0] == 60.0
    assert result.allocations["shapley"].shares.sum() == pytest.approx(190)


def test_entry_and_exit_by_hand():
    game = CostGame.from_values(THREE, ["a", "b", "c"])
    table = entry_exit(game, np.array([85.0, 60.0, 45.0])).set_index("member")
    # without c the others cost 150, so c adds 40 and pays 45: leaving, it would owe the rest 5
    assert table.loc["c", "marginal"] == 40 and table.loc["c", "exit_fee"] == 5
    assert table.loc["c", "entry_low"] == 40 and table.loc["c", "entry_high"] == 60
    assert table.loc["c", "others_without"] - table.loc["c", "others_now"] == 5


def test_partners_mergers_and_parts():
    game = CostGame.from_values(THREE, ["a", "b", "c"])
    best = best_partners(game, "a")
    # savings per head: abc (240 − 190) / 3 = 16.67, ab (180 − 150) / 2 = 15, ac (160 − 130) / 2 = 15
    assert best["coalition"].tolist() == ["a, b, c", "a, b", "a, c"]
    assert best["saving_per_member"].tolist() == pytest.approx([50 / 3, 15, 15])
    assert merger_gain(game, ["a", "b"], ["c"]) == (20.0, 20.0)
    assert subgame(game, ["c", "a"]).upper.tolist() == [0, 60, 100, 130]


def test_plans_are_ranked():
    one = allocate(CostGame.from_values(THREE, ["a", "b", "c"]), ["shapley", "nucleolus"])
    two = allocate(CostGame.from_values([*THREE[:-1], 200], ["a", "b", "c"]), ["shapley"])
    table = compare_plans({"one": one, "two": two})
    assert table["plan"].tolist() == ["one", "one", "two"]
    assert table["rank_total"].tolist() == [1, 1, 3]


def view_bytes(values: list[float], players: list[str], member: str) -> bytes:
    game = CostGame.from_values(values, players)
    weights = {"orders": np.array([{"a": 5.0, "b": 3.0, "c": 2.0}.get(name, 1.0) for name in players])}
    return json.dumps(member_view(allocate(game, measures=weights), member), sort_keys=True).encode()


def test_a_member_sees_nothing_of_the_others():
    plain = view_bytes(THREE, ["a", "b", "c"], "a")
    assert b'"b"' not in plain and b'"c"' not in plain
    # the data of b and c change places: the totals stay, and so does every byte that a may see
    swapped = [THREE[0], THREE[1], THREE[4], THREE[5], THREE[2], THREE[3], THREE[6], THREE[7]]
    assert view_bytes(swapped, ["a", "b", "c"], "a") == plain
    assert view_bytes(swapped, ["a", "c", "b"], "a") == plain


def test_moving_cost_between_the_others_leaves_the_view_alone():
    # b becomes dearer by 10 and c cheaper by 10, alone and with a; sums and totals stay
    moved = [0, 100, 90, 160, 50, 120, 110, 190]
    rules = ["proportional_stand_alone", "equal_saving", "shapley"]

    def view(values: list[float]) -> str:
        game = CostGame.from_values(values, ["a", "b", "c"])
        return json.dumps(member_view(allocate(game, rules), "a"), sort_keys=True)

    assert view(moved) == view(THREE)


def test_cost_now_by_hand_and_for_the_members_that_told_it():
    # a pays 120 now, 100 alone, and 100 - 50/3 of the 190 where the saving of 50 is parted equally
    result = allocate(CostGame.from_values(THREE, ["a", "b", "c"]), ["equal_saving"])
    told = replace(result, cost_now={"a": 120.0, "c": 0.0}).to_json()
    assert told["cost_now"] == {"a": 120.0, "c": 0.0}
    assert told["saving_from_now"]["alone"]["a"] == {"money": 20.0, "percent": pytest.approx(100 / 6)}
    share = 100 - 50 / 3
    assert told["saving_from_now"]["equal_saving"]["a"]["money"] == pytest.approx(120 - share)
    assert told["saving_from_now"]["equal_saving"]["a"]["percent"] == pytest.approx(100 * (1 - share / 120))
    assert told["saving_from_now"]["alone"]["c"] == {"money": -60.0, "percent": None}
    untold = result.to_json()
    assert told.keys() - untold.keys() == {"cost_now", "saving_from_now"}
    assert {key: told[key] for key in untold} == untold


def test_a_members_cost_now_is_seen_by_itself_only():
    result = allocate(CostGame.from_values(THREE, ["a", "b", "c"]), ["equal_saving"])
    plain = member_view(result, "b")
    assert member_view(replace(result, cost_now={"a": 120.0, "c": 70.0}), "b") == plain
    own = member_view(replace(result, cost_now={"a": 120.0, "b": 100.0}), "b")
    assert own["cost_now"] == 100.0
    assert (own["stand_alone_saving_from_now"], own["stand_alone_saving_from_now_percent"]) == (20.0, 20.0)
    rule = own["rules"]["equal_saving"]
    assert (rule["share"], rule["saving_from_now"], rule["saving_from_now_percent"]) == (63.33, 36.67, 36.67)
    del own["cost_now"], own["stand_alone_saving_from_now"], own["stand_alone_saving_from_now_percent"]
    del rule["saving_from_now"], rule["saving_from_now_percent"]
    assert own == plain
