"""The legs strategy: cuts on a small linear relaxation, a tree over sizes, and what is left to a solver.

Strong relaxation → cuts, and between their rounds sites ruled out → branch on sites and sizes, the lowest
bound or the likelier half next → where all sizes are whole, a mixed-integer program of what the relaxation
uses gives a plan; when such a node comes up again and its bound does not close it, one of the whole does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.carried import Carried
from optimizer.solver.clock import Course
from optimizer.solver.legs.integer import PLAN_SHARE, closed, plan_among, relay
from optimizer.solver.legs.probe import Probing, without_dear_sizes
from optimizer.solver.legs.program import LegProgram, narrowed
from optimizer.solver.legs.reach import options_within
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Looked, Node, OpenNodes, settle_site, split, whole
from optimizer.solver.plans import CheckedPlan

__all__ = ["Searched", "bounded_root", "course_among_sizes", "relaxation_of", "search_legs"]

FIRST_PLAN_SECONDS = 3.0
"""Time for a first plan before the bound is worked on, so that a stop at any moment has one to show, and for
a better one in a node where one is known."""

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
    """What the steps of a solve share; what was looked among and need not be any more is `behind`."""

    program: LegProgram
    course: Course
    relaxation: Relaxation
    nodes: OpenNodes
    root: Node
    probing: Probing
    looked: list[Looked]
    behind: list[Looked] = field(default_factory=list)
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
        on_progress=lambda point: relay(course, point),
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
    left: Node | None = None,
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
    left
        What is left of its root, where that was bounded before; the rest costs the cutoff or more.

    Raises
    ------
    SolverError
        The solver crashed, ran out of memory or gave an answer that does not hold.
    """
    relaxation = begun or relaxation_of(program, course)
    root = left
    if root is None:
        answer = relaxation.with_cuts(1, 0.0, np.inf) if relaxation.cuts else relaxation.strong()
        if answer.objective == np.inf:
            return Searched(True, True, relaxation.solver)
        if answer.values is None:
            return Searched(False, False, relaxation.solver)
        course.raise_floor(answer.bound)
        root = whole(program.problem.n_sizes, program.problem.n_sites, course.floor)
        if first_plan:
            plan_among(relaxation, course, root, answer, FIRST_PLAN_SECONDS)
    probing = Probing(relaxation, course)
    search = _Search(program, course, relaxation, OpenNodes(), root, probing, list(looked))
    if left is not None:
        search.nodes.settle(course.cutoff)
    _branch(search)
    proved = search.exhausted and not search.unsettled
    return Searched(proved, proved and course.plan is None, search.solver, search.carried)


def relaxation_of(program: LegProgram, course: Course) -> Relaxation:
    """Write the relaxation of a program, within the limits of a course."""
    return Relaxation(program, lambda: max(course.left, 0.0), course.over)


def bounded_root(
    relaxation: Relaxation,
    course: Course,
    rounds: int = ROOT_ROUNDS,
    probing: Probing | None = None,
    left: Node | None = None,
) -> Node:
    """Cut the relaxation of the whole until its bound stays flat or passes the cutoff, and report that.

    Parameters
    ----------
    probing
        Asks what choices cost, if some of that is known.
    left
        What is left of the whole, if some of it was ruled out at the cutoff.

    Returns
    -------
    Node
        What is left; the rest has a bound no lower than the cutoff.
    """
    problem = relaxation.program.problem
    root = left or whole(problem.n_sizes, problem.n_sites, course.floor)
    probing = probing or Probing(relaxation, course)
    node, _ = _bounded(relaxation, probing, course, root, (rounds, ROOT_FLAT))
    _raise_floor(course, node.bound)
    return node


