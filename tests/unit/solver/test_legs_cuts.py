"""Cuts over legs: no plan breaks them, and they raise the bound; the tree over sizes loses no choice."""

from dataclasses import replace

import numpy as np
import pytest

from leg_programs import SEEDS, cheapest, labelled_of, program_of, tiny_program
from optimizer.problem.labels import LabelledProblem
from optimizer.scenario import load
from optimizer.solver.legs.program import LegProgram
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.legs.tree import Node, OpenNodes, settle_site, split
from optimizer.solver.limits import SolveOptions


def check_cuts(program: LegProgram) -> tuple[float, float]:
    """Bounds without and with cuts; every plan of several cost vectors must satisfy every row of the pool."""
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    strong = relaxation.strong()
    with_cuts = relaxation.with_cuts(30, 1e-9, np.inf)
    sizes, sites = program.problem.n_sizes, program.problem.n_sites
    model = relaxation.integer_program(np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))
    random = np.random.default_rng(0)
    for _ in range(4):
        plan = cheapest(program.model, random.uniform(0.7, 1.3, len(model.cost)))
        assert plan is not None
        use = model.matrix @ plan
        assert np.all(use <= model.row_upper + 1e-5 * np.maximum(1.0, np.abs(model.row_upper)))
    best = cheapest(program.model)
    assert best is not None
    optimum = program.model.cost @ best + program.model.offset
    assert with_cuts.objective <= optimum + 1e-6 * abs(optimum)
    return strong.objective, with_cuts.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_breaks_a_cut(seed: int) -> None:
    strong, with_cuts = check_cuts(tiny_program(seed))
    assert with_cuts >= strong - 1e-6 * abs(strong)


def test_cuts_close_most_of_the_gap_of_one_firm(firm: LabelledProblem) -> None:
    relaxation = Relaxation(program_of(firm), lambda: np.inf, lambda: False)
    strong = relaxation.strong()
    cut = relaxation.with_cuts(6, 1e-4, np.inf).objective
    assert firm.legs is not None
    plan = solve_legs(firm.problem, firm.legs, SolveOptions(gap=0.03, threads=1)).objective
    assert strong.objective < cut <= plan
    assert cut - strong.objective > 0.3 * (plan - strong.objective)


def test_strong_relaxation_is_that_with_all_links(scenarios_dir) -> None:
    program = program_of(labelled_of(load(scenarios_dir / "quickstart.toml")))
    model = program.model
    whole = cheapest(replace(model, integer=np.zeros(len(model.cost), dtype=bool)))
    assert whole is not None
    answer = Relaxation(program, lambda: np.inf, lambda: False).strong()
    assert answer.objective == pytest.approx(model.cost @ whole + model.offset, rel=1e-7)


def test_halves_of_a_split_share_no_choice_and_lose_none() -> None:
    start = np.array([0, 3, 4])
    root = Node(0.0, np.ones(4, dtype=bool), np.zeros(2, dtype=bool))
    halves = split(root, 1.0, np.array([0.5, 0.0, 0.4, 1.0]), start)
    assert halves is not None
    choices = [(-1, 3), (0, 3), (1, 3), (2, 3), (-1, -1), (0, -1), (1, -1), (2, -1)]

    def holds(node: Node, choice: tuple[int, int]) -> bool:
        opened = [size for size in choice if size >= 0]
        return bool(node.allowed[opened].all()) and not any(
            node.must[site] and choice[site] < 0 for site in range(2)
        )

    for choice in choices:
        assert sum(holds(half, choice) for half in halves) == 1


def test_whole_sizes_are_not_split() -> None:
    root = Node(0.0, np.ones(3, dtype=bool), np.zeros(2, dtype=bool))
    assert split(root, 1.0, np.array([0.0, 1.0, 1e-9]), np.array([0, 2, 3])) is None


def test_floor_is_the_least_of_open_and_settled_nodes() -> None:
    nodes = OpenNodes()
    assert nodes.floor() == np.inf
    for bound in (5.0, 3.0, 4.0):
        nodes.push(Node(bound, np.ones(1, dtype=bool), np.zeros(1, dtype=bool)))
    nodes.settle(3.5)
    first = nodes.pop()
    assert first is not None
    assert first.bound == 3.0
    assert nodes.floor() == 3.5


def test_settling_a_site_shares_no_choice_and_loses_none() -> None:
    start = np.array([0, 2, 4])
    node = Node(0.0, np.ones(4, dtype=bool), np.zeros(2, dtype=bool))
    size = np.array([0.0, 1.0, 0.0, 0.0])
    halves = settle_site(node, 1.0, size, start)
    assert halves is not None
    assert halves[0].allowed.tolist() == [False, True, True, True] and halves[0].must.tolist() == [
        True,
        False,
    ]
    assert halves[1].allowed.tolist() == [True, False, True, True] and not halves[1].must.any()
    closed = settle_site(halves[0], 1.0, size, start)
    assert closed is not None
    assert closed[0].allowed.tolist() == [False, True, False, False]
    assert closed[1].must.all() and closed[1].allowed.tolist() == [False, True, True, True]
    assert settle_site(closed[0], 1.0, size, start) is None
