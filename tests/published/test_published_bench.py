"""The benchmark: one line per solve, medians, means, profile and picture."""

import json
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from optimizer.errors import InputError
from optimizer.published.bench import run_bench
from optimizer.published.bench_means import best_peer, geometric_means, profile, save_profile, speed_ups
from optimizer.published.bench_report import as_json, contradictions, summary, summary_table, table
from optimizer.published.measure import Measurement, time_to_gap
from optimizer.solver.solution import Progress

KEYS = {"instance", "solver", "objective", "bound", "gap", "runtime_s", "time_to", "peak_mb", "status"}


def test_side_by_side_on_a_small_instance() -> None:
    name = "generated/cornuejols-8x10-r3-1"
    heard: list[Measurement] = []
    results = run_bench(
        None, only=[name], strategies=["direct"], peers=["highs"], time_limit_s=20.0, on_result=heard.append
    )
    assert heard == results
    assert [result.solver for result in results] == ["direct", "peer:highs"]
    assert {result.status for result in results} == {"optimal"}
    assert results[0].objective == pytest.approx(results[1].objective, rel=1e-4)
    assert results[0].peak_mb > 10
    plain = json.loads(json.dumps(as_json(results, 20.0)))
    assert set(plain["results"][0]) >= KEYS
    assert set(plain["results"][0]["time_to"]) == {"plan", "0.01", "0.001", "proof"}
    console = Console(width=200, record=True, file=StringIO())
    console.print(table(results))
    assert name in console.export_text()
    assert results[0].setup_s == 0.0, "a strategy's clock leaves nothing out"
    assert results[1].setup_s > 0.0
    assert results[1].time_to["plan"] <= results[1].time_to["proof"] <= 20.0
    assert results[1].cpu_s > 0.0
    assert plain["summary"]["direct"]["proved"] == 1


def test_unknown_names_are_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="no peer has this name"):
        run_bench(None, only=["generated/alliance-S"], peers=["cplexx"])
    with pytest.raises(InputError, match="a folder is needed"):
        run_bench(None, only=["cap41"])


def test_a_strategy_that_does_not_exist_is_a_failed_line() -> None:
    (result,) = run_bench(None, only=["generated/cornuejols-4x5-r3-1"], strategies=["magic"])
    assert result.status.startswith("error")
    assert result.objective is None


def test_a_strategy_for_some_problems_only_is_measured_on_those() -> None:
    (result,) = run_bench(None, only=["generated/cornuejols-8x10-r3-1"], strategies=["facility"])
    assert result.status == "optimal"


def measured(instance: str, solver: str, proof: float | None, seed: int = 0) -> Measurement:
    times = {"plan": 0.1, "0.01": proof, "0.001": proof, "proof": proof}
    status = "optimal" if proof else "time_limit"
    return Measurement(instance, solver, seed, 1.0, 1.0, 0.0, proof or 60.0, times, 10.0, status)


RESULTS = [
    *(measured("a", "auto", time, seed) for seed, time in enumerate((0.5, 0.9, 8.0))),
    measured("b", "auto", 3.9),
    measured("a", "peer:x", 8.9),
    measured("b", "peer:x", None),
    measured("a", "peer:y", 9.9),
    measured("b", "peer:y", 39.9),
]


def test_means_take_medians_and_the_limit_by_hand() -> None:
    """With the shift of 0.1: auto √(1 · 4) − 0.1, x √(9 · 60.1) − 0.1; best peers 9 / 1 and 40 / 4."""
    means = geometric_means(RESULTS, 60.0)
    assert means["auto"] == pytest.approx(1.9)
    assert means["peer:x"] == pytest.approx(math.sqrt(9.0 * 60.1) - 0.1)
    assert speed_ups(RESULTS, 60.0) == {"auto": pytest.approx(math.sqrt(90.0))}


def test_profile_by_hand() -> None:
    ratio, share = profile(RESULTS)["peer:x"]
    assert ratio.tolist() == [pytest.approx(8.9 / 0.9)]
    assert share.tolist() == [0.5]
    assert profile(RESULTS)["auto"][1].tolist() == [0.5, 1.0]


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    save_profile(RESULTS, tmp_path / "profile.png")
    assert (tmp_path / "profile.png").read_bytes().startswith(b"\x89PNG")


def test_time_to_gap_counts_only_what_lasts() -> None:
    trace = (Progress(1.0, 10.0, 9.95), Progress(2.0, 10.0, 9.0), Progress(3.0, 9.05, 9.0))
    assert time_to_gap(trace, 0.01) == 3.0
    assert time_to_gap(trace, 0.0001) is None


def test_the_summary_counts_proofs_and_compares_at_every_point() -> None:
    found = summary(RESULTS, 60.0)
    assert (found["auto"]["proved"], found["peer:x"]["proved"], found["auto"]["instances"]) == (2, 1, 2)
    assert found["auto"]["times_faster"]["proof"] == pytest.approx(math.sqrt(90.0))
    assert found["auto"]["times_faster"]["plan"] == pytest.approx(1.0)
    assert found["peer:x"]["times_faster"] == {}
    console = Console(width=200, record=True, file=StringIO())
    console.print(summary_table(RESULTS, 60.0))
    assert "2 of 2" in console.export_text()


def test_the_table_gives_the_ratio_to_the_fastest_peer() -> None:
    assert best_peer(RESULTS, "a") == 8.9
    assert best_peer(RESULTS, "b") == 39.9
    console = Console(width=250, record=True, file=StringIO())
    console.print(table(RESULTS))
    text = console.export_text()
    assert "9.9" in text
    assert "10.2" in text


def test_a_ratio_to_peers_that_never_proved_is_a_lower_bound() -> None:
    alone = [replace(RESULTS[3], time_limit_s=39.0), measured("b", "peer:x", None)]
    console = Console(width=250, record=True, file=StringIO())
    console.print(table(alone))
    assert "≥ 10.0" in console.export_text()


def known(objective: float, bound: float, status: str = "time_limit", *, proved: bool = True) -> Measurement:
    first = measured("a", "auto", 1.0)
    return replace(
        first, objective=objective, bound=bound, status=status, best_known=100.0, known_proved=proved,
        gap_asked=0.01,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (known(100.0, 100.1), "bound 100.100000 is above"),
        (known(99.9, 90.0), "plan 99.900000 is below"),
        (known(101.1, 100.0, "optimal"), "called optimal"),
    ],
)
def test_what_cannot_be_true_beside_a_proved_optimum_is_said(result: Measurement, words: str) -> None:
    (line,) = contradictions([result])
    assert words in line


def test_what_can_be_true_is_not_called_a_contradiction() -> None:
    fine = [
        known(100.00005, 99.99, "optimal"),
        known(100.9, 99.9, "optimal"),
        known(150.0, 50.0),
        known(99.0, 98.0, proved=False),
        measured("a", "auto", None),
    ]
    assert contradictions(fine) == []


def test_bounds_are_proved_again_when_asked_for() -> None:
    name = "generated/cornuejols-8x10-r3-1"
    ours, peer = run_bench(
        None, only=[name], strategies=["auto"], peers=["highs"], gap=1e-6, time_limit_s=20.0, certify=True
    )
    assert peer.certified is None
    assert ours.certified is not None and ours.objective is not None
    assert ours.objective * (1 - 1.1e-6) <= ours.certified <= ours.objective
    console = Console(width=220, record=True, file=StringIO())
    console.print(table([ours, peer]))
    assert "certified" in console.export_text()
