"""The command line: exit codes, JSON, batches, and an example in the help of every command."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from optimizer import __version__, optimise
from optimizer.commands.lazy import LazyGroup
from optimizer.errors import SolverError
from optimizer.solver.solution import Solution, Termination
from small_scenarios import IMPOSSIBLE_PROMISE, one_member

COMMANDS = [
    ["solve"], ["validate"], ["verify"], ["compare"], ["template"], ["export"], ["reference", "check"],
    ["quote"], ["alliance"], ["settle"], ["invest"], ["bench"],
]  # fmt: skip


def entrepot(*arguments):
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def batch(tmp_path_factory, scenarios_dir):
    """A batch of three in one folder: no such promise, a broken file, and a sound one; with its output."""
    folder = tmp_path_factory.mktemp("batch")
    late = one_member(folder, scenarios_dir, IMPOSSIBLE_PROMISE, "late")
    (folder / "broken.toml").write_text("[scenario\n")
    sound = one_member(folder, scenarios_dir, name="sound")
    before = Path.cwd()
    os.chdir(folder)
    try:
        result = entrepot("solve", late, "broken.toml", sound, "--json", "--no-alone")
    finally:
        os.chdir(before)
    return folder, result


def test_version():
    result = entrepot("--version")
    assert result.exit_code == 0 and result.output == f"entrepot {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command):
    result = entrepot(*command, "--help")
    assert result.exit_code == 0
    assert f"Example: entrepot {' '.join(command)}" in " ".join(result.output.replace("│", " ").split())


def test_every_command_is_listed_above():
    listed = {command[0] for command in COMMANDS}
    assert set(LazyGroup.modules) == listed | OTHERS


def test_a_typo_is_answered_with_the_nearest_command():
    result = entrepot("slove")
    assert result.exit_code == 2 and "Did you mean 'solve'?" in result.output


def test_a_light_command_does_not_import_the_heavy_ones():
    code = "import sys, cli; cli.app(['report', '--help'], standalone_mode=False); print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "optimizer.report.files" in process.stdout
    assert "optimizer.pipeline" not in process.stdout and "numba" not in process.stdout.split()


OTHERS = {"report", "map", "plot"}
"""Commands that other suites test."""


def test_one_bad_scenario_does_not_stop_the_batch(batch):
    _, result = batch
    late, broken, sound = [json.loads(line) for line in result.stdout.splitlines()]
    assert (late["status"], broken["status"], sound["status"]) == ("infeasible", "bad_input", "optimal")
    assert "2-day promise in FR" in late["reasons"][0]
    assert result.exit_code == 3


def test_only_the_sound_run_is_written_and_nothing_half(batch):
    folder, _ = batch
    assert [path.name for path in (folder / "runs").iterdir()] == ["sound-1"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (SolverError("the worker was killed by signal 9"), "signal 9"),
        (ZeroDivisionError("oops"), "a mistake of ours"),
    ],
)
def test_a_crashed_solver_is_an_error_of_its_run_only(error, word, tmp_path, scenarios_dir, monkeypatch):
    def crash(*arguments, **options):
        raise error

    monkeypatch.setattr(optimise, "solve_problem", crash)
    monkeypatch.chdir(tmp_path)
    paths = [one_member(tmp_path, scenarios_dir, name=name) for name in ("first", "second")]
    result = entrepot("solve", *paths, "--json")
    first, second = [json.loads(line) for line in result.stdout.splitlines()]
    assert first["status"] == second["status"] == "no_plan"
    assert word in first["reasons"][0] and word in second["reasons"][0]
    assert result.exit_code == 4
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_verify_and_compare_a_run(batch):
    folder, _ = batch
    run = folder / "runs" / "sound-1"
    verified = entrepot("verify", run, "--json")
    assert verified.exit_code == 0 and json.loads(verified.stdout)["status"] == "verified"
    compared = entrepot("compare", run, run, "--json")
    assert compared.exit_code == 0
    assert [total["change"] for total in json.loads(compared.stdout)["totals"]] == [0.0, 0.0]
    assert "No orders moved" in entrepot("compare", run, run).stdout


def test_verify_fails_on_a_changed_file(batch, tmp_path):
    folder, _ = batch
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", folder / "runs" / "sound-1", copy], check=True)
    (copy / "tables" / "costs.csv").write_text("stage,amount\n")
    result = entrepot("verify", copy)
    assert result.exit_code == 1
    assert "tables/costs.csv is not the file that the run wrote" in result.output


def test_export_reads_back_as_a_model(batch, tmp_path):
    folder, _ = batch
    result = entrepot("export", folder / "runs" / "sound-1", tmp_path / "model.mps")
    assert result.exit_code == 0
    text = (tmp_path / "model.mps").read_text()
    assert "ROWS" in text and "lantern" in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["solve", "nowhere.toml"], "no such file"),
        (["validate", "nowhere.toml"], "no such file"),
        (["verify", "nowhere"], "is not a complete run folder"),
        (["compare", "nowhere"], "needs two runs or more"),
        (["export", "nowhere.toml", "model.txt"], "neither in .mps nor in .lp"),
        (["solve", "a.toml", "b.toml", "-o", "runs/x"], "several scenarios"),
    ],
)
def test_bad_input_is_exit_code_2_without_a_traceback(arguments, expected):
    result = entrepot(*arguments)
    assert result.exit_code == 2
    assert expected in result.output and "Traceback" not in result.output


ASKED = ["--origin", "Yiwu", "--to", "DE", "--weight", "0.8", "--value", "25", "--hs", "950300"]


def test_quote_prices_every_route(scenarios_dir):
    asked = [*ASKED, "--dims", "30x20x10", "--date", "2026-11-10"]
    result = entrepot("quote", *asked, "--rates", scenarios_dir / "reference" / "2026", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert {route["mode"] for route in answer["routes"]} == {"postal", "express", "line"}
    for route in answer["routes"]:
        assert sum(route["components"].values()) == pytest.approx(route["total"], abs=1e-9)
    assert {refused["service"] for refused in answer["not_offered"]} >= {"warehouse"}


@pytest.mark.parametrize(("option", "value"), [("--dims", "30x20"), ("--date", "tomorrow")])
def test_quote_refuses_what_it_cannot_read(option, value, scenarios_dir):
    given = {"--dims": "30x20x10", "--date": "2026-11-10"} | {option: value}
    rates = ("--rates", scenarios_dir / "reference" / "2026")
    result = entrepot("quote", *ASKED, *rates, *(part for pair in given.items() for part in pair))
    assert result.exit_code == 2 and option in result.output


def test_settlement_adds_up_to_the_invoice(batch, tmp_path):
    folder, _ = batch
    (tmp_path / "volumes.csv").write_text("member,orders\nlantern,700\n")
    run = folder / "runs" / "sound-1"
    result = entrepot("settle", run, "--actual", tmp_path / "volumes.csv", "--invoice", "7000.01", "--json")
    assert result.exit_code == 0, result.output
    assert [line["amount"] for line in json.loads(result.stdout)["members"]] == ["7000.01"]
    wrong = entrepot("settle", run, "--actual", tmp_path / "nowhere.csv")
    assert wrong.exit_code == 2 and "no orders by member" in wrong.output


def test_bench_measures_a_generated_instance():
    named = ("--only", "generated/alliance-S", "--strategies", "direct", "--time-limit", 2)
    result = entrepot("bench", *named, "--json")
    assert result.exit_code == 0, result.output
    (measured,) = json.loads(result.stdout)["results"]
    assert measured["solver"] == "direct" and set(measured["time_to"]) >= {"0.01", "0.001", "proof"}


def test_a_bad_edit_is_bad_input(scenarios_dir):
    result = entrepot(
        "validate", scenarios_dir / "quickstart.toml", "--edit", "table=freight_rates; colunm=amount"
    )
    assert result.exit_code == 2 and "Traceback" not in result.output


def test_no_plan_within_the_limit_is_exit_code_4(tmp_path, scenarios_dir, monkeypatch):
    nothing = Solution(Termination.TIME_LIMIT, float("inf"), 0.0, None, None, "", 0.0)
    monkeypatch.setattr(optimise, "solve_problem", lambda *_, **__: nothing)
    result = entrepot("solve", one_member(tmp_path, scenarios_dir), "-o", tmp_path / "run")
    assert result.exit_code == 4 and "before any plan was found" in result.output
    assert not (tmp_path / "run").exists()


def test_infeasible_is_exit_code_3(tmp_path, scenarios_dir):
    path = one_member(tmp_path, scenarios_dir, IMPOSSIBLE_PROMISE)
    result = entrepot("solve", path, "-o", tmp_path / "run")
    assert result.exit_code == 3 and "no plan exists" in result.output
    assert not (tmp_path / "run").exists()


def test_validate_tells_the_size(scenarios_dir):
    result = entrepot("validate", scenarios_dir / "quickstart.toml")
    assert result.exit_code == 0 and "3 members" in result.output and "6 candidate sites" in result.output


def test_template_writes_tables(tmp_path):
    assert entrepot("template", tmp_path / "tables").exit_code == 0
    assert (tmp_path / "tables" / "members.csv").exists()


def test_reference_tables_are_sound(scenarios_dir):
    result = entrepot("reference", "check", scenarios_dir / "reference" / "2026")
    assert result.exit_code == 0, result.output


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_ends_without_a_traceback_and_leaves_no_half_written_run(tmp_path, scenarios_dir):
    scenario = str(scenarios_dir / "eu_alliance.toml")
    until_stopped = ["--gap", "0", "--time-limit", "300"]
    command = [sys.executable, "-m", "cli", "solve", scenario, "--no-alone", *until_stopped]
    env = {**os.environ, "PYTHONPATH": str(scenarios_dir.parent)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(12)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert "Traceback" not in stderr
    if process.returncode == 0:
        assert "stopped by you" in stdout
        assert [path.name for path in (tmp_path / "runs").iterdir()] == ["eu_alliance-1"]
    else:
        assert process.returncode in (4, 130)
        assert not list(tmp_path.glob("runs/*"))
