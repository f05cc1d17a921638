r"""The weights of a lane's measures: first ones, and better ones while prices rise.

A lane buys supply for a weighted sum of its measures, say of kilograms and cubic metres. Any weights prove a
bound; the best are those of the measure that binds, or of a mixture where several do. What a lane is worth is
compared, in the mean of the last evaluations, at its weights `w` and nearer to each measure `q` alone,

.. math:: w' = (1 - \delta) w + \delta e_q,

and it takes those at which it gains least, with smaller and smaller :math:`\delta`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Evaluation

__all__ = ["FIRST_STEP", "WeightSearch", "best_at", "first_weights"]

Ids = npt.NDArray[np.int64]

FIRST_STEP, SHRINK, LEAST_STEP = 0.5, 0.7, 0.01
"""How far weights go towards one measure at first, what is left of that after every move, and at least."""

EVERY = 6
"""Evaluations from one comparison to the next."""

MEMORY = 0.85
"""What is left of earlier comparisons at each."""

WORTH = 1e-9
"""Relative gain below which a lane keeps its weights."""


def first_weights(problem: Problem, price: Floats) -> Floats:
    """Each measure's part of the prices of its resource; all on the first measure where none has a price."""
    resource = owner(problem.resource_start)
    total = sum_by(resource, price, problem.n_resources)
    first = np.zeros(problem.n_measures)
    first[problem.resource_start[:-1][np.diff(problem.resource_start) > 0]] = 1.0
    known = total[resource] > 0.0
    return np.where(known, price / np.where(known, total[resource], 1.0), first)


def best_at(relaxation: LaneRelaxation, prices: PriceVector) -> None:
    """Give each lane the best of its weights and those of one measure alone, at given prices."""
    alone = _alone(relaxation)
    weights = [relaxation.lane_weight, *alone]
    found = relaxation.evaluate(prices)
    weighed = [relaxation.current, *map(relaxation.weighed, alone)]
    worth = np.array([relaxation.worth_at(each, found.size_open) for each in weighed])
    relaxation.take_weight(_best(relaxation, weights, worth))


class WeightSearch:
    """Compares weights during a run of the dual method, and moves them after it.

    Parameters
    ----------
    step
        How far weights go towards one measure.
    """

    def __init__(self, relaxation: LaneRelaxation, step: float = FIRST_STEP) -> None:
        self.relaxation, self.step = relaxation, step
        self._alone = _alone(relaxation)
        self.begin()

    def begin(self) -> None:
        """Write the weights that are to be compared from now on."""
        now, step = self.relaxation.lane_weight, self.step
        nearer = [(1.0 - step) * now + step * alone for alone in self._alone]
        self._weights = [now, *nearer]
        self._weighed = [self.relaxation.current, *map(self.relaxation.weighed, nearer)]
        self._worth = np.zeros((len(self._weights), len(self.relaxation.lanes.resource)))
        self._count = 0

    def compare(self, now: Evaluation) -> None:
        """Take in the last evaluation, now and then."""
        self._count += 1
        if self._count % EVERY:
            return
        self._worth *= MEMORY
        self._worth += [self.relaxation.worth_at(weighed, now.size_open) for weighed in self._weighed]

    def move(self) -> None:
        """Give every lane the weights that were best; next time they go less far."""
        self.relaxation.take_weight(_best(self.relaxation, self._weights, self._worth))
        self.step = max(SHRINK * self.step, LEAST_STEP)


def _alone(relaxation: LaneRelaxation) -> list[Floats]:
    """For each place among the measures of a lane the weights of that measure alone, or of the last."""
    problem = relaxation.unpriced
    resource = owner(problem.resource_start)
    place = np.arange(problem.n_measures) - problem.resource_start[resource]
    width = np.diff(problem.resource_start)
    own = relaxation.lanes.resource[relaxation.lanes.resource >= 0]
    last = width[resource] - 1
    return [
        (place == np.minimum(at, last)).astype(np.float64) for at in range(int(width[own].max(initial=0)))
    ]


def _best(relaxation: LaneRelaxation, weights: Sequence[Floats], worth: Floats) -> Floats:
    """Weights of each lane at which it is worth most; the first where none is worth more.

    Parameters
    ----------
    worth : float64, shape (weights, lanes)
    """
    chosen = np.where(worth.max(axis=0) > worth[0] + WORTH * np.abs(worth[0]), worth.argmax(axis=0), 0)
    return np.array(weights)[chosen[_lane_of_measures(relaxation)], np.arange(len(weights[0]))]


def _lane_of_measures(relaxation: LaneRelaxation) -> Ids:
    """Lane of each measure; the first for those of none."""
    problem, lanes = relaxation.unpriced, relaxation.lanes
    of_resource = np.zeros(problem.n_resources, dtype=np.int64)
    has = np.flatnonzero(lanes.resource >= 0)
    of_resource[lanes.resource[has]] = has
    return of_resource[owner(problem.resource_start)]
