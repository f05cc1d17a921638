"""Readers: one tiny file per format written out by hand, and the sets' own sizes and totals."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from optimizer.errors import InputError
from optimizer.problem import validate_problem
from optimizer.published import find_instances
from optimizer.published.formats import Reading, detect_format, read_problem
from tiny_problems import brute_force

# Two facilities (capacities 5 and 9, fixed costs 10 and 20), three customers with demands 2, 3 and 4; costs
# of the whole demand 1 2 3 from the first and 3 2 1 from the second. Demand is 9, so the second alone is
# enough: 20 + 6 = 26; both: 30 + 1 + 2 + 1 = 34.
WHOLE = {
    "orlib": "2 3  5 10  9 20   2 1 3   3 2 2   4 3 1",
    "holmberg": "2 3  5 10  9 20   2 3 4   1 2 3  3 2 1",
    "diaz": "3 2  1 3  2 2  3 1   2 3 4   10 20   5 9",
    "tbed1": "3 2  2 3 4   5 9   10 20   0.5 0.6666666666666667 0.75  1.5 0.6666666666666667 0.25",
}


@pytest.mark.parametrize("form", WHOLE)
def test_the_same_instance_in_four_formats(form: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text(WHOLE[form])
    problem = read_problem(path, form)
    assert validate_problem(problem) == []
    assert problem.size_cost.tolist() == [10.0, 20.0]
    assert problem.size_supply_amount.tolist() == [5.0, 9.0]
    assert problem.row_demand.tolist() == [2.0, 3.0, 4.0]
    assert problem.option_cost == pytest.approx([1.0, 3.0, 2.0, 2.0, 3.0, 1.0])
    assert brute_force(problem) == pytest.approx(26.0)


def test_without_capacities_the_first_facility_serves_all(tmp_path: Path) -> None:
    """10 + 1 + 2 + 3 = 16."""
    path = tmp_path / "tiny.txt"
    path.write_text(WHOLE["orlib"])
    assert brute_force(read_problem(path, "orlib", Reading(uncapacitated=True))) == pytest.approx(16.0)
    assert brute_force(read_problem(path, "uflib")) == pytest.approx(16.0)


def test_two_stages_by_hand(tmp_path: Path) -> None:
    """Plant 7 + satellite 5 + three units at (2 + 1) = 21; the dear pair costs 3 + 4 + 3 · (9 + 9) = 61."""
    single, multi = tmp_path / "single.txt", tmp_path / "multi.txt.gz"
    single.write_text("2 2 1   3   10 7  10 3   2 9  9 9   10 5  10 4   1  9")
    multi.write_bytes(gzip.compress(b"2 2 1 1   3   10 7  10 3   2 9  9 9   10 5  10 4   1  9"))
    for path, form in ((single, "two_stage"), (multi, "multi_product")):
        problem = read_problem(path, form)
        assert validate_problem(problem) == []
        assert (problem.n_rows, problem.n_options, problem.n_sites) == (1, 4, 4)
        assert np.diff(problem.option_gate_start).tolist() == [2, 2, 2, 2]
        assert brute_force(problem) == pytest.approx(21.0)


@pytest.mark.parametrize(
    ("text", "rule"),
    [("2 3 5 10 9 20 2 1 3", "announced"), (WHOLE["orlib"] + " 7", "announced"), ("2 x", "x")],
)
def test_files_that_do_not_fit_are_refused(text: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=rule):
        read_problem(path, "orlib")


def test_the_format_is_told_from_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("2 3  9 10  9 20  1 1 1  1 1 1  1 1 1")
    with pytest.raises(InputError, match="orlib, holmberg"):
        detect_format(path)
    path.write_text("2 3  4 10  4 20  3 90 91  2 80 81  1 70 71")
    assert detect_format(path) == "orlib"  # as Holmberg's its demand would be 184
    path.write_text("2 3  4 10  4 20  3 2 1  90 91 92  80 81 82")
    assert detect_format(path) == "holmberg"
    path.write_text("2 3 4 5 6")
    with pytest.raises(InputError, match="no known format fits"):
        detect_format(path)


def test_names_variants_and_best_values(tmp_path: Path) -> None:
    folder = tmp_path / "orlib_cap"
    folder.mkdir()
    (folder / "cap1.txt").write_text(WHOLE["orlib"])
    (folder / "SOURCES.md").write_text("by hand")
    (folder / "best_known.csv").write_text("instance,objective,status,source\ncap1,26,optimal,by hand\n")
    (folder / "best_known_uncap.csv").write_text("instance,objective,status,source\ncap1,16,bound,by hand\n")
    entries = find_instances(tmp_path)
    assert [entry.name for entry in entries] == ["orlib_cap/cap1"]
    assert entries[0].best is not None
    assert (entries[0].best.objective, entries[0].best.proved) == (26.0, True)
    (uncapacitated,) = find_instances(folder, ["cap1:uncap"])
    assert uncapacitated.load().n_measures == 0
    with pytest.raises(InputError, match="no instance has this name"):
        find_instances(tmp_path, ["cap9"])
    with pytest.raises(InputError, match="not a folder"):
        find_instances(tmp_path / "nowhere")


SIZES = {
    "orlib_cap/cap41": (16, 50),
    "orlib_cap/cap134": (50, 50),
    "orlib_cap/capb_6000": (100, 1000),
    "holmberg/p1": (10, 50),
    "holmberg/p68": (30, 200),
    "diaz_fernandez/p1": (10, 20),
    "yang/p16": (80, 400),
    "tbed1/i300_1": (300, 300),
    "tbed1/i500_20": (500, 500),
    "cornuejols_frontierco/cflp_corn_n100_m100_r5.0_7": (100, 100),
    "uflib_m/Kcapmr1": (500, 500),
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_the_sets(name: str, benchmarks_dir: Path) -> None:
    (entry,) = find_instances(benchmarks_dir, [name])
    problem = entry.load()
    assert (problem.n_sites, problem.n_rows) == SIZES[name]
    assert validate_problem(problem) == []


RATIOS = {
    "tbed1/i300_1": 5.0,
    "tbed1/i300_6": 10.0,
    "tbed1/i500_11": 15.0,
    "tbed1/i500_20": 20.0,
    "cornuejols_frontierco/cflp_corn_n100_m100_r5.0_7": 5.0,
}


@pytest.mark.parametrize("name", RATIOS)
def test_capacity_is_the_stated_multiple_of_demand(name: str, benchmarks_dir: Path) -> None:
    (entry,) = find_instances(benchmarks_dir, [name])
    problem = entry.load()
    ratio = problem.size_supply_amount.sum() / problem.row_demand.sum()
    assert ratio == pytest.approx(RATIOS[name], rel=0.01)


def test_every_instance_is_found_with_its_value(benchmarks_dir: Path) -> None:
    entries = find_instances(benchmarks_dir)
    assert len(entries) == len({entry.name for entry in entries}) > 250
    unknown = [entry.name for entry in entries if entry.best is None]
    assert unknown == ["orlib_cap/capa_10000", "orlib_cap/capb_7000", "orlib_cap/capc_5750"]


def test_two_stage_sets_have_two_gates_per_option(benchmarks_dir: Path) -> None:
    (entry,) = find_instances(benchmarks_dir, ["tscflp_fernandes/PSC1-C1-50"])
    problem = entry.load()
    assert (problem.n_rows, problem.n_options, problem.n_sites) == (200, 50 * 100 * 200, 150)
    assert np.all(np.diff(problem.option_gate_start) == 2)
