"""From prices and openings to plans, each set of openings once."""

import numpy as np

from optimizer.problem.evaluate import site_supply
from optimizer.problem.problem import Bools, Floats
from optimizer.problem.ragged import sum_by
from optimizer.solver.clock import Course
from optimizer.solver.greedy import allowed_options, elastic_supply, open_size_per_site, plan_from_openings
from optimizer.solver.kernels import option_prices
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.prices import PriceVector
from optimizer.solver.reduced import Restriction, lift
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.slopes import scale_slopes
from optimizer.solver.solution import Decisions
from optimizer.solver.transport import is_transportation, transport

__all__ = ["Planner"]


class Planner:
    """Turns prices and openings into plans and offers them to the course of the solve.

    Attributes
    ----------
    exact : bool
        True where fixed openings are a transportation problem, solved to optimality.
    restriction : Restriction or None
        The way back to the original problem where the relaxation is of a reduced one.
    """

    def __init__(
        self, relaxation: Relaxation, course: Course, restriction: Restriction | None = None
    ) -> None:
        self.relaxation = relaxation
        self.course = course
        self.restriction = restriction
        problem = relaxation.problem
        self.exact = is_transportation(problem)
        self.elastic = elastic_supply(problem)
        self.tried: dict[bytes, float] = {}
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
            problem.option_cost, problem.option_use_start, problem.option_use_measure,
            problem.option_use_amount,
            empty, np.zeros(0, dtype=np.int32), prices.measure, np.zeros(0),
        )  # fmt: skip

    def admitted(self, size_open: Bools, gate_open: Bools) -> Bools:
        """Gates that are open and may be; gates without a fee open with their site."""
        admitted = self._free_standing.copy()
        admitted[self._gate[size_open[self.relaxation.problem.gate_size]]] = True
        opened: Bools = admitted & (gate_open | self._opens_itself)
        return opened

    def try_openings(self, prices: PriceVector, size_open: Bools, gate_open: Bools) -> float:
        """Offer the plan of some openings; return its objective (`inf` where there is none)."""
        problem = self.relaxation.problem
        gate_open = self.admitted(size_open, gate_open)
        key = np.packbits(np.r_[size_open, gate_open]).tobytes()
        if key in self.tried:
            return self.tried[key]
        if self.exact:
            plan = self.transported(size_open, gate_open)[0]
        else:
            plan = plan_from_openings(problem, self.priced(prices), size_open, gate_open, self.elastic)
        self.tried[key] = np.inf if plan is None else plan.objective
        self.offer(plan)
        return self.tried[key]

    def scaled(self, prices: PriceVector, size_open: Bools, rounds: int, give_up: float) -> float:
        """Offer the best plan of slope scaling with some sizes open; return its objective."""
        problem = self.relaxation.problem
        gate_open = self.admitted(size_open, np.ones(problem.n_gates, dtype=bool))
        plan = scale_slopes(problem, prices.measure, size_open, gate_open, self.elastic, rounds, give_up)
        self.offer(plan)
        return np.inf if plan is None else plan.objective

    def transported(
        self, size_open: Bools, gate_open: Bools
    ) -> tuple[CheckedPlan | None, PriceVector | None]:
        """Best plan of fixed openings and the prices that prove it, by transportation."""
        problem = self.relaxation.problem
        opened = np.flatnonzero(size_open)
        routed = transport(problem, allowed_options(problem, gate_open), site_supply(problem, opened))
        if routed is None:
            return None, None
        share, row_price, measure_price = routed
        option = np.flatnonzero(share).astype(np.int64)
        nothing = np.zeros(problem.n_resources)
        decisions = Decisions(
            option, share[option], open_size_per_site(problem, size_open), gate_open,
            np.zeros(0, dtype=np.int64), np.full(problem.n_resources, -1, dtype=np.int64), nothing, nothing,
        )  # fmt: skip
        links, rules = self.relaxation.layout.n_links, problem.n_rules
        prices = PriceVector.of(row_price, measure_price, np.zeros(links), np.zeros(rules))
        return complete(problem, decisions), prices

    def offer(self, plan: CheckedPlan | None) -> bool:
        """Offer a plan of the relaxation's problem."""
        if plan is not None and self.restriction is not None:
            plan = CheckedPlan(lift(self.restriction, plan.decisions), plan.objective)
        return self.course.offer(plan)

    def all_open(self, prices: PriceVector) -> float:
        """Offer the plan with the size of most supply at every site and every gate open."""
        problem = self.relaxation.problem
        owner = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
        supply = sum_by(owner, problem.size_supply_amount, problem.n_sizes)
        order = np.lexsort((-supply, self.relaxation.size_site))
        filled = np.flatnonzero(np.diff(problem.site_start))
        size_open = np.zeros(problem.n_sizes, dtype=bool)
        size_open[order[problem.site_start[filled]]] = True
        return self.try_openings(prices, size_open, np.ones(problem.n_gates, dtype=bool))
