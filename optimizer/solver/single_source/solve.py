"""The single-source strategy: prices on the rows, plans on the way, fixing by penalty, then the tree."""

import numpy as np

from optimizer.errors import SolverError
from optimizer.problem.problem import Floats, Problem
from optimizer.solver.clock import Course
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import complete
from optimizer.solver.single_source.arrays import new_duals, new_relaxed, new_scratch, root
from optimizer.solver.single_source.bound import NEVER, relax
from optimizer.solver.single_source.branching import branch
from optimizer.solver.single_source.core import Core, Packings, few_rows_per_site
from optimizer.solver.single_source.fixing import fix_by_penalty, linear_rates
from optimizer.solver.single_source.plans import plan_cost
from optimizer.solver.single_source.recognise import SingleSource, single_source_form
from optimizer.solver.single_source.settling import settle
from optimizer.solver.single_source.stack import grown, new_stack, pop, push
from optimizer.solver.single_source.tree import cutoff_of, raise_root, search
from optimizer.solver.solution import Prices, Solution, Termination

__all__ = ["solve_single_source"]

FIRST_NODES, MOST_NODES = 8, 4096
CORES_AFTER = 100
"""Nodes after which decided nodes with few rows per site are left to their packings."""

CHUNK_S = 0.2
FIRST_HEIGHT = 64
FIRST_GUESS, LEAST_GUESS, GUESS_GROWTH = 5e-4, 1e-6, 2.0


class _Run:
    """Arrays of one solve and the course that it reports to."""

    def __init__(self, problem: Problem, form: SingleSource, options: SolveOptions) -> None:
        data = form.data
        self.problem, self.form, self.course = problem, form, Course(options)
        self.node, self.duals = root(data), new_duals(data)
        self.out, self.scratch = new_relaxed(data), new_scratch(data)
        self.stack = new_stack(data, FIRST_HEIGHT)
        self.plan, self.best = np.zeros(data.cost.shape[1], dtype=np.int64), np.array([NEVER])
        self.rule = np.array([form.grain, 0.999 * options.gap, problem.constant, NEVER])
        self.nodes, self.cores = 0, 0
        self.with_cores = False
        self.packings: Packings | None = None
        self.few_rows = few_rows_per_site(data)

    def report(self, bound: float) -> None:
        """Tell the course of the incumbent and of what is proved."""
        constant = self.problem.constant
        if self.best[0] < NEVER and self.best[0] + constant < self.course.objective - 1e-9:
            self.course.offer(complete(self.problem, self.form.decisions(self.problem, self.plan)))
        if abs(bound) < NEVER:
            self.course.raise_floor(bound + constant, float(np.abs(self.duals.price).sum()))

    def proved(self) -> float:
        """Bound of all that is open or dropped."""
        cutoff = cutoff_of(self.best[0], self.rule)
        dropped = self.best[0] if cutoff >= self.best[0] - self.rule[0] else cutoff
        height = self.stack.height[0]
        return float(min(dropped, self.stack.bound[:height].min(initial=NEVER)))


def solve_single_source(problem: Problem, options: SolveOptions) -> Solution:
    """Solve a single-source capacitated location problem; `single_source_form` tells which problems are.

    Raises
    ------
    SolverError
        The problem is of another kind.
    """
    form = single_source_form(problem)
    if form is None:
        raise SolverError("this is not a single-source location problem; ask for another strategy")
    run = _Run(problem, form, options)
    course, data = run.course, form.data
    if not settle(data, run.node):
        return _solution(run, Termination.INFEASIBLE, None)
    bound = raise_root(data, run.node, run.duals, run.out, run.scratch, run.plan, run.best, run.rule)
    relax(data, run.node, run.duals.price, run.out, run.scratch)
    rates = linear_rates(data, run.node, run.duals.price, run.scratch)
    prices = form.prices(problem, run.duals.price, rates)
    _search_below(run, bound, run.duals.price.copy())
    run.report(run.proved())
    if run.stack.height[0] > 0:
        return _solution(run, course.ended_by(), prices)
    if course.plan is None:
        return _solution(run, Termination.INFEASIBLE, prices)
    return _solution(run, Termination.OPTIMAL, prices)


