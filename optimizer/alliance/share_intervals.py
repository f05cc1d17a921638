r"""What a rule's shares can be when coalitions' costs are known only within intervals.

What is split is the cost of the plan in hand, an exact amount C; every other c(S) may lie anywhere in its
proved interval. Returned are bounds that each share keeps for every such game on which the rule is defined:

- linear rules x_i = Σ_S a_iS c(S): each term at its worse end, which is exact;
- rules in the least core (nucleolus and its kin, equal profit, minmax core): as ε* rises with every c(S),
  their shares satisfy x(S) ≤ upper(S) − ε*(lower) for all S, and the bounds are the extremes of x_i over
  that polytope. They do not shrink to a point with the intervals where the least core itself is wide;
- separable costs and tau value: interval arithmetic.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import linprog

from optimizer.alliance.coalition import indicator, sizes, subset_sums
from optimizer.alliance.game import CostGame
from optimizer.alliance.limits import within_limits
from optimizer.alliance.rules import RuleInput
from optimizer.alliance.separation import excess_weights
from optimizer.alliance.shapley import arrival_weights, shapley_interval
from optimizer.problem.problem import Floats

__all__ = ["limited_interval", "share_interval"]

Bounds = tuple[Floats, Floats]
MARGIN = 1e-7
"""Part of C by which bounds out of linear programs are widened: what their solver may be off."""


def share_interval(rule: str, inputs: RuleInput) -> Bounds | None:
    """Return the least and the largest share of each member, each by itself; None where no bound is known.

    Parameters
    ----------
    rule
        A rule that is defined on the costs of the plans in hand.
    inputs
        Game, sizes and weights.

    >>> game = CostGame.from_intervals([0, 5, 4, 8], [0, 6, 4, 8], ["a", "b"])
    >>> [bound.tolist() for bound in share_interval("shapley", RuleInput(game))]
    [[4.5, 3.0], [5.0, 3.5]]
    """
    game = inputs.game
    lower = game.lower.copy()
    lower[-1] = game.total
    fixed = CostGame(game.players, lower, game.upper)
    measure = inputs.measures.get(rule.removeprefix("proportional_"))
    if rule in _LEAST_CORE:
        return _over_least_core(rule, fixed, inputs.bargaining)
    if rule in _SIMPLE:
        return _SIMPLE[rule](fixed)
    if rule == "weighted_saving" and inputs.bargaining is not None:
        return _savings(fixed, inputs.bargaining / inputs.bargaining.sum())
    if rule == "weighted_shapley" and inputs.bargaining is not None:
        return _linear(fixed, _weighted_shapley(inputs.bargaining))
    if rule.startswith("proportional_") and measure is not None:
        shares: Floats = game.total * np.asarray(measure, dtype=np.float64) / np.sum(measure)
        return shares, shares
    return None


def limited_interval(bounds: Bounds, total: float, floor: Floats, cap: Floats) -> Bounds:
    """Return bounds of shares that are moved into floors and caps afterwards (`limits.within_limits`).

    A share is largest where its own is largest before, and all others are smallest.
    """
    low, high = bounds
    least, most = low.copy(), high.copy()
    for player in range(len(low)):
        worst, best = high.copy(), low.copy()
        worst[player], best[player] = low[player], high[player]
        least[player] = within_limits(worst, floor, cap, total=total)[player]
        most[player] = within_limits(best, floor, cap, total=total)[player]
    return least, most


def _linear(game: CostGame, coefficients: Floats) -> Bounds:
    """Bound Σ_S a_iS c(S), coefficients of shape (n, 2ⁿ)."""
    up, down = np.maximum(coefficients, 0.0), np.minimum(coefficients, 0.0)
    low: Floats = up @ game.lower + down @ game.upper
    high: Floats = up @ game.upper + down @ game.lower
    return low, high


def _weighted_shapley(weights: Floats) -> Floats:
    """a_iT = Σ_{S ⊇ T ∪ i} (−1)^{|S|−|T|} w_i / w(S)."""
    n = len(weights)
    sums = subset_sums(weights)
    sums[0] = 1.0
    rows = []
    for player in range(n):
        having = np.arange(1 << n) >> player & 1
        row = np.where(having, weights[player] / sums, 0.0)
        for other in range(n):
            blocks = row.reshape(-1, 2, 1 << other)
            blocks[:, 0, :] -= blocks[:, 1, :]
        rows.append(row)
    return np.array(rows)


def _solidarity(game: CostGame) -> Bounds:
    """a_iT = p(t) − (n − t) q(t) with i in T, −q(t) without, where q(t) = p(t+1)/(t+1)."""
    n, count = game.n, sizes(game.n)
    odds = np.concatenate([[0.0], arrival_weights(n, False).astype(np.float64), [0.0]])
    later = odds[1:] / np.arange(1, n + 2)
    having = (np.arange(1 << n)[None, :] >> np.arange(n)[:, None] & 1).astype(bool)
    inside = odds[count] - (n - count) * later[count]
    return _linear(game, np.where(having, inside, -later[count]))


def _savings(game: CostGame, part: Floats) -> Bounds:
    """x_i = s_i − p_i (Σ s − C)."""
    low, high = game.lower[1 << np.arange(game.n)], game.upper[1 << np.arange(game.n)]
    matrix = np.eye(game.n) - part[:, None]
    up, down = np.maximum(matrix, 0.0), np.minimum(matrix, 0.0)
    return up @ low + down @ high + part * game.total, up @ high + down @ low + part * game.total


def _separable_bounds(game: CostGame) -> Bounds:
    """m_i = C − c(N∖i)."""
    rest = game.everybody ^ (1 << np.arange(game.n))
    return game.total - game.upper[rest], game.total - game.lower[rest]


def _equal_charge(game: CostGame) -> Bounds:
    """x_i = m_i + (C − Σ m) / n."""
    low, high = _separable_bounds(game)
    matrix = np.eye(game.n) - 1.0 / game.n
    up, down = np.maximum(matrix, 0.0), np.minimum(matrix, 0.0)
    each = game.total / game.n
    return up @ low + down @ high + each, up @ high + down @ low + each


def _proportional(game: CostGame) -> Bounds:
    """x_i = C s_i / Σ s, in its own s_i rising, in the others' falling."""
    low, high = game.lower[1 << np.arange(game.n)], game.upper[1 << np.arange(game.n)]
    least, most = low / (low + high.sum() - high), high / (high + low.sum() - low)
    return game.total * least, game.total * most


