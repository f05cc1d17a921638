"""Probing rules out nothing that a better plan needs; a narrowed program has the plans of the whole."""

from dataclasses import replace

import numpy as np
import pytest

from leg_programs import SEEDS, cheapest, labelled_of, program_of, tiny_program
from optimizer.scenario import load
from optimizer.solver.clock import Course
from optimizer.solver.legs.probe import HOPE, Probing
from optimizer.solver.legs.program import LegProgram, decoded, narrowed
from optimizer.solver.legs.reach import Reach, options_within
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.legs.tree import Node
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import complete


def optimum(program: LegProgram, least: np.ndarray, most: np.ndarray) -> np.ndarray | None:
    """Column values of the optimum with bounds on sizes, by a solver that knows nothing of reach."""
    model, sizes = program.model, program.model.columns["y"]
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[sizes], upper[sizes] = least, most
    return cheapest(replace(model, lower=lower, upper=upper))


def cost_of(program: LegProgram, values: np.ndarray | None) -> float:
    return np.inf if values is None else float(program.model.cost @ values + program.model.offset)


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_out_of_reach_are_never_used(seed: int) -> None:
    program = tiny_program(seed)
    random = np.random.default_rng(seed)
    allowed = random.random(program.problem.n_sizes) < 0.5
    values = optimum(program, np.zeros(len(allowed)), allowed.astype(np.float64))
    if values is None:
        pytest.skip("no plan with these sizes")
    beyond = ~Reach(program).columns(allowed)
    options = beyond[program.model.columns["x"]]
    assert np.all(values[program.model.columns["x"]][options] <= 1e-9)
    held = program.model.cost @ np.where(beyond, 0.0, values)
    assert held <= program.model.cost @ values + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_narrowed_program_has_plans_of_the_whole(seed: int) -> None:
    program = tiny_program(seed)
    allowed = np.random.default_rng(seed).random(program.problem.n_sizes) < 0.5
    option, _ = options_within(program.problem, allowed)
    small = narrowed(program, option)
    if small is None or np.any(np.diff(small.problem.row_start) == 0):
        pytest.skip("nothing left to serve some row")
    none, most = np.zeros(len(allowed)), allowed.astype(np.float64)
    values, expected = optimum(small, none, most), optimum(program, none, most)
    assert (values is None) == (expected is None)
    if values is not None and expected is not None:
        plan = decoded(small, values)
        assert plan is not None
        cost = cost_of(program, expected)
        assert plan.objective == pytest.approx(cost, rel=1e-6)
        twice = narrowed(small, np.ones(small.problem.n_options, dtype=bool))
        assert twice is not None
        again = decoded(twice, optimum(twice, none, most))
        assert again is not None and again.objective == pytest.approx(cost, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_probing_keeps_every_plan_below_the_cutoff(seed: int) -> None:
    program = tiny_program(seed)
    sizes, sites = program.problem.n_sizes, program.problem.n_sites
    none, every = np.zeros(sizes), np.ones(sizes)
    course = Course(SolveOptions(gap=0.001, threads=1))
    course.offer(decoded(program, optimum(program, none, every)))
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    answer = relaxation.with_cuts(3, 1e-4, np.inf)
    root = Node(-np.inf, np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))
    left = Probing(relaxation, course).narrowed(root, answer)
    for site in range(sites):
        span = slice(int(program.problem.site_start[site]), int(program.problem.site_start[site + 1]))
        closed = every.copy()
        closed[span] = 0.0
        opened = min(
            cost_of(program, optimum(program, np.eye(sizes)[size], every))
            for size in range(span.start, span.stop)
        )
        if left.must[site]:
            assert cost_of(program, optimum(program, none, closed)) >= course.cutoff - 1e-6
        if not left.allowed[span].any():
            assert opened >= course.cutoff - 1e-6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("earlier", ["best", "none", "every"])
