"""Problems that fall apart: their parts are problems of their own, and plans and bounds add up."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from joined_problems import joined_legs, side_by_side, with_rule
from leg_programs import labelled_of
from optimizer.problem import parts as parts_module
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.problem.parts import Division, divide
from optimizer.problem.problem import Problem
from optimizer.problem.validate import validate_problem
from optimizer.scenario import load
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.certificate import exact_bound
from optimizer.solver.legs import search
from optimizer.solver.legs.pieces import joint_decisions, own_decisions
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from tiny_instances import tiny_instance

EXACT = SolveOptions(gap=0.0, threads=1)
PAIRS = ((0, 2), (5, 7), (10, 14), (2, 2))
"""Random scenarios that have a plan and legs, two by two."""

OPENING = (0, 10)
"""Two of them whose optimal plans open a site each."""


@cache
def tiny(seed: int) -> tuple[Problem, Legs]:
    instance = tiny_instance(seed)
    labelled = labelled_of(instance)
    assert labelled.legs is not None
    return labelled.problem, labelled.legs


def joined(one: int, other: int) -> tuple[Problem, Legs]:
    first, second = tiny(one), tiny(other)
    return side_by_side(first[0], second[0]), joined_legs(first, second)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "LEAST_LEGS", 1)


def divided(problem: Problem, legs: Legs) -> Division:
    division = divide(problem, legs)
    assert division is not None
    return division


@pytest.mark.parametrize("pair", PAIRS)
def test_optima_of_the_parts_add_up(pair: tuple[int, int]) -> None:
    problem, legs = joined(*pair)
    division = divided(problem, legs)
    assert division.shared is None
    alone = [solve_direct(tiny(seed)[0], EXACT).objective for seed in pair]
    rows = np.concatenate([part.row for part in division.parts])
    assert len(np.unique(rows)) == len(rows) == problem.n_rows - len(division.alone)
    assert all(validate_problem(part.problem) == [] for part in division.parts)
    plans = [solve_direct(part.problem, EXACT).decisions for part in division.parts]
    found = evaluate(problem, joint_decisions(problem, division, plans))
    assert found.feasible
    assert found.objective == pytest.approx(sum(alone), rel=1e-6)


@pytest.mark.parametrize(
    "pair", [PAIRS[0], *(pytest.param(pair, marks=pytest.mark.slow) for pair in PAIRS[1:])]
)
def test_solved_part_by_part_the_whole_has_the_sum_of_the_optima(pair: tuple[int, int]) -> None:
    problem, legs = joined(*pair)
    heard = []
    options = SolveOptions(gap=1e-5, threads=1, on_progress=heard.append)
    found, again = (solve_legs(problem, legs, asked) for asked in (options, options))
    alone = sum(solve_direct(tiny(seed)[0], EXACT).objective for seed in pair)
    assert found.termination is Termination.OPTIMAL
    assert found.objective == pytest.approx(alone, rel=2e-5)
    assert found.bound <= alone * (1.0 + 1e-9)
    assert evaluate(problem, found.decisions).objective == pytest.approx(found.objective)
    assert float(exact_bound(problem, found.prices, legs)) <= alone * (1.0 + 1e-9)
    assert all(point.bound <= alone * (1.0 + 1e-9) for point in heard)
    assert all(point.objective >= alone * (1.0 - 1e-6) for point in heard)
    assert found.objective == again.objective
    np.testing.assert_array_equal(found.decisions.share, again.decisions.share)


@pytest.mark.parametrize("most_legs", [0, 30_000])
@pytest.mark.parametrize("most", [1.0, 99.0])
def test_a_rule_over_both_parts_is_kept(most: float, most_legs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tiny problem opens a site, so that a limit of one site for both binds and one of 99 does not."""
    monkeypatch.setattr(search, "MOST_LEGS", most_legs)
    free, legs = joined(*OPENING)
    problem = with_rule(free, np.arange(free.n_sizes), -np.inf, most)
    assert divide(problem, legs) is None
    optimum, unruled = solve_direct(problem, EXACT), solve_direct(free, EXACT)
    assert (optimum.objective > unruled.objective * (1.0 + 1e-6)) == (most == 1.0)
    found = solve_legs(problem, legs, SolveOptions(gap=1e-5, threads=1))
    assert found.decisions is not None
    assert evaluate(problem, found.decisions).feasible
    assert found.bound <= optimum.objective * (1.0 + 1e-9)
    assert found.objective >= optimum.objective * (1.0 - 1e-6)
    if most_legs:
        assert found.objective == pytest.approx(optimum.objective, rel=2e-5)


