"""The legs strategy: cuts on a small linear relaxation, a tree over sizes, and what is left to a solver.

Strong relaxation → cuts → branch on sizes, the lowest bound or the likelier half next → where all sizes are
whole, a mixed-integer program of what the relaxation uses gives a plan, and one of the whole node closes it
where its bound does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.direct import backend_named
from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.backends.process import Answer, solve_in_process
from optimizer.solver.carried import Carried
from optimizer.solver.clock import Course
from optimizer.solver.legs.probe import probed
from optimizer.solver.legs.program import LegProgram, decoded, narrowed
from optimizer.solver.legs.reach import options_within
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Looked, Node, OpenNodes, settle_site, split
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Progress, Termination

__all__ = ["Searched", "course_among_sizes", "cut_at_root", "relaxation_of", "search_legs"]

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
WHOLE = 1e-9
ROUNDING = 1e-9
"""Part of a linear bound that may be rounding."""

LIKELY = 0.05
"""Value of a size in the relaxation from which on it is worth a look."""

NEAR = 5.0
"""Gaps asked for between plan and bound within which there is no such look: the tree finds what is better."""

PART_OF_GAP, LOOSEST_GAP = 0.9, 1e-3
"""Gap to which plans among some sizes are proved: a part of the one asked for, no looser than the other."""

WORTH_NARROWING = 0.8
"""Part of the options that may be left for a smaller program to be worth its start."""

ROOT_ROUNDS, ROOT_FLAT = 40, 5e-4
NODE_ROUNDS, NODE_FLAT = 15, 1e-4


@dataclass(eq=False)
class _Search:
    """What the steps of a solve share."""

    program: LegProgram
    course: Course
    relaxation: Relaxation
    nodes: OpenNodes
    root: Node
    looked: list[Looked]
    exhausted: bool = False
    unsettled: bool = False
    carried: Carried | None = None

    @property
    def solver(self) -> str:
        return self.relaxation.solver


@dataclass(frozen=True)
class Searched:
    """How a search ended: with nothing left, with nothing feasible, and whose word its bound rests on.

    `carried` is what the relaxation of its root hands over.
    """

    exhausted: bool
    infeasible: bool
    solver: str
    carried: Carried | None = None


def course_among_sizes(course: Course, part: float, plan: CheckedPlan | None = None) -> Course:
    """Course of a search for a plan among some sizes, within a part of the time left.

    What is proved of these sizes need not be proved again, so there is no use in more than the whole has to
    prove; where that is loose, a better plan costs little.

    Parameters
    ----------
    plan
        Plan to beat.
    """
    limit = course.left * part
    asked = replace(
        course.options,
        gap=min(PART_OF_GAP * course.options.gap, LOOSEST_GAP),
        time_limit_s=None if np.isinf(limit) else max(limit, 0.05),
        on_progress=lambda point: _relay(course, point),
    )
    inner = Course(asked, plan=plan)
    inner.raise_floor(course.floor)
    return inner


def search_legs(
    program: LegProgram,
    course: Course,
    *,
    first_plan: bool = True,
    looked: Sequence[Looked] = (),
    begun: Relaxation | None = None,
) -> Searched:
    """Search for the cheapest plan of a program over legs; plans and bounds are reported to the course.

    Parameters
    ----------
    program
        The program; no row may be single sourced.
    course
        Limits; takes the plans and the bound.
    first_plan
        Whether to look for a plan before the bound is worked on.
    looked
        Searches among some sizes that were made before.
    begun
        The program's relaxation, where that was begun before.

    Raises
    ------
    SolverError
        The solver crashed, ran out of memory or gave an answer that does not hold.
    """
    problem = program.problem
    relaxation = begun or relaxation_of(program, course)
    answer = relaxation.strong()
    if answer.objective == np.inf:
        return Searched(True, True, relaxation.solver)
    if answer.values is None:
        return Searched(False, False, relaxation.solver)
    course.raise_floor(_lowered(answer.objective))
    root = Node(course.floor, np.ones(problem.n_sizes, dtype=bool), np.zeros(problem.n_sites, dtype=bool))
    search = _Search(program, course, relaxation, OpenNodes(), root, list(looked))
    if first_plan:
        _plan_among(search, root, answer.values >= UNUSED, most=FIRST_PLAN_SECONDS)
    _branch(search)
    proved = search.exhausted and not search.unsettled
    return Searched(proved, proved and course.plan is None, search.solver, search.carried)


def relaxation_of(program: LegProgram, course: Course) -> Relaxation:
    """Write the relaxation of a program, within the limits of a course."""
    return Relaxation(program, lambda: max(course.left, 0.0), course.over)


def cut_at_root(relaxation: Relaxation, course: Course, rounds: int | None = None) -> LinearAnswer:
    """Cut the relaxation of the whole until its bound stays flat or passes the cutoff, and report that."""
    answer = relaxation.with_cuts(rounds or ROOT_ROUNDS, ROOT_FLAT, course.cutoff)
    if np.isfinite(answer.objective):
        course.raise_floor(_lowered(answer.objective))
    return answer


def _branch(search: _Search) -> None:
    """Search the tree until the gap is closed, nothing is left or the time is up."""
    course, nodes = search.course, search.nodes
    node: Node | None = search.root
    while node is not None and not course.over():
        child = _process(search, node, root=node is search.root)
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
    known = [looked.bound for looked in search.looked if looked.covers(node.allowed)]
    node = replace(node, bound=max([node.bound, *known]))
    if node.bound >= course.cutoff:
        nodes.settle(node.bound)
        return None
    relaxation.restrict(node.allowed, node.must)
    if root:
        answer = cut_at_root(relaxation, course)
        search.carried = search.carried or relaxation.handed_over()
    else:
        answer = relaxation.with_cuts(NODE_ROUNDS, NODE_FLAT, course.cutoff)
    bound = max(node.bound, _lowered(answer.objective))
    if bound >= course.cutoff or answer.values is None:
        nodes.settle(bound)
        return None
    node = _without_dear_sizes(search, node, answer, bound)
    if root:
        _search_likely(search, node, answer)
    if root and course.plan is not None:
        left = _probed(search, node, answer)
        if left is not None:
            return left
    size = answer.values[search.program.model.columns["y"]]
    starts = search.program.problem.site_start
    halves = split(node, bound, size, starts) or settle_site(node, bound, size, starts)
    if halves is None:
        nodes.settle(_settled(search, node, answer, bound))
        return None
    nodes.push(halves[1])
    return halves[0]


def _without_dear_sizes(search: _Search, node: Node, answer: LinearAnswer, bound: float) -> Node:
    """Rule out closed sizes whose reduced costs alone take the bound to the cutoff."""
    assert answer.values is not None and answer.reduced is not None
    sizes, cutoff = search.program.model.columns["y"], search.course.cutoff
    dear = node.allowed & (answer.values[sizes] <= WHOLE) & (bound + answer.reduced[sizes] >= cutoff)
    if not dear.any():
        return node
    search.nodes.settle(cutoff)
    return replace(node, allowed=node.allowed & ~dear)


def _search_likely(search: _Search, node: Node, answer: LinearAnswer) -> None:
    """Look for the cheapest plan among the sizes that the relaxation opens to any part worth naming."""
    assert answer.values is not None
    course, problem = search.course, search.program.problem
    likely = node.allowed & (answer.values[search.program.model.columns["y"]] > LIKELY)
    option, _ = options_within(problem, likely)
    near = course.objective - answer.objective <= NEAR * course.options.gap * abs(course.objective)
    if near or option.mean() > WORTH_NARROWING or any(looked.covers(likely) for looked in search.looked):
        return
    program = narrowed(search.program, option)
    if program is None or np.any(np.diff(program.problem.row_start) == 0):
        return
    inner = course_among_sizes(course, PLAN_SHARE, course.plan)
    search_legs(program, inner, first_plan=False, looked=[Looked(likely, -np.inf)])
    search.looked.append(Looked(likely, inner.floor))
    course.interrupted |= inner.interrupted
    course.offer(inner.plan)


def _probed(search: _Search, node: Node, answer: LinearAnswer) -> Node | None:
    """Probe the root: returns what is left of it, None where nothing is gained.

    Where that is a good deal smaller, it is the root of a program of its own.
    """
    course = search.course
    left = probed(search.relaxation, node, answer, course)
    if left is not node:
        search.nodes.settle(course.cutoff)
    option, _ = options_within(search.program.problem, left.allowed)
    program = narrowed(search.program, option) if option.mean() <= WORTH_NARROWING else None
    if program is not None:
        search.program, search.root = program, left
        search.relaxation = relaxation_of(program, course)
    return None if program is None and left is node else left


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
