"""The builder sorts, renumbers and refuses; labels can follow the orders it returns."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.problem import ProblemBuilder, validate_problem
from tiny_problems import brute_force, tiny_problem


def two_sites() -> ProblemBuilder:
    """Sizes, measures and modules are added out of order on purpose."""
    builder = ProblemBuilder()
    builder.add_rows([3.0, 5.0])
    sites = builder.add_sites(2)
    builder.add_sizes([1, 0, 1], [30.0, 10.0, 40.0])
    resources = builder.add_resources(2, overflow_price=[1.0, 2.0], overflow_limit=[0.0, np.inf])
    builder.add_measures([1, 0, 1], [7.0, 8.0, 9.0])
    builder.add_gates([1.0, 2.0], sites)
    builder.add_gates(0.5)
    builder.add_size_supply([0, 1, 2], [2, 1, 0], [100.0, 200.0, 300.0])
    builder.add_modules(resources[::-1], [11.0, 22.0], 3)
    builder.add_module_supply([0, 0, 1], [0, 2, 1], [1.0, 2.0, 3.0])
    builder.add_options([1, 0, 1], [4.0, 5.0, 6.0], gates=[[0, 2], [1, -1], [-1, -1]])
    builder.add_options(0, [7.0], measures=[[0, 2, 0]], amounts=[[1.0, 0.0, 4.0]])
    builder.add_rule(1.0, 2.0, sizes=[0, 1], gates=[2], modules=[0], coefficients=[1.0, 2.0, 3.0, 4.0])
    return builder


def test_everything_is_sorted_and_renumbered() -> None:
    built = two_sites().build()
    p = built.problem
    assert built.option_order.tolist() == [1, 3, 0, 2]
    assert p.row_start.tolist() == [0, 2, 4]
    assert p.option_cost.tolist() == [5.0, 7.0, 4.0, 6.0]
    assert p.option_gate_start.tolist() == [0, 1, 1, 3, 3]
    assert p.option_gate.tolist() == [1, 0, 2]
    assert built.size_order.tolist() == [1, 0, 2]
    assert p.size_cost.tolist() == [10.0, 30.0, 40.0]
    assert built.measure_order.tolist() == [1, 0, 2]
    assert p.measure_supply.tolist() == [8.0, 7.0, 9.0]
    assert p.size_supply_measure.tolist() == [0, 2, 1]
    assert p.size_supply_amount.tolist() == [200.0, 100.0, 300.0]
    assert built.module_order.tolist() == [1, 0]
    assert p.module_supply_start.tolist() == [0, 1, 3]
    assert p.module_supply_measure.tolist() == [0, 1, 2]
    assert p.gate_size_start.tolist() == [0, 1, 3, 3]
    assert p.gate_size.tolist() == [0, 1, 2]
    assert p.rule_index.tolist() == [1, 0, 3 + 2, 3 + 3 + 1]
    assert validate_problem(p) == []


def test_amounts_of_one_measure_are_summed_and_zeros_dropped() -> None:
    p = two_sites().build().problem
    assert p.option_use_start.tolist() == [0, 0, 1, 1, 1]
    assert p.option_use_measure.tolist() == [1]
    assert p.option_use_amount.tolist() == [5.0]


def test_ragged_and_column_forms_agree() -> None:
    columns, ragged = ProblemBuilder(), ProblemBuilder()
    for builder in (columns, ragged):
        builder.add_rows([1.0, 1.0])
        builder.add_gates([0.0, 0.0])
        builder.add_measures(builder.add_resources(2), [4.0, 4.0])
    columns.add_options([1, 0], 3.0, gates=[[0, 1], [1, -1]], measures=[[0, 1], [1, -1]], amounts=2.0)
    start = np.array([0, 2, 3])
    ragged.add_options(
        [1, 0],
        3.0,
        gates=(start, (np.array([0, 1, 1]),)),
        uses=(start, (np.array([0, 1, 1]), np.full(3, 2.0))),
    )
    first, second = columns.build().problem, ragged.build().problem
    for field in dataclasses.fields(first):
        assert np.array_equal(getattr(first, field.name), getattr(second, field.name)), field.name


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="size block differ in length"):
        ProblemBuilder().add_sizes([0, 0], [1.0, 2.0, 3.0])


def test_an_option_of_an_unknown_row_is_refused() -> None:
    builder = ProblemBuilder()
    builder.add_rows([1.0])
    builder.add_options([1], 2.0)
    with pytest.raises(IndexError, match="owner"):
        builder.build()


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_adding_options_in_another_order_changes_no_optimum(seed: int, random) -> None:
    problem = tiny_problem(seed)
    shuffled = list(range(problem.n_options))
    random.shuffle(shuffled)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    builder = ProblemBuilder()
    builder.add_rows(problem.row_demand, single=problem.row_single)
    for j in shuffled:
        builder.add_options(row[j], problem.option_cost[j])
    built = builder.build()
    assert np.array_equal(np.array(shuffled)[built.option_order][np.argsort(built.option_order)], shuffled)
    cheapest = np.minimum.reduceat(built.problem.option_cost, built.problem.row_start[:-1])
    assert np.allclose(cheapest, np.minimum.reduceat(problem.option_cost, problem.row_start[:-1]))


FAULTS = {
    "row_start": (lambda p: p.row_start[::-1].copy(), "no CSR range"),
    "option_gate": (lambda p: p.option_gate + 100, "points outside"),
    "option_cost": (
        lambda p: np.where(np.arange(p.n_options) == 1, np.nan, p.option_cost),
        r"option_cost\[1\] = nan",
    ),
    "option_use_amount": (lambda p: -p.option_use_amount, "out of range"),
    "overflow_limit": (lambda p: p.overflow_limit - 1e9, "out of range"),
    "gate_size": (lambda p: np.array([0, 1, 0], dtype=np.int32), "more than one site"),
    "module_supply_measure": (lambda p: np.array([0, 0, 0], dtype=np.int32), "measure of another resource"),
    "rule_lower": (lambda p: p.rule_upper + 1, "lower above its upper"),
    "option_gate_start": (lambda p: np.array([0, 1, 1, 1, 3]), "twice"),
    "row_demand": (lambda p: p.row_demand * 0, "row_demand"),
    "measure_supply": (lambda p: p.measure_supply[:1], "no CSR range|instead of"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named(name: str) -> None:
    mend, message = FAULTS[name]
    problem = two_sites().build().problem
    broken = dataclasses.replace(problem, **{name: mend(problem)})
    if name == "option_gate_start":
        broken = dataclasses.replace(broken, option_gate=np.array([1, 2, 2], dtype=np.int32))
    faults = validate_problem(broken)
    assert faults
    assert any(re.search(message, fault) for fault in faults), faults


def test_random_problems_are_sound() -> None:
    for seed in range(200):
        assert validate_problem(tiny_problem(seed)) == []


def test_enumeration_on_a_case_worked_by_hand() -> None:
    """Direct 9 against opening the site: 5 + 2 = 7."""
    builder = ProblemBuilder(constant=1.0)
    row = builder.add_rows([4.0])
    site = builder.add_sites(1)
    size = builder.add_sizes(site, 5.0)
    gate = builder.add_gates(0.0, site)
    space = builder.add_measures(builder.add_resources(1), 0.0)
    builder.add_size_supply(size, space, 10.0)
    builder.add_options(row, 9.0)
    builder.add_options(row, 2.0, gates=gate, measures=space, amounts=4.0)
    assert brute_force(builder.build().problem) == pytest.approx(8.0)
