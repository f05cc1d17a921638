"""Copies of lanes for the sizes of their sites, and the gates that stand for them."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.legs.lanes.form import Lanes
from optimizer.solver.legs.lanes.tariffs import Tariffs, tariff_measures

__all__ = ["lane_copies", "measures_of_lanes", "measures_of_tariffs", "with_lane_gates", "with_tariff_gates"]

Ids = npt.NDArray[np.int64]


def lane_copies(problem: Problem, lanes: Lanes) -> tuple[Ids, Ids]:
    """Lane and size of each copy of a lane: one per size of its site, one (size −1) where it has several."""
    sizes = np.diff(problem.site_start)
    times = np.where(lanes.site < 0, 1, sizes[np.maximum(lanes.site, 0)])
    lane = np.repeat(np.arange(len(times)), times)
    rank = np.arange(len(lane)) - np.repeat(np.cumsum(times) - times, times)
    return lane, np.where(lanes.site[lane] < 0, -1, rank)


def with_lane_gates(
    shell: Problem, problem: Problem, lanes: Lanes, copies: tuple[Ids, Ids]
) -> tuple[Problem, int]:
    """Add a gate for every copy of a lane, under its size where it has one; also the number of the first."""
    lane, rank = copies
    gate = lanes.gate[lane]
    fee = np.where(gate >= 0, problem.gate_fee[np.maximum(gate, 0)], 0.0)
    size = problem.site_start[np.maximum(lanes.site[lane], 0)] + rank
    under = rank >= 0
    return _with_gates(shell, fee, under, size[under]), shell.n_gates


def with_tariff_gates(shell: Problem, tariffs: Tariffs) -> tuple[Problem, int]:
    """Add a gate for every tariff, under all sizes of its site; also the number of the first."""
    count, sizes = np.diff(shell.site_start)[tariffs.site], positions(shell.site_start, tariffs.site)
    return _with_gates(shell, np.zeros(len(count)), count, sizes), shell.n_gates


def _with_gates(shell: Problem, fee: Floats, count: Ids | Bools, size: Ids) -> Problem:
    """Add gates, each under so many sizes."""
    start = shell.gate_size_start[-1] + np.cumsum(count)
    return replace(
        shell,
        gate_fee=np.concatenate([shell.gate_fee, fee]),
        gate_size_start=np.concatenate([shell.gate_size_start, start]),
        gate_size=np.concatenate([shell.gate_size, size]).astype(np.int32),
    )


def measures_of_lanes(problem: Problem, lanes: Lanes) -> Bools:
    """Measures that belong to lanes."""
    own = np.zeros(problem.n_measures, dtype=bool)
    own[positions(problem.resource_start, lanes.resource[lanes.resource >= 0])] = True
    return own


def measures_of_tariffs(problem: Problem, lanes: Lanes) -> Bools:
    """Measures that belong to tariffs."""
    own = np.zeros(problem.n_measures, dtype=bool)
    own[tariff_measures(problem, lanes.tariff)] = True
    return own
