"""What a lane's supply costs, against the enumeration of its modules, tiers and overflow."""

import numpy as np
import pytest

from lane_formula import breaks, supply_cost
from optimizer.problem import Problem, ProblemBuilder
from optimizer.solver.legs.lanes.supply import Pieces, supply_pieces
from tiny_lanes import lane_resource


def cost_by_pieces(pieces: Pieces, lane: int, use: float) -> float:
    own = pieces.piece[pieces.start[lane] : pieces.start[lane + 1]]
    covers = (own[:, 0] <= use + 1e-9) & (use <= own[:, 1] + 1e-9)
    return float(
        np.min(own[covers, 2] + own[covers, 3] * np.maximum(use - own[covers, 0], 0.0), initial=np.inf)
    )


def random_resource(seed: int) -> tuple[Problem, np.random.Generator]:
    random = np.random.default_rng([66, seed])
    builder = ProblemBuilder()
    builder.add_rows([1.0])
    lane_resource(builder, random)
    return builder.build().problem, random


@pytest.mark.parametrize("seed", range(40))
def test_pieces_cost_what_the_best_supply_costs(seed: int) -> None:
    problem, random = random_resource(seed)
    weight = random.choice([0.0, 1.0, random.random() + 0.1], problem.n_measures)
    weight[random.integers(problem.n_measures)] = 0.5
    most = 90.0
    pieces = supply_pieces(problem, np.array([0]), weight, np.array([most]))
    at = np.array(sorted(breaks(problem, 0, weight)))
    for use in (*at[at < most], *random.uniform(0.0, most, 20), *np.minimum(at + 1e-3, most)):
        wanted = supply_cost(problem, 0, weight, float(use))
        assert cost_by_pieces(pieces, 0, float(use)) == pytest.approx(wanted, rel=1e-6, abs=1e-6), use


@pytest.mark.parametrize("seed", range(10))
def test_no_plan_pays_less_whatever_the_weights(seed: int) -> None:
    """Supply that covers each measure by itself costs at least that of the weighted sum."""
    problem, random = random_resource(seed)
    use = random.uniform(0.0, 25.0, problem.n_measures)
    weight = random.random(problem.n_measures) + 0.05
    pieces = supply_pieces(problem, np.array([0]), weight, np.array([90.0]))
    each = [supply_cost(problem, 0, np.eye(problem.n_measures)[q], float(use[q])) for q in range(len(use))]
    together = cost_by_pieces(pieces, 0, float(weight @ use))
    if problem.n_measures == 1:
        assert together == pytest.approx(each[0], rel=1e-6)
    assert together <= sum(each) * (1.0 + 1e-9) + 1e-9


def resource_of(**given: float) -> tuple[ProblemBuilder, np.ndarray]:
    builder = ProblemBuilder()
    builder.add_rows([1.0])
    resource = builder.add_resources(
        1, overflow_price=given.get("price", 0.0), overflow_limit=given.get("limit", 0.0)
    )
    builder.add_measures(resource, given.get("base", 0.0))
    return builder, resource


def test_supply_that_is_there_anyway_costs_nothing() -> None:
    builder, _ = resource_of(base=6.0, price=2.0, limit=3.0)
    pieces = supply_pieces(builder.build().problem, np.array([0]), np.ones(1), np.array([9.0]))
    assert [cost_by_pieces(pieces, 0, use) for use in (0.0, 6.0, 7.0, 9.0, 9.1)] == [
        0.0,
        0.0,
        2.0,
        6.0,
        np.inf,
    ]


def test_tier_that_starts_above_zero_is_charged_from_its_start() -> None:
    builder, resource = resource_of()
    builder.add_tiers(resource, [4.0], [10.0], [3.0], [2.0])
    pieces = supply_pieces(builder.build().problem, np.array([0]), np.ones(1), np.array([12.0]))
    assert [cost_by_pieces(pieces, 0, use) for use in (0.0, 1.0, 4.0, 6.0, 10.0)] == [
        0.0,
        11.0,
        11.0,
        15.0,
        23.0,
    ]
    assert cost_by_pieces(pieces, 0, 10.1) == np.inf


@pytest.mark.parametrize(("price", "costs"), [(1.0, [14.0, 16.0, 24.0]), (5.0, [15.0, 19.0, 30.0])])
def test_overflow_goes_on_where_a_tier_ends_or_before_it_climbs(price: float, costs: list[float]) -> None:
    builder, resource = resource_of(price=price, limit=3.0)
    builder.add_tiers(resource, [4.0], [10.0], [5.0], [2.0])
    pieces = supply_pieces(builder.build().problem, np.array([0]), np.ones(1), np.array([20.0]))
    assert [cost_by_pieces(pieces, 0, use) for use in (5.0, 7.0, 11.0)] == costs
    assert cost_by_pieces(pieces, 0, 13.1) == np.inf


def test_lane_without_a_resource_costs_nothing() -> None:
    builder, _ = resource_of()
    pieces = supply_pieces(builder.build().problem, np.array([-1]), np.ones(1), np.array([5.0]))
    assert pieces.piece.tolist() == [[0.0, 5.0, 0.0, 0.0]]