def _raise_floor(course: Course, bound: float) -> None:
    """Report a bound of the root, of which parts were ruled out at the cutoff."""
    floor = min(bound, course.cutoff)
    if np.isfinite(floor):
        course.raise_floor(floor)


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
    course, nodes = search.course, search.nodes
    known = [looked.bound for looked in search.looked if looked.covers(node.allowed)]
    node = replace(node, bound=max([node.bound, *known]))
    if node.bound >= course.cutoff:
        nodes.settle(node.bound)
        return None
    _leave_behind(search)
    limits = (ROOT_ROUNDS, ROOT_FLAT) if root else (NODE_ROUNDS, NODE_FLAT)
    before = node
    node, answer = _bounded(search.relaxation, search.probing, course, before, limits)
    if node.narrower(before):
        nodes.settle(course.cutoff)
    if root:
        search.carried = search.probing.handed_over()
        _raise_floor(course, node.bound)
    if node.bound >= course.cutoff or answer.values is None:
        nodes.settle(node.bound)
        return None
    if root and _search_likely(search, node, answer):
        return _process(search, node, root=True)
    size = answer.values[search.program.model.columns["y"]]
    starts = search.program.problem.site_start
    halves = search.probing.halves(node, answer) or split(node, node.bound, size, starts)
    if halves is None:
        return _settled(search, node, answer)
    nodes.push(halves[1])
    return halves[0]


def _bounded(
    relaxation: Relaxation, probing: Probing, course: Course, node: Node, limits: tuple[int, float]
) -> tuple[Node, LinearAnswer]:
    """Solve and cut in turn, and leave out what can't hold a plan below the cutoff.

    Parameters
    ----------
    limits
        Most rounds, and the part of the bound by which one has to raise it.

    Returns
    -------
    Node
        What is left, with its bound.
    LinearAnswer
    """
    left = node

    def narrow(answer: LinearAnswer) -> None:
        nonlocal left
        left = probing.narrowed(left, answer)

    relaxation.restrict(node.allowed, node.must)
    answer = relaxation.with_cuts(*limits, course.cutoff, narrow)
    if answer.values is not None:
        left = without_dear_sizes(relaxation, left, answer, course.cutoff)
    return replace(left, bound=max(node.bound, answer.bound)), answer


def _leave_behind(search: _Search) -> None:
    """Have plans open a size beyond those among which a search proved that there is none below the cutoff."""
    for looked in search.looked:
        if looked.bound >= search.course.cutoff and looked not in search.behind:
            search.behind.append(looked)
            search.nodes.settle(looked.bound)
            search.relaxation.open_beyond(looked.sizes)


def _settled(search: _Search, node: Node, answer: LinearAnswer) -> Node | None:
    """Have every site keep its choice where all sizes are whole; what has no choice left is looked into.

    The relaxation's solution is one of that half too, which is why it takes no solves in between.
    """
    assert answer.values is not None
    size = answer.values[search.program.model.columns["y"]]
    left = node
    while halves := settle_site(left, node.bound, size, search.program.problem.site_start):
        left, other = halves
        search.nodes.push(other)
    if left is not node:
        return left
    _settle(search, node, answer)
    return None


def _settle(search: _Search, node: Node, answer: LinearAnswer) -> None:
    """Look for a plan where no site has a choice; where one was looked for, have a solver close the node.

    In between, plans of other nodes may do without: those of a lower bound come first.
    """
    course, nodes = search.course, search.nodes
    assert answer.values is not None
    if node.tried:
        bound, proved = closed(search.relaxation, course, node)
        nodes.settle(bound)
        search.unsettled |= not proved
        return
    most = np.inf if course.plan is None else FIRST_PLAN_SECONDS
    plan_among(search.relaxation, course, node, answer, most)
    if node.bound >= course.cutoff:
        nodes.settle(node.bound)
    else:
        nodes.push(replace(node, tried=True))


def _search_likely(search: _Search, node: Node, answer: LinearAnswer) -> bool:
    """Look for a better plan among the sizes that the relaxation opens to any part worth naming."""
    assert answer.values is not None
    course, problem = search.course, search.program.problem
    likely = node.allowed & (answer.values[search.program.model.columns["y"]] > LIKELY)
    option, _ = options_within(problem, likely)
    near = course.objective - answer.objective <= NEAR * course.options.gap * abs(course.objective)
    if near or option.mean() > WORTH_NARROWING or any(looked.covers(likely) for looked in search.looked):
        return False
    program = narrowed(search.program, option)
    if program is None or np.any(np.diff(program.problem.row_start) == 0):
        return False
    inner = course_among_sizes(course, PLAN_SHARE, course.plan)
    search_legs(program, inner, first_plan=False, looked=[Looked(likely, -np.inf), *search.looked])
    search.looked.append(Looked(likely, inner.floor))
    course.interrupted |= inner.interrupted
    return course.offer(inner.plan)
