"""The benchmark: one line per solve, medians, means, profile and picture."""

import json
import math
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from optimizer.errors import InputError
from optimizer.published.bench import run_bench
from optimizer.published.bench_report import as_json, geometric_means, profile, save_profile, speed_ups, table
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
    plain = json.loads(json.dumps(as_json(results)))
    assert set(plain["results"][0]) >= KEYS
    assert set(plain["results"][0]["time_to"]) == {"plan", "0.01", "0.001", "proof"}
    console = Console(width=200, record=True, file=StringIO())
    console.print(table(results))
    assert name in console.export_text()


def test_unknown_names_are_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="no peer has this name"):
        run_bench(None, only=["generated/alliance-S"], peers=["cplexx"])
    with pytest.raises(InputError, match="a folder is needed"):
        run_bench(None, only=["cap41"])


def test_a_strategy_that_does_not_exist_is_a_failed_line() -> None:
    (result,) = run_bench(None, only=["generated/cornuejols-4x5-r3-1"], strategies=["magic"])
    assert result.status.startswith("error")
    assert result.objective is None


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
