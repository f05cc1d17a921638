"""Which legs have lanes, and what each lane has for its own."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.solver.legs.lanes.form import lanes_of
from tiny_lanes import tiny_lanes


def gated_lane() -> tuple[Problem, Legs]:
    """A problem with a lane that has a gate of its own."""
    for seed in range(100):
        problem, legs = tiny_lanes(seed)
        lanes = lanes_of(problem, legs)
        if lanes is None or np.any(np.diff(problem.site_start) == 1) or problem.n_sites < 2:
            continue
        tails = np.bincount(lanes.of_tail[lanes.resource[lanes.of_tail] >= 0])
        if np.any(lanes.gate >= 0) and np.count_nonzero(tails) > 1:
            return problem, legs
    raise AssertionError("no such problem")


def test_single_sourced_rows_are_refused() -> None:
    problem, legs = gated_lane()
    assert lanes_of(replace(problem, row_single=np.arange(problem.n_rows) == 0), legs) is None


@pytest.mark.parametrize("named", ["gate", "module"])
def test_rules_beyond_sizes_are_refused(named: str) -> None:
    problem, legs = gated_lane()
    index = problem.n_sizes + (0 if named == "gate" else problem.n_gates)
    ruled = replace(
        problem,
        rule_start=np.array([0, 1]),
        rule_index=np.array([index], dtype=np.int32),
        rule_coefficient=np.ones(1),
        rule_lower=np.zeros(1),
        rule_upper=np.ones(1),
    )
    assert lanes_of(ruled, legs) is None
    assert lanes_of(replace(ruled, rule_index=np.zeros(1, dtype=np.int32)), legs) is not None


def a_gated_head(legs: Legs) -> int:
    return int(np.flatnonzero(legs.head.gate[:, 0] >= 0)[0])


def head_with(legs: Legs, gates: list[int]) -> Legs:
    """Give a head these gates and no other."""
    head = a_gated_head(legs)
    wide = np.full((len(legs.head_row), max(len(gates), legs.head.gate.shape[1])), -1)
    wide[:, : legs.head.gate.shape[1]] = legs.head.gate
    wide[head] = -1
    wide[head, : len(gates)] = gates
    return replace(legs, head=replace(legs.head, gate=wide))


def test_heads_with_two_fees_or_another_site_or_none_are_refused() -> None:
    problem, legs = gated_lane()
    (own, *_), fees = legs.head.gate[a_gated_head(legs)], np.flatnonzero(problem.gate_fee > 0.0)
    free = fees[np.diff(problem.gate_size_start)[fees] == 0]
    assert lanes_of(problem, head_with(legs, [own])) is not None
    assert lanes_of(problem, head_with(legs, [own, free[0]])) is not None
    assert lanes_of(problem, head_with(legs, [own, *free[:2]])) is None
    assert lanes_of(problem, head_with(legs, [0, 1])) is None
    assert lanes_of(problem, head_with(legs, [])) is None


def test_tails_that_buy_from_two_lanes_are_refused() -> None:
    problem, legs = gated_lane()
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    bought = np.unique(lanes.resource[lanes.resource >= 0])
    assert len(bought) > 1
    measure, amount = legs.tail.measure.copy(), legs.tail.amount.copy()
    measure[0, :2], amount[0, :2] = problem.resource_start[bought[:2]], 1.0
    assert lanes_of(problem, replace(legs, tail=replace(legs.tail, measure=measure, amount=amount))) is None


def test_gates_that_admit_some_sizes_only_are_refused() -> None:
    problem, legs = gated_lane()
    gate = int(legs.head.gate[a_gated_head(legs), 0])
    at = problem.gate_size_start[gate]
    start = problem.gate_size_start - (np.arange(problem.n_gates + 1) > gate)
    choosy = replace(problem, gate_size_start=start, gate_size=np.delete(problem.gate_size, at))
    assert lanes_of(choosy, legs) is None


def test_gate_of_two_lanes_belongs_to_none() -> None:
    """Also where one lane names it first and the other second."""
    problem, legs = gated_lane()
    lanes = lanes_of(problem, legs)
    assert lanes is not None
    lane = np.flatnonzero(lanes.gate >= 0)[0]
    gate = np.where(legs.tail.gate == lanes.gate[lane], -1, legs.tail.gate)
    gate = np.column_stack([np.full(len(gate), -1), np.where(problem.gate_fee[gate] > 0.0, -1, gate)])
    other = np.flatnonzero(lanes.of_tail != lane)[0]
    gate[lanes.of_tail == lane, 0] = gate[other, -1] = lanes.gate[lane]
    found = lanes_of(problem, replace(legs, tail=replace(legs.tail, gate=gate)))
    assert found is not None
    assert lanes.gate[lane] not in found.gate
