"""Generators: fixed draws, the stated sizes, and the structure that the alliance family is for."""

from pathlib import Path

import numpy as np
import pytest

from optimizer.errors import InputError
from optimizer.problem import validate_problem
from optimizer.published import ALLIANCE_SIZES, alliance_problem, find_instances
from optimizer.published.generated import beasley, cornuejols, find_generated


def test_cornuejols_draws_are_the_published_ones(benchmarks_dir: Path) -> None:
    name = "cornuejols_frontierco/cflp_corn_n100_m100_r5.0_3"
    published = find_instances(benchmarks_dir, [name])[0].load()
    made = cornuejols(100, 100, 5.0, 3)
    for array in ("size_cost", "size_supply_amount", "row_demand", "option_cost", "option_gate"):
        assert np.array_equal(getattr(made, array), getattr(published, array)), array


def test_beasley_family_can_serve_with_the_sites_it_is_made_for() -> None:
    problem = beasley(20, 60, 5, seed=1)
    assert validate_problem(problem) == []
    assert problem.size_supply_amount[:5].sum() == pytest.approx(1.6 * problem.row_demand.sum())


def test_names_of_generated_instances() -> None:
    names = ("generated/alliance-S", "generated/alliance-M-3", "generated/cornuejols-20x30-r5-1")
    assert [instance.load().n_rows for instance in find_generated(names)][2] == 30
    with pytest.raises(InputError, match="Known patterns"):
        find_generated(("generated/alliance-XXL",))


STATED = {"S": ((330, 390), (2_500, 3_500)), "M": ((2_200, 2_500), (45_000, 55_000))}
LARGE = {"L": ((16_000, 20_000), (600_000, 750_000))}


@pytest.mark.parametrize("size", [*STATED, pytest.param("L", marks=pytest.mark.slow)])
def test_rows_and_options_are_those_of_the_table(size: str) -> None:
    rows, options = (STATED | LARGE)[size]
    problem = alliance_problem(size)
    assert rows[0] <= problem.n_rows <= rows[1]
    assert options[0] <= problem.n_options <= options[1]
    assert validate_problem(problem) == []


def test_a_seed_fixes_the_instance() -> None:
    first, again, other = alliance_problem("S", 1), alliance_problem("S", 1), alliance_problem("S", 2)
    assert np.array_equal(first.option_cost, again.option_cost)
    assert not np.array_equal(first.gate_fee, other.gate_fee)


def test_structure_of_the_alliance_family() -> None:
    problem = alliance_problem("S")
    size = ALLIANCE_SIZES["S"]
    assert problem.n_gates == size.members * size.sites
    assert np.all(np.diff(problem.site_start) == 3)
    lanes = np.diff(problem.module_start) == 2
    assert lanes.sum() == 2 * size.sites
    assert np.all(np.isinf(problem.overflow_limit[lanes]))
    assert np.all(problem.overflow_limit[~lanes] == 0.0)
    ungated = np.diff(problem.option_gate_start) == 0
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    assert set(row[ungated]) == set(range(problem.n_rows))


def test_an_lcl_unit_costs_a_fifteenth_of_a_20gp() -> None:
    problem = alliance_problem("S")
    lanes = np.flatnonzero(np.diff(problem.module_start) == 2)
    small = problem.module_cost[problem.module_start[lanes] + 1]
    assert problem.overflow_price[lanes] == pytest.approx(small / 15.0)


def test_stock_is_sent_ahead_and_stored_in_every_month_it_waits() -> None:
    size = ALLIANCE_SIZES["S"]
    dimensions = type(size)(
        members=2, classes=2, markets=6, sites=4, periods=4, air_sites=1, ahead=2
    )  # one of 2 sites of its region by air
    problem = alliance_problem(dimensions)
    assert validate_problem(problem) == []
    counts = np.diff(problem.option_use_start)
    assert set(counts.tolist()) == {0, 2, 4, 5, 6}
    assert problem.n_resources == 4 * 4 + 2 * 4 * 4
