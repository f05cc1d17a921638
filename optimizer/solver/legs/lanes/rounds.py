"""Raising the bound by prices with whole lanes, from prices over legs."""

from collections.abc import Callable, Sequence

import numpy as np

from optimizer.problem.legs import Legs, node_demand
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.usage import largest_use
from optimizer.solver.clock import Course
from optimizer.solver.lane_start import LaneStart
from optimizer.solver.legs.dual import LegPrices
from optimizer.solver.legs.lanes.copies import measures_of_lanes
from optimizer.solver.legs.lanes.form import Lanes
from optimizer.solver.legs.lanes.kept import in_proportion, started_again
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.lanes.start import Known, known_over_legs, lane_scales, lane_start
from optimizer.solver.legs.lanes.weights import WeightSearch, best_at, first_weights
from optimizer.solver.legs.shell import Shell, shell_of
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Evaluation
from optimizer.solver.solution import Prices, relative_gap
from optimizer.solver.volume import DualRun, Pace, ascend, reporting_to

__all__ = ["LanePrices", "lane_prices", "lane_prices_again", "lane_prices_from", "prices_from"]

FIRST, FURTHER = (40,) * 5, (100,)
"""Iterations of each round; after each, the weights of lanes move."""

PACE = Pace(patience=3, shrink=0.8, longest=20.0)
"""How steps change their length: soon and by little, as far as they go."""

FREE_LINKS = 0.2
"""Scale of links that have no price yet, compared with others: most never get one."""

ROOM, ROOM_AGAIN = 0.1, 0.5
"""Part by which the price of a row may rise above its first, and above that of an earlier solve, in which it
may have had fewer orders."""

MOST_GAP = 0.03
"""Gap of an earlier plan, or of what was proved earlier, at earlier prices up to which these are worth going
on from."""

LEAST_GAIN = 2e-4
"""Relative gain of the bound by further rounds below which they end."""


class LanePrices:
    """Prices with whole lanes of a problem, and the best run so far.

    Parameters
    ----------
    relaxation
        The relaxation, with the weights to start from.
    prices
        Prices to start from.
    course
        Limits; takes the bound.

    Attributes
    ----------
    prices : PriceVector
        The last best ones.
    use : float64, shape (lanes,), or None
        What is used of each lane in the mean of the dual method.
    """

    def __init__(self, relaxation: LaneRelaxation, prices: PriceVector, course: Course) -> None:
        self.relaxation, self.course = relaxation, course
        self.prices = prices
        self._last: DualRun | None = None
        self._weights = WeightSearch(relaxation)
        self._best: tuple[DualRun, Floats] | None = None
        self._scales = lane_scales(relaxation, prices)
        self.use: Floats | None = None

    def first(self, share: float) -> DualRun:
        """Raise the bound from nothing, within a part of the time left."""
        return self._rounds(FIRST, self.course.seconds + share * self.course.left)

    def raised(self, share: float, *, briefly: bool = False) -> DualRun:
        """Go on until the bound hardly rises, within a part of the time left.

        Where no plan is near one short round has to do.

        Parameters
        ----------
        briefly
            Whether to stop as soon as a short round hardly gains anything.
        """
        until = self.course.seconds + share * self.course.left
        near = relative_gap(self.course.objective, self.relaxation.evaluate(self.prices).value) <= MOST_GAP
        usual = FIRST[:1] if briefly else FURTHER
        run = self._rounds(usual if near else FIRST[:1], until)
        before = -np.inf if near else np.inf
        while run.best.value - before >= LEAST_GAIN * abs(run.best.value) and not self._over(until):
            before = run.best.value
            run = self._rounds(usual, until)
        return run

    def ascended(
        self,
        prices: PriceVector,
        iterations: int,
        on_step: Callable[[DualRun, Evaluation], bool],
        aim: Callable[[], float],
        pace: Pace = PACE,
        earlier: DualRun | None = None,
    ) -> DualRun:
        """Raise the bound from some prices.

        Parameters
        ----------
        on_step
            Called after each evaluation; a true answer ends the run.
        aim
            Gives the value that steps aim at.
        earlier
            A run to go on with.
        """
        usual = self._scales
        link = np.where(prices.link > 0.0, usual.link, FREE_LINKS * usual.link)
        scales = PriceVector.of(usual.row, usual.measure, link, usual.rule)
        return ascend(self.relaxation, prices, scales, aim, iterations, on_step, pace, earlier)

    def keep(self, run: DualRun) -> None:
        """Keep the prices of a run for the whole, with the present weights, where they prove most."""
        if self._best is None or run.best.value > self._best[0].best.value:
            self._best = run, self.relaxation.lane_weight

    @property
    def proved(self) -> float:
        """Bound of the best prices."""
        return -np.inf if self._best is None else self._best[0].best.value

    def stored(self) -> Prices:
        """The best prices as they are stored: in few binary digits, and only those of links that have one."""
        relaxation, links = self.relaxation, self.relaxation.links
        prices, weight = self.prices, relaxation.lane_weight
        if self._best is not None:
            prices, weight = self._best[0].prices, self._best[1]
        row, measure, link, rule = (
            _in_few_digits(part) for part in (prices.row, prices.measure, prices.link, prices.rule)
        )
        measure[relaxation.lane_measures] = np.nan
        has = np.flatnonzero(link > 0.0)
        split = relaxation.shell.split
        return Prices(
            row, measure, links.row[has], links.gate[has], link[has], rule, split, lane_weight=weight
        )

    def _over(self, until: float) -> bool:
        return self.course.closed or self.course.over() or self.course.seconds > until

    def _rounds(self, rounds: tuple[int, ...], until: float) -> DualRun:
        course = self.course
        report = reporting_to(course)

        def on_step(run: DualRun, now: Evaluation) -> bool:
            use = self.relaxation.lane_use
            self.use = use if self.use is None else self.use + run.mixing * (use - self.use)
            self._weights.compare(now)
            return report(run, now) or course.seconds > until

        for iterations in rounds:
            run = self.ascended(
                self.prices, iterations, on_step, lambda: course.objective, earlier=self._last
            )
            self.prices, self._last = run.prices, run
            self.keep(run)
            if self._over(until):
                break
            self._weights.move()
            self._weights.begin()
        assert self._best is not None
        return self._best[0]


