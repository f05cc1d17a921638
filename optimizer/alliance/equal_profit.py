r"""Equal profit method and minmax core: shares of the core that treat relative costs alike.

With r_i = x_i / c({i}): the equal profit method minimises max r − min r, the minmax core minimises
max r, both over the core, or over the least core where the core is empty. The optimal value is unique
but the shares need not be. The tie-break, stated and unique: among the optimal shares those of least
variance of r weighted by stand-alone cost,

.. math:: \min \sum_i c(\{i\}) (r_i - \rho)^2, \qquad \rho = c(N) / \sum_i c(\{i\})

that is, the optimal shares nearest to proportional ones. Solved as a least-distance program by
non-negative least squares (Lawson and Hanson 1974, ch. 23).

Source: Frisk, Göthe-Lundgren, Jörnsten and Rönnqvist (2010), EJOR 205; Drechsel and Kimms (2010).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog, nnls

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.cuts import PRECISE, CutPool
from optimizer.alliance.separation import Separator
from optimizer.errors import SolverError
from optimizer.problem.problem import Floats

__all__ = ["EqualProfit", "equal_profit", "minmax_core", "nearest_to_proportional"]

SLACK = 1e-10


@dataclass(frozen=True, eq=False)
class EqualProfit:
    """Shares, the optimal spread (or largest ratio), and how far separation was left unproved."""

    shares: Floats
    value: float
    slack: float


def equal_profit(separator: Separator, total: float, alone: Floats, relief: float = 0.0) -> EqualProfit:
    """Return the shares with the least difference between the largest and smallest relative cost.

    Parameters
    ----------
    separator
        Answers for the game, with excess per unit.
    total
        c(N).
    alone
        Stand-alone costs, > 0, shape (n,).
    relief
        max(0, −ε*): added to every coalition's cost where the core is empty.
    """
    return _equalise(separator, total, alone, relief, spread=True)


def minmax_core(separator: Separator, total: float, alone: Floats, relief: float = 0.0) -> EqualProfit:
    """Return the shares with the smallest largest relative cost; parameters as in `equal_profit`."""
    return _equalise(separator, total, alone, relief, spread=False)


def nearest_to_proportional(
    separator: Separator, total: float, alone: Floats, relief: float = 0.0
) -> EqualProfit:
    """Return, of the shares with x(S) ≤ c(S) + relief, those nearest to proportional ones.

    With relief = −ε* this picks one point of the least core by the tie-break above; its value is the
    largest relative cost.
    """
    _check_positive(alone)
    pool = CutPool(separator, total, relief)
    costs = alone / pool.scale

    def nearest(matrix: Floats, right: Floats) -> Floats:
        return _least_distance(matrix, right + SLACK, costs, total / pool.scale)

    shares = pool.settle(nearest)
    return EqualProfit(shares, float((shares / alone).max()), pool.slack)


def _check_positive(alone: Floats) -> None:
    if (alone <= 0).any():
        raise UndefinedRuleError("relative costs need positive stand-alone costs")


def _equalise(separator: Separator, total: float, alone: Floats, relief: float, spread: bool) -> EqualProfit:
    _check_positive(alone)
    pool = CutPool(separator, total, relief)
    costs = alone / pool.scale
    optimum = 0.0

    def nearest(matrix: Floats, right: Floats) -> Floats:
        """Find the optimal value, then the optimal shares nearest to proportional: they move little."""
        nonlocal optimum
        n = separator.n
        ratios = _least_value(matrix, right, costs, total / pool.scale, spread) / costs
        optimum = float(ratios.max() - ratios.min()) if spread else float(ratios.max())
        ratio = np.eye(n) / costs
        pairs = (ratio[:, None, :] - ratio[None, :, :]).reshape(-1, n) if spread else ratio
        limits = np.full(len(pairs), optimum + SLACK)
        rows, most = np.vstack([matrix, pairs]), np.append(right + SLACK, limits)
        return _least_distance(rows, most, costs, total / pool.scale)

    shares = pool.settle(nearest)
    return EqualProfit(shares, optimum, pool.slack)


def _least_value(matrix: Floats, right: Floats, costs: Floats, total: float, spread: bool) -> Floats:
    """Minimise u − l (or u) with l ≤ x_i / s_i ≤ u over the given cuts; variables x, l, u."""
    n = len(costs)
    identity = np.eye(n)
    blocks = [
        np.hstack([matrix, np.zeros((len(matrix), 2))]),
        np.hstack([identity, np.zeros((n, 1)), -costs[:, None]]),
        np.hstack([-identity, costs[:, None], np.zeros((n, 1))]),
    ]
    objective = np.concatenate([np.zeros(n), [-1.0 if spread else 0.0, 1.0]])
    answer = linprog(
        objective,
        A_ub=np.vstack(blocks),
        b_ub=np.concatenate([right, np.zeros(2 * n)]),
        A_eq=np.concatenate([np.ones(n), [0.0, 0.0]])[None, :],
        b_eq=[total],
        bounds=(None, None),
        method="highs-ds",
        options=PRECISE,
    )
    if answer.status != 0:
        raise SolverError(f"equal profit program: {answer.message}")
    return np.asarray(answer.x[:n], dtype=np.float64)


def _least_distance(matrix: Floats, right: Floats, costs: Floats, total: float) -> Floats:
    """Minimise Σ s_i (x_i/s_i − ρ)² subject to matrix · x ≤ right and Σ x = total.

    With d_i = (x_i − ρ s_i) / √s_i the objective is ‖d‖² and Σ √s_i d_i = 0; d = Z w over a basis Z of
    that hyperplane leaves the least-distance program min ‖w‖, G w ≥ h.
    """
    root = np.sqrt(costs)
    start: Floats = costs * total / costs.sum()
    if len(costs) == 1:
        return start
    basis = null_space(root[None, :])
    constraints = -(matrix * root) @ basis
    levels = matrix @ start - right
    norms = np.maximum(np.linalg.norm(constraints, axis=1), 1e-12)
    constraints, levels = constraints / norms[:, None], levels / norms
    system = np.vstack([constraints.T, levels])
    target = np.zeros(len(system))
    target[-1] = 1.0
    weights, _ = nnls(system, target, maxiter=100 * system.shape[1])
    residual = system @ weights - target
    if abs(residual[-1]) < 1e-14:
        raise SolverError("equal profit: no shares satisfy all core inequalities")
    deviation = basis @ (-residual[:-1] / residual[-1])
    shares: Floats = start + root * deviation
    return shares
