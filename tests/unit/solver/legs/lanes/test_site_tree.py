"""The tree over sites: its bounds hold for every part of the search and pass that of the root."""

import numpy as np
import pytest

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.dual import first_prices
from optimizer.solver.legs.lanes import rounds
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.rounds import lane_prices
from optimizer.solver.legs.lanes.site_tree import SiteTree
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from tiny_lanes import optimum_of, tiny_lanes

FEASIBLE = [seed for seed in range(10) if np.isfinite(optimum_of(tiny_lanes(seed)[0]))]


def with_plan(seed: int) -> tuple[Problem, Legs, Course]:
    """A problem and a course that knows its optimal plan."""
    problem, legs = tiny_lanes(seed)
    found = solve_legs(problem, legs, SolveOptions(gap=1e-6, threads=1))
    assert found.decisions is not None
    course = Course(SolveOptions(gap=1e-6, time_limit_s=20.0, threads=1))
    course.offer(CheckedPlan(found.decisions, found.objective))
    return problem, legs, course


def searched(seed: int) -> tuple[float, float, SiteTree]:
    """Optimum, the bound of the root, and the tree after it was searched."""
    problem, legs, course = with_plan(seed)
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    prices = lane_prices(problem, legs, lanes, first_prices(tied_problem(problem, legs), course), course)
    root = prices.first(0.2)
    tree = SiteTree(prices, [SiteChoice(problem)], course.over)
    while tree.bound[0] < course.objective and tree.raised(0, course.objective):
        pass
    return optimum_of(problem), root.best.value, tree


@pytest.fixture(scope="module")
def searches() -> list[tuple[float, float, SiteTree]]:
    """Searches with room for prices of rows: order fees are most of what these problems cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "ROOM", 5.0)
        return [searched(seed) for seed in FEASIBLE]


def test_the_bound_is_no_higher_than_the_optimum(searches: list[tuple[float, float, SiteTree]]) -> None:
    for optimum, root, tree in searches:
        bound = min(tree.bound[0], optimum)
        assert tree.bound[0] <= optimum * (1.0 + 1e-9) + 1e-9 or tree.bound[0] == np.inf
        assert bound >= root - 1e-6 * abs(root)


def test_branching_raises_the_bound_where_a_gap_is_left(
    searches: list[tuple[float, float, SiteTree]],
) -> None:
    left = [(optimum, root, tree) for optimum, root, tree in searches if root < 0.999 * optimum]
    assert len(left) > 2
    assert np.mean([tree.bound[0] > root + 1e-3 * optimum for optimum, root, tree in left]) > 0.3


def test_a_leaf_opens_no_more_than_one_size_of_a_site(
    searches: list[tuple[float, float, SiteTree]],
) -> None:
    leaves = [(tree, leaf) for _, _, tree in searches if tree.bound[0] < np.inf and (leaf := tree.leaf(0))]
    assert leaves
    for tree, (sizes, use) in leaves:
        relaxation = tree.lanes.relaxation
        assert np.bincount(relaxation.size_site[sizes], minlength=1).max() <= 1
        assert use.shape == relaxation.lane_use.shape
        assert np.all(use >= 0.0)


def test_fixings_are_taken_back(searches: list[tuple[float, float, SiteTree]]) -> None:
    for _, _, tree in searches:
        relaxation = tree.lanes.relaxation
        assert np.all(relaxation.size_fixed == -1)
        assert not relaxation.site_must.any()
