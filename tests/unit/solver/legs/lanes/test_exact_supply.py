"""Pieces of supply without rounding are those that the compiled pass writes."""

from fractions import Fraction

import numpy as np
import pytest

from optimizer.problem import ProblemBuilder
from optimizer.solver.legs.lanes.exact_supply import lane_pieces
from optimizer.solver.legs.lanes.supply import supply_pieces
from tiny_lanes import lane_resource


@pytest.mark.parametrize("seed", range(30))
def test_both_write_the_same_pieces(seed: int) -> None:
    random = np.random.default_rng([67, seed])
    builder = ProblemBuilder()
    builder.add_rows([1.0])
    for _ in range(3):
        lane_resource(builder, random)
    problem = builder.build().problem
    weight = random.random(problem.n_measures) + 0.05
    resource, most = np.array([2, -1, 0, 1]), random.uniform(5.0, 90.0, 4)
    pieces = supply_pieces(problem, resource, weight, most)
    for lane, of in enumerate(resource.tolist()):
        own = pieces.piece[pieces.start[lane] : pieces.start[lane + 1]]
        exact = lane_pieces(problem, of, weight, Fraction(float(most[lane])))
        np.testing.assert_allclose(own, np.array(exact, dtype=np.float64), rtol=1e-12)
