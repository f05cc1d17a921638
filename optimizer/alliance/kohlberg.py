"""Is a vector the (pre)nucleolus? Kohlberg's balancedness test, independent of how it was found."""

import numpy as np
from scipy.optimize import linprog

from optimizer.alliance.coalition import subset_sums
from optimizer.alliance.game import CostGame
from optimizer.alliance.separation import excess_weights
from optimizer.errors import SolverError
from optimizer.problem.problem import Floats, Ints

__all__ = ["is_nucleolus"]


def is_nucleolus(
    game: CostGame, shares: Floats, rational: bool = True, per: str = "unit", tolerance: float = 1e-7
) -> bool:
    """Check Kohlberg's criterion on all levels of excess until the tight coalitions span everything.

    For each level t, the coalitions D(t) with e(S)/w_S ≤ t must be balanced: no direction y with y(N) = 0
    (and y_i ≤ 0 where x_i = c({i}), with `rational`) has y(S) ≤ 0 on all of D(t) and y(S) < 0 on one.

    Parameters
    ----------
    game, shares
        An explicit game and the vector to test.
    rational
        Test for the nucleolus; otherwise for the prenucleolus.
    per
        What excess is measured in, see `excess_weights`.
    tolerance
        Relative to max(1, |c(N)| / n).

    Source
    ------
    Kohlberg (1971), SIAM J. Appl. Math. 20; Sobolev (1975) for the prenucleolus.
    """
    scale = tolerance * max(1.0, abs(game.total) / game.n)
    alone = game.alone()
    if abs(shares.sum() - game.total) > scale or (rational and (shares > alone + scale).any()):
        return False
    weights = excess_weights(game, per)
    excess = ((game.upper - subset_sums(shares))[1:-1]) / weights[1:-1]
    masks = np.arange(1, len(game.upper) - 1)
    tight = np.flatnonzero(np.abs(shares - alone) <= scale) if rational else np.zeros(0, dtype=np.int64)
    order = np.argsort(excess, kind="stable")
    end = 0
    while end < len(order):
        level = excess[order[end]] + scale
        end = int(np.searchsorted(excess[order], level, side="right"))
        members = masks[order[:end]]
        rows = ((members[:, None] >> np.arange(game.n)) & 1).astype(np.float64)
        if not _balanced(rows, tight, game.n):
            return False
        if np.linalg.matrix_rank(np.vstack([rows, np.ones(game.n)])) == game.n:
            return True
    return True


def _balanced(rows: Floats, tight: Ints, n: int) -> bool:
    """Whether max −Σ y(S) over the directions allowed is zero."""
    bounds = [(-1.0, 0.0 if i in set(tight.tolist()) else 1.0) for i in range(n)]
    answer = linprog(
        rows.sum(axis=0),
        A_ub=rows,
        b_ub=np.zeros(len(rows)),
        A_eq=np.ones((1, n)),
        b_eq=[0.0],
        bounds=bounds,
        method="highs",
    )
    if answer.status != 0:
        raise SolverError(f"balancedness test: {answer.message}")
    return bool(answer.fun > -1e-7 * n)
