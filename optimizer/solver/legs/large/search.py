"""Large problems over legs: implicit prices with cuts, sizes settled by them, plans by diving.

Prices say what would go to each site if it opened; the modules for that are rounded, and the prices go on
with these cuts as further measures, round after round. What sizes they leave undecided is settled one by one;
a linear program over the good ways with these sizes has a fraction of the columns and takes seconds, and
diving makes it a plan.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.usage import largest_use
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import plan_without_sites, sizes_by_share
from optimizer.solver.legs.large.dive import Dive, planned
from optimizer.solver.legs.large.good_ways import good_ways, narrowed
from optimizer.solver.legs.large.implicit import (
    ImplicitRelaxation,
    Shell,
    implicit_scales,
    shell_of,
    shell_with_cuts,
)
from optimizer.solver.legs.large.response_cuts import response_cuts
from optimizer.solver.legs.large.rounded_ways import rounded_ways
from optimizer.solver.legs.large.settled import Settled, settled_sizes
from optimizer.solver.legs.large.sized import Sized, sized_program
from optimizer.solver.legs.large.ways import Ways, ways_of
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.rounding import beside_cuts, join_roundings, no_roundings
from optimizer.solver.solution import Prices, Roundings
from optimizer.solver.volume import DualRun, ascend, reporting_to
from optimizer.solver.warm import Warm

__all__ = ["search_large"]

WHOLE = ((200, 1.0), (100, 0.3))
SPLIT = ((200, 0.3), (200, 0.1), (200, 0.1), (200, 0.03), (200, 0.1), (200, 0.03))
CUT = ((150, 0.3), (150, 0.1), (150, 0.1), (150, 0.03), (300, 0.03))
FURTHER = ((60, 0.1), (90, 0.03))
"""Iterations of each round, and how its steps on measures compare with the usual ones."""

TOLERANCES = (0.03, 0.1, 0.3, 1.0, np.inf)
"""How much dearer than a row's best way a good way may be; the first with which all rows find room."""

NARROW = 0.05
"""The same at the prices of the linear program."""

ROUNDS, FURTHER_GAIN = 12, 3e-5
"""Rounds of cuts between two looks at the sizes at most; relative gain of a round that is worth another."""

WORTH = 1e-6
"""Gain of a mended part, as a part of the cost, that is worth keeping."""

PLAN_SHARE, DUAL_SHARE = 0.5, 0.5
"""Parts of the time left that a plan and the first rounds may take."""


@dataclass(frozen=True, eq=False)
class _Found:
    """Prices with cuts, and what was open in their mean.

    Attributes
    ----------
    prices : PriceVector
        Those of the split problem itself.
    cuts, cut_price
        Cuts in the numbers of the problem's measures, and their prices.
    shares
        How often sizes, and gates of the relaxation, were open in the mean.
    value
        The bound.
    relaxation, at
        The relaxation with these cuts, and the prices in its numbers.
    """

    prices: PriceVector
    cuts: Roundings
    cut_price: Floats
    shares: tuple[Floats, Floats]
    value: float
    relaxation: ImplicitRelaxation
    at: PriceVector


