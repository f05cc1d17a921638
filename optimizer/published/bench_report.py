"""What a benchmark shows: a table of medians, a summary, contradictions of what is known, JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from optimizer.published.bench_means import POINTS, best_peer, geometric_means, median_of, speed_ups
from optimizer.published.measure import Measurement
from optimizer.solver.solution import relative_gap

__all__ = ["as_json", "contradictions", "result_line", "summary", "summary_table", "table"]

ROUNDING = 1e-6
"""Relative difference up to which published values are taken as equal."""

_LEFT = ("instance", "solver", "status")


def as_json(measurements: Sequence[Measurement], time_limit_s: float) -> dict[str, Any]:
    """Return the results as plain data: one entry per instance, solver and seed, and what they come to."""
    return {
        "results": [asdict(measurement) for measurement in measurements],
        "summary": summary(measurements, time_limit_s),
        "contradictions": contradictions(measurements),
    }


def summary(measurements: Sequence[Measurement], time_limit_s: float) -> dict[str, dict[str, Any]]:
    """Per solver: instances proved, geometric means of the times, and speed-ups over the best peer.

    Returns
    -------
    dict
        By solver: ``instances``, ``proved`` (those whose median seed proved the gap), ``mean_s`` and, for
        strategies beside peers, ``times_faster``, both by point.
    """
    means = {point: geometric_means(measurements, time_limit_s, point) for point in POINTS}
    faster = {point: speed_ups(measurements, time_limit_s, point) for point in POINTS}
    instances = list(dict.fromkeys(m.instance for m in measurements))
    found: dict[str, dict[str, Any]] = {}
    for solver in dict.fromkeys(m.solver for m in measurements):
        proofs = [
            median_of([m.time_to["proof"] for m in measurements if (m.instance, m.solver) == (name, solver)])
            for name in instances
        ]
        found[solver] = {
            "instances": len(instances),
            "proved": sum(proof is not None for proof in proofs),
            "mean_s": {point: means[point][solver] for point in POINTS},
            "times_faster": {point: faster[point][solver] for point in POINTS if solver in faster[point]},
        }
    return found


def contradictions(measurements: Sequence[Measurement]) -> list[str]:
    """Say where a result cannot be true beside a proved optimum of the literature.

    A bound above the optimum, a plan below it, or a plan called optimal that is not: one of the two sides
    is wrong, or printed with fewer digits.
    """
    found = []
    for m in measurements:
        if m.best_known is None or not m.known_proved:
            continue
        who, slack = f"{m.instance}, {m.solver}, seed {m.seed}", ROUNDING * max(1.0, abs(m.best_known))
        if m.bound is not None and m.bound > m.best_known + slack:
            found.append(f"{who}: the bound {m.bound:.6f} is above the published optimum {m.best_known:.6f}")
        if m.objective is not None and m.objective < m.best_known - slack:
            found.append(
                f"{who}: the plan {m.objective:.6f} is below the published optimum {m.best_known:.6f}"
            )
        if m.status == "optimal" and m.objective is not None:
            room = m.gap_asked * abs(m.objective) + slack
            if m.objective > m.best_known + room:
                found.append(f"{who}: {m.objective:.6f} is called optimal, {m.best_known:.6f} was published")
    return found


def result_line(m: Measurement) -> str:
    """One solve in one line."""
    objective, gap = _number(m.objective, "{:.6g}"), _number(m.gap, "{:.3%}")
    proof = _number(m.time_to["proof"], "proof {:.2f} s")
    return f"{m.instance}  {m.solver}  seed {m.seed}: {objective}, gap {gap}, {proof}, {m.status}"


def table(measurements: Sequence[Measurement]) -> Table:
    """One line per instance and solver: medians over the seeds; a dash where most seeds did not get there."""
    view = Table(title="medians over seeds, seconds")
    certified = any(m.certify_s is not None for m in measurements)
    names = ["instance", "solver", "objective", "known", "gap", *POINTS, "× peer", "CPU", "peak MB", "status"]
    if certified:
        names[5:5] = ["certified", "in"]
    for name in names:
        view.add_column(name, justify="left" if name in _LEFT else "right")
    for instance, solver in dict.fromkeys((m.instance, m.solver) for m in measurements):
        group = [m for m in measurements if (m.instance, m.solver) == (instance, solver)]
        times = {point: median_of([m.time_to[point] for m in group]) for point in POINTS}
        view.add_row(
            instance,
            solver,
            _number(median_of([m.objective for m in group]), "{:.2f}"),
            _number(group[0].best_known, "{:.2f}"),
            _number(median_of([m.gap for m in group]), "{:.3%}"),
            *(_certificate_cells(group) if certified else ()),
            *(_number(times[point], "{:.2f}") for point in POINTS),
            _times_faster(measurements, instance, solver, times["proof"]),
            _number(median_of([m.cpu_s for m in group]), "{:.1f}"),
            _number(median_of([m.peak_mb for m in group]), "{:.0f}"),
            ", ".join(sorted({m.status for m in group})),
        )
    return view


def summary_table(measurements: Sequence[Measurement], time_limit_s: float) -> Table:
    """One line per solver: instances proved, shifted geometric means, speed-ups over the best peer."""
    view = Table(title="shifted geometric means, seconds (the limit where not reached)")
    beside = any(m.solver.startswith("peer:") for m in measurements)
    names = ("solver", "proved", *POINTS, *((f"× peer, {point}" for point in POINTS) if beside else ()))
    for name in names:
        view.add_column(name, justify="left" if name == "solver" else "right")
    for solver, found in summary(measurements, time_limit_s).items():
        faster = [_number(found["times_faster"].get(point), "{:.2f}") for point in POINTS] if beside else []
        proved = f"{found['proved']} of {found['instances']}"
        view.add_row(solver, proved, *(f"{found['mean_s'][point]:.2f}" for point in POINTS), *faster)
    return view


def _certificate_cells(group: Sequence[Measurement]) -> tuple[str, str]:
    """Gap that the certificates prove, and seconds that this took."""
    proved = [_certified_gap(m) for m in group]
    return _number(median_of(proved), "{:.3%}"), _number(median_of([m.certify_s for m in group]), "{:.1f}")


def _certified_gap(m: Measurement) -> float | None:
    if m.certified is None or m.objective is None:
        return None
    return relative_gap(m.objective, m.certified)


def _times_faster(measurements: Sequence[Measurement], instance: str, solver: str, ours: float | None) -> str:
    """Best peer's time to proof over ours; with ≥ where no peer proved and the limit stands for it."""
    beside = any(m.solver.startswith("peer:") for m in measurements)
    if solver.startswith("peer:") or ours is None or not beside:
        return ""
    theirs = best_peer(measurements, instance)
    if theirs is not None:
        return f"{theirs / max(ours, 1e-3):.1f}"
    limit = next(m.time_limit_s for m in measurements if m.instance == instance)
    return f"≥ {limit / max(ours, 1e-3):.1f}"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
