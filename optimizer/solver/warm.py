"""What an earlier solve of a similar problem leaves to the next: prices, its plan, its last relaxation."""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions
from optimizer.solver.solution import Solution, Warm

__all__ = ["Warm", "warm_from"]


def warm_from(problem: Problem, solution: Solution) -> Warm:
    """Take the start from a solution of a problem with the same rows, sizes and gates.

    Examples
    --------
    >>> from optimizer.problem import ProblemBuilder
    >>> from optimizer.solver.limits import SolveOptions
    >>> from optimizer.solver.solve import solve
    >>> builder = ProblemBuilder()
    >>> site = builder.add_sites(2)
    >>> sizes, gates = builder.add_sizes(site, [3.0, 5.0]), builder.add_gates(0.0, site)
    >>> options = builder.add_options(builder.add_rows([1.0]).repeat(2), [4.0, 1.0], gates=gates)
    >>> problem = builder.build().problem
    >>> warm_from(problem, solve(problem, SolveOptions(gap=0.0))).size.tolist()
    [False, True]
    """
    decisions = solution.decisions
    warm = Warm(solution.prices, carried=solution.carried, sites=solution.sites)
    if decisions is None:
        return warm
    size = np.zeros(problem.n_sizes, dtype=bool)
    size[decisions.size[decisions.size >= 0]] = True
    gate = np.zeros(problem.n_gates, dtype=bool)
    gate[problem.option_gate[positions(problem.option_gate_start, decisions.option)]] = True
    openings = gate | decisions.gate
    return replace(warm, size=size, gate=openings, option=decisions.option, share=decisions.share)
