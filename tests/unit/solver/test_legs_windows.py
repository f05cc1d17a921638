"""Search by windows over legs: plans hold and only get better; one part with all columns is the program."""

from dataclasses import replace

import numpy as np
import pytest

from leg_programs import SEEDS, cheapest, labelled_of, program_of, tiny_program
from optimizer.problem.evaluate import evaluate
from optimizer.scenario import load
from optimizer.solver.clock import Course
from optimizer.solver.legs import core, windows
from optimizer.solver.legs.ground import Ground
from optimizer.solver.legs.node_order import node_order
from optimizer.solver.legs.part import part_of
from optimizer.solver.legs.program import LegProgram, decoded
from optimizer.solver.legs.windows import Flows, improved, plan_from_flows
from optimizer.solver.limits import SolveOptions


@pytest.fixture(scope="module")
def quickstart(scenarios_dir) -> LegProgram:
    return program_of(labelled_of(load(scenarios_dir / "quickstart.toml")))


def optimal(program: LegProgram, tilt: np.ndarray | float = 1.0, *, relaxed_but_sizes: bool = False):
    """Values of the optimum under tilted costs, by SciPy; `relaxed_but_sizes` leaves only sizes integer."""
    model = program.model
    integer = model.integer.copy()
    if relaxed_but_sizes:
        integer[model.columns["y"].stop :] = False
    values = cheapest(replace(model, integer=integer), tilt)
    assert values is not None
    return np.where(integer, np.round(values), values)


def cost(program: LegProgram, values: np.ndarray) -> float:
    return float(program.model.cost @ values) + program.model.offset


def holds(program: LegProgram, values: np.ndarray) -> bool:
    model = program.model
    use = model.matrix @ values
    room = 1e-5 * np.maximum(1.0, np.abs(use))
    whole = np.abs(values - np.round(values))[model.integer]
    inside = np.all(values >= model.lower - 1e-6) and np.all(values <= model.upper + 1e-6)
    sides = np.all(use >= model.row_lower - room) and np.all(use <= model.row_upper + room)
    return bool(inside and sides and np.all(whole <= 1e-6))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("threads", "integers"), [(1, windows.INTEGERS), (2, 4)])
