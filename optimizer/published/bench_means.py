"""What a benchmark comes to: geometric means, speed-ups over the best peer, the performance profile."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt

from optimizer.errors import EntrepotError
from optimizer.published.measure import Measurement

__all__ = ["POINTS", "best_peer", "geometric_means", "median_of", "profile", "save_profile", "speed_ups"]

Floats = npt.NDArray[np.float64]
SHIFT_S = 0.1
POINTS = ("plan", "0.01", "0.001", "proof")
"""The moments that are timed: first plan, gaps of 1 % and 0.1 %, the gap asked for."""


def geometric_means(
    measurements: Sequence[Measurement], time_limit_s: float, point: str = "proof"
) -> dict[str, float]:
    """Shifted geometric mean of the time to a point per solver (shift 0.1 s, the limit where not reached).

    The shift keeps instances of a few milliseconds from ruling the mean.
    """
    times = _times(measurements, time_limit_s, point)
    return {
        solver: float(np.exp(np.mean(np.log(values + SHIFT_S))) - SHIFT_S) for solver, values in times.items()
    }


def speed_ups(
    measurements: Sequence[Measurement], time_limit_s: float, point: str = "proof"
) -> dict[str, float]:
    """How many times faster each strategy is than the best peer of each instance, geometric mean.

    Times shifted as in `geometric_means`; where a peer does not get there within the limit the limit stands
    for it, so the ratio is a lower bound as long as the strategy itself got there.
    """
    times = _times(measurements, time_limit_s, point)
    peers = [values for solver, values in times.items() if solver.startswith("peer:")]
    if not peers:
        return {}
    best = np.minimum.reduce(peers)
    return {
        solver: float(np.exp(np.mean(np.log((best + SHIFT_S) / (values + SHIFT_S)))))
        for solver, values in times.items()
        if not solver.startswith("peer:")
    }


def best_peer(measurements: Sequence[Measurement], instance: str, point: str = "proof") -> float | None:
    """Median time of the fastest peer on one instance; None where there is none or none got there."""
    here = [m for m in measurements if m.instance == instance and m.solver.startswith("peer:")]
    medians = [
        median_of([m.time_to[point] for m in here if m.solver == solver])
        for solver in dict.fromkeys(m.solver for m in here)
    ]
    return min((value for value in medians if value is not None), default=None)


def profile(measurements: Sequence[Measurement]) -> dict[str, tuple[Floats, Floats]]:
    """Performance profile: share of instances proved within τ times the fastest solver's time.

    Source: Dolan and More (2002), Mathematical Programming 91, 201-213.

    Returns
    -------
    dict
        For each solver, ascending τ and the share of instances.
    """
    times = _times(measurements, np.inf, "proof")
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
        matplotlib is not installed, or the picture cannot be written.
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
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise EntrepotError(f"the picture {path} cannot be written: {error}") from error


def median_of(values: Sequence[float | None]) -> float | None:
    """Median in which a missing value counts as larger than all others.

    >>> median_of([1.0, 3.0, None]), median_of([1.0, None])
    (3.0, None)
    """
    if not values:
        return None
    ranked = median(np.inf if value is None else value for value in values)
    return None if np.isinf(ranked) else float(ranked)


def _times(measurements: Sequence[Measurement], missing: float, point: str) -> dict[str, Floats]:
    """Median time to a point per solver, in the order of the instances."""
    instances = list(dict.fromkeys(m.instance for m in measurements))
    times: dict[str, Floats] = {}
    for solver in dict.fromkeys(m.solver for m in measurements):
        values = []
        for instance in instances:
            group = [m for m in measurements if (m.instance, m.solver) == (instance, solver)]
            known = median_of([m.time_to[point] for m in group])
            values.append(missing if known is None else min(known, missing))
        times[solver] = np.array(values)
    return times
