"""A warm search over legs: what it hands on and begins with changes its steps, never what is proved."""

from dataclasses import replace

import numpy as np
import pytest

from leg_programs import SEEDS, cheapest, program_of, tiny_program
from optimizer.errors import SolverError
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.tied import tied_problem
from optimizer.solver.carried import UNKNOWN
from optimizer.solver.certificate import exact_bound
from optimizer.solver.clock import Course
from optimizer.solver.legs.again import prices_again
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.program import LegProgram, decoded
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.search import LegSearch
from optimizer.solver.legs.strategy import bounded_root, relaxation_of, search_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Warm
from optimizer.solver.split_prices import joined_prices, node_prices


def fresh(program: LegProgram) -> Relaxation:
    return Relaxation(program, lambda: np.inf, lambda: False)


def best_plan(program: LegProgram) -> CheckedPlan | None:
    values = cheapest(program.model)
    return None if values is None else decoded(program, values)


def test_links_of_the_whole_go_along_where_sites_were_ruled_out(firm: LabelledProblem) -> None:
    """With them the whole is at once as strong as it was; without them it is not."""
    program = program_of(firm)
    problem = program.problem
    relaxation = fresh(program)
    strong = relaxation.strong().objective
    whole = relaxation.with_cuts(1, 0.0, np.inf).objective
    assert whole == pytest.approx(strong, rel=1e-9)
    some = np.arange(problem.n_sizes) < 3
    relaxation.restrict(some, sites_with(problem, some))
    relaxation.with_cuts(4, 1e-4, np.inf)
    carried = relaxation.handed_over()
    slack = carried.link[:, 2] == 0
    assert slack.any() and not slack.all()
    again, without = fresh(program), fresh(program)
    again.take_over(carried)
    without.take_over(replace(carried, link=carried.link[~slack]))
    assert again.with_cuts(1, 0.0, np.inf).objective >= strong * (1.0 - 1e-9)
    assert without.with_cuts(1, 0.0, np.inf).objective < strong * (1.0 - 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tree_goes_on_with_what_is_left_of_a_root(seed: int) -> None:
    """From a plan 2 % above the optimum: bounds stay below it, and a better plan is found or none needed."""
    program = tiny_program(seed)
    best = best_plan(program)
    assert best is not None
    course = Course(SolveOptions(gap=0.001, threads=1))
    course.plan = replace(best, objective=1.02 * best.objective)
    relaxation = relaxation_of(program, course)
    relaxation.strong()
    left = bounded_root(relaxation, course, rounds=2)
    assert course.floor <= best.objective * (1.0 + 1e-9)
    ended = search_legs(program, course, first_plan=False, begun=relaxation, left=left)
    assert not ended.infeasible
    assert course.floor <= best.objective * (1.0 + 1e-6)
    assert course.closed
    assert course.objective <= best.objective * 1.0011


def test_a_search_begins_anew_where_most_legs_are_new(firm: LabelledProblem) -> None:
    program = program_of(firm)
    relaxation = fresh(program)
    relaxation.strong()
    carried = relaxation.handed_over()
    assert firm.legs is not None
    course = Course(SolveOptions(gap=0.001, threads=1))
    search = LegSearch(firm.problem, firm.legs, course)
    unknown = np.full_like(carried.column[0], UNKNOWN)
    assert not search.resume(replace(carried, column=(unknown, *carried.column[1:])), None)
    assert course.floor == -np.inf
    assert not search.resume(carried, None)  # no plan that could be near
    assert course.floor == pytest.approx(relaxation.with_cuts(1, 0.0, np.inf).objective, rel=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
def test_prices_again_prove_what_they_claim(firm: LabelledProblem, threads: int) -> None:
    """They start from those of another run, where most of these are known."""
    problem, legs = firm.problem, firm.legs
    assert legs is not None
    tied = tied_problem(problem, legs)
    options = SolveOptions(gap=0.5, threads=threads)
    before = first_prices(tied, Course(options))
    stored = before.stored()
    node = node_prices(problem, stored, legs)
    assert node is not None and node.shape == (tied.problem.n_rows - problem.n_rows, 2)
    warm = Warm(joined_prices(problem, stored, legs), node=node)
    plan = plan_that_costs(1.01 * before.run.best.value)
    course = Course(options, plan=plan)
    changed = replace(problem, module_cost=1.1 * problem.module_cost)
    with prices_again(changed, legs, course, warm) as raised:
        found = raised()
    assert found is not None
    assert float(exact_bound(changed, found.stored(), legs)) == pytest.approx(found.run.best.value, rel=1e-9)
    assert found.run.best.value > 0.99 * before.run.best.value
    assert course.floor >= found.run.best.value * (1.0 - 1e-9)
    unknown = (replace(warm, node=None), replace(warm, node=np.full_like(node, np.nan)), None)
    for less in unknown:
        with prices_again(changed, legs, course, less) as raised:
            assert raised() is None


def test_prices_again_do_not_outlive_a_failure(firm: LabelledProblem) -> None:
    problem, legs = firm.problem, firm.legs
    assert legs is not None
    options = SolveOptions(gap=0.5, threads=2)
    before = first_prices(tied_problem(problem, legs), Course(options)).stored()
    warm = Warm(joined_prices(problem, before, legs), node=node_prices(problem, before, legs))
    course = Course(options, plan=plan_that_costs(1.0))
    with pytest.raises(SolverError, match="broken"), prices_again(problem, legs, course, warm):
        raise SolverError("broken")
    assert not course.interrupted


def plan_that_costs(objective: float) -> CheckedPlan:
    """A plan that only says what it costs."""
    return CheckedPlan(None, objective)  # type: ignore[arg-type]