def test_improved_plans_hold_and_cost_no_more(
    seed: int, threads: int, integers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "INTEGERS", integers)
    program = tiny_program(seed)
    random = np.random.default_rng(seed)
    start = optimal(program, random.uniform(0.3, 3.0, len(program.model.cost)))
    course = Course(SolveOptions(gap=0.0, threads=threads))
    unpriced = Flows(start, np.zeros(len(start)))
    better = improved(program, unpriced, course, 60.0).values
    assert holds(program, better)
    assert cost(program, better) <= cost(program, start) + 1e-9
    assert course.plan is not None
    checked = evaluate(program.problem, course.plan.decisions)
    assert checked.feasible
    assert checked.objective <= cost(program, better) + 1e-6 * abs(cost(program, better))
    assert checked.objective >= cost(program, optimal(program)) * (1 - 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_of_a_relaxation_become_a_plan(seed: int) -> None:
    program = tiny_program(seed)
    relaxed = optimal(program, relaxed_but_sizes=True)
    course = Course(SolveOptions(gap=0.0, threads=1))
    flows = plan_from_flows(program, relaxed, course, 60.0)
    assert flows is not None
    values = flows.values
    assert np.all(flows.reduced[~program.model.integer & (values <= program.model.lower)] >= -1e-6)
    assert holds(program, values)
    assert cost(program, values) >= cost(program, relaxed) - 1e-6 * abs(cost(program, relaxed))
    plan = decoded(program, values)
    assert plan is not None
    assert evaluate(program.problem, plan.decisions).feasible
    assert course.objective <= plan.objective


@pytest.mark.parametrize("threads", [1, 2])
def test_windows_bring_quickstart_near_its_optimum_and_the_same_twice(
    quickstart: LegProgram, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "INTEGERS", windows.INTEGERS if threads == 1 else 60)
    start = optimal(quickstart, relaxed_but_sizes=True)
    runs = []
    for _ in range(2):
        course = Course(SolveOptions(gap=0.0, threads=threads))
        flows = plan_from_flows(quickstart, start, course, 60.0)
        assert flows is not None
        runs.append(improved(quickstart, flows, course, 60.0).values)
    np.testing.assert_array_equal(runs[0], runs[1])
    sizes = quickstart.model.columns["y"]
    model = quickstart.model
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[sizes] = upper[sizes] = start[sizes]
    best = cost(quickstart, optimal(replace(quickstart, model=replace(model, lower=lower, upper=upper))))
    assert best * (1 - 1e-6) <= cost(quickstart, runs[0]) <= best * 1.02


@pytest.mark.parametrize("seed", SEEDS)
def test_a_part_with_all_columns_free_is_the_program(seed: int) -> None:
    program = tiny_program(seed)
    ground = Ground(program)
    worse = optimal(program, np.random.default_rng(seed).uniform(0.3, 3.0, len(program.model.cost)))
    for free in (np.ones(len(worse), dtype=bool), ground.everything(ground.order)):
        part = part_of(program.model, ground.by_column, free, worse)
        found = worse.copy()
        found[part.columns] = optimal(replace(program, model=part.model))
        assert holds(program, found)
        assert cost(program, found) <= cost(program, worse) * (1 + 1e-8)
        if free.all():
            assert cost(program, found) == pytest.approx(cost(program, optimal(program)), rel=1e-6)


def test_stretches_cover_every_node_once(quickstart: LegProgram) -> None:
    ground = Ground(quickstart)
    for count in (1, 3, len(ground.order)):
        for shifted in (False, True):
            stretches = ground.stretches(count, shifted=shifted)
            assert sorted(np.concatenate(stretches)) == list(range(len(ground.order)))
            assert all(len(stretch) for stretch in stretches)


def test_every_column_that_can_move_is_in_some_window(quickstart: LegProgram) -> None:
    ground = Ground(quickstart)
    everything = ground.everything(ground.order)
    parts = [ground.everything(nodes) for nodes in ground.stretches(4, shifted=False)]
    np.testing.assert_array_equal(np.logical_or.reduce(parts), everything)
    legs = np.concatenate([quickstart.head_column, quickstart.tail_column])
    np.testing.assert_array_equal(everything[legs], (quickstart.model.lower < quickstart.model.upper)[legs])


def test_nodes_coupled_in_a_chain_stand_in_its_order() -> None:
    """Tails of neighbours in a shuffled chain share a resource: the order is that of the chain."""
    program = tiny_program(0)
    legs, nodes = program.legs, 30
    chain = np.random.default_rng(3).permutation(nodes)
    at = np.concatenate([chain[:-1], chain[1:]])
    link = np.tile(np.arange(nodes - 1), 2)
    none = np.full((len(at), 1), -1)
    problem = replace(program.problem, row_start=np.zeros(nodes + 1, dtype=np.int64))
    problem = replace(problem, resource_start=np.arange(nodes))
    tail = replace(legs.tail, node=at, measure=link[:, None], gate=none, cost=np.zeros(len(at)))
    own = np.arange(nodes)
    head = replace(legs.head, node=own, measure=np.full((nodes, 1), -1), gate=np.full((nodes, 1), -1))
    found = node_order(problem, replace(legs, head_row=own, head=head, tail=tail)).tolist()
    assert found in (chain.tolist(), chain[::-1].tolist())


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_a_plan_with_sizes_by_windows_opens_no_others(seed: int, monkeypatch) -> None:
    program = tiny_program(seed)
    problem, legs = program.problem, program.legs
    best = optimal(program)
    sizes = best[program.model.columns["y"]] > 0.5
    course = Course(SolveOptions(gap=0.0, threads=1))
    monkeypatch.setattr(core, "MOST_ROWS", 0)
    core.plan_with_sizes(problem, legs, sizes, course, 1.0)
    assert sizes.any()
    assert course.plan is not None
    checked = evaluate(problem, course.plan.decisions)
    assert checked.feasible
    assert checked.objective >= cost(program, best) * (1 - 1e-6)
    opened = course.plan.decisions.size
    assert np.all(sizes[opened[opened >= 0]])
