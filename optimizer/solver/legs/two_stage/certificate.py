r"""Prices over legs from the duals of relaxations: what a run leaves for anybody to recompute its bound from.

A customer's dual is the price of its row, that of bringing an order into a satellite, `e_j`, that of the
tie of its node, and those of rooms the prices of their measures. Links need no prices, as every head and
every tail has one gate; where ways into satellites were linked to their plants `e_j` may also be cut to

.. math:: \min_i (c_{ij} + \mu_i) .
"""

import numpy as np

from optimizer.problem.legs import Leg, Legs, node_demand
from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.program import Duals, Relaxed
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.solution import Prices

__all__ = ["Certificate"]


class Certificate:
    """Keeps the prices that prove most.

    Parameters
    ----------
    problem, legs, stage
        The problem and its two forms.
    threads
        For valuing prices.

    Attributes
    ----------
    bound : float
        What the best prices so far prove.
    """

    def __init__(self, problem: Problem, legs: Legs, stage: TwoStage, threads: int) -> None:
        self.problem, self.legs, self.stage = problem, legs, stage
        self.bound = -np.inf
        self._best: PriceVector | None = None
        self._relaxation = Relaxation(tied_problem(problem, legs).problem, threads=threads)

    @property
    def prices(self) -> Prices | None:
        """The best prices in the form that is stored."""
        return None if self._best is None else as_prices(self._relaxation.layout, self._best, over_legs=True)

    def consider(self, relaxed: Relaxed) -> None:
        """Value the prices that the duals of a relaxation stand for."""
        duals = relaxed.duals
        if duals is None:
            return
        least = (self.stage.first + duals.plant_room[:, :, None]).min(axis=1)
        for into in (duals.into, np.minimum(duals.into, np.where(np.isfinite(least), least, np.inf))):
            prices = self._prices(duals, into)
            value = self._relaxation.evaluate(prices).value
            if value > self.bound:
                self.bound, self._best = value, prices

    def _prices(self, duals: Duals, into: Floats) -> PriceVector:
        stage, legs, problem = self.stage, self.legs, self.problem
        row, demand = np.zeros(problem.n_rows), node_demand(problem, legs)
        there = stage.row >= 0
        row[stage.row[there]] = (duals.customer * stage.demand)[there]
        least = np.zeros(len(demand))
        np.minimum.at(least, legs.tail.node, legs.tail.cost)
        node = np.zeros(len(demand))
        placed = stage.head >= 0
        of_head = np.broadcast_to(into[:, None, :], placed.shape)[placed]
        node[legs.head.node[stage.head[placed]]] = of_head
        tie = demand * np.maximum(node - least, 0.0)
        measure = np.zeros(problem.n_measures)
        rooms = np.broadcast_to(duals.satellite_room[:, None, :], placed.shape)
        _price_rooms(measure, legs.head, stage.head, rooms)
        rooms = np.broadcast_to(duals.plant_room[:, :, None], stage.tail.shape)
        _price_rooms(measure, legs.tail, stage.tail, rooms)
        layout = self._relaxation.layout
        none = np.zeros(layout.n_links), np.zeros(layout.problem.n_rules)
        return PriceVector.of(np.concatenate([row, tie]), np.concatenate([measure, tie]), *none)


def _price_rooms(measure: Floats, leg: Leg, number: Ints, price: Floats) -> None:
    """Give the measures of legs their prices, per unit, from prices per order."""
    placed = number >= 0
    at = number[placed]
    used = (leg.measure[at] >= 0) & (leg.amount[at] > 0.0)
    which, place = np.nonzero(used)
    measure[leg.measure[at[which], place]] = price[placed][which] / leg.amount[at[which], place]
