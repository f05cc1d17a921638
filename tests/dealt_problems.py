"""Tiny problems with every feature, dealt out to three members."""

from dataclasses import replace

import numpy as np

from optimizer.alliance.member_problem import MemberProblem
from optimizer.problem import Problem
from tiny_problems import tiny_problem

PLAYERS = 3


def shared_out(problem: Problem, seed: int) -> MemberProblem:
    """Deal the rows to three members; each has its own copy of every gate and brings part of the supply."""
    random = np.random.default_rng([7, seed])
    owner = random.permutation(np.arange(problem.n_rows) % PLAYERS)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    counts = np.diff(problem.gate_size_start)
    sizes = [problem.gate_size[problem.gate_size_start[g] :][: counts[g]] for g in range(problem.n_gates)]
    first, last = problem.n_sizes, problem.n_sizes + problem.n_gates
    rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
    of_gate = (problem.rule_index >= first) & (problem.rule_index < last)
    copies = np.where(of_gate, PLAYERS, 1)
    index = np.where(of_gate, first + (problem.rule_index - first) * PLAYERS, problem.rule_index)
    index[problem.rule_index >= last] += problem.n_gates * (PLAYERS - 1)
    shift = np.concatenate([np.arange(count) for count in copies] or [np.zeros(0)]).astype(np.int32)
    dealt = replace(
        problem,
        option_gate=(problem.option_gate * PLAYERS + owner[row[option]]).astype(np.int32),
        gate_fee=np.repeat(problem.gate_fee, PLAYERS),
        gate_size_start=np.concatenate([[0], np.cumsum(np.repeat(counts, PLAYERS))]).astype(np.int64),
        gate_size=np.concatenate([np.tile(part, PLAYERS) for part in sizes] or [problem.gate_size]),
        rule_start=np.concatenate(
            [[0], np.cumsum(np.bincount(rule, weights=copies, minlength=problem.n_rules))]
        ).astype(np.int64),
        rule_index=np.repeat(index, copies) + shift,
        rule_coefficient=np.repeat(problem.rule_coefficient, copies),
    )
    brought = random.random((PLAYERS, problem.n_measures)) * problem.measure_supply / (PLAYERS + 1)
    names = tuple("abc")
    return MemberProblem(dealt, names, owner, np.tile(np.arange(PLAYERS), problem.n_gates), brought)


def of_three_rows(seed: int, features: tuple[str, ...] | None) -> Problem:
    """Return the next tiny problem with a row for everybody."""
    while (problem := tiny_problem(seed, features)).n_rows < PLAYERS:
        seed += 1000
    return problem
