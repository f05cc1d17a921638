"""Plans of facility location: exact flows of openings, moves that may pay, and the canonical decisions."""

import numpy as np

from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.solver.clock import Course
from optimizer.solver.facility.core import Core, core_gains
from optimizer.solver.facility.flows import route
from optimizer.solver.facility.location import Location
from optimizer.solver.plans import complete
from optimizer.solver.solution import Decisions

__all__ = ["Incumbent", "local_search"]


class Incumbent:
    """The best openings so far; every set of openings is evaluated once.

    Attributes
    ----------
    cost : float
        Cost of the best openings without the problem's constant; `inf` at first.
    opened : int64 or None
        Its facilities.
    price : float64 or None
        Prices of the customers in its flows.
    offers : bool
        Whether the course of the solve is told of each new incumbent.
    """

    def __init__(self, problem: Problem, location: Location, course: Course, *, offers: bool = True) -> None:
        self.problem, self.location, self.course, self.offers = problem, location, course, offers
        self.cost = np.inf
        self.opened: Ints | None = None
        self.price: Floats | None = None
        self.tried: dict[bytes, float] = {}

    def cost_of(self, opened: Ints) -> float:
        """Cost of some openings (ascending), `inf` if it is no better; else they become the incumbent."""
        key = opened.tobytes()
        if key in self.tried:
            return self.tried[key]
        place = self.location
        cost = np.inf
        if place.capacity[opened].sum() >= place.demand.sum() * (1.0 - 1e-12):
            fixed = float(place.fixed[opened].sum())
            cost, load, worth = route(place.unit, place.demand, place.capacity, opened, self.cost - fixed)
            cost += fixed
            if cost < self.cost:
                self._take(opened, cost, load, worth)
        self.tried[key] = cost
        return cost

    def flow_prices(self, opened: Ints) -> Floats | None:
        """Prices of the customers in the cheapest flows of some openings; None where they have too little."""
        place = self.location
        cost, _, worth = route(place.unit, place.demand, place.capacity, opened, np.inf)
        if not np.isfinite(cost):
            return None
        price: Floats = (place.unit[opened] + worth[:, None]).min(axis=0)
        return price

    def _take(self, opened: Ints, cost: float, load: Floats, worth: Floats) -> None:
        place = self.location
        self.cost, self.opened = cost, opened
        self.price = (place.unit[opened] + worth[:, None]).min(axis=0)
        if self.offers:
            self.course.offer(complete(self.problem, self._decisions(opened, load)))

    def _decisions(self, opened: Ints, load: Floats) -> Decisions:
        place, problem = self.location, self.problem
        who, customer = np.nonzero(load > 0.0)
        option = place.option[opened[who], customer]
        order = np.argsort(option)
        share = load[who, customer] / place.demand[customer]
        size = np.full(problem.n_sites, -1, dtype=np.int64)
        size[opened] = opened
        gate = np.zeros(problem.n_gates, dtype=bool)
        gate[np.isin(problem.gate_size, opened)] = True
        nothing = np.zeros(problem.n_resources)
        return Decisions(
            option[order], share[order], size, gate, np.zeros(0, dtype=np.int64),
            np.full(problem.n_resources, -1, dtype=np.int64), nothing, nothing,
        )  # fmt: skip


def local_search(incumbent: Incumbent, core: Core, price: Floats, most: int) -> None:
    r"""Open, close and swap facilities of the core while that pays.

    A move is evaluated exactly only if no known prices prove that it cannot pay: at any prices, openings `Y`
    cost at least :math:`\sum_j d_j w_j + \sum_{i \in Y} g_i(w)`.
    """
    while incumbent.opened is not None and most > 0:
        before = incumbent.cost
        inside = np.isin(core.who, incumbent.opened)
        bound = _move_bounds(incumbent, core, inside, price)
        assert incumbent.price is not None
        bound = np.maximum(bound, _move_bounds(incumbent, core, inside, incumbent.price))
        out, come = np.nonzero(bound < incumbent.cost * (1.0 - 1e-9))
        order = np.argsort(bound[out, come])[:most]
        out_of, into = np.r_[np.flatnonzero(inside), -1], np.r_[np.flatnonzero(~inside), -1]
        for k in order:
            most -= 1
            state = inside.copy()
            state[out_of[out[k]]] &= out_of[out[k]] < 0
            if into[come[k]] >= 0:
                state[into[come[k]]] = True
            if incumbent.cost_of(core.who[state]) < before:
                break
            if incumbent.course.over():
                return
        if incumbent.cost >= before:
            return


def _move_bounds(incumbent: Incumbent, core: Core, inside: Bools, price: Floats) -> Floats:
    """Bounds of closing one facility or none (rows) and opening one or none (columns)."""
    gain = core_gains(incumbent.location, core, np.minimum(price, core.ceiling))[0]
    base = float((incumbent.location.demand * np.minimum(price, core.ceiling)).sum() + gain[inside].sum())
    close = np.r_[-gain[inside], 0.0]
    into = np.r_[gain[~inside], 0.0]
    bound: Floats = base + close[:, None] + into[None, :]
    return bound
