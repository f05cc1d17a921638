r"""The siting problem with participation: which members take part is itself a decision.

Beside the columns v of the siting model there is one binary p_i per member, whose rows are served only
if it takes part, and a binary q for "nobody", worth the level that interests:

.. math::

    \min\; & \alpha\,(\text{cost} \cdot v) - \textstyle\sum_i \pi_i p_i + \lambda q \\
    \text{s.t. } & \textstyle\sum_{j \in J(r)} x_j = p_{i(r)} & \text{every row } r \\
                 & m_g \le p_{i(g)} & \text{every gate } g \text{ of a member} \\
                 & \textstyle\sum_j a_{jq} x_j - \dots \le b_q - \sum_i b_{iq} (1 - p_i)
                   & \text{what member } i \text{ brings along of measure } q \\
                 & 1 \le \textstyle\sum_i p_i + n\,q, \quad \sum_i p_i + (n - 1)\,q \le n - 1,

and all else as it was; a rule that speaks of members' gates only holds as soon as one of these members
takes part. With p fixed this is a coalition's own problem; with p free it finds the
coalition of least excess, and q gives branch and bound its cutoff from the first node on.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.alliance.avoidance import Avoidance
from optimizer.alliance.coalition import indicator, mask_of
from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.participation_rows import participation_rows
from optimizer.errors import SolverError
from optimizer.problem.matrix import linear_model
from optimizer.problem.problem import Bools, Floats

__all__ = ["Participation", "ParticipationAnswer"]


@dataclass(frozen=True, eq=False)
class ParticipationAnswer:
    """A coalition with its plan's cost and open sizes, and a proved bound of the objective.

    Attributes
    ----------
    coalition : int or None
        None where no coalition does better than the level, or none was found.
    cost : float
        What the coalition's plan costs.
    objective, bound : float
        α · cost − π(S) of the plan, and a proved lower bound over all coalitions allowed.
    point : float64, shape (columns,), or None
        The plan in the columns of the siting model.
    """

    coalition: int | None
    cost: float
    objective: float
    bound: float
    point: Floats | None


class Participation:
    """The participation program of a member problem, built once and solved under changing prices.

    Parameters
    ----------
    members
        The problem and whose rows and gates are whose.
    gap
        Gap at which a solve stops, relative to the cost of the grand coalition.
    """

    def __init__(self, members: MemberProblem, gap: float = 1e-7) -> None:
        model = linear_model(members.problem)
        self.n = len(members.players)
        self.gap = gap
        self.solves = 0
        self.offset = model.offset
        self._width = len(model.cost)
        self.model = model
        self.members = members
        self.cost = model.cost
        self.sizes = model.columns["y"]
        self._integer = np.concatenate([model.integer, np.ones(self.n + 1, dtype=np.bool_)])
        self._floor = np.concatenate([model.lower, np.zeros(self.n + 1)])
        self._ceiling = np.concatenate([model.upper, np.ones(self.n + 1)])
        self._matrix, self._lower, self._upper = participation_rows(members, model)
        self.scale = 1.0

    def cost_of(
        self, coalition: int, sizes: Bools | None = None, *, shut_gates: Bools | None = None
    ) -> ParticipationAnswer:
        """Return the cheapest plan of one coalition, over the given sizes and without the gates shut."""
        floor, ceiling = self._bounds(sizes)
        if shut_gates is not None:
            columns = self.model.gate_column[shut_gates]
            ceiling[columns[columns >= 0]] = 0.0
        floor[self._width : -1] = ceiling[self._width : -1] = indicator(coalition, self.n)
        ceiling[-1] = 0.0
        upper = self._upper.copy()
        upper[-1] = self.n
        objective = np.concatenate([self.cost, np.zeros(self.n + 1)])
        return self._solve(
            objective, 1.0, floor, ceiling, [LinearConstraint(self._matrix, self._lower, upper)]
        )

    def least_excess(
        self,
        prices: Floats,
        level: float,
        *,
        cost_scale: float = 1.0,
        sizes: Bools | None = None,
        avoid: Avoidance | None = None,
        with_member: int | None = None,
        time_limit_s: float | None = None,
    ) -> ParticipationAnswer:
        """Minimise α · c(S) − π(S) over proper coalitions S, as far as it falls below the level.

        Parameters
        ----------
        prices, cost_scale
            π, shape (n,), and α > 0.
        level
            Only objectives below it are looked for; the bound never exceeds it.
        sizes
            Sizes that may open (a heuristic); None for all.
        avoid
            Coalitions that do not count.
        with_member
            Demand that this member takes part.
        time_limit_s
            Limit on the wall clock.
        """
        floor, ceiling = self._bounds(sizes)
        if with_member is not None:
            floor[self._width + with_member], ceiling[-1] = 1.0, 0.0
        objective = np.concatenate([cost_scale * self.cost, -prices, [level - cost_scale * self.offset]])
        constraints = [LinearConstraint(self._matrix, self._lower, self._upper)]
        if avoid is not None and not avoid.is_empty:
            extra = avoid.binaries
            objective = np.append(objective, np.zeros(extra))
            floor, ceiling = np.append(floor, np.zeros(extra)), np.append(ceiling, np.ones(extra))
            wide = sparse.hstack([self._matrix, sparse.csr_array((self._matrix.shape[0], extra))])
            outside, least = avoid.constraints(self._width)
            constraints = [
                LinearConstraint(sparse.csr_array(wide), self._lower, self._upper),
                LinearConstraint(outside, least, np.inf),
            ]
        return self._solve(objective, cost_scale, floor, ceiling, constraints, time_limit_s)

    def _bounds(self, sizes: Bools | None) -> tuple[Floats, Floats]:
        floor, ceiling = self._floor.copy(), self._ceiling.copy()
        if sizes is not None:
            ceiling[self.sizes] = np.minimum(ceiling[self.sizes], sizes)
        return floor, ceiling

    def _solve(
        self,
        objective: Floats,
        cost_scale: float,
        floor: Floats,
        ceiling: Floats,
        constraints: list[LinearConstraint],
        time_limit_s: float | None = None,
    ) -> ParticipationAnswer:
        """Solve with a column fixed at 1 that shifts the objective, so that gaps are relative to c(N)."""
        self.solves += 1
        width = len(objective)
        integer = np.ones(width + 1, dtype=np.int64)
        integer[: len(self._integer)] = self._integer
        integer[-1] = 0
        shifted = [
            LinearConstraint(
                sparse.hstack([part.A, sparse.csr_array((part.A.shape[0], 1))]), part.lb, part.ub
            )
            for part in constraints
        ]
        options: dict[str, float] = {"mip_rel_gap": self.gap}
        if time_limit_s is not None:
            options["time_limit"] = time_limit_s
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer: Any = milp(
                np.append(objective, self.scale),
                integrality=integer,
                bounds=Bounds(np.append(floor, 1.0), np.append(ceiling, 1.0)),
                constraints=shifted,
                options=options,
            )
        return self._read(answer, cost_scale, cost_scale * self.offset - self.scale)

    def _read(self, answer: Any, cost_scale: float, shift: float) -> ParticipationAnswer:
        """Turn SciPy's answer into ours."""
        if answer.status == 2:
            return ParticipationAnswer(None, np.inf, np.inf, np.inf, None)
        if answer.status not in (0, 1):
            raise SolverError(f"participation program: {answer.message}")
        bound = -np.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound) + shift
        if answer.x is None:
            return ParticipationAnswer(None, np.inf, np.inf, bound, None)
        objective = float(answer.fun) + shift
        taking_part = np.flatnonzero(answer.x[self._width : self._width + self.n] > 0.5)
        if len(taking_part) == 0:
            return ParticipationAnswer(None, np.inf, objective, min(bound, objective), None)
        cost = float(self.cost @ answer.x[: self._width]) + self.offset
        point: Floats = answer.x[: self._width]
        return ParticipationAnswer(
            mask_of(taking_part.tolist()), cost, objective, min(bound, objective), point
        )
