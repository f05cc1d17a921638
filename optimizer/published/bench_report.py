"""What a benchmark shows: one table of medians, geometric means, a performance profile, JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.table import Table

from optimizer.errors import EntrepotError
from optimizer.published.measure import Measurement

__all__ = ["as_json", "geometric_means", "profile", "save_profile", "speed_ups", "table"]

Floats = npt.NDArray[np.float64]
SHIFT_S = 0.1
POINTS = ("plan", "0.01", "0.001", "proof")


def as_json(measurements: Sequence[Measurement]) -> dict[str, Any]:
    """Return the results as plain data: one entry per instance, solver and seed."""
    return {"results": [asdict(measurement) for measurement in measurements]}


def table(measurements: Sequence[Measurement]) -> Table:
    """One line per instance and solver: medians over the seeds; a dash where most seeds did not get there."""
    view = Table(title="medians over seeds, seconds")
    for name in ("instance", "solver", "objective", "known", "gap", *POINTS, "peak MB", "status"):
        view.add_column(name, justify="left" if name in ("instance", "solver", "status") else "right")
    for instance, solver in dict.fromkeys((m.instance, m.solver) for m in measurements):
        group = [m for m in measurements if (m.instance, m.solver) == (instance, solver)]
        first = group[0]
        view.add_row(
            instance,
            solver,
            _number(_median([m.objective for m in group]), "{:.2f}"),
            _number(first.best_known, "{:.2f}"),
            _number(_median([m.gap for m in group]), "{:.3%}"),
            *(_number(_median([m.time_to[point] for m in group]), "{:.2f}") for point in POINTS),
            f"{median(m.peak_mb for m in group):.0f}",
            ", ".join(sorted({m.status for m in group})),
        )
    return view


def geometric_means(measurements: Sequence[Measurement], time_limit_s: float) -> dict[str, float]:
    """Shifted geometric mean of the time to proof per solver (shift 0.1 s, the limit where not proved).

    The shift keeps instances of a few milliseconds from ruling the mean.
    """
    times = _proof_times(measurements, time_limit_s)
    return {
        solver: float(np.exp(np.mean(np.log(values + SHIFT_S))) - SHIFT_S) for solver, values in times.items()
    }


def speed_ups(measurements: Sequence[Measurement], time_limit_s: float) -> dict[str, float]:
    """How many times faster each strategy is than the best peer of each instance, geometric mean.

    Times to proof, shifted as in `geometric_means`; where a peer does not prove within the limit the limit
    stands for it, so the ratio is a lower bound.
    """
    times = _proof_times(measurements, time_limit_s)
    peers = [values for solver, values in times.items() if solver.startswith("peer:")]
    if not peers:
        return {}
    best = np.minimum.reduce(peers)
    return {
        solver: float(np.exp(np.mean(np.log((best + SHIFT_S) / (values + SHIFT_S)))))
        for solver, values in times.items()
        if not solver.startswith("peer:")
    }


def profile(measurements: Sequence[Measurement]) -> dict[str, tuple[Floats, Floats]]:
    """Performance profile: share of instances proved within τ times the fastest solver's time.

    Source: Dolan and More (2002), Mathematical Programming 91, 201-213.

    Returns
    -------
    dict
        For each solver, ascending τ and the share of instances.
    """
    times = _proof_times(measurements, np.inf)
    fastest = np.minimum.reduce(list(times.values()))
    curves = {}
    for solver, values in times.items():
        with np.errstate(invalid="ignore"):
            ratio = np.sort(np.where(np.isfinite(values), values / np.maximum(fastest, 1e-9), np.inf))
        proved = ratio[np.isfinite(ratio)]
        curves[solver] = (proved, np.arange(1, len(proved) + 1) / len(values))
    return curves


def save_profile(measurements: Sequence[Measurement], path: Path) -> None:
    """Draw the performance profile.

    Raises
    ------
    EntrepotError
        matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise EntrepotError("the picture needs matplotlib: install entrepot[bench]") from error
    figure = Figure(figsize=(7.0, 4.5))
    axes = figure.subplots()
    curves = profile(measurements)
    last = max((float(ratio[-1]) for ratio, _ in curves.values() if len(ratio)), default=1.0)
    for solver, (ratio, share) in curves.items():
        axes.step(
            [1.0, *ratio, last * 1.1],
            [0.0, *share, share[-1] if len(share) else 0.0],
            where="post",
            label=solver,
        )
    axes.set(
        xscale="log", xlabel="time to proof / fastest solver's", ylabel="share of instances", ylim=(0.0, 1.02)
    )
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def _proof_times(measurements: Sequence[Measurement], missing: float) -> dict[str, Floats]:
    """Median time to proof per solver, in the order of the instances."""
    instances = list(dict.fromkeys(m.instance for m in measurements))
    times: dict[str, Floats] = {}
    for solver in dict.fromkeys(m.solver for m in measurements):
        values = []
        for instance in instances:
            group = [m for m in measurements if (m.instance, m.solver) == (instance, solver)]
            known = _median([m.time_to["proof"] for m in group])
            values.append(missing if known is None else min(known, missing))
        times[solver] = np.array(values)
    return times


def _median(values: Sequence[float | None]) -> float | None:
    """Median in which a missing value counts as larger than all others."""
    ranked = median(np.inf if value is None else value for value in values)
    return None if np.isinf(ranked) else float(ranked)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
