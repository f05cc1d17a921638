"""A canonical problem shared by members, and the part of it that a coalition has to solve."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.alliance.coalition import members_of
from optimizer.errors import InfeasibleError
from optimizer.problem.legs import Legs, restrict_legs
from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import take

__all__ = [
    "CoalitionProblem",
    "MemberProblem",
    "coalition_problem",
    "excluded_from_site",
    "site_vetoed",
]


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
    member_supply : float64, shape (members, measures), or None
        What of the standing supply of each measure a member brings along and takes away when it leaves: the
        late orders that its own orders allow. None: everything is there for every coalition.
    legs : Legs or None
        How the options of the problem fall apart into legs, if they do.
    """

    problem: Problem
    players: tuple[str, ...]
    member_of_row: Ints
    member_of_gate: Ints
    member_supply: Floats | None = None
    legs: Legs | None = None

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
    legs: Legs | None = None


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
    supply = problem.measure_supply
    if members.member_supply is not None:
        supply = np.maximum(0.0, supply - members.member_supply[~inside[:-1]].sum(axis=0))
    part = replace(
        _with_options(problem, option),
        measure_supply=supply,
        row_start=_starts(np.diff(problem.row_start)[row]),
        row_demand=problem.row_demand[row],
        row_single=problem.row_single[row],
    )
    present = (members.member_of_gate < 0) | inside[members.member_of_gate]
    reduced, rule = _rules_without(part, present)
    legs = None if members.legs is None else restrict_legs(members.legs, row, option)
    return CoalitionProblem(reduced, row, option, rule, legs)


def site_vetoed(members: MemberProblem, site: int) -> MemberProblem:
    """Return the problem in which nobody uses the site, whatever the coalition."""
    return _without(members, _stands_under(members.problem, site))


def excluded_from_site(members: MemberProblem, member: str, site: int) -> MemberProblem:
    """Return the problem in which one member may not use the site; the others may."""
    problem = members.problem
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    own = members.member_of_row[row] == members.players.index(member)
    return _without(members, own & _stands_under(problem, site))


def _stands_under(problem: Problem, site: int) -> Bools:
    """Return the options that need a gate under the site."""
    under = np.zeros(problem.n_gates, dtype=np.bool_)
    gate = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
    first, last = problem.site_start[site], problem.site_start[site + 1]
    under[gate[(problem.gate_size >= first) & (problem.gate_size < last)]] = True
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    result = np.zeros(problem.n_options, dtype=np.bool_)
    result[option[under[problem.option_gate]]] = True
    return result


def _without(members: MemberProblem, dropped: Bools) -> MemberProblem:
    problem = members.problem
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    kept = np.flatnonzero(~dropped)
    counts = np.bincount(row[kept], minlength=problem.n_rows)
    stranded = sorted({members.players[i] for i in members.member_of_row[counts == 0].tolist()})
    if stranded:
        raise InfeasibleError(
            [f"without the site {name} has orders that nothing can serve" for name in stranded]
        )
    legs = None if members.legs is None else restrict_legs(members.legs, np.arange(problem.n_rows), kept)
    return replace(
        members, problem=replace(_with_options(problem, kept), row_start=_starts(counts)), legs=legs
    )


def _starts(counts: Ints) -> Ints:
    start = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=start[1:])
    return start


def _with_options(problem: Problem, option: Ints) -> Problem:
    """Keep the given options; `row_start` is left to the caller."""
    gates = take((problem.option_gate_start, (problem.option_gate,)), option)
    uses = take((problem.option_use_start, (problem.option_use_measure, problem.option_use_amount)), option)
    return replace(
        problem,
        option_cost=problem.option_cost[option],
        option_gate_start=gates[0],
        option_gate=gates[1][0],
        option_use_start=uses[0],
        option_use_measure=uses[1][0],
        option_use_amount=uses[1][1],
    )


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
    lower: Floats = problem.rule_lower[kept_rule]
    reduced = replace(
        problem,
        rule_start=_starts(counts[kept_rule]),
        rule_index=problem.rule_index[keep],
        rule_coefficient=problem.rule_coefficient[keep],
        rule_lower=lower,
        rule_upper=problem.rule_upper[kept_rule],
    )
    return reduced, np.flatnonzero(kept_rule)
