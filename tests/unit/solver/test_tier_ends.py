"""Tiers by their ends: the same relaxation with fewer rows, and values that go back to the program."""

from dataclasses import replace

import numpy as np
import pytest

from leg_programs import SEEDS, cheapest, tiny_program
from optimizer.solver.legs.tier_ends import by_tier_ends


@pytest.mark.parametrize("seed", SEEDS)
def test_relaxation_keeps_its_value_and_its_solutions(seed: int) -> None:
    program = tiny_program(seed)
    model = program.model
    ends = by_tier_ends(model, program.smaller.tier_from, program.smaller.tier_to)
    assert ends.model.matrix.shape[0] == model.matrix.shape[0] - 2 * program.smaller.n_tiers
    plain = cheapest(replace(model, integer=np.zeros(len(model.cost), dtype=bool)))
    found = cheapest(ends.model)
    assert plain is not None and found is not None
    values = ends.values(found)
    assert model.cost @ values == pytest.approx(model.cost @ plain, rel=1e-7)
    use = model.matrix @ values
    room = 1e-6 * np.maximum(1.0, np.abs(use))
    assert np.all(use <= model.row_upper + room) and np.all(use >= model.row_lower - room)


def test_rows_over_the_programs_columns_count_the_same_over_ends() -> None:
    program = tiny_program(0)
    assert program.smaller.n_tiers > 0
    ends = by_tier_ends(program.model, program.smaller.tier_from, program.smaller.tier_to)
    found = np.random.default_rng(0).uniform(0.0, 1.0, len(program.model.cost))
    rows = program.model.matrix
    assert np.allclose(ends.rows(rows) @ found, rows @ ends.values(found))
