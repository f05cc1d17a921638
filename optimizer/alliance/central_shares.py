r"""Shares in the middle of a stage's optimal face, by an interior-point method.

A stage's linear program max ε, M z + w ε ≤ r has many optimal z. A vertex is violated by coalitions that no
central point minds, and the next vertex by others; a point far from all rows is cut off deeply, or proves the
stage. Primal-dual steps (Mehrotra 1992) end near the analytic centre of the optimal face; the matrix to
factorise has as many rows as there are members.

Source: Gondzio, González-Brevis and Munari (2013), New developments in the primal-dual column generation
technique, EJOR 224.
"""

import numpy as np

from optimizer.problem.problem import Floats

__all__ = ["central_point", "inner_point"]

MOST_STEPS = 60
CLOSE = 1e-11
LEANING = 1e-4
"""Error of the duals that is let pass: they lose digits near the face, the point does not."""

NEARLY = 1e-3
"""Newton decrement at which an analytic centre is near enough."""

TO_THE_WALL = 0.99
HOPELESS = 1e15


def central_point(matrix: Floats, right: Floats) -> Floats | None:
    """Maximise the last coordinate of v subject to matrix @ v ≤ right, ending in the middle of the optima.

    Parameters
    ----------
    matrix
        Shape (rows, columns); the last column is not negative and not all zero.
    right
        Shape (rows,), of order one.

    Returns
    -------
    float64, shape (columns,), or None
        Feasible for all rows, optimal but for rounding; None where the steps did not converge.

    >>> central_point(  # doctest: +NORMALIZE_WHITESPACE
    ...     np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 1.0, 0.5])
    ... ).round(6) + 0.0
    array([0. , 0.5])
    """
    rows, columns = matrix.shape
    weight = matrix[:, -1]
    point = np.zeros(columns)
    slack = np.maximum(right, 1.0)
    dual = np.full(rows, 1.0 / weight.sum())
    goal = np.zeros(columns)
    goal[-1] = 1.0
    for _ in range(MOST_STEPS):
        off = right - matrix @ point - slack
        lean = goal - matrix.T @ dual
        gap = float(slack @ dual)
        settled = np.abs(off).max() < CLOSE and np.abs(lean).max() < LEANING
        if settled and gap < CLOSE * (1.0 + abs(point[-1])):
            return _pulled_inside(matrix, right, point)
        with np.errstate(all="ignore"):
            step = _step(matrix, slack, dual, off, lean, gap)
        if step is None or dual.max() > HOPELESS:
            return None
        point, slack, dual = point + step[0], slack + step[1], dual + step[2]
    return None


def inner_point(matrix: Floats, right: Floats, point: Floats, depth: float) -> Floats:
    """Return the point deepest within the rows of a level lower by `depth`, with the level as it was.

    It maximises the sum of the logarithms of the rows' slacks at that level (their analytic centre) by damped
    Newton steps. Where the level set has no inner point, the point comes back unchanged.

    At level 1/2 the rows z + ε ≤ 1, −z + ε ≤ 1 and z ≤ 1/2 leave slacks of 1/2 − z (twice) and 1/2 + z:

    >>> inner_point(  # doctest: +NORMALIZE_WHITESPACE
    ...     np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, 0.0]]),
    ...     np.array([1.0, 1.0, 0.5]),
    ...     np.array([0.0, 1.0]),
    ...     0.5,
    ... ).round(6)
    array([-0.166667, 1. ])
    """
    space = matrix[:, :-1]
    held = right - matrix[:, -1] * (point[-1] - depth)
    free, slack = point[:-1].copy(), held - space @ point[:-1]
    if slack.min() <= 0.0:
        return point
    for _ in range(MOST_STEPS):
        scaled = space / slack[:, None]
        system = scaled.T @ scaled
        system[np.diag_indices(len(system))] += 1e-14 * np.trace(system)
        downhill = -scaled.sum(axis=0)
        try:
            step = np.linalg.solve(system, downhill)
        except np.linalg.LinAlgError:
            break
        decrement = float(np.sqrt(max(0.0, step @ downhill)))
        length = _length(slack, -space @ step) if decrement < 1.0 else 1.0 / (1.0 + decrement)
        free += length * step
        slack = held - space @ free
        if decrement < NEARLY:
            break
    return np.append(free, point[-1]) if slack.min() > 0.0 else point


def _step(
    matrix: Floats, slack: Floats, dual: Floats, off: Floats, lean: Floats, gap: float
) -> tuple[Floats, Floats, Floats] | None:
    """Return a predictor-corrector step of point, slack and dual; None where the system is singular."""
    scaled = matrix * (dual / slack)[:, None]
    system = matrix.T @ scaled
    system[np.diag_indices(len(system))] += 1e-14 * np.trace(system)
    try:
        factor = np.linalg.inv(system)
    except np.linalg.LinAlgError:
        return None
    rows = len(slack)

    def solved(centre: Floats) -> tuple[Floats, Floats, Floats]:
        """Newton's direction towards slack · dual = centre."""
        target = (centre - slack * dual) / slack
        turn = target - (dual / slack) * off
        towards = factor @ (lean - matrix.T @ turn)
        give = off - matrix @ towards
        return towards, give, target - (dual / slack) * give

    _, give, turn = solved(np.zeros(rows))
    far = min(_length(slack, give), _length(dual, turn))
    ahead = float((slack + far * give) @ (dual + far * turn))
    centre = (max(ahead, 0.0) / gap) ** 3 * gap / rows
    towards, give, turn = solved(centre - give * turn)
    length = min(_length(slack, give), _length(dual, turn))
    if not (np.isfinite(length) and np.isfinite(towards).all()):
        return None
    return length * towards, length * give, length * turn


def _length(values: Floats, direction: Floats) -> float:
    """Return how far positive values can go in a direction, at most 1."""
    falling = direction < 0.0
    if not falling.any():
        return 1.0
    return min(1.0, TO_THE_WALL * float((-values[falling] / direction[falling]).min()))


def _pulled_inside(matrix: Floats, right: Floats, point: Floats) -> Floats:
    """Lower the last coordinate until every row that bears on it holds exactly."""
    weight = matrix[:, -1]
    bears = weight > 0.0
    room = (right[bears] - matrix[bears, :-1] @ point[:-1]) / weight[bears]
    result = point.copy()
    result[-1] = room.min()
    return result
