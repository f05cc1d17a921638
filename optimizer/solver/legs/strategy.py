"""The legs strategy: cuts on a small linear relaxation, a tree over sizes, and what is left to a solver.

Strong relaxation → cuts → branch on sizes, the lowest bound or the likelier half next → where all sizes are
whole, a mixed-integer program of what the relaxation uses gives a plan, and one of the whole node closes it
where its bound does not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.direct import backend_named
from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.backends.process import Answer, solve_in_process
from optimizer.solver.clock import Course
from optimizer.solver.legs.program import LegProgram, decoded
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Node, OpenNodes, settle_site, split
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Progress, Termination

__all__ = ["Searched", "search_legs"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PLAN_SHARE = 0.3
"""Part of the time left in which a restricted program looks for a plan."""

PLAN_SECONDS = 60.0
"""The same where there is no time limit."""

FIRST_PLAN_SECONDS = 3.0
"""Time for a first plan before the bound is worked on, so that a stop at any moment has one to show, and for
a better one in a node where one is known."""

UNUSED = 1e-6
ROUNDING = 1e-9
"""Part of a linear bound that may be rounding."""

ROOT_ROUNDS, ROOT_FLAT = 40, 5e-4
NODE_ROUNDS, NODE_FLAT = 15, 1e-4


@dataclass(eq=False)
class _Search:
    """What the steps of a solve share."""

    program: LegProgram
    course: Course
    relaxation: Relaxation
    nodes: OpenNodes
    exhausted: bool = False
    unsettled: bool = False

    @property
    def solver(self) -> str:
        return self.relaxation.solver


@dataclass(frozen=True)
class Searched:
    """How a search ended: with nothing left, with nothing feasible, and whose word its bound rests on."""

    exhausted: bool
    infeasible: bool
    solver: str


def search_legs(program: LegProgram, course: Course, *, first_plan: bool = True) -> Searched:
    """Search for the cheapest plan of a program over legs; plans and bounds are reported to the course.

    Parameters
    ----------
    program
        The program; no row may be single sourced.
    course
        Limits; takes the plans and the bound.
    first_plan
        Whether to look for a plan before the bound is worked on.

    Raises
    ------
    SolverError
        The solver crashed, ran out of memory or gave an answer that does not hold.
    """
    problem = program.problem
    relaxation = Relaxation(program, lambda: max(course.left, 0.0), course.over)
    search = _Search(program, course, relaxation, OpenNodes())
    answer = relaxation.strong()
    if answer.objective == np.inf:
        return Searched(True, True, search.solver)
    if answer.values is None:
        return Searched(False, False, search.solver)
    course.raise_floor(_lowered(answer.objective))
    root = Node(course.floor, np.ones(problem.n_sizes, dtype=bool), np.zeros(problem.n_sites, dtype=bool))
    if first_plan:
        _plan_among(search, root, answer.values >= UNUSED, most=FIRST_PLAN_SECONDS)
    _branch(search, root)
    proved = search.exhausted and not search.unsettled
    return Searched(proved, proved and course.plan is None, search.solver)


def _branch(search: _Search, root: Node) -> None:
    """Search the tree until the gap is closed, nothing is left or the time is up."""
    course, nodes = search.course, search.nodes
    node: Node | None = root
    while node is not None and not course.over():
        child = _process(search, node, root=node is root)
        if not course.over():
            course.raise_floor(min(nodes.floor(), np.inf if child is None else child.bound, course.objective))
        elif child is not None:
            nodes.push(child)
        if course.closed:
            return
        node = child if child is not None else nodes.pop()
    search.exhausted = node is None and not course.over()


def _process(search: _Search, node: Node, *, root: bool) -> Node | None:
    """Bound a node; close it, or split it: returns the half to go on with."""
    course, nodes, relaxation = search.course, search.nodes, search.relaxation
    if node.bound >= course.cutoff:
        nodes.settle(node.bound)
        return None
    relaxation.restrict(node.allowed, node.must)
    rounds, flat = (ROOT_ROUNDS, ROOT_FLAT) if root else (NODE_ROUNDS, NODE_FLAT)
    answer = relaxation.with_cuts(rounds, flat, course.cutoff)
    bound = max(node.bound, _lowered(answer.objective))
    if root and np.isfinite(bound):
        course.raise_floor(bound)
    if bound >= course.cutoff or answer.values is None:
        nodes.settle(bound)
        return None
    size = answer.values[search.program.model.columns["y"]]
    starts = search.program.problem.site_start
    halves = split(node, bound, size, starts) or settle_site(node, bound, size, starts)
    if halves is None:
        nodes.settle(_settled(search, node, answer, bound))
        return None
    nodes.push(halves[1])
    return halves[0]


def _settled(search: _Search, node: Node, answer: LinearAnswer, bound: float) -> float:
    """Look for a plan where all sizes are whole; close the node by a solver where its bound does not."""
    course = search.course
    assert answer.values is not None
    most = np.inf if course.plan is None else FIRST_PLAN_SECONDS
    start = _plan_among(search, node, answer.values >= UNUSED, most)
    if bound >= course.cutoff or course.over():
        return bound
    model = search.relaxation.integer_program(node.allowed, node.must)
    whole = _run(search, model, start=start, enough=True)
    course.interrupted |= whole.termination is Termination.INTERRUPTED
    search.unsettled |= whole.termination not in (Termination.OPTIMAL, Termination.INFEASIBLE)
    course.offer(decoded(search.program, whole.values))
    if whole.termination is Termination.INFEASIBLE:
        return np.inf
    return max(bound, whole.bound)


def _plan_among(search: _Search, node: Node, allowed: Bools, most: float = np.inf) -> Floats | None:
    """Look for a plan in a node that uses only the integer columns allowed; returns its column values.

    `most` limits the seconds besides the share of the time left.
    """
    course = search.course
    model = search.relaxation.integer_program(node.allowed, node.must)
    upper = np.where(model.integer & ~allowed, 0.0, model.upper)
    seconds = PLAN_SHARE * course.left if np.isfinite(course.left) else PLAN_SECONDS
    answer = _run(search, replace(model, upper=np.maximum(upper, model.lower)), seconds=min(seconds, most))
    course.offer(decoded(search.program, answer.values))
    return answer.values


def _run(
    search: _Search,
    model: LinearModel,
    *,
    start: Floats | None = None,
    seconds: float = np.inf,
    enough: bool = False,
) -> Answer:
    """Run a program in the solver process; `enough`: until its bound passes the cutoff."""
    course = search.course
    limit = min(seconds, course.left)
    passed = False

    def hear(point: Progress) -> None:
        nonlocal passed
        passed = enough and point.bound >= course.cutoff
        _relay(course, point)

    def stop() -> bool:
        asked = course.options.should_stop
        return passed or (asked is not None and asked())

    asked: SolveOptions = replace(
        course.options,
        time_limit_s=None if np.isinf(limit) else max(limit, 0.05),
        on_progress=hear,
        should_stop=stop,
    )
    answer = solve_in_process(model, backend_named("highs"), asked, start)
    return replace(answer, termination=Termination.OPTIMAL) if passed else answer


def _relay(course: Course, point: Progress) -> None:
    """Pass on a better plan of a running program, with the seconds and the bound of the whole solve."""
    tell: Callable[[Progress], None] | None = course.options.on_progress
    if tell is not None and point.objective < course.objective:
        tell(Progress(course.seconds, point.objective, min(course.floor, point.objective)))


def _lowered(bound: float) -> float:
    return bound - ROUNDING * abs(bound) if np.isfinite(bound) else bound
