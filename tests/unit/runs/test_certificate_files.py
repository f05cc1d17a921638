"""Certificates come back from disk as they were, and a run says in words what they prove."""

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from optimizer import pipeline
from optimizer.optimise import Model
from optimizer.runs.certificate import Certificate, read_certificate, write_certificate
from optimizer.runs.manifest import file_hashes
from optimizer.runs.outcome import Verification
from optimizer.runs.recheck import recheck
from optimizer.runs.store import read_run
from optimizer.scenario import load
from optimizer.solver.legs import search
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices, SearchTree
from optimizer.solver.solve import solve
from optimizer.solver.tree import TreeLog
from optimizer.solver.tree_proof import prove_tree
from tiny_problems import brute_force, tiny_problem


def searched(seed: int = 0) -> tuple[SearchTree, int]:
    """A tree of the price strategy on the first tiny problem at or after `seed` that needed one."""
    while True:
        solution = solve(tiny_problem(seed), SolveOptions(gap=1e-6), "price")
        if solution.tree is not None and solution.decisions is not None:
            return solution.tree, seed
        seed += 1


def assert_same(one: object, other: object, kind: type) -> None:
    for field in fields(kind):
        if field.name != "prices":
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_a_tree_comes_back_as_it_was(tmp_path: Path) -> None:
    tree, seed = searched()
    write_certificate(tmp_path, Certificate(tree.prices[0], tree))
    again = read_certificate(tmp_path)
    assert again.tree is not None and again.prices is not None
    assert_same(again.tree, tree, SearchTree)
    assert len(again.tree.prices) == len(tree.prices)
    for one, other in zip(again.tree.prices, tree.prices, strict=True):
        assert_same(one, other, Prices)
    assert_same(again.prices, tree.prices[0], Prices)
    assert prove_tree(tiny_problem(seed), again.tree) == prove_tree(tiny_problem(seed), tree)


def test_nothing_is_written_where_there_is_nothing(tmp_path: Path) -> None:
    write_certificate(tmp_path, Certificate())
    assert list(tmp_path.iterdir()) == []
    found = read_certificate(tmp_path)
    assert found.prices is None
    assert found.tree is None


@pytest.fixture(scope="module")
def finished(scenarios_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the quickstart by prices of its options."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    pipeline.solve(
        load(scenarios_dir / "quickstart.toml"), alone=False, gap=0.02, strategy="price", run_dir=folder
    )
    return folder


def rewritten(run: Path, certificate: Certificate) -> None:
    """Replace the certificate, with the manifest's hashes as if it had always been so."""
    for file in (run / "certificate").glob("*.npz"):
        file.unlink()
    write_certificate(run / "certificate", certificate)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"] = file_hashes(run)
    (run / "manifest.json").write_text(json.dumps(manifest))


def again(run: Path, model: Model) -> Verification:
    """What `entrepot verify` finds, on a model that is built already."""
    return recheck(read_run(run), model.instance, model.priced, model.labelled)


def test_prices_tree_and_word_are_told_apart(finished: Path) -> None:
    model = pipeline.build(load(finished / "scenario" / "scenario.toml"))
    prices = read_certificate(finished / "certificate").prices
    assert prices is not None
    by_prices = again(finished, model)
    assert not by_prices.failures
    assert "without any solver" in by_prices.statements[-1]
    worse = replace(prices, row=prices.row * 0.5)
    rewritten(finished, Certificate(worse))
    weak = again(finished, model)
    assert not weak.failures
    assert "; beyond that, " in weak.statements[-1]
    log = TreeLog(model.labelled.problem)
    for side in log.split(log.root, log.size(0)):
        log.close(side, log.price(prices))
    rewritten(finished, Certificate(worse, log.tree()))
    by_tree = again(finished, model)
    assert not by_tree.failures
    assert "the stored search tree (leaves: 2) proves the bound" in by_tree.statements[-1]
    log = TreeLog(model.labelled.problem, solver="HiGHS")
    closed, opened = log.split(log.root, log.size(0))
    log.close(closed, log.price(prices))
    log.close_by_word(opened, by_prices.bound)
    rewritten(finished, Certificate(worse, log.tree()))
    by_word = again(finished, model)
    assert not by_word.failures
    assert "1 of them on the word of HiGHS" in by_word.statements[-1]
    assert by_word.proved_bound == pytest.approx(weak.proved_bound)
    log = TreeLog(model.labelled.problem)
    log.split(log.root, log.size(0))
    rewritten(finished, Certificate(worse, log.tree()))
    assert any("nothing closes leaf" in failure for failure in again(finished, model).failures)


def test_a_run_with_whole_lanes_is_proved_by_its_prices(
    scenarios_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LEGS", 0)
    folder = tmp_path / "run"
    pipeline.solve(
        load(scenarios_dir / "quickstart.toml"), alone=False, gap=0.02, strategy="legs", run_dir=folder
    )
    prices = read_certificate(folder / "certificate").prices
    assert prices is not None
    assert prices.lane_weight is not None
    model = pipeline.build(load(folder / "scenario" / "scenario.toml"))
    proved = again(folder, model)
    assert not proved.failures
    assert "the stored prices prove the bound" in proved.statements[-1]
    rewritten(folder, Certificate(replace(prices, row=prices.row * 0.5)))
    weak = again(folder, model)
    assert not weak.failures
    assert weak.proved_bound < proved.proved_bound
    assert "; beyond that, " in weak.statements[-1]
    rewritten(folder, Certificate(replace(prices, lane_weight=prices.lane_weight * 0.0)))
    assert any("the certificate does not hold" in failure for failure in again(folder, model).failures)


def test_a_tiny_tree_is_below_the_optimum() -> None:
    tree, seed = searched(5)
    assert prove_tree(tiny_problem(seed), tree).bound <= brute_force(tiny_problem(seed)) + 1e-6
