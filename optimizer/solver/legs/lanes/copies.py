"""Copies of lanes for the sizes of their sites, and the gates that stand for them."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Bools, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.legs.lanes.form import Lanes

__all__ = ["lane_copies", "measures_of_lanes", "with_lane_gates"]

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
    start = shell.gate_size_start[-1] + np.cumsum(under)
    return replace(
        shell,
        gate_fee=np.concatenate([shell.gate_fee, fee]),
        gate_size_start=np.concatenate([shell.gate_size_start, start]),
        gate_size=np.concatenate([shell.gate_size, size[under]]).astype(np.int32),
    ), shell.n_gates


def measures_of_lanes(problem: Problem, lanes: Lanes) -> Bools:
    """Measures that belong to lanes."""
    own = np.zeros(problem.n_measures, dtype=bool)
    own[positions(problem.resource_start, lanes.resource[lanes.resource >= 0])] = True
    return own
