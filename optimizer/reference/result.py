"""What the reference formulation answers, with statuses that mean what they say."""

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
import pulp

__all__ = ["ReferenceResult", "ReferenceStatus", "status_of"]


class ReferenceStatus(StrEnum):
    """Why the solver stopped."""

    OPTIMAL = "optimal"
    """Proved within the gap asked for."""
    FEASIBLE = "feasible"
    """A plan without that proof: a limit came first."""
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"
    """Neither a plan nor a proof."""


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """A plan of the reference formulation.

    Attributes
    ----------
    status
        See `ReferenceStatus`.
    objective
        Total landed cost in scenario currency; `inf` without a plan.
    bound
        Proved lower bound; −`inf` where the solver proved none.
    flows
        row, option (position in the priced options), share, orders of every option used.
    openings
        owner, site, size, opens of every site that opens.
    """

    status: ReferenceStatus
    objective: float
    bound: float
    flows: pd.DataFrame
    openings: pd.DataFrame


def status_of(model: pulp.LpProblem) -> ReferenceStatus:
    """Status of a solved model from ``sol_status``.

    PuLP's own ``status`` says "Optimal" of a solve that stopped on time; only ``sol_status`` tells a proof
    from a mere plan.
    """
    if model.status in (pulp.LpStatusInfeasible, pulp.LpStatusUnbounded):
        return ReferenceStatus.INFEASIBLE
    return {
        pulp.LpSolutionOptimal: ReferenceStatus.OPTIMAL,
        pulp.LpSolutionIntegerFeasible: ReferenceStatus.FEASIBLE,
        pulp.LpSolutionInfeasible: ReferenceStatus.INFEASIBLE,
    }.get(model.sol_status, ReferenceStatus.UNKNOWN)