def test_departures_from_an_earlier_plan_are_ruled_out_only_if_dear(seed: int, earlier: str) -> None:
    """Whatever the earlier plan opened, also where it is far from the best now."""
    program = tiny_program(seed)
    problem = program.problem
    none, every = np.zeros(problem.n_sizes), np.ones(problem.n_sizes)
    best = optimum(program, none, every)
    assert best is not None
    course = Course(SolveOptions(gap=0.001, threads=1))
    course.offer(decoded(program, best))
    opened = {"best": best[program.model.columns["y"]], "none": none, "every": every}[earlier] > 0.5
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    relaxation.with_cuts(3, 1e-4, np.inf)
    left = Probing(relaxation, course).kept(opened)
    start = problem.site_start
    for site in range(problem.n_sites):
        span = slice(int(start[site]), int(start[site + 1]))
        closed = every.copy()
        closed[span] = 0.0
        if left.must[site]:
            assert opened[span].any()
            assert cost_of(program, optimum(program, none, closed)) >= course.cutoff - 1e-6
        if not left.allowed[span].any():
            assert not opened[span].any()
            for least in np.eye(len(none))[span]:
                assert cost_of(program, optimum(program, least, every)) >= course.cutoff - 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_halves_hold_every_plan_of_a_node(seed: int) -> None:
    program = tiny_program(seed)
    sizes, sites = program.problem.n_sizes, program.problem.n_sites
    course = Course(SolveOptions(gap=0.0, threads=1))
    best = optimum(program, np.zeros(sizes), np.ones(sizes))
    course.offer(decoded(program, best))
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    answer = relaxation.with_cuts(1, 1e-4, np.inf)
    root = Node(-np.inf, np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))
    probing = Probing(relaxation, course)
    left = probing.narrowed(root, answer)
    halves = probing.halves(left, answer)
    if halves is None:
        return
    lower, upper = halves
    assert not np.array_equal(lower.must, upper.must) and not np.array_equal(lower.allowed, upper.allowed)
    for half in halves:
        assert np.all(half.allowed <= left.allowed) and np.all(half.must >= left.must)
    closed = min(halves, key=lambda half: half.allowed.sum())
    opened = max(halves, key=lambda half: half.must.sum())
    site = int(np.flatnonzero(opened.must & ~left.must)[0])
    span = slice(int(program.problem.site_start[site]), int(program.problem.site_start[site + 1]))
    assert closed is not opened and not closed.allowed[span].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_leaving_sizes_behind_leaves_only_their_plans(seed: int) -> None:
    program = tiny_program(seed)
    none, every = np.zeros(program.problem.n_sizes), np.ones(program.problem.n_sizes)
    some = np.random.default_rng(seed).random(len(none)) < 0.5
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    relaxation.open_beyond(some)
    answer = relaxation.with_cuts(6, 1e-4, np.inf)
    beyond = min(
        (
            cost_of(program, optimum(program, np.eye(len(none))[size], every))
            for size in np.flatnonzero(~some)
        ),
        default=np.inf,
    )
    assert answer.objective <= beyond + 1e-6 * abs(beyond) if np.isfinite(beyond) else True
    if answer.values is not None:
        sizes = answer.values[program.model.columns["y"]]
        assert sizes[~some].sum() >= 1.0 - 1e-6


def test_probing_rules_sites_out(scenarios_dir) -> None:
    labelled = labelled_of(load(scenarios_dir / "quickstart.toml"))
    program = program_of(labelled)
    assert labelled.legs is not None
    course = Course(SolveOptions(gap=0.002, threads=1))
    best = solve_legs(labelled.problem, labelled.legs, SolveOptions(gap=0.0005, threads=1))
    assert best.decisions is not None
    course.offer(complete(labelled.problem, best.decisions))
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    answer = relaxation.with_cuts(10, 1e-4, np.inf)
    sizes, sites = program.problem.n_sizes, program.problem.n_sites
    root = Node(-np.inf, np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))
    left = Probing(relaxation, course).narrowed(root, answer)
    assert left.allowed.sum() < sizes
    assert np.all(left.allowed[best.decisions.size[best.decisions.size >= 0]])
    asked = Probing(relaxation, course).handed_over().asked
    assert np.all(np.isinf(asked))


@pytest.mark.parametrize("seed", SEEDS)
def test_choices_that_were_too_cheap_are_not_asked_again(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tiny_program(seed)
    sizes, sites = program.problem.n_sizes, program.problem.n_sites
    course = Course(SolveOptions(gap=0.0, threads=1))
    course.offer(decoded(program, optimum(program, np.zeros(sizes), np.ones(sizes))))
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    answer = relaxation.with_cuts(1, 1e-4, np.inf)
    root = Node(-np.inf, np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))
    first = Probing(relaxation, course)
    left = first.narrowed(root, answer)
    carried = first.handed_over()
    gap = course.cutoff - answer.objective
    site = np.repeat(np.arange(sites), np.diff(program.problem.site_start))
    cheap = gap > HOPE * carried.asked
    questions: list[float] = []
    reaches = Relaxation.reaches

    def counted(self: Relaxation, cutoff: float, steps: int) -> tuple[bool, float]:
        questions.append(cutoff)
        return reaches(self, cutoff, steps)

    monkeypatch.setattr(Relaxation, "reaches", counted)
    again = Probing(relaxation, course, carried).narrowed(root, answer)
    assert len(questions) <= sites - len(np.unique(site[cheap]))
    assert np.all(again.allowed >= left.allowed) and np.all(again.must <= left.must)