def search_large(problem: Problem, legs: Legs, course: Course, warm: Warm | None = None) -> Prices:
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
        The best prices, which prove the bound.
    """
    search = _Search(problem, legs, course)
    course.offer(plan_without_sites(problem, legs))
    best = search.first_prices(warm)
    if not (course.closed or course.over()):
        best = search.responded(best, CUT)
    known: set[bytes] = set()
    while not (course.closed or course.over()):
        settled = search.settled(best)
        fresh = settled.sizes.tobytes() not in known
        if fresh:
            known.add(settled.sizes.tobytes())
            search.plan(best, settled)
        before, best = best.value, search.raised(best)
        if not (fresh or best.value > before + FURTHER_GAIN * abs(before) or search.mend()):
            break
    return search.stored(best)


class _Search:
    """The steps, and what they share."""

    def __init__(self, problem: Problem, legs: Legs, course: Course) -> None:
        self.problem, self.legs, self.course = problem, legs, course
        self.ways: Ways = ways_of(legs)
        self.use = largest_use(problem)
        self.shell: Shell = shell_of(problem, legs, self.use, split=True)
        self.relaxation = ImplicitRelaxation(self.shell, self.ways, course.options.threads)
        self._best_dive: Dive | None = None

    def first_prices(self, warm: Warm | None) -> _Found:
        """Prices of the problem as it is, then of the same split by size."""
        shell = shell_of(self.problem, self.legs, self.use, split=False)
        whole = ImplicitRelaxation(shell, self.ways, self.course.options.threads)
        start = _started(whole.start(), warm)
        start = self._rounds(whole, start, WHOLE, DUAL_SHARE).prices
        measure = np.zeros(self.shell.problem.n_measures)
        measure[self.shell.number] = start.measure[:, None]
        start = PriceVector.of(start.row, measure, start.link, start.rule)
        run = self._rounds(self.relaxation, start, SPLIT, DUAL_SHARE)
        shares = (run.size_share, run.gate_share)
        none = no_roundings()
        return _Found(run.prices, none, np.zeros(0), shares, run.best.value, self.relaxation, run.prices)

    def responded(self, found: _Found, rounds: tuple[tuple[int, float], ...]) -> _Found:
        """Go on with the cuts that have a price and those of what would go to each site at the prices."""
        likely = sites_with(self.problem, sizes_by_share(self.problem, found.shares[0]))
        more = response_cuts(self.problem, found.relaxation, found.at, likely)
        old = np.flatnonzero(found.cut_price > 0.0)
        price = np.concatenate([found.cut_price[old], np.zeros(len(more))])
        cuts = join_roundings(found.cuts.taken(old), more)
        latest = self.priced(replace(found, cut_price=price), cuts, rounds)
        return latest if latest.value > found.value else found

    def raised(self, found: _Found) -> _Found:
        """Go on with further cuts, round by round, while that raises the bound."""
        for _ in range(ROUNDS):
            if self.course.closed or self.course.over():
                break
            before, found = found.value, self.responded(found, FURTHER)
            if found.value <= before + FURTHER_GAIN * abs(before):
                break
        return found

    def settled(self, found: _Found) -> Settled:
        """Sizes that the prices come to when sites are opened one by one."""
        course = self.course
        return settled_sizes(
            self.problem, found.relaxation, found.at, found.shares, course.objective, course.over
        )

    def plan(self, found: _Found, settled: Settled) -> None:
        """Look for a plan with some sizes."""
        solved = self._sized(found, settled)
        if solved is None:
            return
        sized, program, values = solved
        dive = Dive(self.problem, sized, program, values, self.course)
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

    def stored(self, found: _Found) -> Prices:
        """The prices as they are stored."""
        prices = as_prices(self.relaxation.layout, found.prices, self.shell.split)
        if not len(found.cuts):
            return prices
        return replace(prices, cuts=self._named(found.cuts), cut_price=found.cut_price)

    def _named(self, cuts: Roundings) -> Roundings:
        """Cuts in the numbers of the split problem's measures."""
        return replace(cuts, measure=self.shell.number[cuts.measure, 0])

    def _sized(self, found: _Found, settled: Settled) -> tuple[Sized, LinearProgram, Floats] | None:
        """The program of some sizes with ways good enough for all rows, and a solution of its relaxation."""
        problem, ways, sizes = self.problem, self.ways, settled.sizes
        for tolerance in TOLERANCES:
            good = good_ways(
                problem, self.legs, self.relaxation, found.prices, settled.shares, sizes, tolerance
            )
            sized = sized_program(problem, ways, good)
            answer = LinearProgram(sized.model, self.course.over).solve(max(self.course.left, 0.0))
            if answer.values is not None:
                sized = sized_program(problem, ways, narrowed(problem, sized, answer, NARROW))
                program = LinearProgram(sized.model, self.course.over)
                answer = program.solve(max(self.course.left, 0.0))
                return None if answer.values is None else (sized, program, answer.values)
            if self.course.over():
                break
        return None

    def priced(self, start: _Found, cuts: Roundings, rounds: tuple[tuple[int, float], ...]) -> _Found:
        """Raise the bound with cuts from some prices."""
        problem = self.problem
        ways, totals = rounded_ways(self.ways, problem.row_demand, cuts, problem.n_measures)
        wider, source = shell_with_cuts(self.shell, self._named(cuts), totals)
        relaxation = ImplicitRelaxation(wider, ways, self.course.options.threads)
        row, link, rule = start.prices.row, start.prices.link, start.prices.rule
        measure = beside_cuts(source, start.prices.measure, start.cut_price)
        run = self._rounds(relaxation, PriceVector.of(row, measure, link, rule), rounds, 1.0)
        own, added = np.flatnonzero(source >= 0), np.flatnonzero(source < 0)
        price = np.zeros(len(cuts))
        price[-1 - source[added]] = run.prices.measure[added]
        prices = PriceVector.of(run.prices.row, run.prices.measure[own], link, rule)
        shares = (run.size_share, run.gate_share)
        return _Found(prices, cuts, price, shares, run.best.value, relaxation, run.prices)

    def _rounds(
        self,
        relaxation: ImplicitRelaxation,
        prices: PriceVector,
        rounds: tuple[tuple[int, float], ...],
        share: float,
    ) -> DualRun:
        """Rounds of growing caution, within a part of the time left."""
        course = self.course
        until = course.seconds + share * course.left
        report = reporting_to(course)
        usual = implicit_scales(relaxation, prices)
        for iterations, caution in rounds:
            scales = PriceVector.of(usual.row, caution * usual.measure, usual.link, usual.rule)
            run = ascend(
                relaxation, prices, scales, lambda: course.objective, iterations,
                lambda run, now: report(run, now) or course.seconds > until,
            )  # fmt: skip
            prices = run.prices
            if course.closed or course.over() or course.seconds > until:
                break
        return run


def _started(usual: PriceVector, warm: Warm | None) -> PriceVector:
    """The usual first prices, or those of an earlier solve where they are known."""
    known = None if warm is None else warm.prices
    if known is None or (len(known.row), len(known.measure)) != (len(usual.row), len(usual.measure)):
        return usual
    row = np.where(np.isfinite(known.row), known.row, usual.row)
    measure = np.where(np.isfinite(known.measure), known.measure, usual.measure)
    return PriceVector.of(row, measure, usual.link, usual.rule)
