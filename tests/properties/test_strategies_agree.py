"""Every strategy that takes a problem, against enumeration, on tiny problems with every feature."""

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.problem import Problem
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Legs
from optimizer.solver.facility.location import as_location
from optimizer.solver.limits import SolveOptions
from optimizer.solver.single_source.recognise import single_source_form
from optimizer.solver.solution import Termination
from optimizer.solver.solve import STRATEGIES, solve
from tiny_forms import tiny_legs, tiny_location, tiny_single_source, tiny_two_stage
from tiny_problems import brute_force, tiny_problem

GAP = 1e-6

FAMILIES: dict[str, Callable[[int], tuple[Problem, Legs | None]]] = {
    "features": lambda seed: (tiny_problem(seed), None),
    "legs": tiny_legs,
    "location": lambda seed: (tiny_location(seed), None),
    "single_source": lambda seed: (tiny_single_source(seed), None),
    "two_stage": tiny_two_stage,
}
ALL = {"features": 300, "legs": 100, "location": 50, "single_source": 50, "two_stage": 100}
SOME = {"features": 8, "legs": 6, "location": 3, "single_source": 3, "two_stage": 6}


def cases(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(family, seed) for family, count in counts.items() for seed in range(count)]


def accepting(problem: Problem, legs: Legs | None) -> list[str]:
    """Strategies that take the problem; every one but the special ones always does."""
    takes = {
        "facility": as_location(problem) is not None,
        "single_source": single_source_form(problem) is not None,
        "legs": legs is not None,
    }
    return [strategy for strategy in STRATEGIES if takes.get(strategy, True)]


def check_agreement(family: str, seed: int) -> list[str]:
    """Compare end, plan and bound of each strategy with the optimum; returns the strategies."""
    problem, legs = FAMILIES[family](seed)
    optimum = brute_force(problem)
    slack = 2.0 * GAP * max(1.0, abs(optimum))
    strategies = accepting(problem, legs)
    for strategy in strategies:
        solution = solve(problem, SolveOptions(gap=GAP), strategy, legs=legs)
        if np.isinf(optimum):
            assert solution.termination is Termination.INFEASIBLE, strategy
            continue
        assert solution.termination is Termination.OPTIMAL, strategy
        assert optimum - slack <= solution.objective <= optimum + slack, strategy
        assert optimum - 2.0 * slack <= solution.bound <= optimum + slack, strategy
        assert solution.decisions is not None
        checked = evaluate(problem, solution.decisions)
        assert checked.feasible, strategy
        assert checked.objective == pytest.approx(solution.objective, rel=1e-9, abs=1e-9), strategy
    return strategies


@pytest.mark.parametrize(("family", "seed"), cases(SOME))
def test_strategies_agree_with_enumeration(family: str, seed: int) -> None:
    assert {"auto", "price", "direct"} <= set(check_agreement(family, seed))


@pytest.mark.slow
@pytest.mark.parametrize(("family", "seed"), cases(ALL))
def test_strategies_agree_with_enumeration_on_many(family: str, seed: int) -> None:
    strategies = check_agreement(family, seed)
    assert family in strategies or family in ("features", "location", "two_stage")
    assert family != "two_stage" or "legs" in strategies
    assert family != "location" or "facility" in strategies
