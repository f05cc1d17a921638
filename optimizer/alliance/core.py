"""The core and its neighbours: membership, least core, cost of stability, subsidy."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from optimizer.alliance.cuts import PRECISE, CutPool
from optimizer.alliance.lexicographic import Lexicographic, lexicographic_shares
from optimizer.alliance.separation import Query, Row, Separator
from optimizer.errors import SolverError
from optimizer.problem.problem import Floats

__all__ = ["CoreTest", "StabilityCost", "core_test", "cost_of_stability", "least_core"]


def least_core(separator: Separator, total: Fraction, rational: bool = False) -> Lexicographic:
    """Return shares of the least core: the smallest excess is as large as any shares allow.

    The first stage's level is ε*: the core is not empty exactly when ε* ≥ 0; otherwise −ε* is what
    every coalition must be fined (or paid) to stay. At any moment the linear program's value is an
    upper bound of ε* and the separator's bound a lower one; `slack` tells the distance.

    Source: Maschler, Peleg and Shapley (1979), Math. of OR 4.
    """
    return lexicographic_shares(separator, total, rational, stages=1)


@dataclass(frozen=True)
class CoreTest:
    """Whether shares lie in the core, with the coalition that says so.

    `in_core` is True, False or "undecided"; `worst` is the row of the most violated coalition found
    (None if nothing violates), `least_excess` a proved interval of min_S c(S) − x(S).
    """

    in_core: bool | str
    worst: Row | None
    least_excess: tuple[float, float]


def core_test(separator: Separator, shares: Floats, tolerance: float | None = None) -> CoreTest:
    """Test by one separation whether any coalition pays more than it would alone.

    Parameters
    ----------
    separator
        Answers for the game.
    shares
        Shares that sum to c(N).
    tolerance
        Money below which a violation does not count; a millionth of x(N) by default.
    """
    everybody = (1 << separator.n) - 1
    allowed = 1e-6 * abs(float(shares.sum())) if tolerance is None else tolerance
    found = separator.separate(Query(shares, 0.0, allowed / 2))
    rows = [row for row in (*found.rows, *separator.initial()) if 0 < row.coalition < everybody]
    excess = [float(row.cost) - float(np.dot(row.coefficients, shares)) for row in rows]
    k = int(np.argmin(excess)) if rows else -1
    highest = excess[k] if rows else float("inf")
    lowest = min(found.bound, highest)
    if highest < -allowed:
        return CoreTest(False, rows[k], (lowest, highest))
    return CoreTest(True if lowest >= -allowed else "undecided", None, (lowest, highest))


@dataclass(frozen=True)
class StabilityCost:
    """What it takes from outside to hold everybody.

    `subsidy` = c(N) − max x(N) over shares that no coalition rejects; `gamma` = that maximum over c(N):
    the largest part of the cost that members can be charged (the γ-core). `slack` bounds, in money, how
    much too small the subsidy may be because a separation was not proved to the end.
    """

    subsidy: float
    gamma: float
    shares: Floats
    slack: float


def cost_of_stability(separator: Separator, total: float) -> StabilityCost:
    """Return the least subsidy with which no coalition (nor everybody) is charged more than c(S).

    Source: Bachrach et al. (2009), The cost of stability in coalitional games; Jain and Mahdian (2007)
    for the γ-core.
    """
    pool = CutPool(separator, total)

    def charge_most(matrix: Floats, right: Floats) -> Floats:
        everybody = np.ones((1, separator.n))
        answer = linprog(
            -everybody[0],
            A_ub=np.vstack([matrix, everybody]),
            b_ub=np.append(right, total / pool.scale),
            bounds=(None, None),
            method="highs-ds",
            options=PRECISE,
        )
        if answer.status != 0:
            raise SolverError(f"cost of stability: {answer.message}")
        return np.asarray(answer.x, dtype=np.float64)

    shares = pool.settle(charge_most)
    charged = float(shares.sum())
    subsidy = max(0.0, total - charged)
    if subsidy <= pool.tolerance:
        subsidy, charged = 0.0, total
    return StabilityCost(subsidy, charged / total if total else 1.0, shares, pool.slack * separator.n)
