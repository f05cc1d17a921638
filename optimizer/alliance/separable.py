"""Rules from stand-alone costs s_i and separable costs m_i = c(N) − c(N∖i).

Throughout g = c(N) − Σ m is the non-separable cost. All rules work in floats or, with `exact`, in
rationals.
"""

from fractions import Fraction

import numpy as np

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.coalition import Table, as_floats, subset_sums, with_player
from optimizer.alliance.game import CostGame
from optimizer.problem.problem import Floats

__all__ = ["cost_gap", "equal_charge", "equal_saving", "separable_remaining_benefits", "tau_value"]

RELATIVE_TOLERANCE = 1e-9


def equal_saving(game: CostGame, exact: bool = False, weights: Floats | None = None) -> Table:
    """Return x_i = s_i − (Σ s − c(N)) · w_i / Σ w, with w = 1 unless bargaining weights are given.

    >>> equal_saving(CostGame.from_values([0, 6, 4, 8])).tolist()
    [5.0, 3.0]
    """
    alone = game.alone(exact)
    saving = alone.sum() - game.at([game.everybody], exact)[0]
    share = np.ones(game.n, dtype=np.int64) if weights is None else weights
    shares: Table = alone - saving * share / share.sum()
    return shares


def equal_charge(game: CostGame, exact: bool = False, weights: Floats | None = None) -> Table:
    """Return x_i = m_i + g · w_i / Σ w: the equal charge method (ECM) when w = 1.

    Source: Straffin and Heaney (1981), IJGT 10.

    >>> equal_charge(CostGame.from_values([0, 6, 4, 8])).tolist()
    [5.0, 3.0]
    """
    marginal = game.separable(exact)
    rest = game.at([game.everybody], exact)[0] - marginal.sum()
    share = np.ones(game.n, dtype=np.int64) if weights is None else weights
    shares: Table = marginal + rest * share / share.sum()
    return shares


def separable_remaining_benefits(game: CostGame, exact: bool = False) -> Table:
    """Return x_i = m_i + g · r_i / Σ r with r_i = s_i − m_i.

    The alternate cost avoided (ACA) or separable costs, remaining benefits (SCRB) method, which equals
    Gately's point of equal propensity to disrupt.

    Source: Straffin and Heaney (1981); Gately (1974), Int. Econ. Review 15.

    >>> separable_remaining_benefits(CostGame.from_values([0, 6, 4, 8])).tolist()
    [5.0, 3.0]
    """
    marginal = game.separable(exact)
    benefits = game.alone(exact) - marginal
    if benefits.sum() == 0:
        raise UndefinedRuleError(
            "separable costs, remaining benefits: Σ (s_i − m_i) = 0, nothing to be proportional to; "
            "use equal_charge"
        )
    shares: Table = (
        marginal + (game.at([game.everybody], exact)[0] - marginal.sum()) * benefits / benefits.sum()
    )
    return shares


def cost_gap(game: CostGame, exact: bool = False) -> tuple[Table, bool]:
    """Return x_i = m_i + g · w_i / Σ w with w_i = min over S ∋ i of g(S) = c(S) − Σ_S m.

    Beside the shares it tells whether the game is quasi-balanced: g(S) ≥ 0 for every S and Σ w ≥ g.
    Only then are the shares the τ-value of the savings game.
    """
    marginal = game.separable(exact)
    gap = game.table(exact) - subset_sums(marginal)
    rest = gap[-1]
    smallest = np.array([with_player(gap, i)[1].min() for i in range(game.n)], dtype=gap.dtype)
    slack = 0 if exact else RELATIVE_TOLERANCE * max(1.0, abs(game.total))
    balanced = bool((gap >= -slack).all() and smallest.sum() >= rest - slack)
    whole = smallest.sum()
    parts = smallest / whole if abs(whole) > slack else np.full(game.n, Fraction(1, game.n))
    shares: Table = marginal + rest * parts
    return (shares if exact else as_floats(shares)), balanced


def tau_value(game: CostGame, exact: bool = False) -> Table:
    """Return the τ-value (cost-gap method), see `cost_gap`; defined on quasi-balanced games only.

    Source: Tijs and Driessen (1986), Management Science 32.

    >>> tau_value(CostGame.from_values([0, 6, 4, 8])).tolist()
    [5.0, 3.0]
    """
    shares, balanced = cost_gap(game, exact)
    if not balanced:
        raise UndefinedRuleError(
            "tau value: the game is not quasi-balanced (a coalition's cost gap is negative, or the gaps "
            "do not cover the non-separable cost); use the nucleolus"
        )
    return shares
