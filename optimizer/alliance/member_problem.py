"""A canonical problem shared by members, and the part of it that a coalition has to solve."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.alliance.coalition import members_of
from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import take

__all__ = ["CoalitionProblem", "MemberProblem", "coalition_problem"]


@dataclass(frozen=True, eq=False)
class MemberProblem:
    """A canonical problem whose rows (and some gates) belong to members.

    Attributes
    ----------
    problem : Problem
        The problem of everybody together.
    players : tuple of str
        Names of the members.
    member_of_row : int64, shape (rows,)
        Member of each row.
    member_of_gate : int64, shape (gates,)
        Member of each gate, or -1 where a gate belongs to nobody.
    """

    problem: Problem
    players: tuple[str, ...]
    member_of_row: Ints
    member_of_gate: Ints

    @property
    def n(self) -> int:
        """Number of members."""
        return len(self.players)


@dataclass(frozen=True, eq=False)
class CoalitionProblem:
    """A coalition's problem with the numbers that its rows, options and rules have in the whole problem.

    Sizes, gates, resources, modules and tiers keep their numbers, so that openings carry over.
    """

    problem: Problem
    row: Ints
    option: Ints
    rule: Ints


def coalition_problem(members: MemberProblem, coalition: int) -> CoalitionProblem:
    """Return the problem of the coalition: its rows, with all sites and lanes at its disposal.

    The convention is that sites do not stack: every coalition may use every site as if alone. Gates of
    members outside stay closed; rules lose them.
    """
    problem = members.problem
    inside = np.zeros(members.n + 1, dtype=np.bool_)
    inside[list(members_of(coalition))] = True
    row = np.flatnonzero(inside[members.member_of_row])
    owner = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    keep_row = np.zeros(problem.n_rows, dtype=np.bool_)
    keep_row[row] = True
    option = np.flatnonzero(keep_row[owner])
    gates = take((problem.option_gate_start, (problem.option_gate,)), option)
    uses = take((problem.option_use_start, (problem.option_use_measure, problem.option_use_amount)), option)
    row_start = np.zeros(len(row) + 1, dtype=np.int64)
    np.cumsum(np.diff(problem.row_start)[row], out=row_start[1:])
    part = replace(
        problem,
        row_start=row_start,
        row_demand=problem.row_demand[row],
        row_single=problem.row_single[row],
        option_cost=problem.option_cost[option],
        option_gate_start=gates[0],
        option_gate=gates[1][0],
        option_use_start=uses[0],
        option_use_measure=uses[1][0],
        option_use_amount=uses[1][1],
    )
    present = (members.member_of_gate < 0) | inside[members.member_of_gate]
    reduced, rule = _rules_without(part, present)
    return CoalitionProblem(reduced, row, option, rule)


def _rules_without(problem: Problem, gate_present: Bools) -> tuple[Problem, Ints]:
    """Drop absent gates from the rules, and the rules that only spoke of them; tell which stay."""
    if not problem.n_rules or gate_present.all():
        return problem, np.arange(problem.n_rules)
    first = problem.n_sizes
    is_gate = (problem.rule_index >= first) & (problem.rule_index < first + problem.n_gates)
    keep = np.ones(len(problem.rule_index), dtype=np.bool_)
    keep[is_gate] = gate_present[problem.rule_index[is_gate] - first]
    rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
    counts = np.bincount(rule[keep], minlength=problem.n_rules)
    kept_rule = (counts > 0) | (np.diff(problem.rule_start) == 0)
    start = np.zeros(int(kept_rule.sum()) + 1, dtype=np.int64)
    np.cumsum(counts[kept_rule], out=start[1:])
    lower: Floats = problem.rule_lower[kept_rule]
    reduced = replace(
        problem,
        rule_start=start,
        rule_index=problem.rule_index[keep],
        rule_coefficient=problem.rule_coefficient[keep],
        rule_lower=lower,
        rule_upper=problem.rule_upper[kept_rule],
    )
    return reduced, np.flatnonzero(kept_rule)
