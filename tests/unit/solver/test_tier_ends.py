"""Tiers by their ends: the same relaxation with fewer rows, and values that go back to the program."""

import numpy as np
import pytest
from scipy.optimize import linprog

from optimizer.costing.options import price
from optimizer.network import build
from optimizer.problem.assemble import assemble
from optimizer.problem.matrix import LinearModel
from optimizer.solver.legs.program import LegProgram, write_program
from optimizer.solver.legs.tier_ends import by_tier_ends
from tiny_instances import tiny_instance

SEEDS = (0, 2, 5, 7, 10, 14)


def program_of(seed: int) -> LegProgram:
    instance = tiny_instance(seed)
    labelled = assemble(instance, price(instance, build(instance)))
    assert labelled.legs is not None
    return write_program(labelled.problem, labelled.legs)


def optimum(model: LinearModel, tilt: np.ndarray) -> np.ndarray:
    equal = model.row_lower == model.row_upper
    above, below = np.isfinite(model.row_upper) & ~equal, np.isfinite(model.row_lower) & ~equal
    matrix = model.matrix.toarray()
    answer = linprog(
        model.cost * tilt,
        A_ub=np.vstack([matrix[above], -matrix[below]]),
        b_ub=np.concatenate([model.row_upper[above], -model.row_lower[below]]),
        A_eq=matrix[equal],
        b_eq=model.row_upper[equal],
        bounds=np.column_stack([model.lower, model.upper]),
    )
    assert answer.status == 0
    return answer.x


@pytest.mark.parametrize("seed", SEEDS)
def test_relaxation_keeps_its_value_and_its_solutions(seed: int) -> None:
    program = program_of(seed)
    model = program.model
    ends = by_tier_ends(model, program.smaller.tier_from, program.smaller.tier_to)
    assert ends.model.matrix.shape[0] == model.matrix.shape[0] - 2 * program.smaller.n_tiers
    tilt = np.ones(len(model.cost))
    plain = optimum(model, tilt)
    values = ends.values(optimum(ends.model, tilt))
    assert model.cost @ values == pytest.approx(model.cost @ plain, rel=1e-7)
    use = model.matrix @ values
    room = 1e-6 * np.maximum(1.0, np.abs(use))
    assert np.all(use <= model.row_upper + room) and np.all(use >= model.row_lower - room)


def test_rows_over_the_programs_columns_count_the_same_over_ends() -> None:
    program = program_of(0)
    assert program.smaller.n_tiers > 0
    ends = by_tier_ends(program.model, program.smaller.tier_from, program.smaller.tier_to)
    found = np.random.default_rng(0).uniform(0.0, 1.0, len(program.model.cost))
    rows = program.model.matrix
    assert np.allclose(ends.rows(rows) @ found, rows @ ends.values(found))
