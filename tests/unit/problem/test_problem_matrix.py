"""The matrix says what the problem says, whichever way links are written."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.problem import ProblemBuilder
from optimizer.problem.matrix import LinearModel, Links, linear_model
from optimizer.published import facility_location
from tiny_problems import FEATURES, brute_force, tiny_problem


def optimum(model: LinearModel) -> float:
    """Solve with SciPy; `inf` when infeasible."""
    result = milp(
        model.cost,
        integrality=model.integer.astype(int),
        bounds=Bounds(model.lower, model.upper),
        constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
    )
    assert result.status in (0, 2), result.message
    return float(result.fun + model.offset) if result.status == 0 else np.inf


@pytest.mark.parametrize("links", list(Links))
def test_agrees_with_enumeration(links: Links) -> None:
    for seed in range(40):
        problem = tiny_problem(seed)
        expected = brute_force(problem)
        assert optimum(linear_model(problem, links)) == pytest.approx(expected, rel=1e-6, abs=1e-6), seed


def test_the_linear_relaxation_is_no_higher_and_tighter_with_strong_links() -> None:
    problem = facility_location(
        np.array([10.0, 12.0]), np.array([[1.0, 9.0, 4.0], [8.0, 2.0, 4.0]]), np.ones(3), np.array([9.0, 9.0])
    )
    bounds = {}
    for links in Links:
        model = linear_model(problem, links)
        model.integer[:] = False
        bounds[links] = optimum(model)
    assert bounds[Links.AGGREGATED] < bounds[Links.STRONG] <= brute_force(problem)


def test_links_that_capacity_implies_are_left_out() -> None:
    """Gates without a fee have no column; all options use room that only their site gives."""
    problem = facility_location(np.ones(2), np.ones((2, 3)), np.ones(3), np.array([2.0, 2.0]))
    strong, aggregated = (linear_model(problem, links) for links in Links)
    assert strong.rows["link"] == slice(3, 9)
    assert aggregated.rows["link"] == slice(3, 3)
    assert strong.columns["m"] == slice(8, 8)


def test_links_stay_where_some_room_is_there_anyway() -> None:
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0])
    site = builder.add_sites(1)
    size, gate = builder.add_sizes(site, 4.0), builder.add_gates(0.0, site)
    space = builder.add_measures(builder.add_resources(1), 1.5)
    builder.add_size_supply(size, space, 2.0)
    builder.add_options(rows, 1.0, gates=gate, measures=space, amounts=1.0)
    model = linear_model(builder.build().problem, Links.AGGREGATED)
    assert model.matrix[[2]].toarray().tolist() == [[1.0, 1.0, -2.0, 0.0]]
    assert optimum(model) == pytest.approx(6.0)


def test_columns_and_families_are_complete() -> None:
    problem = tiny_problem(4, FEATURES)
    model = linear_model(problem)
    assert list(model.columns) == list("xymnwuz")
    assert model.columns["z"].stop == len(model.cost) == model.matrix.shape[1]
    assert model.rows["rule"].stop == len(model.row_lower) == model.matrix.shape[0]
