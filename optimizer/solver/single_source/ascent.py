"""Raising the bound: the volume method (Barahona and Anbil 2000) on the row prices, with primal averages."""

from numba import njit

from optimizer.solver.single_source.arrays import Data, Duals, Node, Relaxed, Scratch
from optimizer.solver.single_source.bound import NEVER, relax

__all__ = ["ascend"]

MOST_SHARE, LEAST_PART = 0.2, 0.1
REDS = 6


@njit(cache=True)
def ascend(  # noqa: PLR0912 (one compiled loop)
    data: Data,
    node: Node,
    duals: Duals,
    out: Relaxed,
    scratch: Scratch,
    target: float,
    cutoff: float,
    steps: int,
    fresh: bool,
) -> float:
    """Improve the prices of a node; returns its best bound, or `NEVER` if the node has no plan.

    `duals` holds the best prices, the averages of the choices made so far (`fresh` starts them anew) and the
    step size, and is updated. Stops once the bound reaches `cutoff`.
    """
    sites, rows = data.cost.shape
    best = relax(data, node, duals.price, out, scratch)
    if best >= cutoff:
        return best
    trial, direction, sub = duals.trial, duals.direction, duals.sub
    if fresh:
        _blend(duals, out, 1.0)
    step, reds = duals.step[0], 0
    for _ in range(steps):
        square = 0.0
        for i in range(rows):
            total = 0.0
            for w in range(sites):
                total += duals.share[w, i]
            direction[i] = 0.0 if node.home[i] >= 0 else 1.0 - total
            square += direction[i] ** 2
        if square < 1e-9:
            break
        size = step * (target - best) / square
        for i in range(rows):
            trial[i] = duals.price[i] + size * direction[i]
        value = relax(data, node, trial, out, scratch)
        if value >= NEVER:
            return NEVER
        along, own, across = 0.0, 0.0, 0.0
        for i in range(rows):
            sub[i] = 0.0
            if node.home[i] < 0:
                sub[i] = 1.0
        for w in range(sites):
            if out.opened[w]:
                for i in range(rows):
                    if out.chosen[w, i]:
                        sub[i] -= 1.0
        for i in range(rows):
            along += sub[i] * direction[i]
            own += sub[i] ** 2
        across = own - 2.0 * along + square
        part = MOST_SHARE
        if across > 1e-12:
            part = min(MOST_SHARE, max(MOST_SHARE * LEAST_PART, (square - along) / across))
        _blend(duals, out, part)
        if value > best:
            gain = value - best
            best = value
            duals.price[:] = trial
            if along > 0.0:
                step = min(step * 1.2, 2.0)
            reds = 0 if gain > 1e-4 * abs(target - best) else reds
            if best >= cutoff:
                break
        else:
            reds += 1
            if reds >= REDS:
                step *= 0.7
                reds = 0
                if step < 1e-4:
                    break
    duals.step[0] = step
    return best


@njit(cache=True)
def _blend(duals: Duals, out: Relaxed, part: float) -> None:
    """Mix the latest choice into the averages."""
    sites, rows = out.chosen.shape
    for w in range(sites):
        if out.opened[w]:
            duals.use[w] += part * (1.0 - duals.use[w])
            for i in range(rows):
                now = 1.0 if out.chosen[w, i] else 0.0
                duals.share[w, i] += part * (now - duals.share[w, i])
        else:
            duals.use[w] -= part * duals.use[w]
            for i in range(rows):
                duals.share[w, i] -= part * duals.share[w, i]
