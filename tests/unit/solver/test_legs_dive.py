"""A dive gives plans that hold, no better than the best, and leaves the relaxation as it was."""

from dataclasses import replace

import numpy as np
import pytest

from leg_programs import SEEDS, cheapest, program_of, tiny_program
from optimizer.problem.labels import LabelledProblem
from optimizer.solver.clock import Course
from optimizer.solver.legs import integer
from optimizer.solver.legs.dive import dived
from optimizer.solver.legs.integer import plan_among
from optimizer.solver.legs.program import LegProgram, decoded
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Node
from optimizer.solver.limits import SolveOptions


def at_sizes_of_the_best(program: LegProgram) -> tuple[Relaxation, Node, float]:
    """The relaxation, cut, of the node in which just the sizes of the best plan are open, and its cost."""
    values = cheapest(program.model)
    assert values is not None
    opened = values[program.model.columns["y"]] > 0.5
    node = Node(-np.inf, opened, sites_with(program.problem, opened))
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    relaxation.restrict(node.allowed, node.must)
    relaxation.with_cuts(10, 1e-5, np.inf)
    best = decoded(program, values)
    assert best is not None
    return relaxation, node, best.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_is_no_better_than_the_best_and_the_relaxation_is_left_alone(seed: int) -> None:
    relaxation, _, best = at_sizes_of_the_best(tiny_program(seed))
    answer = relaxation.solved()
    course = Course(SolveOptions(gap=0.0, threads=1))
    plan = dived(relaxation, answer, course, -np.inf)
    assert plan is not None
    assert best * (1.0 - 1e-9) <= plan.objective <= 1.2 * best
    assert relaxation.solved().objective == pytest.approx(answer.objective, rel=1e-9)


def test_dive_comes_near_the_relaxation_of_a_firm(firm: LabelledProblem) -> None:
    relaxation, _, best = at_sizes_of_the_best(program_of(firm))
    answer = relaxation.solved()
    first = decoded(relaxation.program, answer.values)
    plan = dived(relaxation, answer, Course(SolveOptions(gap=0.0, threads=1)), -np.inf)
    assert plan is not None and first is not None
    assert plan.objective <= min(first.objective, 1.005 * best)
    early = dived(relaxation, relaxation.solved(), Course(SolveOptions(gap=0.0, threads=1)), np.inf)
    assert early is not None and early.objective == pytest.approx(first.objective, rel=1e-9)


def test_torn_sizes_and_no_solution_give_no_plan(firm: LabelledProblem) -> None:
    program = program_of(firm)
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    answer = relaxation.strong()
    assert answer.values is not None
    course = Course(SolveOptions(gap=0.0, threads=1))
    torn = answer.values.copy()
    torn[program.model.columns["y"].start] = 0.5
    assert dived(relaxation, answer._replace(values=torn), course, np.inf) is None
    assert dived(relaxation, answer._replace(values=None), course, np.inf) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_among_columns_is_as_near_as_asked(seed: int) -> None:
    """By the dive or, where that is not near enough, by the solver; the best plan of the node costs more."""
    relaxation, node, best = at_sizes_of_the_best(tiny_program(seed))
    answer = relaxation.solved()
    course = Course(SolveOptions(gap=0.02, threads=1))
    plan_among(relaxation, course, node, answer)
    assert course.plan is not None
    assert course.objective >= best * (1.0 - 1e-9)


def test_no_plan_is_looked_for_where_none_is_worth_it(
    firm: LabelledProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    relaxation, node, best = at_sizes_of_the_best(program_of(firm))
    answer = relaxation.solved()
    course = Course(SolveOptions(gap=0.001, threads=1))
    plan = dived(relaxation, answer, course, -np.inf)
    assert plan is not None
    course.offer(replace(plan, objective=answer.objective))

    def not_called(*_: object) -> None:
        raise AssertionError("there is nothing to find")

    monkeypatch.setattr(integer, "dived", not_called)
    plan_among(relaxation, course, node, answer)
    assert course.objective == answer.objective <= best