def test_a_limit_on_sites_may_couple_parts_where_it_is_shared_out() -> None:
    free, legs = joined(*OPENING)
    problem = with_rule(free, np.arange(free.n_sizes), -np.inf, 1.0)
    division = divide(problem, legs, share=True)
    assert division is not None
    assert division.shared == problem.n_rules - 1
    for part in division.parts:
        assert validate_problem(part.problem) == []
        own = part.problem.rule_start[-2:]
        np.testing.assert_array_equal(
            part.problem.rule_index[own[0] : own[1]], np.arange(part.problem.n_sizes)
        )
        assert part.problem.rule_upper[-1] == 1.0
    plan = solve_direct(problem, EXACT).decisions
    taken = [own_decisions(problem, part, plan) for part in division.parts]
    costs = [evaluate(part.problem, own) for part, own in zip(division.parts, taken, strict=True)]
    assert all(cost.feasible for cost in costs)
    joint = joint_decisions(problem, division, taken)
    assert evaluate(problem, joint).objective == pytest.approx(evaluate(problem, plan).objective)


@pytest.mark.parametrize("kind", ["lower", "weighted", "two"])
def test_rules_of_other_kinds_are_not_shared_out(kind: str) -> None:
    free, legs = joined(*OPENING)
    every = np.arange(free.n_sizes)
    problem = with_rule(free, every, 1.0 if kind == "lower" else -np.inf, 2.0)
    if kind == "weighted":
        problem = replace(problem, rule_coefficient=np.r_[problem.rule_coefficient[:-1], 2.0])
    if kind == "two":
        problem = with_rule(problem, every, -np.inf, 3.0)
    assert divide(problem, legs, share=True) is None


def test_a_part_without_a_plan_leaves_the_whole_without_one() -> None:
    problem, legs = joined(*PAIRS[0])
    first = np.arange(tiny(PAIRS[0][0])[0].n_sizes)
    impossible = with_rule(with_rule(problem, first, 1.0, np.inf), first, -np.inf, 0.0)
    assert divide(impossible, legs) is not None
    found = solve_legs(impossible, legs, SolveOptions(gap=1e-5, threads=1))
    assert found.termination is Termination.INFEASIBLE
    assert found.decisions is None


def test_rows_that_need_nothing_stand_alone() -> None:
    problem, legs = joined(*PAIRS[0])
    plain = Problem(
        **{
            field.name: getattr(problem, field.name)[:0]
            if not field.name.endswith("_start")
            else np.zeros(1, np.int64)
            for field in fields(Problem)
            if field.name != "constant"
        }
    )
    plain = replace(
        plain,
        row_start=np.array([0, 2, 3]),
        row_demand=np.ones(2),
        row_single=np.zeros(2, dtype=bool),
        option_cost=np.array([7.0, 5.0, 11.0]),
        option_gate_start=np.zeros(4, dtype=np.int64),
        option_use_start=np.zeros(4, dtype=np.int64),
        constant=100.0,
    )
    whole = side_by_side(problem, plain)
    none = np.full(3, -1)
    more = replace(
        legs, option_head=np.append(legs.option_head, none), option_tail=np.append(legs.option_tail, none)
    )
    before = divided(problem, legs)
    division = divided(whole, more)
    added = np.setdiff1d(division.alone, before.alone)
    assert (added - problem.n_options).tolist() == [1, 2]
    plans = [solve_direct(part.problem, EXACT).decisions for part in division.parts]
    found = evaluate(whole, joint_decisions(whole, division, plans))
    assert found.feasible
    assert found.objective == pytest.approx(solve_direct(problem, EXACT).objective + 116.0, rel=1e-6)


def test_a_problem_of_one_part_is_not_divided(scenarios_dir) -> None:
    instance = load(scenarios_dir / "quickstart.toml")
    labelled = labelled_of(instance)
    assert divide(labelled.problem, labelled.legs) is None
