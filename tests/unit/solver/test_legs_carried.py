"""What a relaxation hands over: cuts hold in other data, its basis fits the same problem, plans go on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from leg_programs import cheapest, labelled_of, program_of
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.legs import Leg
from optimizer.solver.carried import KINDS, Carried, moved
from optimizer.solver.legs.earlier import earlier_plan
from optimizer.solver.legs.program import LegProgram, write_program
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.warm import warm_from
from tiny_instances import tiny_instance


def relaxation_of(program: LegProgram) -> Relaxation:
    return Relaxation(program, lambda: np.inf, lambda: False)


def handed_over(program: LegProgram) -> tuple[float, Carried]:
    """Bound with cuts, and what that relaxation hands over."""
    relaxation = relaxation_of(program)
    relaxation.strong()
    return relaxation.with_cuts(30, 1e-9, np.inf).objective, relaxation.handed_over()


def edited(labelled: LabelledProblem, seed: int) -> LegProgram:
    """The program after a change of all amounts: demand, volumes, capacities, containers, tiers and costs."""
    random = np.random.default_rng(seed)
    problem, legs = labelled.problem, labelled.legs
    assert legs is not None

    def about(values: np.ndarray) -> np.ndarray:
        return values * random.uniform(0.8, 1.25, values.shape)

    def leg(old: Leg) -> Leg:
        return replace(old, cost=about(old.cost), amount=about(old.amount))

    changed = replace(
        problem,
        row_demand=about(problem.row_demand),
        option_cost=about(problem.option_cost),
        measure_supply=about(problem.measure_supply),
        module_cost=about(problem.module_cost),
        module_supply_amount=about(problem.module_supply_amount),
        size_supply_amount=1.3 * about(problem.size_supply_amount),
        tier_unit_cost=about(problem.tier_unit_cost),
    )
    return write_program(changed, replace(legs, head=leg(legs.head), tail=leg(legs.tail)))


def check_cuts_hold(relaxation: Relaxation) -> int:
    """Plans of several cost vectors satisfy every row of the pool; returns how often one was looked at."""
    program = relaxation.program
    sizes, sites = program.problem.n_sizes, program.problem.n_sites
    model = relaxation.integer_program(np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool))
    random, plans = np.random.default_rng(0), 0
    for _ in range(3):
        plan = cheapest(program.model, random.uniform(0.7, 1.3, len(model.cost)))
        if plan is not None:
            use = model.matrix @ plan
            assert np.all(use <= model.row_upper + 1e-5 * np.maximum(1.0, np.abs(model.row_upper)))
            plans += 1
    return plans


@pytest.mark.parametrize("seed", [2, 17, 28, 34])  # with cuts that are tight
def test_cuts_that_are_handed_over_hold_in_other_data(seed: int) -> None:
    labelled = labelled_of(tiny_instance(seed))
    _, carried = handed_over(program_of(labelled))
    written = checked = 0
    for edit in range(4):
        program = edited(labelled, edit)
        relaxation = relaxation_of(program)
        relaxation.take_over(carried)
        written += len(relaxation.cuts)
        checked += check_cuts_hold(relaxation)
        best = cheapest(program.model)
        bound = relaxation.with_cuts(30, 1e-9, np.inf).objective
        assert best is None or bound <= program.model.cost @ best + program.model.offset + 1e-6 * abs(bound)
    assert written > 0 and checked > 0


@pytest.fixture(scope="module")
def firm_handed_over(firm: LabelledProblem) -> tuple[float, Carried]:
    relaxation = relaxation_of(program_of(firm))
    relaxation.strong()
    return relaxation.with_cuts(6, 1e-4, np.inf).objective, relaxation.handed_over()


def test_the_same_problem_goes_on_where_the_other_ended(
    firm: LabelledProblem, firm_handed_over: tuple[float, Carried]
) -> None:
    bound, carried = firm_handed_over
    assert min(len(carried.link), len(carried.pair), len(carried.cut)) > 0
    relaxation = relaxation_of(program_of(firm))
    relaxation.take_over(carried)
    assert relaxation.with_cuts(1, 1e-9, np.inf).objective == pytest.approx(bound, rel=1e-9)
    assert relaxation.steps == 0
    again = relaxation.handed_over()
    assert same_pairs(again.link, carried.link) and same_pairs(again.pair, carried.pair)
    assert len(again.cut) == len(carried.cut)


def test_cuts_raise_the_bound_after_an_edit(
    firm: LabelledProblem, firm_handed_over: tuple[float, Carried]
) -> None:
    """Most of what cuts brought is there in the first solve after containers got dearer."""
    bound, carried = firm_handed_over
    strong = relaxation_of(program_of(firm)).strong().objective
    problem = replace(firm.problem, module_cost=1.1 * firm.problem.module_cost)
    program = program_of(replace(firm, problem=problem))
    relaxation = relaxation_of(program)
    before = relaxation.strong().objective
    relaxation = relaxation_of(program)
    relaxation.take_over(carried)
    after = relaxation.with_cuts(1, 1e-9, np.inf).objective
    assert after - before > 0.7 * (bound - strong)


def same_pairs(one: np.ndarray, other: np.ndarray) -> bool:
    return {tuple(pair) for pair in one.tolist()} == {tuple(pair) for pair in other.tolist()}


def shuffled(counts: Sequence[int], seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.permutation(count) for count in counts]


def test_items_in_another_order_come_back(firm_handed_over: tuple[float, Carried]) -> None:
    """There and back again changes nothing; what an item is missing for goes, and nothing else."""
    _, carried = firm_handed_over
    columns = dict(zip(KINDS, [0] * len(KINDS), strict=True))
    for kind, status in (
        *zip(("leg", "size", "gate", "module", "tier", "tier", "resource"), carried.column, strict=True),
        *zip(("row", "gate", "size", "measure", "resource", "rule", "gate"), carried.row, strict=True),
    ):
        columns[kind] = len(status)
    there = dict(zip(KINDS, shuffled([columns[kind] for kind in KINDS], 0), strict=True))
    back = {kind: np.argsort(order) for kind, order in there.items()}
    again = moved(moved(carried, there), back)
    for name in ("link", "pair", "pair_cell", "cut", "cut_measure", "cut_scale", "cut_tail", "cut_row"):
        np.testing.assert_array_equal(getattr(again, name), getattr(carried, name))
    for one, other in zip((*again.column, *again.row), (*carried.column, *carried.row), strict=True):
        np.testing.assert_array_equal(one, other)
    gone = int(carried.cut_measure[0, 1])
    left = {kind: np.arange(count) for kind, count in columns.items()}
    left["measure"] = np.delete(left["measure"], gone)
    fewer = moved(carried, left)
    lost = np.unique(carried.cut_measure[carried.cut_measure[:, 1] == gone, 0])
    assert len(fewer.cut) == len(carried.cut) - len(lost) > 0
    assert len(fewer.pair) == len(carried.pair)


def test_warm_solves_end_within_the_gap_of_the_same_optimum(firm: LabelledProblem) -> None:
    assert firm.legs is not None
    options = SolveOptions(gap=0.01, threads=1)
    first = solve_legs(firm.problem, firm.legs, options)
    warm = warm_from(firm.problem, first)
    assert warm.carried is not None
    problem = replace(
        firm.problem,
        module_cost=1.1 * firm.problem.module_cost,
        size_cost=1.05 * firm.problem.size_cost,
    )
    cold = solve_legs(problem, firm.legs, options)
    again = solve_legs(problem, firm.legs, options, warm)
    for one, other in ((again, cold), (cold, again)):
        assert one.gap <= 0.01
        assert one.bound <= other.objective
    assert again.carried is not None


def test_an_earlier_plan_is_taken_up_and_mended(firm: LabelledProblem) -> None:
    """It costs the same in the same problem; a row that lost its options, or its site, gets another."""
    assert firm.legs is not None
    found = solve_legs(firm.problem, firm.legs, SolveOptions(gap=0.02, threads=1))
    warm = warm_from(firm.problem, found)
    assert warm.option is not None and warm.share is not None
    plan = earlier_plan(firm.problem, warm)
    assert plan is not None and plan.objective == pytest.approx(found.objective, rel=1e-9)
    row = np.searchsorted(firm.problem.row_start, warm.option, side="right") - 1
    some = row != row[0]
    mended = earlier_plan(firm.problem, replace(warm, option=warm.option[some], share=warm.share[some]))
    assert mended is not None and mended.objective >= found.bound
    nowhere = np.zeros_like(warm.size)
    direct = earlier_plan(firm.problem, replace(warm, size=nowhere))
    assert direct is not None and direct.objective > found.objective
    assert np.all(direct.decisions.size < 0)
    assert earlier_plan(firm.problem, replace(warm, option=None)) is None


def test_sizes_left_behind_and_sites_ruled_out_stay_out_of_what_is_handed_over(firm: LabelledProblem) -> None:
    """Both hold for one search only; what is handed over is of the whole."""
    program = program_of(firm)
    problem = program.problem
    relaxation = Relaxation(program, lambda: np.inf, lambda: False)
    relaxation.open_beyond(np.arange(problem.n_sizes) > 0)
    relaxation.restrict(np.arange(problem.n_sizes) == 0, np.zeros(problem.n_sites, dtype=bool))
    forced = relaxation.with_cuts(3, 1e-4, np.inf)
    carried = relaxation.handed_over()
    assert len(carried.column[0]) == len(program.place)
    fresh = Relaxation(program, lambda: np.inf, lambda: False)
    fresh.take_over(carried)
    least = Relaxation(program, lambda: np.inf, lambda: False).strong()
    again = fresh.strong()
    assert fresh.cuts and len(fresh.cuts) <= len(relaxation.cuts)
    assert least.objective <= again.objective * (1.0 + 1e-9) < forced.objective