def _search_below(run: _Run, bound: float, price: Floats) -> None:
    """Look for plans below a first guess of the optimum; where there is none, the guess is a bound: raise it.

    A low guess fixes much by penalty, so that searching in vain costs little (Posta, Ferland, Michelon 2012).
    """
    data = run.form.data
    dearest = data.fixed.sum() + np.where(np.isfinite(data.cost), np.abs(data.cost), 0.0).max(axis=0).sum()
    ahead = max(FIRST_GUESS * abs(bound), LEAST_GUESS * dearest)
    while True:
        guess = bound + ahead
        final = cutoff_of(run.best[0], np.array([*run.rule[:3], NEVER]))
        run.rule[3] = NEVER if guess > min(dearest, final) else guess
        run.node = root(data)
        cutoff = cutoff_of(run.best[0], run.rule)
        left = settle(data, run.node)
        left = left and fix_by_penalty(data, run.node, price, run.out, run.scratch, cutoff) >= 0
        push(run.stack, run.node, price, bound if left else cutoff)
        if not _work_off(run):
            continue
        if run.rule[3] >= NEVER or run.stack.height[0] > 0:
            return
        if cutoff_of(run.best[0], run.rule) < run.rule[3]:
            run.rule[3] = NEVER
            return
        run.report(run.proved())
        ahead *= GUESS_GROWTH


def _work_off(run: _Run) -> bool:
    """Search in chunks between looks at the clock, until the stack is empty or a limit is met.

    Returns False where the search has taken many nodes and is to start anew with cores.
    """
    course, data = run.course, run.form.data
    limit, chunk = course.options.work_limit, FIRST_NODES
    while run.stack.height[0] > 0 and not course.closed and not course.over():
        if limit is not None:
            chunk = min(chunk, limit - run.nodes)
            if chunk <= 0:
                break
        if run.few_rows and not run.with_cores and run.nodes >= CORES_AFTER:
            run.with_cores = True
            run.stack.height[0] = 0
            return False
        if run.stack.height[0] + 3 > len(run.stack.bound):
            run.stack = grown(run.stack)
        began = course.seconds
        done, held = search(
            data, run.stack, run.node, run.duals, run.out, run.scratch, run.plan, run.best, run.rule, chunk,
            run.with_cores,
        )  # fmt: skip
        run.nodes += done
        if held and not _close_core(run):
            break
        run.report(run.proved())
        quick = course.seconds - began < CHUNK_S
        chunk = min(2 * chunk, MOST_NODES) if quick else max(chunk // 2, 1)
    return True


def _close_core(run: _Run) -> bool:
    """Bound the top of the stack by its packings and close or split it; False where time is up before."""
    data, course = run.form.data, run.course
    bound = pop(run.stack, run.node, run.duals.price)
    cutoff = cutoff_of(run.best[0], run.rule)
    core = Core(data, run.node, cutoff, lambda: course.left, course.over)
    answer = core.solve(run.duals.price, run.packings)
    run.packings = core.packings
    run.cores += 1
    bound = max(bound, answer.bound)
    if answer.plan is not None:
        cost = plan_cost(data, answer.plan)
        if cost < run.best[0]:
            run.best[0], run.plan[:] = cost, answer.plan
    if answer.closed:
        return True
    if course.over():
        push(run.stack, run.node, answer.price, bound)
        return False
    cutoff, run.duals.price[:] = cutoff_of(run.best[0], run.rule), answer.price
    if fix_by_penalty(data, run.node, answer.price, run.out, run.scratch, cutoff) >= 0:
        if run.node.home.min() < 0:
            branch(data, run.stack, run.node, run.duals, run.out, bound, cutoff)
        else:
            push(run.stack, run.node, answer.price, bound)
    return True


def _solution(run: _Run, termination: Termination, prices: Prices | None) -> Solution:
    course = run.course
    infeasible = termination is Termination.INFEASIBLE
    cores = (
        f", {run.cores} of them by all packings that count, listed here at prices for which HiGHS was asked"
        if run.cores
        else ""
    )
    proof = (
        f"the search's own word: {run.nodes} nodes, each bounded by 0–1 knapsacks per site{cores}; "
        "the stored prices re-prove the linear bound of its root only"
    )
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
