"""The cheapest flows of all products for some openings, and what it costs to change an opening."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.legs.two_stage.flow import close_site, open_site
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.savings import least_lost, most_saved, node_prices

__all__ = ["CLOSE", "OPEN", "PLANT", "SATELLITE", "Network", "Openings"]

SATELLITE, PLANT = 0, 1
OPEN, CLOSE = 0, 1
"""Kinds of sites, and what is done to one."""

IDLE = 1e-7
"""Part of all orders that may be left to idle sites by rounding."""

Flow = tuple[Floats, Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class Openings:
    """Which plants and which satellites are open."""

    plant: Bools
    satellite: Bools


@njit(cache=True, fastmath=False)
def _change(
    first: Floats,
    second: Floats,
    room: tuple[Floats, Floats],
    flow: Flow,
    is_open: tuple[Floats, Floats],
    plant: bool,
    opens: bool,
    site: int,
    saved: Floats,
    most: float,
) -> float:  # pragma: no cover
    """Cost of a change over all products; where it cannot but come to more than `most`, of some of them."""
    cost, left = 0.0, saved.sum()
    for m in range(first.shape[0]):
        left -= saved[m]
        rooms = (room[0][m], room[1][m])
        own = (flow[0][m], flow[1][m], flow[2][m], flow[3][m])
        if opens:
            cost += open_site(first[m], second[m], rooms, own, is_open, plant, site)
        else:
            is_open[0 if plant else 1][site] = 1.0
            cost += close_site(first[m], second[m], rooms, own, is_open, plant, site)
        if cost - left > most:
            return np.inf
    return cost


class Network:
    """Flows that are the cheapest for the sites that are open.

    Unit costs are kept as parts of the dearest, so that tolerances mean the same in every currency.

    Parameters
    ----------
    stage
        The problem.
    """

    def __init__(self, stage: TwoStage) -> None:
        self.stage = stage
        products, plants, satellites = stage.first.shape
        customers = stage.demand.shape[1]
        ways = [np.abs(part[np.isfinite(part)]) for part in (stage.first, stage.second)]
        self._unit = max(float(part.max(initial=0.0)) for part in ways) or 1.0
        # No change of flows along a path, which meets each site once or twice, comes to as much.
        dear = 4.0 * (plants + 2 * satellites + 2)
        self._first = np.full((products, plants + 1, satellites + 1), np.inf)
        self._first[:, :plants, :satellites] = stage.first / self._unit
        self._first[:, plants, :] = dear
        self._first[:, plants, satellites] = 0.0
        self._second = np.full((products, customers, satellites + 1), dear)
        self._second[:, :, :satellites] = stage.second / self._unit
        idle = np.full((products, 1), np.inf)
        self._room = (np.hstack([stage.plant_room, idle]), np.hstack([stage.satellite_room, idle]))
        self._price = {PLANT: stage.plant_cost, SATELLITE: stage.satellite_cost}
        total = stage.demand.sum(axis=1)
        supplied = np.zeros((products, plants + 1, satellites + 1))
        served = np.zeros((products, satellites + 1, customers))
        loads = np.zeros((products, plants + 1)), np.zeros((products, satellites + 1))
        supplied[:, -1, -1] = loads[0][:, -1] = loads[1][:, -1] = total
        served[:, -1, :] = stage.demand
        self._flow: Flow = (supplied, served, *loads)
        self._open = (np.zeros(plants + 1), np.zeros(satellites + 1))
        self._open[0][-1] = self._open[1][-1] = 1.0
        self._nothing, self._most_saved = np.zeros(products), np.full(products, np.inf)
        self._prices: Floats | None = None
        self._kept: list[tuple[float, tuple[Floats, ...]]] = []
        self.cost = stage.constant + self._unit * dear * float(total.sum())

    @property
    def openings(self) -> Openings:
        """What is open."""
        return Openings(self._open[0][:-1] > 0.0, self._open[1][:-1] > 0.0)

    @property
    def served(self) -> bool:
        """Whether the open sites serve all."""
        supplied, served = self._flow[0], self._flow[1]
        idle = float(served[:, -1, :].sum()) + float(supplied[:, -1, :-1].sum())
        return idle <= IDLE * max(1.0, float(self.stage.demand.sum()))

    @property
    def flows(self) -> tuple[Floats, Floats]:
        """What each plant supplies to each satellite, and each satellite to each customer, by product."""
        return self._flow[0][:, :-1, :-1], self._flow[1][:, :-1, :]

    def sites(self, kind: int, is_open: bool) -> Ints:
        """The open or the closed sites of a kind."""
        state = self._open[0 if kind == PLANT else 1][:-1]
        return np.flatnonzero((state > 0.0) == is_open)

    def price(self, kind: int) -> Floats:
        """Cost of opening each site of a kind."""
        price: Floats = self._price[kind]
        return price

    def change(
        self, kind: int, action: int, site: int, most: float = np.inf, saved: Floats | None = None
    ) -> float:
        """Open or close a site; returns the new cost, or `inf` where it comes to more than `most`.

        In that case the flows are of no use, and the network must be put back as it was.

        Parameters
        ----------
        saved : float64, shape (products,)
            What opening the site saves at most, from `most_saved`.
        """
        price = float(self._price[kind][site]) * (1.0 if action == OPEN else -1.0)
        if saved is None:
            saved = self._most_saved if action == OPEN else self._nothing
        self._prices = None
        cost = _change(
            self._first, self._second, self._room, self._flow, self._open, kind == PLANT,
            action == OPEN, site, saved / self._unit, (most - self.cost - price) / self._unit,
        )  # fmt: skip
        self.cost += price + self._unit * cost
        now: float = self.cost
        return now

    def most_saved(self, kind: int, sites: Ints) -> Floats:
        """What each of these closed sites saves at most of the flows of each product, opened alone."""
        saved: Floats = most_saved(
            self._first, self._second, self._room, self._flow[1], self._open, self._node_prices(), sites,
            kind == PLANT,
        )  # fmt: skip
        return self._unit * saved

    def least_lost(self, kind: int, sites: Ints) -> Floats:
        """What flows cost more at least when each of these open sites is closed, also beside one opened."""
        lost = least_lost(self._first, self._room, self._node_prices(), sites, kind == PLANT)
        return self._unit * lost

    def _node_prices(self) -> Floats:
        """Prices of the present flows, found once."""
        if self._prices is None:
            self._prices = node_prices(self._first, self._second, self._room, self._flow, self._open)
        return self._prices

    def keep(self) -> None:
        """Remember the state."""
        self._kept.append((self.cost, tuple(part.copy() for part in (*self._flow, *self._open))))

    def put_back(self, *, forget: bool = True) -> None:
        """Return to the state remembered last."""
        self._prices = None
        self.cost, kept = self._kept[-1]
        for part, old in zip((*self._flow, *self._open), kept, strict=True):
            part[...] = old
        if forget:
            self._kept.pop()

    def drop_kept(self) -> None:
        """Forget the state remembered last, and stay as it is."""
        self._kept.pop()

    def turn_to(self, openings: Openings) -> None:
        """Open and close sites until just those given are open."""
        for action in (OPEN, CLOSE):
            for kind, wanted in ((PLANT, openings.plant), (SATELLITE, openings.satellite)):
                named = np.flatnonzero(wanted == (action == OPEN))
                for site in np.intersect1d(named, self.sites(kind, action == CLOSE)):
                    self.change(kind, action, int(site))
