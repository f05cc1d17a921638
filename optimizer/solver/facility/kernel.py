"""Better openings of large problems: a short tree over the facilities that the prices leave in doubt.

The idea is kernel search: G. Guastaroba and M. G. Speranza, "Kernel search for the capacitated facility
location problem", Journal of Heuristics 18 (2012), 877–917, with the tree in the place of a MIP solver.
"""

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.clock import Course
from optimizer.solver.facility.core import Core, capacity_price
from optimizer.solver.facility.location import Location
from optimizer.solver.facility.plans import Incumbent, core_gains
from optimizer.solver.facility.tree import Tree
from optimizer.solver.tree import TreeLog

__all__ = ["search_kernel"]

KERNEL, KERNEL_NODES, KERNEL_ROUNDS = 100, 100, 8


def search_kernel(
    location: Location,
    core: Core,
    incumbent: Incumbent,
    course: Course,
    square: Floats,
    start: tuple[np.ndarray, Floats, float],
) -> None:
    """Search around the incumbent as long as it improves; `start` has the fixings, prices and bound.

    Facilities clearly worth their cost stay open and clearly dear ones closed, unless the incumbent says
    otherwise; `KERNEL` of the others are decided by the tree.
    """
    state, price, bound = start
    gain = core_gains(location, core, price)
    reduced = gain - capacity_price(gain, core.capacity, location.need, state) * core.capacity
    for _ in range(KERNEL_ROUNDS):
        free = np.flatnonzero(state < 0)
        if len(free) <= KERNEL or course.closed or course.over():
            return
        before = incumbent.cost
        opened = incumbent.opened
        inside = np.isin(core.who, [] if opened is None else opened)
        doubtful = free[np.argsort(np.abs(reduced[free]), kind="stable")]
        part = state.copy()
        part[doubtful[KERNEL:]] = inside[doubtful[KERNEL:]]
        log = TreeLog(incumbent.problem)
        tree = Tree(location, core, incumbent, course, square, log, KERNEL_NODES)
        tree.run(part, price, bound, log.root)
        if incumbent.cost >= before:
            return
