"""The pipeline from a scenario file to a checked run folder, on the shipped quickstart."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from optimizer import optimise, pipeline
from optimizer.errors import InfeasibleError, InputError, NoPlanError
from optimizer.plan.columns import PLAN_TABLES
from optimizer.runs.store import read_run
from optimizer.solver.solution import Solution, Termination
from small_scenarios import IMPOSSIBLE_PROMISE, edit, one_member


@pytest.fixture(scope="module")
def run(tmp_path_factory, scenarios_dir):
    """The quickstart solved with one thread, with every member alone, and stored."""
    folder = tmp_path_factory.mktemp("runs") / "quickstart-1"
    return pipeline.solve(scenarios_dir / "quickstart.toml", threads=1, run_dir=folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory, scenarios_dir):
    """A stored run of one member."""
    folder = tmp_path_factory.mktemp("small")
    return pipeline.solve(one_member(folder, scenarios_dir), alone=False, run_dir=folder / "one-1")


def test_the_plan_is_proved_within_the_gap(run):
    assert run.termination is Termination.OPTIMAL
    assert run.gap <= 1e-6
    assert run.objective == pytest.approx(run.plan.cost)


def test_sharing_is_worth_it_for_the_quickstart(run):
    assert set(run.stand_alone) == {"lantern", "brightwear", "yiwu-toys"}
    assert run.objective < sum(run.stand_alone.values())


def test_every_breakdown_adds_up_to_the_objective(run):
    for column in ("component", "member", "market", "mode", "stage", "period"):
        assert sum(run.plan.cost_by(column).values()) == pytest.approx(run.objective)


def test_the_run_folder_is_complete_and_says_what_went_in_and_out(run):
    stored = read_run(run.run_dir)
    tables = {path.name for path in (run.run_dir / "tables").iterdir()}
    assert tables == {f"{name}.{kind}" for name in PLAN_TABLES for kind in ("csv", "parquet")}
    manifest = stored.manifest
    assert manifest["result"]["objective"] == pytest.approx(run.objective)
    assert manifest["settings"]["solve"]["threads"] == 1
    assert all(len(digest) == 64 for digest in manifest["inputs"].values())
    assert {"python", "entrepot", "numpy", "ortools"} <= set(manifest["versions"])
    for name, table in stored.plan.tables.items():
        pd.testing.assert_frame_equal(table, run.plan[name])


def test_solving_twice_gives_the_same_bytes(run, scenarios_dir, tmp_path):
    pipeline.solve(scenarios_dir / "quickstart.toml", threads=1, alone=False, run_dir=tmp_path / "again")
    for path in sorted((run.run_dir / "tables").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / "tables" / path.name).read_bytes(), path.name


def test_two_threads_give_the_same_objective(run, scenarios_dir):
    two = pipeline.solve(scenarios_dir / "quickstart.toml", threads=2, alone=False)
    assert two.objective == pytest.approx(run.objective, rel=1e-9)


def test_a_sound_run_verifies(small):
    verification = pipeline.verify(small.run_dir)
    assert verification.failures == ()
    assert verification.objective == pytest.approx(small.objective)


def test_a_run_that_was_tampered_with_does_not(small, tmp_path):
    folder = tmp_path / "tampered"
    pipeline.write_run(folder, pipeline.load(small.run_dir / "scenario" / "scenario.toml"), small)
    path = folder / "tables" / "flows.parquet"
    flows = pd.read_parquet(path)
    flows["orders"] *= 1.01
    flows.to_parquet(path)
    failures = "\n".join(pipeline.verify(folder).failures)
    assert "tables/flows.parquet is not the file that the run wrote" in failures
    assert "orders are served" in failures


def test_a_bound_above_the_cost_is_found_out(small, tmp_path):
    lying = replace(small, bound=1.1 * small.objective)
    folder = tmp_path / "lying"
    pipeline.write_run(folder, pipeline.load(small.run_dir / "scenario" / "scenario.toml"), lying)
    assert any("is above the plan's cost" in failure for failure in pipeline.verify(folder).failures)


def test_json_holds_what_everything_else_relies_on(run):
    result = run.as_json()
    keys = "status objective bound gap currency runtime_s openings cost_by_component cost_by_member"
    assert {*keys.split(), "stand_alone_cost_by_member", "run_dir"} <= set(result)
    json.dumps(result)


def test_dearer_freight_never_makes_the_plan_cheaper(small, tmp_path, scenarios_dir):
    text = "table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35"
    dearer = pipeline.solve(one_member(tmp_path, scenarios_dir), edits=[text], alone=False)
    assert dearer.objective >= small.objective - 1e-6


def test_a_promise_that_nobody_keeps_is_told_with_numbers(tmp_path, scenarios_dir):
    with pytest.raises(InfeasibleError) as caught:
        pipeline.solve(one_member(tmp_path, scenarios_dir, IMPOSSIBLE_PROMISE))
    (reason,) = caught.value.reasons
    assert reason.startswith("2-day promise in FR cannot be kept for ")
    assert "of 342 orders in 2026-11, beyond the 5 % that may be late" in reason


def test_rules_that_contradict_each_other_are_named(tmp_path, scenarios_dir):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "rules.csv").write_text("rule,kind,value\nplenty,min_open,3\nfew,max_open,2\n")
    path = one_member(tmp_path, scenarios_dir)
    path.write_text(path.read_text() + 'tables = ["rules"]\n')
    with pytest.raises(InfeasibleError) as caught:
        pipeline.solve(path)
    assert {reason.split(" cannot")[0] for reason in caught.value.reasons} == {
        "rule plenty (min_open)",
        "rule few (max_open)",
    }


def test_a_carbon_cap_out_of_reach_is_told_by_how_much(tmp_path, scenarios_dir):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "rules.csv").write_text("rule,kind,value\ngreen,carbon_cap,10\n")
    path = one_member(tmp_path, scenarios_dir)
    path.write_text(path.read_text() + 'tables = ["rules"]\n')
    with pytest.raises(InfeasibleError, match="rule green: emissions exceed the cap of 10 kg"):
        pipeline.solve(path)


def test_demand_that_no_service_takes_is_named_before_solving(tmp_path, scenarios_dir):
    none = '[[edit]]\ntable = "lanes"\nwhere = "destination == \'FR\'"\ndelete = true\n'
    with pytest.raises(InfeasibleError, match="FR"):
        pipeline.solve(one_member(tmp_path, scenarios_dir, none))


def test_a_limit_before_any_plan_is_said(tmp_path, scenarios_dir, monkeypatch):
    nothing = Solution(Termination.TIME_LIMIT, np.inf, 0.0, None, None, "", 0.0)
    monkeypatch.setattr(optimise, "solve_problem", lambda *_, **__: nothing)
    with pytest.raises(NoPlanError, match="time limit came before any plan was found"):
        pipeline.solve(one_member(tmp_path, scenarios_dir))


def test_a_wish_to_stop_ends_the_solve(tmp_path, scenarios_dir):
    path = one_member(tmp_path, scenarios_dir)
    try:
        outcome = pipeline.solve(path, should_stop=lambda: True)
    except NoPlanError as error:
        assert "interrupted" in str(error)
    else:
        assert outcome.termination is Termination.INTERRUPTED
        assert outcome.stand_alone == {}


def test_a_taken_folder_is_refused_before_any_work(tmp_path, scenarios_dir):
    with pytest.raises(InputError, match="never overwrites"):
        pipeline.solve(tmp_path / "does-not-exist.toml", run_dir=tmp_path)


def test_an_unknown_strategy_is_bad_input(tmp_path, scenarios_dir):
    with pytest.raises(InputError, match="auto"):
        pipeline.solve(one_member(tmp_path, scenarios_dir), strategy="magic")


def test_soft_promises_are_paid_for(tmp_path, scenarios_dir):
    soft = IMPOSSIBLE_PROMISE + edit("markets", "late_order_amount", "1.5", "market == 'FR'")
    outcome = pipeline.solve(one_member(tmp_path, scenarios_dir, soft), alone=False)
    service = outcome.plan["market_service"].set_index("market").loc["FR"]
    expected = service["late_orders"] - 0.05 * service["orders"]
    assert service["charged_late_orders"] == pytest.approx(expected)
    assert outcome.plan.cost_by("component")["late_orders"] == pytest.approx(1.5 * expected)
