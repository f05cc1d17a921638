"""Reductions keep the optimum, and plans and prices find their way back."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.problem import Problem, ProblemBuilder, evaluate, validate_problem
from optimizer.problem.dominance import undominated_options
from optimizer.problem.ragged import take
from optimizer.problem.reduction import reduce_problem
from optimizer.solver.backends import solve_direct
from optimizer.solver.limits import SolveOptions
from tiny_problems import brute_force, tiny_problem


def doubled(problem: Problem) -> Problem:
    """Add to each splittable row a second one with one and a half times the orders, alike per order."""
    rows = np.flatnonzero(~problem.row_single)
    counts = np.diff(problem.row_start)
    options = np.concatenate([np.arange(problem.row_start[i], problem.row_start[i + 1]) for i in rows])
    gate_start, gates = take((problem.option_gate_start, (problem.option_gate,)), options)
    uses = (problem.option_use_measure, problem.option_use_amount)
    use_start, (measure, amount) = take((problem.option_use_start, uses), options)

    def join(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.concatenate([first, second])

    return dataclasses.replace(
        problem,
        row_start=join(problem.row_start, problem.row_start[-1] + np.cumsum(counts[rows])),
        row_demand=join(problem.row_demand, problem.row_demand[rows] * 1.5),
        row_single=join(problem.row_single, problem.row_single[rows]),
        option_cost=join(problem.option_cost, problem.option_cost[options] * 1.5),
        option_gate_start=join(problem.option_gate_start, problem.option_gate_start[-1] + gate_start[1:]),
        option_gate=join(problem.option_gate, gates[0]),
        option_use_start=join(problem.option_use_start, problem.option_use_start[-1] + use_start[1:]),
        option_use_measure=join(problem.option_use_measure, measure),
        option_use_amount=join(problem.option_use_amount, amount * 1.5),
        measure_supply=problem.measure_supply * 2.5,
        size_supply_amount=problem.size_supply_amount * 2.5,
    )


@given(st.integers(0, 5000))
@settings(deadline=None, max_examples=30)
def test_the_optimum_stays(seed: int) -> None:
    problem = tiny_problem(seed)
    reduced = reduce_problem(problem).problem
    assert validate_problem(reduced) == []
    assert brute_force(reduced) == pytest.approx(brute_force(problem), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_alike_rows_become_one_and_come_back(seed: int) -> None:
    problem = doubled(tiny_problem(seed, ("sizes", "fees", "pairs", "measures", "overflow", "modules")))
    reduction = reduce_problem(problem)
    assert reduction.problem.n_rows == problem.n_rows // 2
    options = SolveOptions(gap=0.0)
    solution, whole = solve_direct(reduction.problem, options), solve_direct(problem, options)
    plan = reduction.expand(solution.decisions)
    evaluation = evaluate(problem, plan)
    assert evaluation.violations == ()
    assert evaluation.objective == pytest.approx(solution.objective, rel=1e-9)
    assert solution.objective == pytest.approx(whole.objective, rel=1e-7)


def test_dominated_options_by_hand() -> None:
    """Of five: b costs and uses more than a; c passes one gate more; d uses less; e = a."""
    builder = ProblemBuilder()
    row = builder.add_rows([1.0])
    gates = builder.add_gates([1.0, 1.0])
    measure = builder.add_measures(builder.add_resources(1), 9.0)
    for cost, passed, amount in (
        (5.0, [0, -1], 2.0),
        (6.0, [0, -1], 3.0),
        (5.5, [0, 1], 2.0),
        (7.0, [0, -1], 1.0),
        (5.0, [0, -1], 2.0),
    ):
        builder.add_options(
            row, cost, gates=gates[None, passed] * 0 + passed, measures=measure, amounts=amount
        )
    problem = builder.build().problem
    assert undominated_options(problem).tolist() == [True, False, False, True, False]


def test_an_ungated_option_dominates_what_costs_more() -> None:
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0])
    gate = builder.add_gates(0.0, builder.add_sites(1))
    builder.add_options(rows, [4.0, 4.0])
    builder.add_options(rows, [3.0, 5.0], gates=gate)
    assert undominated_options(builder.build().problem).tolist() == [True, True, True, False]


def lane() -> Problem:
    """LCL at 2 a unit: m³ lead over t in both options; a plain limit of 50 is never reached."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0])
    resources = builder.add_resources(2, overflow_price=[2.0, 9.0], overflow_limit=[np.inf, 0.0])
    measures = builder.add_measures([0, 0, 1], [0.0, 0.0, 50.0])
    builder.add_options(
        rows, [1.0, 2.0], measures=measures[None, :], amounts=[[4.0, 3.0, 20.0], [5.0, 5.0, 30.0]]
    )
    assert len(resources) == 2
    return builder.build().problem


def test_a_price_is_folded_into_the_cost_and_a_slack_measure_goes() -> None:
    reduction = reduce_problem(lane())
    assert reduction.problem.option_cost.tolist() == [9.0, 12.0]
    assert len(reduction.problem.option_use_measure) == 0
    solution = solve_direct(reduction.problem, SolveOptions(gap=0.0))
    plan = reduction.expand(solution.decisions)
    assert plan.overflow.tolist() == [9.0, 0.0]
    assert evaluate(lane(), plan).objective == solution.objective == 21.0
    assert evaluate(lane(), plan).feasible
    assert reduction.expand_measure_prices(np.zeros(3)).tolist() == [2.0, 0.0, 0.0]


def test_row_and_link_prices_are_split_by_demand() -> None:
    builder = ProblemBuilder()
    rows = builder.add_rows([2.0, 6.0, 1.0])
    gate = builder.add_gates(3.0)
    builder.add_options(rows, [4.0, 12.0, 9.0], gates=gate)
    reduction = reduce_problem(builder.build().problem)
    assert reduction.merged_row.tolist() == [0, 0, 1]
    assert reduction.problem.option_cost.tolist() == [16.0, 9.0]
    assert reduction.expand_row_prices(np.array([8.0, 5.0])).tolist() == [2.0, 6.0, 5.0]
    row, on, price = reduction.expand_link_prices(np.array([0]), np.array([0]), np.array([4.0]))
    assert (row.tolist(), on.tolist(), price.tolist()) == ([0, 1], [0, 0], [1.0, 3.0])
