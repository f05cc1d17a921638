"""The legs strategy: prices over the legs, plans from the sizes they open, then cuts and a tree over sizes.

The prices give a bound that anyone can recompute and the sizes worth a first look; where a linear relaxation
takes long they give a rough plan too. Plans are looked for part by part where the problem falls apart. Parts
small enough for a linear relaxation with cuts are searched there until the gap is closed; in the others
prices are raised further and better sizes are searched. Many legs of a plain kind have a search of their own
(`optimizer.solver.legs.large`), and so has location in two stages (`optimizer.solver.legs.two_stage`).
"""

from dataclasses import replace

import numpy as np

from optimizer.problem.legs import Legs
from optimizer.problem.parts import divide
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.again import prices_again
from optimizer.solver.legs.by_prices import promising, search_by_prices
from optimizer.solver.legs.candidates import widest
from optimizer.solver.legs.dual import LegPrices, first_prices
from optimizer.solver.legs.earlier import earlier_plan
from optimizer.solver.legs.lanes.form import Lanes, lanes_of
from optimizer.solver.legs.lanes.rounds import lane_prices, lane_prices_again
from optimizer.solver.legs.large.implicit import is_implicit
from optimizer.solver.legs.large.search import search_large
from optimizer.solver.legs.pieces import Parts, Undivided, branch, look
from optimizer.solver.legs.regions.search import Priced, search_regions
from optimizer.solver.legs.rough import rough_plan
from optimizer.solver.legs.two_stage.form import as_two_stage
from optimizer.solver.legs.two_stage.solve import search_two_stage
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.warm import Warm

__all__ = ["solve_legs"]


def solve_legs(problem: Problem, legs: Legs, options: SolveOptions, warm: Warm | None = None) -> Solution:
    """Solve a problem whose options fall apart into legs.

    Parameters
    ----------
    problem, legs
        The problem and how its options fall apart; no row may be single sourced.
    options
        Gap, limits, threads, seed.
    warm
        Prices and openings of an earlier plan to start from.

    Raises
    ------
    SolverError
        A solver crashed, ran out of memory or gave an answer that does not hold.
    """
    course = Course(options)
    if np.any(np.diff(problem.row_start) == 0):
        return _solution(course, Termination.INFEASIBLE, None, "a row has no option at all")
    stage = as_two_stage(problem, legs)
    if stage is not None:
        ended = search_two_stage(problem, legs, stage, course, warm)
        return _solution(course, ended.termination(course), ended.prices, ended.proof)
    whole = Undivided(problem, legs, course)
    if not whole.searches[0].by_tree and is_implicit(problem, legs):
        stored, priced = search_large(problem, legs, course, warm)
        return _solution(course, course.ended_by(), stored, _proof(course, priced, whole))
    division = divide(problem, legs)
    pieces = whole if division is None else Parts(problem, division, course)
    by_trees = all(search.by_tree for search in pieces.searches)
    lanes = None if by_trees else lanes_of(problem, legs)
    if warm is not None:
        course.offer(earlier_plan(problem, warm))
    with prices_again(problem, legs, course, warm if by_trees else None) as raised_again:
        _begin(pieces, warm, look_again=lanes is None)
        relaxed = course.floor
        again = raised_again()
    start = None if warm is None or lanes is None else warm.lanes
    kept = None
    if start is not None and lanes is not None:
        kept = lane_prices_again(problem, legs, lanes, start, course)
    if kept is None:
        found = _from_legs(pieces, legs, lanes, relaxed, warm, again)
    else:
        found = search_regions(problem, legs, kept, course, warm)
    proof = _proof(course, found.proved, pieces)
    solution = _solution(course, _ended(pieces, course), found.prices, proof)
    carried = None if division is not None else whole.searches[0].carried
    return replace(solution, carried=carried, sites=found.sites)


def _from_legs(
    pieces: Parts | Undivided,
    legs: Legs,
    lanes: Lanes | None,
    relaxed: float,
    warm: Warm | None,
    again: LegPrices | None,
) -> Priced:
    """Search from prices over legs.

    Parameters
    ----------
    lanes
        The lanes of a problem that is too large for trees alone, if it has any.
    relaxed
        Bound that was known before.
    again
        Prices of an earlier run, raised again.
    """
    problem, course = pieces.problem, pieces.course
    by_trees, threads = all(search.by_tree for search in pieces.searches), course.options.threads
    with pieces.begun_beside() as taken:
        prices = again or first_prices(
            tied_problem(problem, legs), course, threads - taken, warm, brief=lanes is not None
        )
        stored, value, sites = prices.stored(), prices.run.best.value, None
        priced = course.floor if course.floor > relaxed else value
        likely = promising(problem, prices.run.size_share, warm)
        if by_trees:
            look(pieces, likely)
    if by_trees:
        branch(pieces)
        return Priced(stored, max(priced, value), sites)
    roomy = widest(problem, prices.run.size_share)
    course.offer(rough_plan(problem, legs, [likely, roomy], stored))
    if lanes is None:
        stored, value = search_by_prices(pieces, prices, warm)
    else:
        fresh = None if warm is None else replace(warm, lanes=None, sites=None)
        whole = lane_prices(problem, legs, lanes, prices, course)
        found = search_regions(problem, legs, whole, course, fresh)
        stored, value = (found.prices, found.proved) if found.proved > value else (stored, value)
        sites = found.sites
    return Priced(stored, max(priced, value), sites)


def _begin(pieces: Parts | Undivided, warm: Warm | None, *, look_again: bool) -> None:
    """Go on from an earlier solve: its last relaxation, its sizes; without its plan, look for one.

    Its sizes are not worth a look of their own where its plan turns out to be far from the relaxation, or
    where a search looks at them later on (`look_again` is false).
    """
    near = True
    if warm is not None and warm.carried is not None and isinstance(pieces, Undivided):
        near = pieces.searches[0].resume(warm.carried, warm.size)
    if pieces.course.plan is None:
        look(pieces, np.zeros(pieces.problem.n_sizes, dtype=bool))
    if warm is not None and warm.size is not None and near and look_again:
        look(pieces, warm.size)


def _ended(pieces: Parts | Undivided, course: Course) -> Termination:
    """Why the search ended."""
    if any(search.infeasible for search in pieces.searches):
        return Termination.INFEASIBLE
    if all(search.exhausted for search in pieces.searches):
        return Termination.OPTIMAL
    return course.ended_by()


def _proof(course: Course, priced: float, pieces: Parts | Undivided) -> str:
    """What the bound rests on: stored prices, or a solver where it is higher."""
    if course.floor <= priced:
        return "the bound is that of the stored prices, which anyone can recompute"
    solver = next((search.solver for search in pieces.searches if search.solver), "")
    if not solver:
        return "the bound rests on a search over sites by prices; the stored prices prove less"
    return f"the bound rests on the word of {solver}, for the program over legs"


def _solution(course: Course, termination: Termination, prices: Prices | None, proof: str) -> Solution:
    infeasible = termination is Termination.INFEASIBLE
    return Solution(
        termination=termination,
        objective=course.objective,
        bound=np.inf if infeasible else min(course.floor, course.objective),
        decisions=None if course.plan is None else course.plan.decisions,
        prices=prices,
        proof=proof,
        runtime_s=course.seconds,
        trace=tuple(course.trace),
    )