def prices_from(
    problem: Problem, legs: Legs, lanes: Lanes, shell: Shell, known: Sequence[Known], course: Course
) -> LanePrices:
    """Prepare prices with whole lanes from those of another relaxation, the best of some."""
    weight = first_weights(problem, known[0].measure.mean(axis=1))
    relaxation = LaneRelaxation(
        problem, legs, lanes, shell, weight, _ceiling(known[0].row, ROOM), course.options.threads
    )
    prices = lane_start(relaxation, known)
    best_at(relaxation, prices)
    return LanePrices(relaxation, prices, course)


def lane_prices(problem: Problem, legs: Legs, lanes: Lanes, prices: LegPrices, course: Course) -> LanePrices:
    """Prepare prices with whole lanes from prices over legs."""
    shell = shell_of(problem, legs, largest_use(problem), split=True)
    known = known_over_legs(prices, node_demand(problem, legs), legs.tail)
    return prices_from(problem, legs, lanes, shell, known, course)


def lane_prices_again(
    problem: Problem, legs: Legs, lanes: Lanes, start: LaneStart, course: Course
) -> LanePrices | None:
    """Prepare prices with whole lanes from those of an earlier solve.

    Returns
    -------
    LanePrices or None
        None where a row or a lane is new, or they prove so little of the cost known that others do better.
    """
    own = measures_of_lanes(problem, lanes)
    if not (np.all(np.isfinite(start.row)) and np.all(np.isfinite(start.weight[own]))):
        return None
    again = lane_prices_from(problem, legs, lanes, start, course)
    value = again.relaxation.evaluate(again.prices).value
    return None if relative_gap(min(course.objective, start.proved), value) > MOST_GAP else again


def lane_prices_from(
    problem: Problem, legs: Legs, lanes: Lanes, start: LaneStart, course: Course
) -> LanePrices:
    """Prepare prices with whole lanes from others that know every row and lane."""
    shell = shell_of(problem, legs, largest_use(problem), split=True)
    start = in_proportion(start, problem.row_demand)
    weight, ceiling = np.nan_to_num(start.weight), _ceiling(start.row, ROOM_AGAIN)
    relaxation = LaneRelaxation(problem, legs, lanes, shell, weight, ceiling, course.options.threads)
    return LanePrices(relaxation, started_again(relaxation, start), course)


def _ceiling(row: Floats, room: float) -> Floats:
    """What prices of rows may rise to, from their first ones."""
    return np.asarray(row + room * np.abs(row))


def _in_few_digits(prices: Floats) -> Floats:
    """Round prices to 2⁻⁵⁰ of the largest, so that what proves them counts in short numbers."""
    _, exponent = np.frexp(np.abs(prices).max(initial=0.0))
    return np.asarray(np.ldexp(np.rint(np.ldexp(prices, 50 - exponent)), exponent - 50))
