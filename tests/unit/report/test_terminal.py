"""What the command line prints about plans, faults and proofs."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from hand_made_plan import hand_made_plan
from optimizer.errors import CheckError, Fault, InfeasibleError, InputError, SolverError
from optimizer.report.terminal import print_comparison, print_error, print_outcome, print_verification
from optimizer.runs.outcome import Outcome, Verification, gap_in_words
from optimizer.solver.solution import Termination
from optimizer.study.compare import compare_plans


def printed(function, *arguments):
    """Everything a print function writes, 160 columns wide."""
    console = Console(file=io.StringIO(), width=160)
    function(console, *arguments)
    return console.file.getvalue()


def outcome(**changes):
    plan = hand_made_plan()
    made = Outcome(
        plan=plan,
        termination=Termination.OPTIMAL,
        objective=100.0,
        bound=99.93,
        proof="prices that anyone can re-check",
        prices=None,
        stand_alone={"anna": 80.0, "bela": 45.0},
        seconds={"build": 1.0, "solve": 2.0},
    )
    return replace(made, **changes)


def test_headline_says_what_sharing_saves():
    assert "100 USD landed cost; each member alone 125 USD, so sharing saves 20.0 %" in printed(
        print_outcome, outcome()
    )


def test_every_question_of_a_planner_is_answered():
    text = printed(print_outcome, outcome())
    assert "FR-LIL" in text and "small" in text
    assert "last_mile" in text and "50.0" in text
    assert "anna" in text and "64" in text and "80" in text and "16" in text
    assert "90.0 (in 12 d)" in text
    assert "90.0 % of 10 promised orders" in text
    assert "no plan can be cheaper by more than 0.07 %" in text
    assert "prices that anyone can re-check" in text


def test_a_loose_bound_of_members_alone_makes_the_saving_a_range():
    # alone 125, but anna might do with 76, not 80 (5 % less): at least 76 + 45 − 100 = 21 of 125 are saved
    text = printed(print_outcome, outcome(stand_alone_bound={"anna": 76.0, "bela": 45.0}))
    assert "so sharing saves 16.8 to 20.0 %" in text
    assert "5.00" in text and "within %" in text


def test_a_member_without_a_plan_alone_is_said_so():
    text = printed(print_outcome, outcome(stand_alone={"anna": float("inf"), "bela": 45.0}))
    assert "no plan alone" in text and "inf" not in text


def test_nothing_is_said_of_a_saving_while_a_member_is_missing():
    text = printed(print_outcome, outcome(stand_alone={"bela": 45.0}))
    assert "each member alone" not in text
    assert "100 USD landed cost" in text


def test_a_time_limit_is_never_called_solved():
    text = printed(print_outcome, outcome(termination=Termination.TIME_LIMIT))
    assert "time limit reached" in text and "solved" not in text


def test_the_gap_is_rounded_so_that_it_never_promises_too_much():
    assert gap_in_words(1000.0, 999.249) == "no plan can be cheaper by more than 0.08 %"
    assert gap_in_words(1000.0, 999.99999) == "no plan can be cheaper by more than 0.0001 %"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            InputError([Fault("demand.csv row 3", "-2", "must be ≥ 0.", "Mend it.")]),
            ["1 fault", "row 3", "→ Mend it."],
        ),
        (InfeasibleError(["line capacity short by 310 kg"]), ["no plan exists", "310 kg"]),
        (CheckError(["rent differs"]), ["a check failed", "rent differs"]),
        (SolverError("worker killed"), ["no result", "worker killed"]),
    ],
)
def test_errors_are_told_with_what_they_carry(error, expected):
    text = printed(print_error, error, "demo.toml")
    assert "demo.toml" in text
    assert all(part in text for part in expected)


def test_comparison_names_what_got_dearer_and_what_moved():
    plans = {"base": hand_made_plan(), "dear": hand_made_plan(last_mile=45.0, via="BE-LGG")}
    text = printed(print_comparison, compare_plans(plans))
    assert "Cost by component: dear less base" in text and "last_mile" in text
    assert "BE-LGG" in text and "15.00" in text


def test_verification_lists_what_holds_and_what_does_not():
    sound = Verification((), ("costs add up",), 100.0, 99.0, 99.0)
    assert "✓ costs add up" in printed(print_verification, "run", sound)
    broken = replace(sound, failures=("rent differs",))
    assert "does not hold" in printed(print_verification, "run", broken)
