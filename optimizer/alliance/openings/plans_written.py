"""Plans of single coalitions out of the search, written out in the columns of the siting model."""

from collections.abc import Iterable

import numpy as np

from optimizer.alliance.coalition import members_of
from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.openings.separator import OpeningSeparator
from optimizer.alliance.participation import Participation
from optimizer.errors import SolverError
from optimizer.problem.problem import Bools, Floats

__all__ = ["written_plans"]

AGREEMENT = 1e-6
"""Part of c(S) by which the linear program may differ from the search."""


def written_plans(
    members: MemberProblem, separator: OpeningSeparator, coalitions: Iterable[int]
) -> dict[int, Floats]:
    """Return each coalition's plan, found again by a linear program with sizes and gates as searched.

    Raises
    ------
    SolverError
        The linear program says a cost outside the interval that the search proved.
    """
    model, problem = Participation(members), members.problem
    model.scale = max(abs(separator.total), 1.0)
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    gate_site = site[problem.gate_size[problem.gate_size_start[:-1]]]
    points = {}
    for coalition in coalitions:
        lower, upper = separator.cost(coalition)
        size, used = separator.plans[coalition]
        open_sizes: Bools = np.zeros(problem.n_sizes, dtype=np.bool_)
        open_sizes[size[size >= 0]] = True
        shut = np.ones(problem.n_gates, dtype=np.bool_)
        for member in members_of(coalition):
            own = np.flatnonzero(members.member_of_gate == member)
            shut[own] = used[member] >> gate_site[own] & 1 == 0
        answer = model.cost_of(coalition, open_sizes, shut_gates=shut & (members.member_of_gate >= 0))
        rounding = AGREEMENT * model.scale
        if answer.point is None or not lower - rounding <= answer.cost <= upper + rounding:
            raise SolverError(
                f"coalition {coalition}: {lower} to {upper} by search, {answer.cost} by program"
            )
        points[coalition] = answer.point
    return points
