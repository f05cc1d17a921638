"""Two problems over legs that share nothing, as one: written array by array, without the code under test."""

from dataclasses import fields, replace

import numpy as np

from optimizer.problem.legs import Leg, Legs
from optimizer.problem.problem import Problem

NUMBERED = {
    "option_gate": "n_gates", "option_use_measure": "n_measures", "gate_size": "n_sizes",
    "size_supply_measure": "n_measures", "module_supply_measure": "n_measures",
}  # fmt: skip


def side_by_side(first: Problem, second: Problem) -> Problem:
    """One problem of two that share nothing: written array by array, without the code under test."""
    arrays = {}
    for field in fields(Problem):
        a, b = getattr(first, field.name), getattr(second, field.name)
        if field.name == "constant":
            arrays[field.name] = a + b
        elif field.name.endswith("_start"):
            arrays[field.name] = np.concatenate([a, b[1:] + a[-1]])
        elif field.name == "rule_index":
            arrays[field.name] = np.concatenate(
                [_renumbered(first, second, a, 0), _renumbered(first, second, b, 1)]
            )
        else:
            shift = getattr(first, NUMBERED[field.name]) if field.name in NUMBERED else 0
            arrays[field.name] = np.concatenate([a, b + shift if shift else b]).astype(a.dtype)
    return Problem(**arrays)


def _renumbered(first: Problem, second: Problem, index: np.ndarray, which: int) -> np.ndarray:
    """Rules count sizes first, then gates, then modules."""
    own = (first, second)[which]
    ends = np.cumsum([0, own.n_sizes, own.n_gates])
    kind = np.searchsorted(ends, index, side="right") - 1
    total = np.array([0, first.n_sizes + second.n_sizes])
    starts = np.append(total, total[1] + first.n_gates + second.n_gates)
    before = np.array([first.n_sizes, first.n_gates, first.n_modules]) * which
    return (starts[kind] + before[kind] + index - ends[kind]).astype(np.int32)


def joined_legs(first: tuple[Problem, Legs], second: tuple[Problem, Legs]) -> Legs:
    problem, a = first
    b = second[1]
    nodes, heads, tails = int(a.head.node.max()) + 1, len(a.head_row), len(a.tail.node)

    def both(one: Leg, other: Leg) -> Leg:
        wide = max(one.gate.shape[1], other.gate.shape[1]), max(one.measure.shape[1], other.measure.shape[1])
        gate = np.where(other.gate >= 0, other.gate + problem.n_gates, -1)
        measure = np.where(other.measure >= 0, other.measure + problem.n_measures, -1)
        return Leg(
            np.concatenate([one.node, other.node + nodes]),
            np.concatenate([one.cost, other.cost]),
            np.concatenate([_widened(one.gate, wide[0], -1), _widened(gate, wide[0], -1)]),
            np.concatenate([_widened(one.measure, wide[1], -1), _widened(measure, wide[1], -1)]),
            np.concatenate([_widened(one.amount, wide[1], 0.0), _widened(other.amount, wide[1], 0.0)]),
        )

    return Legs(
        np.concatenate([a.option_head, np.where(b.option_head >= 0, b.option_head + heads, -1)]),
        np.concatenate([a.option_tail, np.where(b.option_tail >= 0, b.option_tail + tails, -1)]),
        np.concatenate([a.head_row, b.head_row + problem.n_rows]),
        both(a.head, b.head),
        both(a.tail, b.tail),
    )


def _widened(values: np.ndarray, width: int, fill: float) -> np.ndarray:
    more = np.full((len(values), width - values.shape[1]), fill, dtype=values.dtype)
    return np.concatenate([values, more], axis=1)


def with_rule(problem: Problem, sizes: np.ndarray, lower: float, upper: float) -> Problem:
    return replace(
        problem,
        rule_start=np.append(problem.rule_start, problem.rule_start[-1] + len(sizes)),
        rule_index=np.append(problem.rule_index, sizes).astype(np.int32),
        rule_coefficient=np.append(problem.rule_coefficient, np.ones(len(sizes))),
        rule_lower=np.append(problem.rule_lower, lower),
        rule_upper=np.append(problem.rule_upper, upper),
    )
