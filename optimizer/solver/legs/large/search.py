"""Large problems over legs: implicit prices, then prices with whole lanes, plans by diving.

Implicit prices pass over the legs once a step and soon know the rows' prices. From there every lane decides
its modules whole, for a bound that knows what part of them stays empty. With the sizes that these open, a
linear program over the good ways has a fraction of the columns and takes seconds; diving makes it a plan.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.usage import largest_use
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.clock import Course
from optimizer.solver.legs.candidates import neighbours
from optimizer.solver.legs.core import plan_without_sites, sizes_by_share
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.rates import SupplyRates, rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices, prices_from
from optimizer.solver.legs.lanes.start import Known
from optimizer.solver.legs.large.dive import Dive, planned
from optimizer.solver.legs.large.good_ways import good_ways, narrowed
from optimizer.solver.legs.large.implicit import ImplicitRelaxation, implicit_scales
from optimizer.solver.legs.large.sized import Good, sized_program
from optimizer.solver.legs.large.ways import Ways, ways_of
from optimizer.solver.legs.shell import Shell, shell_of
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.solution import Prices
from optimizer.solver.volume import DualRun, ascend_in_rounds
from optimizer.solver.warm import Warm

__all__ = ["search_large"]

Bools = npt.NDArray[np.bool_]

WHOLE = ((200, 1.0), (100, 0.3))
SPLIT = ((200, 0.3), (200, 0.1), (200, 0.1), (200, 0.03), (200, 0.1), (200, 0.03))
"""Iterations of each round, and how its steps on measures compare with the usual ones."""

LEAST_SHARES = (0.5, 0.375, 0.25, 0.125)
"""Sites open so often in the mean make a set of sizes each; that of the cheapest relaxation is taken."""

TOLERANCES = (0.03, 0.1, 0.3, 1.0, np.inf)
"""How much dearer than a row's best way a good way may be; the first with which all rows find room."""

NARROW = 0.05
"""The same at the prices of the linear program."""

WORTH = 1e-6
"""Gain of a mended part, or of a bound, as a part of the cost, that is worth going on for."""

PLAN_SHARE, DUAL_SHARE, LANE_SHARE = 0.5, 0.5, 0.5
"""Parts of the time left that a plan, the first rounds and those with whole lanes may take."""


def search_large(
    problem: Problem, legs: Legs, course: Course, warm: Warm | None = None
) -> tuple[Prices, float]:
    """Raise the bound and look for plans until the gap is closed, the time is up or nothing moves.

    Parameters
    ----------
    problem, legs
        Legs of the kind of `is_implicit`.
    course
        Limits; takes plans and the bound.

    Returns
    -------
    Prices
        Those that prove most, implicit or with whole lanes.
    float
        The bound that they prove.
    """
    search = _Search(problem, legs, course)
    course.offer(plan_without_sites(problem, legs))
    first = search.first_prices(warm)
    run = first
    rates: SupplyRates | None = None
    lanes = None if course.closed or course.over() else search.lane_prices(first)
    if lanes is not None:
        run = lanes.first(LANE_SHARE)
        rates = None if lanes.use is None else rates_of_use(problem, lanes.relaxation, lanes.use)
    raised = False
    while not (course.closed or course.over()):
        fresh = search.fresh(run.size_share)
        search.plan(first, fresh, rates)
        if (fresh and raised) or (not fresh and search.mend()):
            continue
        before = run.best.value
        if lanes is not None:
            run, raised = lanes.raised(LANE_SHARE), True
        if not fresh and run.best.value - before <= WORTH * abs(before):
            break
    if lanes is not None and run.best.value > first.best.value:
        return lanes.stored(), run.best.value
    return as_prices(search.relaxation.layout, first.prices, search.shell.split), first.best.value


