"""What every solver behind `solve_direct` must do."""

import dataclasses
import time

import numpy as np
import pytest

from optimizer.errors import SolverError
from optimizer.problem import Problem, ProblemBuilder, evaluate
from optimizer.published import facility_location
from optimizer.published.generated import cornuejols
from optimizer.solver.backends import available_backends, solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from tiny_problems import FEATURES, brute_force, tiny_problem

TIGHT = 1e-4  # CP-SAT splits shares on a grid and proves no gap below this
CBC_SILENT = "CBC is a program of its own and reports nothing on the way"


def hard_problem() -> Problem:
    """Ten thousand options, tight capacity: no backend proves it within the seconds of these tests."""
    random = np.random.default_rng(7)
    points = random.random((200, 2))
    distance = np.linalg.norm(points[:100, None] - points[None, 100:], axis=2)
    demand = random.integers(5, 36, 100).astype(float)
    capacity = random.integers(10, 161, 100) * 4.0 * demand.sum() / (100 * 85)
    fixed = random.integers(100, 111, 100) * np.sqrt(capacity) + random.integers(0, 91, 100)
    return facility_location(np.floor(fixed), 10 * distance * demand, demand, np.floor(capacity))


QUICK = ("highs", "scip")
BACKENDS = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in available_backends()
]


@pytest.mark.parametrize("solver", BACKENDS)
class TestBackend:
    """The contract."""

    @pytest.mark.parametrize("seed", [2, 5, 10, 14])
    def test_agrees_with_enumeration(self, solver: str, seed: int) -> None:
        problem = tiny_problem(seed, FEATURES)
        optimum = brute_force(problem)
        solution = solve_direct(problem, SolveOptions(gap=TIGHT), solver=solver, reduced=False)
        assert solution.termination is Termination.OPTIMAL
        assert solution.objective == pytest.approx(optimum, rel=TIGHT)
        assert solution.bound <= optimum * (1 + 1e-6)
        assert solution.gap <= TIGHT
        assert solution.decisions is not None
        assert evaluate(problem, solution.decisions, tolerance=1e-9).feasible
        assert evaluate(problem, solution.decisions).objective == solution.objective

    def test_says_infeasible(self, solver: str) -> None:
        """Two rows of 3 units each, one site that holds 5, no overflow."""
        builder = ProblemBuilder()
        rows = builder.add_rows([3.0, 3.0])
        site = builder.add_sites(1)
        size, gate = builder.add_sizes(site, 1.0), builder.add_gates(0.0, site)
        space = builder.add_measures(builder.add_resources(1), 0.0)
        builder.add_size_supply(size, space, 5.0)
        builder.add_options(rows, 1.0, gates=gate, measures=space, amounts=3.0)
        solution = solve_direct(builder.build().problem, SolveOptions(), solver=solver)
        assert solution.termination is Termination.INFEASIBLE
        assert solution.decisions is None
        assert solution.objective == solution.bound == np.inf

    def test_single_sourced_rows_are_not_split(self, solver: str) -> None:
        """Cheapest split 1.5 uses both sites of capacity 1; single sourced the row of 1.5 goes direct, 9."""
        builder = ProblemBuilder()
        row = builder.add_rows([1.5], single=True)
        sites = builder.add_sites(2)
        sizes, gates = builder.add_sizes(sites, 0.0), builder.add_gates(0.0, sites)
        space = builder.add_measures(builder.add_resources(2), 0.0)
        builder.add_size_supply(sizes, space, 1.0)
        builder.add_options([0, 0], 1.5, gates=gates, measures=space, amounts=1.5)
        builder.add_options(row, 9.0)
        problem = builder.build().problem
        split = dataclasses.replace(problem, row_single=np.array([False]))
        options = SolveOptions(gap=TIGHT)
        assert solve_direct(problem, options, solver=solver).objective == pytest.approx(9.0)
        assert solve_direct(split, options, solver=solver).objective == pytest.approx(1.5, rel=1e-3)

    def test_time_limit_without_proof(self, solver: str) -> None:
        solution = solve_direct(hard_problem(), SolveOptions(gap=0.0, time_limit_s=0.3), solver=solver)
        assert solution.termination is Termination.TIME_LIMIT
        assert solution.bound <= solution.objective
        assert (solution.decisions is None) == (solution.objective == np.inf)

    def test_work_limit(self, solver: str) -> None:
        problem = cornuejols(30, 40, 3.0)
        options = SolveOptions(gap=0.0, time_limit_s=60.0, work_limit=1)
        solution = solve_direct(problem, options, solver=solver)
        optimum = 10_670.041667  # proved by HiGHS without limits
        assert solution.termination in (Termination.WORK_LIMIT, Termination.OPTIMAL)
        assert solution.bound <= optimum + 1.0
        assert solution.objective >= optimum - 1.0

    def test_the_same_seed_gives_the_same_plan(self, solver: str) -> None:
        problem, options = cornuejols(12, 20, 3.0), SolveOptions(gap=1e-3, seed=5)
        first, again = (solve_direct(problem, options, solver=solver) for _ in range(2))
        assert first.decisions is not None
        assert again.decisions is not None
        assert first.objective == again.objective
        assert first.bound == again.bound
        assert np.array_equal(first.decisions.option, again.decisions.option)

    def test_interruption_keeps_the_best_plan(self, solver: str) -> None:
        if solver == "cbc":
            pytest.skip(CBC_SILENT)
        seen, started = [], time.monotonic()
        options = SolveOptions(
            gap=0.0,
            time_limit_s=60.0,
            on_progress=seen.append,
            should_stop=lambda: (
                any(np.isfinite(point.objective) for point in seen) or time.monotonic() - started > 30
            ),
        )
        problem = hard_problem()
        solution = solve_direct(problem, options, solver=solver)
        assert solution.termination is Termination.INTERRUPTED
        assert solution.decisions is not None
        assert evaluate(problem, solution.decisions).feasible
        assert solution.bound <= solution.objective <= min(point.objective for point in seen) * (1 + 1e-6)

    def test_a_costless_size_is_no_licence(self, solver: str) -> None:
        """A huge capacity must not let a sliver of an opening pass: opening costs 1000, direct 3."""
        builder = ProblemBuilder()
        rows = builder.add_rows([1.0, 1.0, 1.0])
        site = builder.add_sites(1)
        size, gate = builder.add_sizes(site, 1000.0), builder.add_gates(0.0, site)
        space = builder.add_measures(builder.add_resources(1), 0.0)
        builder.add_size_supply(size, space, 1e7)
        builder.add_options(rows, 0.0, gates=gate, measures=space, amounts=1.0)
        builder.add_options(rows, 1.0)
        options = SolveOptions(gap=TIGHT)
        solution = solve_direct(builder.build().problem, options, solver=solver, links="aggregated")
        assert solution.objective == pytest.approx(3.0)


def test_an_unknown_solver_is_named() -> None:
    with pytest.raises(SolverError, match="no solver 'nosuch'; known are highs"):
        solve_direct(tiny_problem(0), SolveOptions(), solver="nosuch")
