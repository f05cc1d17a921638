"""Prices over legs: the problem over legs is the problem, and what its prices prove and open holds."""

import numpy as np
import pytest

from leg_programs import labelled_of
from optimizer.errors import InfeasibleError
from optimizer.problem.evaluate import evaluate
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.tied import tied_problem
from optimizer.problem.validate import validate_problem
from optimizer.scenario import load
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.legs import core, search, solve
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.dual import first_prices, raised_further
from optimizer.solver.legs.reach import options_within
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from optimizer.solver.split_prices import joined_prices
from tiny_instances import tiny_instance

EXACT = SolveOptions(gap=0.0, threads=1)


def labelled_or_skip(seed: int) -> LabelledProblem:
    instance = tiny_instance(seed)
    try:
        labelled = labelled_of(instance)
    except InfeasibleError:
        pytest.skip("some demand of this random scenario can be carried by no service")
    if labelled.legs is None:
        pytest.skip("this random scenario has single sourcing or no warehouse in reach")
    return labelled


@pytest.fixture(scope="module")
def quickstart(scenarios_dir) -> LabelledProblem:
    instance = load(scenarios_dir / "quickstart.toml")
    return labelled_of(instance)


@pytest.mark.parametrize("seed", range(16))
def test_problem_over_legs_has_the_same_optimum(seed: int) -> None:
    labelled = labelled_or_skip(seed)
    tied = tied_problem(labelled.problem, labelled.legs)
    assert validate_problem(tied.problem) == []
    whole, over_legs = solve_direct(labelled.problem, EXACT), solve_direct(tied.problem, EXACT)
    assert over_legs.termination is whole.termination
    assert over_legs.objective == pytest.approx(whole.objective, rel=1e-6)


@pytest.mark.parametrize("seed", range(16))
def test_prices_over_legs_prove_what_they_claim(seed: int) -> None:
    labelled = labelled_or_skip(seed)
    problem, legs = labelled.problem, labelled.legs
    optimum = solve_direct(problem, EXACT)
    if optimum.decisions is None:
        pytest.skip("it has no plan")
    course = Course(SolveOptions(gap=0.0, threads=1))
    found = raised_further(first_prices(tied_problem(problem, legs), course), course)
    proved = float(exact_bound(problem, found.stored(), legs))
    assert proved == pytest.approx(found.run.best.value, rel=1e-9)
    assert proved <= optimum.objective * (1.0 + 1e-9)
    joined = joined_prices(problem, found.stored(), legs)
    assert float(exact_bound(problem, joined)) <= optimum.objective * (1.0 + 1e-9)


def test_where_the_whole_is_too_large_prices_and_plans_take_turns(
    quickstart: LabelledProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LEGS", 0)
    monkeypatch.setattr(core, "MOST_ROWS_OF_REGION", 0)
    problem, legs = quickstart.problem, quickstart.legs
    found = solve.solve_legs(problem, legs, SolveOptions(gap=1e-9, threads=1, work_limit=1))
    assert found.termination is Termination.WORK_LIMIT
    assert found.decisions is not None
    assert evaluate(problem, found.decisions).feasible
    assert found.gap < 0.02
    assert float(exact_bound(problem, found.prices, legs)) == pytest.approx(found.bound, rel=1e-9)
    assert "anyone can recompute" in found.proof


def test_sizes_by_share_opens_one_size_of_sites_open_more_often_than_not(quickstart: LabelledProblem) -> None:
    share = np.zeros(quickstart.problem.n_sizes)
    share[[0, 1, 3, 4]] = 0.2, 0.35, 0.2, 0.25
    assert np.flatnonzero(sizes_by_share(quickstart.problem, share)).tolist() == [1]


def test_options_of_closed_sites_are_out_of_reach(quickstart: LabelledProblem) -> None:
    problem = quickstart.problem
    within_nothing, _ = options_within(problem, np.zeros(problem.n_sizes, dtype=bool))
    assert np.array_equal(within_nothing, np.diff(problem.option_gate_start) == 0)
    within_all, _ = options_within(problem, np.ones(problem.n_sizes, dtype=bool))
    assert within_all.all()
