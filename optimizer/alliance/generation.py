"""Least core and nucleolus by row generation over the siting model, with their proof and their bill."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from optimizer.alliance.coalition import names_of
from optimizer.alliance.lexicographic import Lexicographic, Stage, lexicographic_shares
from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.openings.plans_written import written_plans
from optimizer.alliance.openings.separator import OpeningSeparator
from optimizer.alliance.openings.structure import site_structure
from optimizer.alliance.oracle import Interval
from optimizer.alliance.participation import Participation
from optimizer.alliance.siting_separator import SitingSeparator
from optimizer.problem.problem import Floats

__all__ = ["GeneratedCore", "generate_core", "separator_of"]


@dataclass(frozen=True, eq=False)
class GeneratedCore:
    """Shares found without enumerating coalitions, and what proves them.

    Attributes
    ----------
    rule : str
        `nucleolus`, `prenucleolus` (when the stand-alone costs do not cover the plan) or `least_core`.
    shares : float64, shape (n,)
    total : (float, float)
        Interval of c(N).
    epsilon : (float, float)
        Proved interval of the least-core value: [separator's bound, value of the linear program].
    unique : bool
        Whether the shares are the only ones (rank n was reached).
    slack : float
        How far, in money, the worst stage's proof falls short of its level.
    certificate : pandas.DataFrame
        The tight coalitions: `stage`, `level`, `coalition`, `cost`, `cost_lower`, `dual`, `bound`.
    points : dict of int to float64
        The plan of each coalition costed, in the columns of the siting model.
    solves, exact_separations, programs : int
        Mixed-integer solves in all, those that searched over all coalitions to the end, linear programs.
    method : str
        `openings`: the search over openings; `participation`: the general mixed-integer program.
    nodes : int
        Nodes that the search over openings looked at; 0 for the general program.
    costing_s, separation_s : float
        CPU time spent on single coalitions and on searches over all of them; the rest went into linear
        programs and exact arithmetic.
    runtime_s : float
    """

    rule: str
    shares: Floats
    total: Interval
    epsilon: Interval
    unique: bool
    slack: float
    certificate: pd.DataFrame
    points: dict[int, Floats]
    solves: int
    exact_separations: int
    programs: int
    method: str
    nodes: int
    costing_s: float
    separation_s: float
    runtime_s: float


def generate_core(
    members: MemberProblem,
    *,
    stages: int | None = None,
    gap: float = 1e-7,
    accuracy: float | None = None,
    separation_limit_s: float | None = None,
    on_solve: Callable[[int], None] | None = None,
) -> GeneratedCore:
    """Compute the nucleolus (or, with `stages=1`, the least core) of a shared siting problem.

    Parameters
    ----------
    members
        The shared problem.
    stages
        Stop after so many stages; None for the nucleolus.
    gap
        Gap of each solve of the general program relative to c(N). It leaks into the shares: 1e-4 moved them
        by up to 0.6 % of a saving in a trial, 1e-6 by less than 0.01 %. The search over openings has none.
    accuracy
        Part of c(N) below which a violated coalition does not count; `slack` may be that large. None: as
        exact as the arithmetic.
    separation_limit_s
        Limit of each search over all coalitions; where it strikes, `slack` > 0 and `epsilon` stay honest.
    on_solve
        Told after each plan how many solves there have been.
    """
    started = time.monotonic()
    separator = separator_of(members, gap, on_solve, separation_limit_s)
    alone = [separator.refine(row).cost for row in separator.initial() if sum(row.coefficients) == 1]
    total = Fraction(separator.total)
    rational = members.n == 1 or len(alone) < members.n or sum(alone, Fraction(0)) >= total
    tolerance = None if accuracy is None else accuracy * separator.total
    result = lexicographic_shares(separator, total, rational and stages is None, stages, tolerance)
    level = float(result.stages[0].level) if result.stages else 0.0
    bound = level + min(0.0, result.stages[0].bound) if result.stages else 0.0
    name = "least_core" if stages is not None else "nucleolus" if rational else "prenucleolus"
    searched = isinstance(separator, OpeningSeparator)
    return GeneratedCore(
        name,
        result.as_floats,
        (separator.total_lower, separator.total),
        (bound, level),
        result.unique,
        result.slack,
        certificate_table(result, members.players),
        _plans(members, separator, result),
        separator.solves,
        separator.exact_separations,
        result.rounds,
        "openings" if searched else "participation",
        separator.nodes,
        separator.costing_s,
        separator.separation_s,
        time.monotonic() - started,
    )


def separator_of(
    members: MemberProblem,
    gap: float = 1e-7,
    on_solve: Callable[[int], None] | None = None,
    time_limit_s: float | None = None,
) -> OpeningSeparator | SitingSeparator:
    """Return the search over openings where the problem allows it, and the general program otherwise."""
    structure = site_structure(members)
    if structure is not None:
        return OpeningSeparator(structure, on_solve, time_limit_s)
    return SitingSeparator(Participation(members, gap), on_solve, time_limit_s)


def _plans(
    members: MemberProblem, separator: OpeningSeparator | SitingSeparator, result: Lexicographic
) -> dict[int, Floats]:
    """Return the plans in hand, in the columns of the siting model; of a search, those of the certificate."""
    if isinstance(separator, SitingSeparator):
        return {mask: plan.point for mask, plan in separator.plans.items() if plan.point is not None}
    tight = {row.coalition for stage in result.stages for row in stage.rows}
    return written_plans(members, separator, sorted(tight | {(1 << members.n) - 1}))


def certificate_table(result: Lexicographic, players: tuple[str, ...]) -> pd.DataFrame:
    """Return one line per fixed coalition of each stage."""
    columns = ["stage", "level", "coalition", "cost", "cost_lower", "dual", "bound"]
    records = [line for k, stage in enumerate(result.stages, 1) for line in _stage_lines(k, stage, players)]
    return pd.DataFrame(records, columns=columns)


def _stage_lines(number: int, stage: Stage, players: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [
        (
            number,
            float(stage.level),
            ", ".join(names_of(row.coalition, players)),
            float(row.cost),
            float(row.cost_lower),
            float(dual),
            float(np.float64(stage.bound) + float(stage.level)),
        )
        for row, dual in zip(stage.rows, stage.duals, strict=True)
    ]
