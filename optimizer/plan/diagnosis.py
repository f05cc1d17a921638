"""Why no plan exists: limits made elastic at a high price, and what the cheapest way out still breaks."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.errors import SolverError
from optimizer.plan.shortfalls import shortfall_sentences
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.problem import Problem
from optimizer.scenario.instance import Instance
from optimizer.solver.solution import Solution

__all__ = ["LIMITS", "diagnose", "elastic_problem", "without_rule"]

LIMITS = ("late", "carrier", "stock", "site_orders", "carbon_cap", "max_orders")
"""Kinds of resources whose limit a scenario sets; the rest is supplied as needed."""

PENALTY = 10.0
LEAST_SHORTFALL = 1e-6

Floats = npt.NDArray[np.float64]
Solve = Callable[[Problem], Solution]


def diagnose(instance: Instance, priced: PricedOptions, labelled: LabelledProblem, solve: Solve) -> list[str]:
    """Say in business words, with numbers, why a scenario has no plan.

    First every limit may be exceeded at a price above any saving: what the cheapest plan then exceeds, and by
    how much, is the reason. Where that has no plan either, the planner's rules contradict each other: each is
    dropped in turn.

    Parameters
    ----------
    instance, priced, labelled
        The scenario, its options, and the problem proved infeasible.
    solve
        Solves a canonical problem.

    Returns
    -------
    list of str
        At least one sentence.
    """
    try:
        solution = solve(elastic_problem(labelled))
        if solution.decisions is not None:
            short = labelled.labels.resources.assign(short=solution.decisions.overflow)
            short = short[short["kind"].isin(LIMITS) & (short["short"] > LEAST_SHORTFALL)]
            sentences = shortfall_sentences(instance, priced, short)
            if sentences:
                return sentences
        return _rules_in_the_way(labelled, solve)
    except SolverError as error:
        return [f"limits and rules cannot all be kept; the search for the reason failed ({error})"]


def elastic_problem(labelled: LabelledProblem) -> Problem:
    r"""Return the problem with every limit of `LIMITS` exceedable at a price.

    Price per unit: :math:`10 \max_j |c_j / D_{i(j)}|` per order, times the orders that one unit of the
    resource serves (the median over the options that use it), so that all kinds of limits weigh alike.
    """
    problem, resources = labelled.problem, labelled.labels.resources
    elastic = resources["kind"].isin(LIMITS).to_numpy() & ~np.isinf(problem.overflow_limit)
    demand = np.repeat(problem.row_demand, np.diff(problem.row_start))
    per_order = PENALTY * float(np.max(np.abs(problem.option_cost / demand), initial=1.0))
    price = np.where(elastic, per_order * _orders_per_unit(problem, demand), problem.overflow_price)
    limit = np.where(elastic, np.inf, problem.overflow_limit)
    return replace(problem, overflow_price=price, overflow_limit=limit)


def without_rule(problem: Problem, rule: int) -> Problem:
    """Return the problem with one rule's limits lifted."""
    lower, upper = problem.rule_lower.copy(), problem.rule_upper.copy()
    lower[rule], upper[rule] = -np.inf, np.inf
    return replace(problem, rule_lower=lower, rule_upper=upper)


def _orders_per_unit(problem: Problem, demand: Floats) -> Floats:
    """Orders that one unit of each resource serves: the median over its uses; 1 where nothing uses it."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    resource_of = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    uses = pd.DataFrame(
        {
            "resource": resource_of[problem.option_use_measure],
            "orders": demand[option] / problem.option_use_amount,
        }
    )
    median = uses.groupby("resource")["orders"].median()
    return median.reindex(range(problem.n_resources)).fillna(1.0).to_numpy(np.float64)


def _rules_in_the_way(labelled: LabelledProblem, solve: Solve) -> list[str]:
    """Name each rule without which there is a plan, or say that several contradict each other."""
    elastic, rules = elastic_problem(labelled), labelled.labels.rules
    guilty = [
        f"rule {name} ({kind}) cannot be kept; without it there is a plan"
        for rule, (name, kind) in enumerate(zip(rules["rule"], rules["kind"], strict=True))
        if solve(without_rule(elastic, rule)).decisions is not None
    ]
    names = ", ".join(dict.fromkeys(rules["rule"].astype(str)))
    return guilty or [f"the rules {names} cannot be kept together with the rest of the scenario"]
