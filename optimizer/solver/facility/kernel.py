"""Better openings of large problems among the few facilities that the averaged openings of the prices use.

First the incumbent is shaken where it stands: a few facilities near each other open or close, moves that
pay follow, and what is better is kept (iterated local search). Then a short tree over these facilities
alone: kernel search, G. Guastaroba and M. G. Speranza, Journal of Heuristics 18 (2012), 877–917, with the
tree in the place of a MIP solver.
"""

import numpy as np

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.clock import Course
from optimizer.solver.facility.core import Core, ceilings, cut_core
from optimizer.solver.facility.location import Location
from optimizer.solver.facility.plans import Incumbent, local_search
from optimizer.solver.facility.tree import Tree
from optimizer.solver.tree import TreeLog

__all__ = ["search_kernel"]

KERNEL_NODES, KERNEL_ROUNDS = 120, 8
SPARE_RANKS = 15
IDLE_SHAKES, MOVES = 300, 60
LEAST_NEAR, MOST_NEAR = 6, 20
LEAST_FLIPS, MOST_FLIPS = 2, 4


def search_kernel(
    location: Location,
    who: Ints,
    incumbent: Incumbent,
    course: Course,
    square: Floats,
    start: tuple[np.ndarray, Floats, float],
) -> None:
    """Shake and search by turns as long as that improves; fixed facilities stay.

    Parameters
    ----------
    who
        The facilities that the averaged openings use.
    start
        Fixings of all facilities, prices and bound at the root.
    """
    state, price, bound = start
    random = np.random.default_rng(course.options.seed)
    for _ in range(KERNEL_ROUNDS):
        before = incumbent.cost
        inside = who if incumbent.opened is None else np.union1d(who, incumbent.opened)
        core = cut_core(location, inside, ceilings(location.unit[inside], price, SPARE_RANKS))
        _shake(location, core, incumbent, price, random)
        if course.closed or course.over():
            return
        log = TreeLog(incumbent.problem)
        tree = Tree(location, core, incumbent, course, square, log, KERNEL_NODES)
        exhausted = tree.run(np.where(state[inside] == 1, 1, -1).astype(np.int8), price, bound, log.root)
        if exhausted or course.closed or course.over():
            return
        if incumbent.cost >= before:
            return


def _shake(
    location: Location, core: Core, incumbent: Incumbent, price: Floats, random: np.random.Generator
) -> None:
    """Open and close facilities near a random one and search from there, until that has long been idle.

    Two facilities are as near as the cheapest way between them by a customer.
    """
    unit = location.unit[core.who]
    idle, most = 0, len(core.who)
    while incumbent.opened is not None and idle < IDLE_SHAKES and most > 1:
        if incumbent.course.closed or incumbent.course.over():
            return
        idle += 1
        centre = int(random.integers(most))
        near = (unit + unit[centre]).min(axis=1)
        near[centre] = -np.inf
        around = np.argsort(near, kind="stable")[: random.integers(LEAST_NEAR, MOST_NEAR)]
        flips = random.integers(LEAST_FLIPS, MOST_FLIPS + 1)
        opened = np.isin(core.who, incumbent.opened)
        opened[random.permutation(around)[:flips]] ^= True
        trial = Incumbent(incumbent.problem, location, incumbent.course, offers=False)
        trial.cost_of(core.who[opened])
        local_search(trial, core, price, MOVES)
        if trial.opened is not None and trial.cost < incumbent.cost * (1.0 - 1e-12):
            incumbent.cost_of(trial.opened)
            idle = 0
