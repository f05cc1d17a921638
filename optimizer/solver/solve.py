"""The one entry: solve a canonical problem by a named strategy."""

from collections.abc import Callable

from optimizer.errors import SolverError
from optimizer.problem.problem import Problem
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.solver.price import solve_price
from optimizer.solver.solution import Prices, Solution

__all__ = ["STRATEGIES", "solve"]

STRATEGIES = ("auto", "legs", "price", "direct")


def solve(
    problem: Problem,
    options: SolveOptions,
    strategy: str = "auto",
    warm: Prices | None = None,
    legs: Legs | None = None,
) -> Solution:
    """Solve a problem within the options' gap and limits.

    Parameters
    ----------
    strategy
        "price": the price relaxation with its own search and exact finish; "direct": the whole program to
        HiGHS; "auto": the choice is ours.
    warm
        Prices of an earlier solve of a similar problem, to start from.

    Returns
    -------
    Solution
        Its bound is valid whatever made the run stop.
    """
    if strategy not in STRATEGIES:
        raise SolverError(f"there is no strategy {strategy!r}; known are {', '.join(STRATEGIES)}")
    strategies: dict[str, Callable[[], Solution]] = {
        "direct": lambda: solve_direct(problem, options),
        "price": lambda: solve_price(problem, options, warm),
        "auto": lambda: solve_price(problem, options, warm),
    }
    return strategies[strategy]()
