"""The program over legs says the same as the program over options."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from leg_programs import labelled_of
from optimizer.errors import InfeasibleError
from optimizer.problem.evaluate import evaluate
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.legs import Legs, leg_problem, node_demand, pair_shares
from optimizer.problem.matrix import LinearModel, linear_model
from optimizer.problem.problem import Problem
from optimizer.scenario import load
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.certificate import exact_bound
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from optimizer.solver.tighten import tighten
from tiny_instances import tiny_instance


@pytest.fixture(scope="module")
def quickstart(scenarios_dir) -> LabelledProblem:
    """The shipped scenario: every freight mode, containers, minimums and declarations."""
    instance = load(scenarios_dir / "quickstart.toml")
    return labelled_of(instance)


def parts(labelled: LabelledProblem) -> tuple[Problem, Legs, np.ndarray, np.ndarray]:
    """The problem, its legs, the options that are pairs, and their rows."""
    problem, legs = labelled.problem, labelled.legs
    assert legs is not None
    pairs = np.flatnonzero(legs.option_head >= 0)
    return problem, legs, pairs, np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))[pairs]


def test_costs_of_legs_add_up(quickstart: LabelledProblem) -> None:
    problem, legs, pairs, row = parts(quickstart)
    per_order = legs.head.cost[legs.option_head[pairs]] + legs.tail.cost[legs.option_tail[pairs]]
    np.testing.assert_allclose(per_order * problem.row_demand[row], problem.option_cost[pairs], rtol=1e-9)


def test_uses_and_gates_of_legs_add_up(quickstart: LabelledProblem) -> None:
    problem, legs, pairs, row = parts(quickstart)
    smaller, place = leg_problem(problem, legs)
    whole, heads = int((legs.option_head < 0).sum()), len(legs.head_row)
    demand = node_demand(problem, legs)
    for option, at in zip(pairs[::7], row[::7], strict=True):
        head, tail = legs.option_head[option], legs.option_tail[option]
        part = problem.row_demand[at] / demand[legs.tail.node[tail]]
        want, got = np.zeros(problem.n_measures), np.zeros(problem.n_measures)
        gates = set()
        for leg, weight in ((place[whole + head], 1.0), (place[whole + heads + tail], part)):
            use = slice(smaller.option_use_start[leg], smaller.option_use_start[leg + 1])
            got[smaller.option_use_measure[use]] += weight * smaller.option_use_amount[use]
            needed = slice(smaller.option_gate_start[leg], smaller.option_gate_start[leg + 1])
            gates |= set(smaller.option_gate[needed].tolist())
        use = slice(problem.option_use_start[option], problem.option_use_start[option + 1])
        want[problem.option_use_measure[use]] = problem.option_use_amount[use]
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
        needed = slice(problem.option_gate_start[option], problem.option_gate_start[option + 1])
        assert gates == set(problem.option_gate[needed].tolist())


def test_pairs_carry_the_flows_of_both_legs(quickstart: LabelledProblem) -> None:
    problem, legs, pairs, row = parts(quickstart)
    random = np.random.default_rng(5)
    head = random.random(len(legs.head_row))
    orders = np.bincount(legs.head.node, head * problem.row_demand[legs.head_row])
    weight = random.random(len(legs.tail.node))
    share_in = weight / np.bincount(legs.tail.node, weight)[legs.tail.node]
    tail = share_in * (orders / node_demand(problem, legs))[legs.tail.node]
    share = pair_shares(problem, legs, head, tail)
    missing = len(np.unique(legs.option_head[pairs] * len(tail) + legs.option_tail[pairs])) < len(pairs)
    assert not missing
    by_head = np.bincount(legs.option_head[pairs], share[pairs], len(head))
    np.testing.assert_allclose(by_head, head, atol=1e-12)
    flow = np.bincount(legs.option_tail[pairs], (share * 1.0)[pairs] * problem.row_demand[row], len(tail))
    np.testing.assert_allclose(flow, share_in * orders[legs.tail.node], atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_same_optimum_as_the_whole_program(seed: int) -> None:
    instance = tiny_instance(seed)
    try:
        labelled = labelled_of(instance)
    except InfeasibleError:
        pytest.skip("some demand of this random scenario can be carried by no service")
    if labelled.legs is None:
        pytest.skip("this random scenario has single sourcing or no warehouse in reach")
    problem, legs, _, _ = parts(labelled)
    asked = SolveOptions(gap=0.0, threads=1)
    by_legs, whole = solve_legs(problem, legs, asked), solve_direct(problem, asked)
    assert by_legs.termination is whole.termination
    assert by_legs.objective == pytest.approx(whole.objective, rel=1e-6)
    if by_legs.decisions is not None:
        checked = evaluate(problem, by_legs.decisions)
        assert checked.feasible
        assert checked.objective == pytest.approx(by_legs.objective)


def test_quickstart_is_proved(quickstart: LabelledProblem) -> None:
    problem, legs, _, _ = parts(quickstart)
    solution = solve_legs(problem, legs, SolveOptions(gap=1e-4, threads=1))
    assert solution.termination is Termination.OPTIMAL
    assert solution.decisions is not None
    assert evaluate(problem, solution.decisions).feasible
    assert solution.gap <= 1e-4


def test_a_second_thread_changes_nothing(quickstart: LabelledProblem) -> None:
    assert quickstart.legs is not None
    found = [
        solve_legs(quickstart.problem, quickstart.legs, SolveOptions(gap=1e-4, threads=threads))
        for threads in (1, 2)
    ]
    assert found[0].objective == found[1].objective
    assert found[0].bound == found[1].bound
    assert found[0].decisions is not None and found[1].decisions is not None
    np.testing.assert_array_equal(found[0].decisions.option, found[1].decisions.option)


def test_a_time_limit_still_gives_a_bound(quickstart: LabelledProblem) -> None:
    problem, legs, _, _ = parts(quickstart)
    solution = solve_legs(problem, legs, SolveOptions(gap=0.0, threads=1, time_limit_s=0.2))
    assert solution.bound <= solution.objective


def test_stored_prices_prove_the_relaxation_without_a_solver(quickstart: LabelledProblem) -> None:
    """Prices over the legs reach the bound of the strong linear relaxation of all pairs to 1e-4."""
    problem, legs, _, _ = parts(quickstart)
    solution = solve_legs(problem, legs, SolveOptions(gap=1e-4, threads=1))
    assert solution.prices is not None
    proved = float(exact_bound(problem, solution.prices, legs))
    relaxed = replace(linear_model(tighten(problem)), integer=np.zeros(0, dtype=bool))
    least = linprog_bound(relaxed)
    assert proved >= least * (1.0 - 1e-4)
    assert proved <= solution.objective


@pytest.mark.parametrize("seed", range(12))
def test_prices_of_legs_never_claim_too_much(seed: int) -> None:
    instance = tiny_instance(seed)
    try:
        labelled = labelled_of(instance)
    except InfeasibleError:
        pytest.skip("some demand of this random scenario can be carried by no service")
    if labelled.legs is None:
        pytest.skip("this random scenario has single sourcing or no warehouse in reach")
    solution = solve_legs(labelled.problem, labelled.legs, SolveOptions(gap=0.0, threads=1))
    if solution.prices is None:
        pytest.skip("it has no plan")
    proved = float(exact_bound(labelled.problem, solution.prices, labelled.legs))
    assert proved <= solution.objective * (1 + 1e-9)
    assert proved >= solution.trace[0].bound - 1e-6 * abs(solution.objective)


def linprog_bound(model: LinearModel) -> float:
    """Optimum of a linear program, by SciPy."""
    equal = model.row_lower == model.row_upper
    below, above = ~equal & np.isfinite(model.row_upper), ~equal & np.isfinite(model.row_lower)
    result = linprog(
        model.cost,
        A_ub=sparse.vstack([model.matrix[below], -model.matrix[above]]),
        b_ub=np.r_[model.row_upper[below], -model.row_lower[above]],
        A_eq=model.matrix[equal],
        b_eq=model.row_upper[equal],
        bounds=np.column_stack([model.lower, model.upper]),
    )
    return float(result.fun) + model.offset
