"""A rough plan holds, costs what it says and opens what it may."""

import numpy as np
import pytest

from optimizer.problem.labels import LabelledProblem
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.legs import rough
from optimizer.solver.legs import solve as legs_solve
from optimizer.solver.legs.by_prices import promising
from optimizer.solver.legs.candidates import widest
from optimizer.solver.legs.dual import LegPrices, first_prices
from optimizer.solver.legs.rough import rough_plan
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import complete
from optimizer.solver.slopes import scale_slopes


@pytest.fixture(scope="module")
def priced(firm: LabelledProblem) -> LegPrices:
    assert firm.legs is not None
    return first_prices(tied_problem(firm.problem, firm.legs), Course(SolveOptions(gap=0.01, threads=1)))


def test_rough_plan_is_one_of_the_problem(firm: LabelledProblem, priced: LegPrices) -> None:
    problem, legs = firm.problem, firm.legs
    assert legs is not None
    sizes = promising(problem, priced.run.size_share, None)
    plan = rough_plan(problem, legs, [sizes], priced.stored())
    assert plan is not None
    again = complete(problem, plan.decisions)
    assert again is not None and again.objective <= plan.objective * (1.0 + 1e-9)
    opened = plan.decisions.size[plan.decisions.size >= 0]
    assert np.all(sizes[opened])
    assert priced.run.best.value <= plan.objective <= 1.1 * priced.run.best.value


def test_next_set_is_taken_where_a_row_finds_no_way(
    firm: LabelledProblem, priced: LegPrices, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, legs = firm.problem, firm.legs
    assert legs is not None
    likely = promising(problem, priced.run.size_share, None)
    roomy = widest(problem, priced.run.size_share)
    assert np.any(likely & ~roomy)

    def fails_with_the_likely(smaller, price, sizes, *rest):
        return None if np.array_equal(sizes, likely) else scale_slopes(smaller, price, sizes, *rest)

    monkeypatch.setattr(rough, "scale_slopes", fails_with_the_likely)
    assert rough_plan(problem, legs, [likely], priced.stored()) is None
    plan = rough_plan(problem, legs, [likely, roomy], priced.stored())
    assert plan is not None
    assert np.all(roomy[plan.decisions.size[plan.decisions.size >= 0]])


def test_a_large_problem_has_a_rough_plan_in_time(
    firm: LabelledProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no tree can be waited for, the plan is told of before prices with whole lanes are raised."""
    problem, legs = firm.problem, firm.legs
    assert legs is not None
    offered: list[float] = []

    def heard(*given: object) -> object:
        plan = rough_plan(*given)  # type: ignore[arg-type]
        assert plan is not None
        offered.append(plan.objective)
        return plan

    monkeypatch.setattr(legs_solve, "rough_plan", heard)
    monkeypatch.setattr("optimizer.solver.legs.search.MOST_LEGS", 0)
    solution = legs_solve.solve_legs(problem, legs, SolveOptions(gap=0.02, time_limit_s=20.0, threads=1))
    assert len(offered) == 1
    assert any(point.objective <= offered[0] * (1.0 + 1e-9) for point in solution.trace)
    assert solution.bound <= solution.objective <= offered[0] * (1.0 + 1e-9)
