"""What-if questions, wishes and kept costs, on the quickstart's three firms costed once."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer import pipeline
from optimizer.alliance.coalition import mask_of
from optimizer.alliance.coalition_solves import cost_some, solve_default
from optimizer.errors import InputError, NoPlanError
from optimizer.solver.limits import SolveOptions
from optimizer.study.alliance import study_alliance
from optimizer.study.coalitions import Costing, openings
from optimizer.study.questions import Questions, answers
from optimizer.study.what_if import membership_change, merger
from optimizer.study.wishes import Wishes, parse_wishes

ABC = ("lantern", "yiwu-toys", "brightwear")


@pytest.fixture(scope="module")
def instance(scenarios_dir):
    return pipeline.load(scenarios_dir / "quickstart.toml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kept") / "costs"


@pytest.fixture(scope="module")
def study(instance, folder):
    """All coalitions, two at a time."""
    return study_alliance(instance, ["shapley", "separable_costs"], costing=Costing(jobs=2, keep=folder))


def cost(study, *names):
    game = study.result.game
    return float(game.upper[mask_of(game.players.index(name) for name in names)])


def test_a_member_leaves(study):
    change = membership_change(study, "brightwear")
    added = cost(study, *ABC) - cost(study, *ABC[:2])
    assert change.alone[1] == cost(study, "brightwear") and change.added[0] == pytest.approx(added)
    table = change.shares.set_index(["rule", "member"])
    for rule in ("shapley", "separable_costs"):
        share = study.result.allocations[rule].as_dict()["brightwear"]
        own = table.loc[(rule, "brightwear")]
        assert own["with_it"] == share and own["without_it"] == cost(study, "brightwear")
        assert own["exit_fee"] == pytest.approx(share - added)
        # whoever stays pays for the pair's plan, and the pair is better off by the exit fee if it is paid
        left = [table.loc[(rule, name), "without_it"] for name in ABC[:2]]
        assert sum(left) == pytest.approx(cost(study, *ABC[:2]))
        now = sum(table.loc[(rule, name), "with_it"] for name in ABC[:2])
        assert sum(left) - now == pytest.approx(own["exit_fee"])
    assert change.opens_with == openings(study.costed, 0b111)
    assert set(change.opens_without) <= set(study.costed.model.labelled.labels.sites["site"])


def test_the_shares_of_a_pair_are_those_of_its_game(study):
    # of two, each saves half under both rules: s_i − (s_1 + s_2 − c) / 2
    change = membership_change(study, "brightwear").shares.set_index(["rule", "member"])
    pair = [cost(study, name) for name in ABC[:2]]
    saved = sum(pair) - cost(study, *ABC[:2])
    for rule in ("shapley", "separable_costs"):
        left = [change.loc[(rule, name), "without_it"] for name in ABC[:2]]
        assert left == pytest.approx([own - saved / 2 for own in pair])


def test_two_alliances_merge(study):
    both = merger(study, ["yiwu-toys", "lantern"], ["brightwear"])
    gain = cost(study, *ABC[:2]) + cost(study, "brightwear") - cost(study, *ABC)
    assert both.first == ABC[:2] and both.gain[1] == pytest.approx(gain, abs=1e-3)
    for _, group in both.shares.groupby("rule"):
        assert group["change"].sum() == pytest.approx(-gain)
    assert set(both.opens) == {"first", "second", "merged"}
    with pytest.raises(InputError, match="stands on both sides"):
        merger(study, ["lantern"], ["lantern", "brightwear"])


def test_answers_are_plain_data(study):
    asked = Questions("lantern", "brightwear", "yiwu-toys", "lantern + brightwear", ("lantern", "brightwear"))
    asked.check(ABC)
    found = answers(study, asked).as_json()
    assert set(found) == {"leaves", "joins", "partners", "merge", "shortlist"}
    assert found["partners"][0]["saving_per_member"] >= found["partners"][-1]["saving_per_member"]
    # yiwu-toys alone, with one of the two, with both
    by_size = sorted(found["shortlist"], key=lambda line: line["members"])
    assert [line["members"] for line in by_size] == [1, 2, 2, 3]
    assert by_size[0]["saving"] == 0.0 and by_size[-1]["cost"] == pytest.approx(cost(study, *ABC))
    assert answers(study, Questions()).as_json() == {}


def test_wrong_names_are_all_said_at_once():
    with pytest.raises(InputError) as caught:
        Questions(leaves="a", merge="lantern", shortlist=("b",)).check(ABC)
    assert [fault.where for fault in caught.value.faults] == ["--leaves", "--shortlist", "--merge"]
    with pytest.raises(InputError) as caught:
        parse_wishes(ABC, weights=["lantern=0", "x=1"], caps=["lantern"], floors=["lantern=much"])
    assert [fault.where for fault in caught.value.faults] == ["--weight", "--weight", "--cap", "--floor"]


@pytest.mark.parametrize("over_legs", [True, False])
def test_solves_without_legs_start_from_a_larger_coalition(study, over_legs):
    starts = []

    def noting(part, options, warm):
        starts.append(warm)
        return solve_default(part, options, warm)

    members = study.costed.members
    assert members.legs is not None
    members = members if over_legs else replace(members, legs=None)
    solutions = cost_some(members, [3, 7], SolveOptions(gap=0.0), solve_problem=noting)
    assert list(solutions) == [7, 3] and starts[0] is None
    if over_legs:
        assert starts[1] is None
    else:
        opened = solutions[7].decisions.size
        assert np.flatnonzero(starts[1].size).tolist() == sorted(opened[opened >= 0].tolist())
        assert len(starts[1].prices.row) < len(solutions[7].prices.row)
    assert solutions[3].objective == pytest.approx(cost(study, *ABC[:2]))


def test_kept_costs_are_not_solved_again(study, instance, folder):
    again = study_alliance(instance, ["shapley"], costing=Costing(keep=folder))
    assert again.result.solves == 0
    assert again.result.game.upper.tolist() == study.result.game.upper.tolist()
    assert again.result.game.lower.tolist() == study.result.game.lower.tolist()
    assert openings(again.costed, 0b111) == openings(study.costed, 0b111)
    assert study_alliance(instance, ["shapley"], costing=Costing(gap=0.1, keep=folder)).result.solves == 0
    with pytest.raises(InputError, match="keeps costs of another problem"):
        study_alliance(instance, wishes=Wishes(vetoes=("PL-WRO",)), costing=Costing(keep=folder))


@pytest.mark.slow
def test_a_vetoed_site_opens_for_nobody_and_an_excluded_member_stays_away(study, instance):
    (site,) = openings(study.costed, 0b111)
    vetoed = study_alliance(instance, ["shapley"], Wishes(vetoes=(site,)), Costing(jobs=2))
    assert all(site not in openings(vetoed.costed, mask) for mask in range(1, 8))
    assert (vetoed.result.game.upper[1:] >= study.result.game.upper[1:] - 1e-3).all()
    assert vetoed.result.game.total > study.result.game.total
    wishes = Wishes(exclusions=(("brightwear", site),))
    excluded = study_alliance(instance, ["shapley"], wishes, Costing(jobs=2)).result.game
    vetoed_alone = vetoed.result.game.alone()
    alone = study.result.game.alone()
    # only brightwear is kept from the site: alone it is as if the site did not exist, the others as before
    assert excluded.alone() == pytest.approx([alone[0], alone[1], vetoed_alone[2]], rel=1e-6)
    with pytest.raises(InputError, match="is no candidate site"):
        study_alliance(instance, wishes=Wishes(vetoes=("DE-MUC",)))


def test_stopping_says_how_far_it_got(instance, tmp_path):
    done = []
    costing = Costing(jobs=1, keep=tmp_path, on_progress=done.append, should_stop=lambda: bool(done))
    with pytest.raises(NoPlanError, match=r"stopped by you after 1 of 7 coalitions \(kept in "):
        study_alliance(instance, ["shapley"], costing=costing)
    assert [path.name for path in tmp_path.glob("*.npz")] == ["7.npz"]


def test_an_unknown_rule_is_refused_before_anything_is_solved(instance):
    with pytest.raises(InputError, match="Did you mean shapley"):
        study_alliance(instance, ["shapely"], costing=Costing(should_stop=lambda: True))


def test_caps_hold_and_weights_bring_their_rules(instance, folder, study):
    wishes = parse_wishes(ABC, weights=["lantern=3"], caps=["lantern=6000"], floors=["brightwear=4100"])
    result = study_alliance(instance, wishes=wishes, costing=Costing(keep=folder)).result
    assert {"weighted_saving", "weighted_shapley", "weighted_nucleolus"} <= set(result.allocations)
    for allocation in result.allocations.values():
        shares = allocation.as_dict()
        assert shares["lantern"] <= 6000 + 1e-9 and shares["brightwear"] >= 4100 - 1e-9
        assert np.sum(allocation.shares) == pytest.approx(result.game.total)
