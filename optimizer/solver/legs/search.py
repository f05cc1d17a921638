"""The search for plans in one problem over legs, or in one part of it: with given sizes, then over sizes.

The problem of a few sites alone is a fraction of the whole. Where the whole is small enough for a linear
relaxation with cuts, a tree over sizes closes the gap.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from threading import Event

import numpy as np

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.carried import COLUMNS, UNKNOWN, Carried
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import Relaxed, Rough, plan_with_sizes, refined
from optimizer.solver.legs.descent import most_promising
from optimizer.solver.legs.earlier import planned_again
from optimizer.solver.legs.lanes.rates import SupplyRates
from optimizer.solver.legs.probe import Probing
from optimizer.solver.legs.program import write_program
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.strategy import bounded_root, relaxation_of, search_legs
from optimizer.solver.legs.tree import Looked, Node
from optimizer.solver.legs.trials import Trials

__all__ = ["MOST_LEGS", "LegSearch"]

MOST_LEGS = 30_000
"""Legs beyond which the linear relaxation of all of them takes too long to wait for."""

NEAR = 5.0
"""Gaps asked for between plan and bound within which cuts may well close the gap."""

MOST_NEW = 0.05
"""Part of the legs that may be new for the relaxation of an earlier solve to be worth going on with: with a
site more, its basis is further away than none."""

HOPELESS = 0.01
"""Part by which the first plan of a set of sizes may be above the best known for it to be worth improving."""

AHEAD = 2
"""Solves, with cuts between them, by which a tree that is begun beside the first look goes ahead: about what
that leaves time for. More of them are faster once a plan has ruled sites out."""

CORE_SHARE = 0.5
"""Part of the time left for a plan with given sizes."""


class LegSearch:
    """A search whose plans and bounds go to its course.

    Parameters
    ----------
    problem, legs
        The problem and how its options fall apart; no row may be single sourced, none without an option.
    course
        Limits; takes the plans, and the bound of the tree.
    tree
        Whether a tree may close the gap, where there are few legs.

    Attributes
    ----------
    by_tree : bool
        Whether a tree can close the gap; otherwise sizes are searched (`optimizer.solver.legs.size_search`).
    solver : str
        Whose word the bound of the tree is.
    infeasible, exhausted : bool
        Whether it is proved that there is no plan, or that none is better than the course's.
    carried : Carried or None
        What the linear relaxation of its root hands over.
    rates : SupplyRates or None
        What supply costs by the unit in the linear programs that plans of large problems begin with.
    """

    def __init__(self, problem: Problem, legs: Legs, course: Course, *, tree: bool = True) -> None:
        self.problem, self.legs, self.course = problem, legs, course
        self.by_tree = tree and legs.count <= MOST_LEGS
        self.solver = ""
        self.infeasible = self.exhausted = False
        self.carried: Carried | None = None
        self._known: dict[bytes, Looked] = {}
        self.rates: SupplyRates | None = None
        self._begun: Relaxation | None = None
        self._beginning = False
        self._rough: Rough | None = None
        self._left: Node | None = None

    @property
    def ended(self) -> bool:
        """Whether the gap asked for is closed or the time is up."""
        return self.course.closed or self.course.over()

    def most_promising(self, candidates: Sequence[Bools]) -> tuple[Bools, Relaxed | None]:
        """Find the sizes that promise the cheapest plan at rates of supply, and their relaxation if known.

        The first candidate is taken where there are no rates.
        """
        if self.rates is None:
            return candidates[0], None
        trials = Trials(self.problem, self.legs, self.course, self.rates)
        return most_promising(self.problem, candidates, trials)

    def look(self, sizes: Bools, relaxed: Relaxed | None = None, *, again: bool = False) -> None:
        """Offer the course the best plan found with some sizes, but where these were looked at before.

        Parameters
        ----------
        relaxed
            Their relaxation at rates of supply, if it is known.
        again
            Whether they may be looked at once more, because rates are better now; of the first plans it is
            the last that `refine` improves then.
        """
        key = sizes.tobytes()
        if (again or key not in self._known) and not self.ended:
            beat = self.course.plan if self._near else None
            with self.begun_beside() if sizes.any() else nullcontext():
                looked, rough = plan_with_sizes(
                    self.problem, self.legs, sizes, self.course, CORE_SHARE, beat, self.rates, relaxed,
                    by_tree=self.by_tree,
                )  # fmt: skip
            self._known[key] = looked
            if rough is not None and (again or self._rough is None or rough.cost < self._rough.cost):
                self._rough = rough

    def refine(self, share: float, *, thorough: bool = True) -> None:
        """Improve the cheapest plan that was not improved to the end, within a part of the time left.

        Nothing is done where it is too far above the best to be worth it.

        Parameters
        ----------
        thorough
            Whether to go on to the end, not only as long as every pass gains something.
        """
        rough, self._rough = self._rough, None
        if rough is not None and not self.ended and rough.cost <= (1.0 + HOPELESS) * self.course.objective:
            better = refined(rough, self.course, share, thorough=thorough)
            self._rough = None if thorough else better

    @contextmanager
    def begun_beside(self) -> Iterator[bool]:
        """Begin the tree in a second thread meanwhile, if there is one: its first relaxation needs no plan.

        What comes of it does not depend on which of the two is done first. Tells whether a thread is taken.
        """
        vain = self._beginning or self._begun is not None or self.ended
        if not self.by_tree or vain or self.course.options.threads < 2:
            yield False
            return
        self._beginning = True
        course, done = self.course, Event()

        def begin() -> Relaxation:
            program = write_program(self.problem, self.legs)
            begun = Relaxation(program, lambda: max(course.left, 0.0), lambda: done.is_set() or course.over())
            begun.strong()
            begun.with_cuts(AHEAD, 0.0, np.inf)
            return begun

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(begin)
            try:
                yield True
            except BaseException:
                done.set()
                raise
            if self.ended:
                done.set()
            self._begun = ahead.result()
        done.clear()

    def resume(self, carried: Carried, sizes: Bools | None) -> bool:
        """Begin the tree with what the relaxation of an earlier solve handed over.

        It is cut further at once where a plan is near, and otherwise when the tree is searched.

        Parameters
        ----------
        sizes
            Those of the earlier plan: the best plan with them is looked for first.

        Returns
        -------
        bool
            False where no plan is near, or so much is new that the tree begins anew.
        """
        if not self.by_tree or self.ended:
            return True
        if np.mean(carried.column[COLUMNS.index("leg")] == UNKNOWN) > MOST_NEW:
            return False
        course = self.course
        self._begun = begun = relaxation_of(write_program(self.problem, self.legs), course)
        begun.take_over(carried)
        self.solver = begun.solver
        probing, left = Probing(begun, course, carried), None
        if sizes is not None:
            self._known[sizes.tobytes()] = planned_again(begun, course, sizes)
            left = probing.kept(sizes) if course.plan is not None else None
        self._left = bounded_root(begun, course, 1, probing, left)
        near = self._near
        if near:
            self._left = bounded_root(begun, course, probing=probing, left=self._left)
        self.carried = probing.handed_over()
        return near

    @property
    def _near(self) -> bool:
        """Whether plan and bound are near."""
        return self.course.within(NEAR)

    def branch(self) -> None:
        """Go on with cuts and a tree over sizes until the gap is closed or the time is up."""
        if self.ended:
            return
        begun = self._begun
        found = search_legs(
            write_program(self.problem, self.legs) if begun is None else begun.program,
            self.course,
            first_plan=self.course.plan is None,
            looked=list(self._known.values()),
            begun=begun,
            left=self._left,
        )
        self.solver, self.infeasible, self.exhausted = found.solver, found.infeasible, found.exhausted
        self.carried = found.carried or self.carried