def _separable_costs(game: CostGame) -> Bounds | None:
    low, high = _separable_bounds(game)
    singles = 1 << np.arange(game.n)
    least, most = game.lower[singles] - high, game.upper[singles] - low
    return None if (least < 0).any() else _by_rest(game, low, high, least, most)


def _tau(game: CostGame) -> Bounds | None:
    low, high = _separable_bounds(game)
    least, most = game.lower - subset_sums(high), game.upper - subset_sums(low)
    masks = np.arange(1 << game.n)
    having = [masks[masks >> player & 1 == 1] for player in range(game.n)]
    claims = (np.array([table[own].min() for own in having]) for table in (least, most))
    return _by_rest(game, low, high, *claims)


def _by_rest(game: CostGame, low: Floats, high: Floats, least: Floats, most: Floats) -> Bounds | None:
    """x_i = m_i + g w_i / Σ w, g = C − Σ m, with claims w ≥ 0 within [least, most]."""
    least = np.maximum(least, 0.0)
    if (most < 0).any() or (least.sum() - least + most <= 0).any() or least.sum() <= 0:
        return None
    part_low = least / np.maximum(least + most.sum() - most, 1e-300)
    part_high = most / np.maximum(most + least.sum() - least, 1e-300)
    rest = game.total - high.sum(), game.total - low.sum()
    corners = np.array([g * part for g in rest for part in (part_low, part_high)])
    return low + corners.min(axis=0), high + corners.max(axis=0)


