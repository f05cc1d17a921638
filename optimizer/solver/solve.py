"""The one entry: solve a canonical problem by a named strategy."""

from optimizer.errors import SolverError
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.facility.location import as_location
from optimizer.solver.facility.solve import solve_facility
from optimizer.solver.legs.solve import solve_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.price import solve_price
from optimizer.solver.single_source.recognise import single_source_form
from optimizer.solver.single_source.solve import solve_single_source
from optimizer.solver.solution import Prices, Solution
from optimizer.solver.warm import Warm

__all__ = ["STRATEGIES", "solve"]

STRATEGIES = ("auto", "facility", "single_source", "legs", "price", "direct")


def solve(
    problem: Problem,
    options: SolveOptions,
    strategy: str = "auto",
    warm: Warm | Prices | None = None,
    legs: Legs | None = None,
) -> Solution:
    """Solve a problem within the options' gap and limits.

    Parameters
    ----------
    strategy
        "facility", "single_source": compiled trees for splittable and for single-source facility location
        only; "legs": prices and a small program over the legs of the options; "price": the price relaxation
        with its own search and exact finish; "direct": the whole program to HiGHS; "auto": facility or
        single_source where the problem is just that, legs where there are some, otherwise price.
    warm
        What an earlier solve of a similar problem left, or its prices alone, to start from.
    legs
        How the options fall apart into legs, where they do.

    Returns
    -------
    Solution
        Its bound is valid whatever made the run stop.
    """
    start = Warm(warm) if isinstance(warm, Prices) else warm
    if strategy not in STRATEGIES:
        raise SolverError(f"there is no strategy {strategy!r}; known are {', '.join(STRATEGIES)}")
    location = as_location(problem) if strategy == "auto" else None
    if strategy == "facility" or location is not None:
        return solve_facility(problem, options, location, None if start is None else start.prices)
    if strategy == "auto":
        strategy = "price" if legs is None else "legs"
        if strategy == "price" and single_source_form(problem) is not None:
            strategy = "single_source"
    if strategy == "direct":
        return solve_direct(problem, options)
    if strategy == "single_source":
        return solve_single_source(problem, options)
    if strategy == "price":
        return solve_price(problem, options, start)
    if legs is None:
        raise SolverError("the options of this problem do not fall apart into legs; ask for another strategy")
    return solve_legs(problem, legs, options, start)
