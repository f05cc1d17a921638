"""Weights of lanes: those of the measure that binds are found, and they prove more than even ones."""

import numpy as np
import pytest

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.legs import Leg, Legs
from optimizer.problem.usage import largest_use
from optimizer.solver.clock import Course
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.lanes.rounds import LanePrices, prices_from
from optimizer.solver.legs.lanes.start import Known
from optimizer.solver.legs.lanes.weights import WeightSearch, best_at
from optimizer.solver.legs.shell import shell_of
from optimizer.solver.limits import SolveOptions
from optimizer.solver.prices import PriceVector
from tiny_lanes import tiny_lanes

SEEDS = range(12)


def one_lane(weight_of_order: float, volume_of_order: float) -> tuple[Problem, Legs]:
    """Ten rows of one order that need one lane of 10 kg and 10 m³ a module, which costs 100."""
    builder = ProblemBuilder()
    rows, site = builder.add_rows(np.ones(10)), builder.add_sites(1)
    builder.add_sizes(site, np.zeros(1))
    door = builder.add_gates(np.zeros(1), site)
    lane = builder.add_resources(1)
    kilograms_and_cubic = builder.add_measures(np.repeat(lane, 2), np.zeros(2))
    module = builder.add_modules(lane, [100.0], [10])
    builder.add_module_supply(np.repeat(module, 2), kilograms_and_cubic, [10.0, 10.0])
    measure = kilograms_and_cubic[None, :]
    amount = np.array([[weight_of_order, volume_of_order]])
    none = np.full((10, 1), -1, dtype=np.int64)
    head = Leg(np.zeros(10, dtype=np.int64), np.zeros(10), np.tile(door, (10, 1)), none, np.zeros((10, 1)))
    tail = Leg(np.zeros(1, dtype=np.int64), np.zeros(1), door[None, :], measure, amount)
    builder.add_options(
        rows, np.zeros(10), gates=np.tile(door, (10, 1)), measures=np.repeat(measure, 10, axis=0),
        amounts=np.repeat(amount, 10, axis=0),
    )  # fmt: skip
    built = builder.build()
    pairs = np.arange(10)[built.option_order]
    return built.problem, Legs(pairs, np.zeros(10, dtype=np.int64), rows, head, tail)


def raised(problem: Problem, legs: Legs, row_price: float) -> LanePrices:
    lanes, course = lanes_of(problem, legs), Course(SolveOptions(gap=0.0, threads=1))
    assert lanes is not None
    shell = shell_of(problem, legs, largest_use(problem), split=True)
    node = np.full((int(legs.tail.node.max()) + 1, 1), row_price)
    measure, rule = np.ones((problem.n_measures, 1)), np.zeros(problem.n_rules)
    known = Known(row_price * problem.row_demand, measure, node, rule)
    return prices_from(problem, legs, lanes, shell, [known], course)


@pytest.mark.parametrize(("weight_of_order", "volume_of_order", "binding"), [(3.0, 1.0, 0), (1.0, 5.0, 1)])
def test_the_measure_that_binds_is_weighed_alone(
    weight_of_order: float, volume_of_order: float, binding: int
) -> None:
    problem, legs = one_lane(weight_of_order, volume_of_order)
    lanes = raised(problem, legs, 60.0)
    assert lanes.relaxation.lane_weight[binding] == 1.0
    assert lanes.relaxation.lane_weight[1 - binding] == 0.0
    modules = np.ceil(max(weight_of_order, volume_of_order))
    assert lanes.first(1.0).best.value == pytest.approx(100.0 * modules, rel=0.02)


def with_some_weights(seed: int) -> tuple[LaneRelaxation, PriceVector]:
    problem, legs = tiny_lanes(seed)
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    random = np.random.default_rng([91, seed])
    shell = shell_of(problem, legs, largest_use(problem), split=True)
    weight = random.random(problem.n_measures) + 0.1
    none = np.full(problem.n_rows, np.inf)
    relaxation = LaneRelaxation(problem, legs, lanes, shell, weight, none, 1)
    bare = PriceVector.of(
        random.uniform(4.0, 16.0, problem.n_rows) * problem.row_demand,
        np.zeros(relaxation.problem.n_measures),
        np.zeros(len(relaxation.links.gate)),
        np.zeros(relaxation.problem.n_rules),
    )
    return relaxation, relaxation.project(bare)


@pytest.mark.parametrize("seed", SEEDS)
def test_lanes_in_open_sizes_are_worth_no_more_with_the_weights_taken(seed: int) -> None:
    relaxation, prices = with_some_weights(seed)
    opened = relaxation.evaluate(prices).size_open
    before = relaxation.worth_at(relaxation.weighed(relaxation.lane_weight), opened)
    best_at(relaxation, prices)
    relaxation.evaluate(prices)
    after = relaxation.worth_at(relaxation.weighed(relaxation.lane_weight), opened)
    assert np.all(after >= before - 1e-9 * (1.0 + np.abs(before)))


def test_weights_move_towards_what_costs_lanes_most() -> None:
    moved = 0
    for seed in SEEDS:
        relaxation, prices = with_some_weights(seed)
        search, first = WeightSearch(relaxation), relaxation.lane_weight
        for _ in range(8):
            search.compare(relaxation.evaluate(prices))
        opened = relaxation.evaluate(prices).size_open
        before = relaxation.worth_at(relaxation.weighed(first), opened).sum()
        search.move()
        moved += not np.array_equal(first, relaxation.lane_weight)
        assert relaxation.worth_at(relaxation.weighed(relaxation.lane_weight), opened).sum() >= before - 1e-9
    assert moved > 2
