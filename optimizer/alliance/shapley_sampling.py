r"""Shapley value estimated from a sample of coalitions, with its standard error.

The Shapley value solves the weighted least squares problem

.. math:: \min_x \sum_{\emptyset \ne S \ne N} k(|S|)\,\bigl(c(S) - x(S)\bigr)^2,
          \quad x(N) = c(N), \quad k(s) = \frac{n - 1}{\binom{n}{s}\, s\,(n - s)}

(Charnes et al. 1988; Lundberg and Lee 2017). The smallest and largest coalitions are taken whole, the
others are drawn with probability ∝ k, each with its complement, which halves the variance at least
(Covert and Lee 2021). Batches of pairs give the standard error by the jackknife.
"""

from collections.abc import Callable
from math import comb

import numpy as np

from optimizer.alliance.allocation import Allocation
from optimizer.alliance.coalition import indicator, mask_of
from optimizer.problem.problem import Floats

__all__ = ["shapley_sampled"]

BATCHES = 20


def shapley_sampled(
    cost: Callable[[int], float], players: tuple[str, ...], samples: int, seed: int = 0
) -> Allocation:
    """Estimate the Shapley value from about `samples` evaluations of c(S).

    Parameters
    ----------
    cost
        c(S) by mask; called once per distinct coalition.
    players
        Names.
    samples
        Evaluations to spend, ≥ 2n; sizes 1, 2, n − 2, n − 1 are taken whole as far as they fit in half.
    seed
        Of the draw.
    """
    n = len(players)
    everybody = (1 << n) - 1
    cache = {0: 0.0}

    def value(mask: int) -> float:
        if mask not in cache:
            cache[mask] = cost(mask)
        return cache[mask]

    whole = _sizes_taken_whole(n, samples)
    fixed = [mask for size in whole for mask in _coalitions_of(n, size)]
    fixed_weights = [(n - 1) / (comb(n, m.bit_count()) * m.bit_count() * (n - m.bit_count())) for m in fixed]
    pairs = _drawn_pairs(n, whole, max(0, (samples - len(fixed)) // 2), np.random.default_rng(seed))
    drawn_weight = sum((n - 1) / (s * (n - s)) for s in range(1, n) if s not in whole)
    total = value(everybody)

    def estimate(kept: list[int]) -> Floats:
        masks = fixed + [mask for pair in kept for mask in (pair, everybody ^ pair)]
        weights = fixed_weights + [drawn_weight / (2 * max(len(kept), 1))] * (2 * len(kept))
        incidence = np.array([indicator(mask, n) for mask in masks], dtype=np.float64)
        return _constrained_fit(
            incidence, np.array([value(mask) for mask in masks]), np.array(weights), total
        )

    shares = estimate(pairs)
    error = np.zeros(n)
    batches = min(BATCHES, len(pairs))
    if batches > 1:
        left_out = np.array(
            [estimate([p for k, p in enumerate(pairs) if k % batches != b]) for b in range(batches)]
        )
        error = np.sqrt((batches - 1) / batches * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    note = f"estimated from {len(cache) - 1} coalitions; the standard error is stated"
    return Allocation("shapley", players, shares, None, error, note if pairs else "")


def _sizes_taken_whole(n: int, samples: int) -> tuple[int, ...]:
    """Return the sizes enumerated: outermost first, while they fit into half the samples (all if all fit)."""
    if samples >= (1 << n) - 2:
        return tuple(range(1, n))
    taken: list[int] = []
    used = 0
    for small in range(1, n // 2 + 1):
        both = sorted({small, n - small})
        used += sum(comb(n, size) for size in both)
        if used > max(samples // 2, 2 * n):
            break
        taken += both
    return tuple(sorted(taken))


def _coalitions_of(n: int, size: int) -> list[int]:
    """Return all masks of one size, ascending (Gosper's successor)."""
    masks, mask = [], (1 << size) - 1
    while mask < 1 << n:
        masks.append(mask)
        low = mask & -mask
        ripple = mask + low
        mask = ripple | (((mask ^ ripple) >> 2) // low)
    return masks


def _drawn_pairs(n: int, whole: tuple[int, ...], count: int, random: np.random.Generator) -> list[int]:
    """Draw coalitions of the sizes left, with replacement; each stands for itself and its complement."""
    left = [size for size in range(1, n) if size not in whole]
    if not left:
        return []
    odds = np.array([1 / (size * (n - size)) for size in left])
    drawn = random.choice(left, size=count, p=odds / odds.sum())
    return [mask_of(random.choice(n, size=int(size), replace=False).tolist()) for size in drawn]


def _constrained_fit(incidence: Floats, costs: Floats, weights: Floats, total: float) -> Floats:
    """Minimise Σ w (c − A x)² subject to Σ x = total, by the normal equations."""
    n = incidence.shape[1]
    gram = incidence.T @ (incidence * weights[:, None])
    right = incidence.T @ (weights * costs)
    system = np.block([[gram, np.ones((n, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
    solution: Floats = np.linalg.lstsq(system, np.append(right, total), rcond=None)[0]
    return solution[:n]