class _Search:
    """The steps, and what they share."""

    def __init__(self, problem: Problem, legs: Legs, course: Course) -> None:
        self.problem, self.legs, self.course = problem, legs, course
        self.ways: Ways = ways_of(legs)
        self.use = largest_use(problem)
        self.shell: Shell = shell_of(problem, legs, self.use, split=True)
        self.relaxation = ImplicitRelaxation(self.shell, self.ways, course.options.threads)
        self._best_dive: Dive | None = None
        self._known: set[bytes] = set()

    def first_prices(self, warm: Warm | None) -> DualRun:
        """Prices of the problem as it is, then of the same split by size."""
        shell = shell_of(self.problem, self.legs, self.use, split=False)
        whole = ImplicitRelaxation(shell, self.ways, self.course.options.threads)
        start = self._rounds(whole, _started(whole.start(), warm), WHOLE).prices
        measure = np.zeros(self.shell.problem.n_measures)
        measure[self.shell.number] = start.measure[:, None]
        start = PriceVector.of(start.row, measure, start.link, start.rule)
        return self._rounds(self.relaxation, start, SPLIT)

    def lane_prices(self, first: DualRun) -> LanePrices | None:
        """Prices with whole lanes from the implicit ones; None where the legs have no such lanes."""
        lanes = lanes_of(self.problem, self.legs)
        if lanes is None:
            return None
        prices = first.prices
        self.relaxation.head_values(prices)
        measure = prices.measure[self.shell.number]
        known = Known(prices.row, measure, self.relaxation.tail_value, prices.rule)
        return prices_from(self.problem, self.legs, lanes, self.shell, [known], self.course)

    def fresh(self, share: Floats) -> list[Bools]:
        """Sets of sizes to look at that were not looked at before: likely ones, then some near the best."""
        plan = self.course.plan
        found = self._new(_likely(self.problem, share))
        if not found and plan is not None:
            best = np.isin(np.arange(self.problem.n_sizes), plan.decisions.size)
            found = self._new(neighbours(self.problem, share, best))
        return found

    def _new(self, candidates: list[Bools]) -> list[Bools]:
        new = {key: sizes for sizes in candidates if (key := sizes.tobytes()) not in self._known}
        self._known.update(new)
        return list(new.values())

    def plan(self, first: DualRun, candidates: list[Bools], rates: SupplyRates | None) -> None:
        """Look for a plan with the sizes whose relaxation is cheapest at rates of supply."""
        priced = self.problem if rates is None else replace(self.problem, module_cost=rates.module)
        ranked = (each for sizes in candidates if (each := self._sized(first, sizes, priced)) is not None)
        cheapest = min(ranked, key=lambda each: each[1], default=None)
        if cheapest is None:
            return
        sized = sized_program(self.problem, self.ways, cheapest[0])
        program = LinearProgram(sized.model, self.course.over)
        answer = program.solve(max(self.course.left, 0.0))
        if answer.values is None:
            return
        dive = Dive(self.problem, sized, program, answer.values, self.course)
        if dive.whole(PLAN_SHARE * self.course.left):
            plan = planned(self.problem, self.legs, sized, dive.values)
            if self.course.offer(plan):
                self._best_dive = dive

    def mend(self) -> bool:
        """Mend the best plan part by part; tells whether that gained anything."""
        dive = self._best_dive
        if dive is None or self.course.closed or self.course.over():
            return False
        worth = WORTH * abs(self.course.objective)
        if not dive.mended(PLAN_SHARE * self.course.left, worth):
            return False
        return self.course.offer(planned(self.problem, self.legs, dive.sized, dive.values))

    def _sized(self, first: DualRun, sizes: Bools, priced: Problem) -> tuple[Good, float] | None:
        """Ways with some sizes that are good enough for all rows, and the cost of their relaxation."""
        problem, ways = self.problem, self.ways
        for tolerance in TOLERANCES:
            good = good_ways(problem, self.legs, self.relaxation, first.prices, sizes, tolerance)
            sized = sized_program(priced, ways, good)
            answer = LinearProgram(sized.model, self.course.over).solve(max(self.course.left, 0.0))
            if answer.values is not None:
                return narrowed(problem, sized, answer, NARROW), answer.objective
            if self.course.over():
                break
        return None

    def _rounds(
        self, relaxation: ImplicitRelaxation, prices: PriceVector, rounds: tuple[tuple[int, float], ...]
    ) -> DualRun:
        """Rounds of growing caution, within a part of the time left."""
        course = self.course
        until = course.seconds + DUAL_SHARE * course.left
        usual = implicit_scales(relaxation, prices)
        scaled = (
            (iterations, usual.with_measures(caution * usual.measure)) for iterations, caution in rounds
        )

        def ended() -> bool:
            return course.closed or course.over() or course.seconds > until

        return ascend_in_rounds(relaxation, prices, scaled, course, ended)


def _likely(problem: Problem, share: Floats) -> list[Bools]:
    """Sets of sizes that the mean of the dual method may stand for, the surest sites first."""
    return [sizes_by_share(problem, share, least) for least in LEAST_SHARES]


def _started(usual: PriceVector, warm: Warm | None) -> PriceVector:
    """The usual first prices, or those of an earlier solve where they are known."""
    known = None if warm is None else warm.prices
    if known is None or (len(known.row), len(known.measure)) != (len(usual.row), len(usual.measure)):
        return usual
    row = np.where(np.isfinite(known.row), known.row, usual.row)
    measure = np.where(np.isfinite(known.measure), known.measure, usual.measure)
    return PriceVector.of(row, measure, usual.link, usual.rule)
