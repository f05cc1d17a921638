"""Problems that fall apart: their parts are problems of their own, and plans and bounds add up."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from leg_programs import labelled_of
from optimizer.problem import parts as parts_module
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Leg, Legs
from optimizer.problem.parts import Division, divide
from optimizer.problem.problem import Problem
from optimizer.problem.validate import validate_problem
from optimizer.scenario import load
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.certificate import exact_bound
from optimizer.solver.legs import search
from optimizer.solver.legs.pieces import joint_decisions
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from tiny_instances import tiny_instance

EXACT = SolveOptions(gap=0.0, threads=1)
PAIRS = ((0, 2), (5, 7), (10, 14), (2, 2))
"""Random scenarios that have a plan and legs, two by two."""

OPENING = (0, 10)
"""Two of them whose optimal plans open a site each."""

NUMBERED = {
    "option_gate": "n_gates", "option_use_measure": "n_measures", "gate_size": "n_sizes",
    "size_supply_measure": "n_measures", "module_supply_measure": "n_measures",
}  # fmt: skip


@cache
def tiny(seed: int) -> tuple[Problem, Legs]:
    instance = tiny_instance(seed)
    labelled = labelled_of(instance)
    assert labelled.legs is not None
    return labelled.problem, labelled.legs


def side_by_side(first: Problem, second: Problem) -> Problem:
    """One problem of two that share nothing: written array by array, without the code under test."""
    arrays = {}
    for field in fields(Problem):
        a, b = getattr(first, field.name), getattr(second, field.name)
        if field.name == "constant":
            arrays[field.name] = a + b
        elif field.name.endswith("_start"):
            arrays[field.name] = np.concatenate([a, b[1:] + a[-1]])
        elif field.name == "rule_index":
            arrays[field.name] = np.concatenate(
                [_renumbered(first, second, a, 0), _renumbered(first, second, b, 1)]
            )
        else:
            shift = getattr(first, NUMBERED[field.name]) if field.name in NUMBERED else 0
            arrays[field.name] = np.concatenate([a, b + shift if shift else b]).astype(a.dtype)
    return Problem(**arrays)


def _renumbered(first: Problem, second: Problem, index: np.ndarray, which: int) -> np.ndarray:
    """Rules count sizes first, then gates, then modules."""
    own = (first, second)[which]
    ends = np.cumsum([0, own.n_sizes, own.n_gates])
    kind = np.searchsorted(ends, index, side="right") - 1
    total = np.array([0, first.n_sizes + second.n_sizes])
    starts = np.append(total, total[1] + first.n_gates + second.n_gates)
    before = np.array([first.n_sizes, first.n_gates, first.n_modules]) * which
    return (starts[kind] + before[kind] + index - ends[kind]).astype(np.int32)


def joined_legs(first: tuple[Problem, Legs], second: tuple[Problem, Legs]) -> Legs:
    problem, a = first
    b = second[1]
    nodes, heads, tails = int(a.head.node.max()) + 1, len(a.head_row), len(a.tail.node)

    def both(one: Leg, other: Leg) -> Leg:
        wide = max(one.gate.shape[1], other.gate.shape[1]), max(one.measure.shape[1], other.measure.shape[1])
        gate = np.where(other.gate >= 0, other.gate + problem.n_gates, -1)
        measure = np.where(other.measure >= 0, other.measure + problem.n_measures, -1)
        return Leg(
            np.concatenate([one.node, other.node + nodes]),
            np.concatenate([one.cost, other.cost]),
            np.concatenate([_widened(one.gate, wide[0], -1), _widened(gate, wide[0], -1)]),
            np.concatenate([_widened(one.measure, wide[1], -1), _widened(measure, wide[1], -1)]),
            np.concatenate([_widened(one.amount, wide[1], 0.0), _widened(other.amount, wide[1], 0.0)]),
        )

    return Legs(
        np.concatenate([a.option_head, np.where(b.option_head >= 0, b.option_head + heads, -1)]),
        np.concatenate([a.option_tail, np.where(b.option_tail >= 0, b.option_tail + tails, -1)]),
        np.concatenate([a.head_row, b.head_row + problem.n_rows]),
        both(a.head, b.head),
        both(a.tail, b.tail),
    )


def _widened(values: np.ndarray, width: int, fill: float) -> np.ndarray:
    more = np.full((len(values), width - values.shape[1]), fill, dtype=values.dtype)
    return np.concatenate([values, more], axis=1)


def joined(one: int, other: int) -> tuple[Problem, Legs]:
    first, second = tiny(one), tiny(other)
    return side_by_side(first[0], second[0]), joined_legs(first, second)


def with_rule(problem: Problem, sizes: np.ndarray, lower: float, upper: float) -> Problem:
    return replace(
        problem,
        rule_start=np.append(problem.rule_start, problem.rule_start[-1] + len(sizes)),
        rule_index=np.append(problem.rule_index, sizes).astype(np.int32),
        rule_coefficient=np.append(problem.rule_coefficient, np.ones(len(sizes))),
        rule_lower=np.append(problem.rule_lower, lower),
        rule_upper=np.append(problem.rule_upper, upper),
    )


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