def _over_least_core(rule: str, game: CostGame, bargaining: Floats | None) -> Bounds | None:
    """Return the extremes of x_i over all least cores, see the head of this module."""
    per, own_caps, relief_only = _LEAST_CORE[rule]
    weights = bargaining if rule == "weighted_nucleolus" else None
    ends = [CostGame.from_values(values, game.players) for values in (game.lower, game.upper)]
    measured = [excess_weights(end, per, weights) for end in ends]
    masks = np.arange(1, game.everybody)
    matrix = np.array([indicator(int(mask), game.n) for mask in masks], dtype=np.float64)
    matrix = matrix.reshape(len(masks), game.n)
    caps = game.lower[1 << np.arange(game.n)] if own_caps else None
    level = _largest_level(matrix, game.lower[masks], measured[0][masks], game.total, caps)
    if level is None:
        return None
    room = max(0.0, -level) if relief_only else -level
    margin = MARGIN * max(abs(game.total), 1.0)
    right = game.upper[masks] + room * (measured[1][masks]) + margin
    highest = game.upper[1 << np.arange(game.n)] + margin if own_caps else np.full(game.n, np.inf)
    return _extremes(matrix, right, game.total, highest)


def _largest_level(
    matrix: Floats, costs: Floats, weights: Floats, total: float, caps: Floats | None
) -> float | None:
    """Return max ε with x(S) + ε w(S) ≤ c(S), x(N) = C and, where given, x_i ≤ caps_i."""
    n = matrix.shape[1]
    limits = [(None, None if caps is None else float(caps[i])) for i in range(n)]
    answer = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.hstack([matrix, weights[:, None]]),
        b_ub=costs,
        A_eq=np.append(np.ones(n), 0.0)[None, :],
        b_eq=[total],
        bounds=[*limits, (None, None)],
    )
    return float(answer.x[-1]) if answer.status == 0 else None


def _extremes(matrix: Floats, right: Floats, total: float, highest: Floats) -> Bounds | None:
    """Return the least and the largest of each x_i with matrix · x ≤ right, Σ x = total, x ≤ highest."""
    n = matrix.shape[1]
    limits = [(None, None if np.isinf(top) else float(top)) for top in highest]
    ends = []
    for sign in (1.0, -1.0):
        found = []
        for player in range(n):
            objective = np.zeros(n)
            objective[player] = sign
            answer = linprog(
                objective, A_ub=matrix, b_ub=right, A_eq=np.ones((1, n)), b_eq=[total], bounds=limits
            )
            if answer.status != 0:
                return None
            found.append(sign * float(answer.fun) - sign * MARGIN * max(abs(total), 1.0))
        ends.append(np.array(found))
    return ends[0], ends[1]


_SIMPLE: Mapping[str, Callable[[CostGame], Bounds | None]] = {
    "proportional_stand_alone": _proportional,
    "equal_saving": lambda game: _savings(game, np.full(game.n, 1.0 / game.n)),
    "equal_charge": _equal_charge,
    "separable_costs": _separable_costs,
    "tau_value": _tau,
    "shapley": shapley_interval,
    "solidarity": _solidarity,
}

_LEAST_CORE: Mapping[str, tuple[str, bool, bool]] = {
    "equal_profit": ("unit", False, True),
    "minmax_core": ("unit", False, True),
    "least_core": ("unit", False, False),
    "nucleolus": ("unit", True, False),
    "prenucleolus": ("unit", False, False),
    "per_capita_nucleolus": ("size", False, False),
    "proportional_nucleolus": ("cost", False, False),
    "weighted_nucleolus": ("size", False, False),
}
"""How excess is measured, whether x_i ≤ s_i is asked for, whether only an empty core is relieved."""
