"""From prices and openings to plans, each set of openings once."""

import numpy as np

from optimizer.problem.problem import Bools, Floats
from optimizer.solver.clock import Course
from optimizer.solver.greedy import elastic_supply, plan_from_openings
from optimizer.solver.kernels import option_prices
from optimizer.solver.relaxation import PriceVector, Relaxation

__all__ = ["Planner"]


class Planner:
    """Turns prices and openings into plans, each set of openings once."""

    def __init__(self, relaxation: Relaxation, course: Course) -> None:
        self.relaxation = relaxation
        self.course = course
        self.elastic = elastic_supply(relaxation.problem)
        self.tried: set[bytes] = set()
        problem = relaxation.problem
        self._gate = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
        self._free_standing = np.diff(problem.gate_size_start) == 0
        named = problem.rule_index - problem.n_sizes
        self._opens_itself = problem.gate_fee == 0.0
        self._opens_itself[named[(named >= 0) & (named < problem.n_gates)]] = False

    def priced(self, prices: PriceVector) -> Floats:
        """Cost of each option of the problem with the prices of what it uses."""
        problem = self.relaxation.problem
        empty = np.zeros(problem.n_options + 1, dtype=np.int64)
        return option_prices(
            problem.option_cost, problem.option_use_start, problem.option_use_measure, problem.option_use_amount,
            empty, np.zeros(0, dtype=np.int32), prices.measure, np.zeros(0),
        )  # fmt: skip

    def try_openings(self, prices: PriceVector, size_open: Bools, gate_open: Bools) -> bool:
        """Offer the plan of some openings; gates without a fee open with their site."""
        problem = self.relaxation.problem
        admitted = self._free_standing.copy()
        admitted[self._gate[size_open[problem.gate_size]]] = True
        gate_open = admitted & (gate_open | self._opens_itself)
        key = np.packbits(np.r_[size_open, gate_open]).tobytes()
        if key in self.tried:
            return False
        self.tried.add(key)
        plan = plan_from_openings(problem, self.priced(prices), size_open, gate_open, self.elastic)
        return self.course.offer(plan)

    def all_open(self, prices: PriceVector) -> bool:
        """Offer the plan with the size of most supply at every site and every gate open."""
        problem = self.relaxation.problem
        supply = np.bincount(
            np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start)),
            weights=problem.size_supply_amount,
            minlength=problem.n_sizes,
        )
        site = self.relaxation.size_site
        order = np.lexsort((-supply, site))
        filled = np.flatnonzero(np.diff(problem.site_start))
        size_open = np.zeros(problem.n_sizes, dtype=bool)
        size_open[order[problem.site_start[filled]]] = True
        return self.try_openings(prices, size_open, np.ones(problem.n_gates, dtype=bool))
