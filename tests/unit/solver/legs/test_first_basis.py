"""The basis that relaxations begin with is a basis, dual feasible, and changes no optimum."""

import numpy as np
import pytest

from leg_programs import SEEDS, tiny_program
from optimizer.solver.backends.linear import BASIC, LinearProgram
from optimizer.solver.legs.first_basis import first_basis
from optimizer.solver.legs.program import LegProgram
from optimizer.solver.legs.reach import Reach
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tier_ends import TierEnds, by_tier_ends


def ends_of(program: LegProgram) -> TierEnds:
    return by_tier_ends(program.model, program.smaller.tier_from, program.smaller.tier_to)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("some", [False, True])
def test_no_usable_column_is_worth_more_than_it_costs(seed: int, some: bool) -> None:
    program = tiny_program(seed)
    model = ends_of(program).model
    allowed = np.ones(program.problem.n_sizes, dtype=bool)
    if some:
        allowed = np.random.default_rng(seed).random(len(allowed)) < 0.5
    within = Reach(program).columns(allowed)
    column, row = first_basis(program, model, within)
    matrix = model.matrix.toarray()
    basic = np.flatnonzero(column == BASIC)
    slack = np.flatnonzero(row == BASIC)
    assert len(basic) + len(slack) == len(row)
    assert within[basic].all()
    basis = np.hstack([matrix[:, basic], np.eye(len(row))[:, slack]])
    cost = np.concatenate([model.cost[basic], np.zeros(len(slack))])
    duals = np.linalg.solve(basis.T, cost)
    reduced = model.cost - matrix.T @ duals
    assert np.all(reduced[within] >= -1e-9 * np.abs(model.cost).max())
    below = np.isinf(model.row_lower)
    assert np.all(duals[below] <= 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_relaxations_have_the_optimum_that_they_have_from_nothing(seed: int) -> None:
    program = tiny_program(seed)
    ends = ends_of(program)
    anew = LinearProgram(ends.model, lambda: False).solve(np.inf)
    begun = LinearProgram(ends.model, lambda: False)
    begun.set_basis(*first_basis(program, ends.model, np.ones(len(ends.model.cost), dtype=bool)))
    assert begun.solve(np.inf).objective == pytest.approx(anew.objective, rel=1e-9)
    strong = Relaxation(program, lambda: np.inf, lambda: False).strong()
    assert strong.objective == pytest.approx(anew.objective, rel=1e-6)
