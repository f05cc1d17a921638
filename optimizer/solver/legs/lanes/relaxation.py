r"""The price relaxation over legs in which every lane decides its supply whole.

Rows, links of gates and all measures but those of lanes have prices. At these a lane takes the flows that
gain most per unit of its supply,

.. math:: v_l = f_l + \min_{u \ge 0} \big( S_l(u) - B_l(u) \big), \qquad
          B_l(u) = \max \Big\{ \sum_i g_i x_i : \sum_i a_i x_i \le u,\ 0 \le x \le 1 \Big\},

where an item `i` is a row by the best head at a node and one of the node's tails, `g_i` what its row's price
leaves of its costs and of the prices it pays, and `S_l` the stepwise cost of modules and tiers. A site gains
what its lanes gain, and its tariffs (`optimizer.solver.legs.lanes.tariffs`). No share of a module can be
bought, as it can where supply has a price per unit: each lane's program is convexified as it is
(A. Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974),
82–114).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.lanes import kernels, tariffs
from optimizer.solver.legs.lanes.cells import Cells, Links, cells_of, heads_below, links_of
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.copies import (
    lane_copies,
    measures_of_lanes,
    measures_of_tariffs,
    with_lane_gates,
    with_tariff_gates,
)
from optimizer.solver.legs.lanes.form import Lanes
from optimizer.solver.legs.lanes.items import items_of
from optimizer.solver.legs.lanes.kernels import Priced, Served, take_lanes
from optimizer.solver.legs.lanes.supply import Pieces, supply_pieces
from optimizer.solver.legs.lanes.tariffs import tariff_pieces, tariffs_of
from optimizer.solver.legs.shell import Shell, uses_of
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.tighten import tighten

__all__ = ["LaneRelaxation", "Weighed"]

Ids = npt.NDArray[np.int64]


class Weighed(NamedTuple):
    """Lanes with their measures weighed: what an order of each tail uses, and the cost of supply."""

    amount: Floats
    pieces: Pieces


class LaneRelaxation(Relaxation):
    """The price relaxation with lanes whole; see the module docstring.

    Attributes
    ----------
    lane_use : float64, shape (lanes,)
        What the last evaluation used of each lane, at the weights.
    lane_weight : float64, shape (measures,)
        The weights, zero for measures that are not of lanes.
    current : Weighed
        Lanes at these weights.
    unpriced : Problem
        The problem itself.
    choice : SiteChoice
        Chooses sizes; limits on numbers of sites hold exactly and have no prices.
    site_must : bool, shape (sites,)
        Sites that have to open in the branch that is being bounded.
    lane_measures : int64
        Measures of lanes and tariffs in the numbers of the shell.
    tariffs : Tariffs
    tariff_pieces : Pieces
        What tariffs cost by quantity.
    claim_measure : int64, shape (claims,)
        Measure of the tariff that each claim is on.
    claimed : float64, shape (claims,)
        What all orders of a row use of the tariff.

    Parameters
    ----------
    problem, legs, lanes
        The problem, its legs and its lanes.
    shell
        The problem without its legs, split by size where it can be.
    weight : float64, shape (measures,)
        How the measures of a lane are weighed: its supply is bought for their weighted sum.
    ceiling : float64, shape (rows,)
        Prices of rows stay below, so that heads which cost more need not be looked at.
    """

    def __init__(
        self,
        problem: Problem,
        legs: Legs,
        lanes: Lanes,
        shell: Shell,
        weight: Floats,
        ceiling: Floats,
        threads: int,
    ) -> None:
        legs = heads_below(problem, legs, ceiling)
        copies = lane_copies(problem, lanes)
        opened, self._first_lane = with_lane_gates(shell.problem, problem, lanes, copies)
        self.tariffs = tariffs_of(problem, legs, lanes.tariff, lanes.node_site)
        opened, self._first_tariff = with_tariff_gates(opened, self.tariffs)
        super().__init__(tighten(opened, shell.use), covers=(), threads=threads, most_use=shell.use)
        self.shell, self.legs, self.ceiling = shell, legs, ceiling
        self.choice, self.site_must = SiteChoice(self.problem), np.zeros(problem.n_sites, dtype=bool)
        self._copy_of_size = np.where(
            copies[1] < 0, -1, problem.site_start[np.maximum(lanes.site[copies[0]], 0)] + copies[1]
        )
        rank = np.arange(problem.n_sizes) - problem.site_start[self.size_site]
        self._size_rank = np.minimum(rank, shell.number.shape[1] - 1)
        self.cells: Cells = cells_of(problem, legs)
        self.links: Links = links_of(
            problem, legs, lanes, self.cells, shell.gates, self.tariffs, self._first_tariff
        )
        own, metered = measures_of_lanes(problem, lanes), measures_of_tariffs(problem, lanes)
        self._own_measure = own
        self._head_site, self._tail_site = (lanes.node_site[leg.node] for leg in (legs.head, legs.tail))
        self.lane_measures = shell.number[own | metered].ravel()
        self.lanes, self.unpriced = lanes, problem
        self.lane_use = np.zeros(len(lanes.resource))
        self._head_uses = uses_of(legs.head, metered)
        self._tail_uses = uses_of(legs.tail, own)
        sizes = shell.number.shape[1]
        self._head_value = np.empty((len(legs.head_row), sizes))
        copy_size = np.minimum(copies[1], sizes - 1)
        self._items = items_of(problem, legs, lanes, self.cells, self.links, (copies[0], copy_size), sizes)
        shape = (sizes, len(self.cells.row))
        self._priced = Priced(
            np.empty(shape), np.empty(shape, dtype=np.int64), np.empty((sizes, len(self.cells.orders))),
            np.empty((len(legs.tail.node), sizes)), np.zeros(len(self.links.gate)),
        )  # fmt: skip
        self.claim_measure: Ids = tariffs.tariff_measures(problem, self.tariffs.resource)[
            owner(self.tariffs.start)
        ]
        self.claimed = self.tariffs.rate * problem.row_demand[self.tariffs.row]
        self.tariff_pieces = tariff_pieces(problem, self.tariffs)
        self._claim_share = np.zeros(len(self.claimed))
        self._passes = kernels.parallel if threads > 1 else kernels.serial
        self._tariff_passes = tariffs.parallel if threads > 1 else tariffs.serial
        self.take_weight(weight)

    def take_weight(self, weight: Floats) -> None:
        """Weigh the measures of lanes so from now on.

        Parameters
        ----------
        weight : float64, shape (measures,)
        """
        self.lane_weight = np.where(self._own_measure, weight, 0.0)
        self.current = self.weighed(self.lane_weight)

    def weighed(self, weight: Floats) -> Weighed:
        """Lanes with their measures weighed so."""
        lanes, nodes = self.lanes, self.legs.tail.node
        amount = np.where(lanes.resource[lanes.of_tail] < 0, 1.0, self.lane_rate(weight))
        most = sum_by(lanes.of_tail, amount * self.cells.orders[nodes], len(lanes.resource))
        return Weighed(amount, supply_pieces(self.unpriced, lanes.resource, weight, most))

    def worth_at(self, weighed: Weighed, size_open: Bools) -> Floats:
        """What lanes are worth (≤ 0) in the sizes that are open, at other weights and the last prices.

        Parameters
        ----------
        weighed
            Lanes at these weights.
        size_open : bool, shape (sizes,)
            None that the last evaluation held closed.

        Returns
        -------
        float64, shape (lanes,)
        """
        worth = self._lane_worth(weighed, size_open)
        worth = np.minimum(worth + self.problem.gate_fee[self._first_lane : self._first_tariff], 0.0)
        return sum_by(self._items.copy_lane, worth, len(self.lanes.resource))

    def project(self, prices: PriceVector) -> PriceVector:
        """Bring prices back to their domain; measures of lanes and limits that hold exactly have none."""
        prices = super().project(prices)
        prices.rule[self.choice.rules] = 0.0
        prices.measure[self.lane_measures] = 0.0
        self.confine(prices)
        return prices

    def confine(self, prices: PriceVector) -> None:
        """Bring the prices of rows down to their ceilings, in place."""
        np.minimum(prices.row, self.ceiling, out=prices.row)

    def choose_sizes(self, worth: Floats) -> tuple[float, Bools]:
        """Best sizes under the fixings and the limits on sites; infinite where none keeps them."""
        opened = np.zeros(self.problem.n_sizes, dtype=bool)
        sizes = self.choice.chosen(worth.tolist(), self.size_fixed == 0, self.site_must)
        if sizes is None:
            return np.inf, opened
        opened[sizes] = True
        return float(worth[opened].sum()), opened

    def lane_rate(self, price: Floats) -> Floats:
        """What an order costs each tail for its lane at prices of the measures.

        Parameters
        ----------
        price : float64, shape (measures of the problem,)
        """
        tail = self.legs.tail
        measure = np.maximum(tail.measure, 0)
        used = np.where((tail.measure >= 0) & self._own_measure[measure], price[measure] * tail.amount, 0.0)
        return np.asarray(used.sum(axis=1))

    def gain_of_links(self, prices: PriceVector, node: Floats, rate: Floats) -> Floats:
        """What rows gain at the best of the heads and tails of each link.

        Parameters
        ----------
        node : float64, shape (nodes, sizes) or (nodes, 1)
            What an order costs the heads of each node, and brings its tails.
        rate : float64, shape (tails,)
            What an order costs each tail for its lane.

        Returns
        -------
        float64, shape (copies of links,)
        """
        self._scan(prices)
        links = self.links
        gain = self._priced.cell_value - node[owner(self.cells.node_start)].T
        best = np.zeros(len(links.gate))
        heads = np.diff(self.cells.head_start)
        tails = np.flatnonzero(links.tail_start >= 0)
        of_tail = self.legs.tail.node[tails]
        claim = links.claim_of_head[self.cells.head]
        for size in range(len(gain)):
            paid = self._priced.tail_value[tails, size] + rate[tails]
            spare = node[of_tail, min(size, node.shape[1] - 1)] - paid
            of_heads = np.repeat(gain[size], heads)
            for link, value in (
                (links.of_head[self.cells.head], of_heads),
                (links.of_tail, np.repeat(spare, np.diff(self.cells.node_start)[of_tail])),
            ):
                has = link >= 0
                copy = np.minimum(links.start[link[has]] + size, links.start[link[has] + 1] - 1)
                np.maximum.at(best, copy, value[has])
            np.maximum.at(best, claim[claim >= 0], of_heads[claim >= 0])
        return best * self.problem.row_demand[links.row]

    def fair_claims(self, price: Floats) -> Floats:
        """Prices of claims cut to the most per unit at which no tariff gains anything.

        Parameters
        ----------
        price : float64, shape (claims,)
        """
        return self._tariff_passes.fair(self.tariffs.start, price, self.claimed, *self.tariff_pieces)

    def weighed_use(self, weight: Floats) -> tuple[Floats, Floats]:
        """For every measure, sums of use × weight and of squared use over the rows that could use it."""
        rows = self.cells.row
        of_node = np.bincount(owner(self.cells.node_start), weight[rows], len(self.cells.orders))
        of_head = (weight[self.legs.head_row], self.problem.row_demand[self.legs.head_row])
        of_tail = (of_node[self.legs.tail.node], self.cells.orders[self.legs.tail.node])
        problem = self.problem
        at, use = problem.option_use_measure, problem.option_use_amount
        of_option = weight[owner(problem.row_start)][owner(problem.option_use_start)]
        total = sum_by(at, use * of_option, problem.n_measures)
        most = sum_by(at, use**2, problem.n_measures)
        for (start, measure, amount), (weights, orders) in (
            (self._head_uses, of_head), (self._tail_uses, of_tail),
        ):  # fmt: skip
            leg = owner(start)
            for copy in self.shell.number[measure].T:
                used = amount * orders[leg]
                total += sum_by(copy, used * weights[leg], len(total))
                most += sum_by(copy, used**2, len(total))
        return total, most

    def _scan(self, prices: PriceVector) -> Floats:
        gain = super()._scan(prices)
        opened, self._priced = self.size_fixed != 0, self._priced._replace(link_price=prices.link)
        closed, price = self._closed_at_sites(opened), prices.measure[self.shell.number]
        for leg, site, uses, value in (
            (self.legs.head, self._head_site, self._head_uses, self._head_value),
            (self.legs.tail, self._tail_site, self._tail_uses, self._priced.tail_value),
        ):
            self._passes.leg_values(leg.cost, site, closed, uses, price, value)
        self._passes.price_cells(
            self.cells.head_start, self.cells.head, self.lanes.node_site, closed, self._head_value,
            prices.row, prices.link, self._items, *self._priced[:3],
        )  # fmt: skip
        gain[self._first_lane : self._first_tariff] = self._lane_worth(self.current, opened)
        self._tariff_passes.price(
            self.tariffs.start, prices.link[self.links.first_claim :], self.claimed, *self.tariff_pieces,
            gain[self._first_tariff :], self._claim_share,
        )  # fmt: skip
        return gain

    def _closed_at_sites(self, size_open: Bools) -> Bools:
        """Tell where all sizes are closed that a site's copies stand for, shape (sites, sizes)."""
        closed = np.ones((self.problem.n_sites, self.shell.number.shape[1]), dtype=bool)
        closed[self.size_site[size_open], self._size_rank[size_open]] = False
        return closed

    def _lane_worth(self, weighed: Weighed, size_open: Bools) -> Floats:
        """What copies of lanes are worth at the last prices without the fees of their gates.

        Those in sizes that are not open are worth nothing.
        """
        worth = np.zeros(len(self._copy_of_size))
        counts = (self._copy_of_size < 0) | size_open[np.maximum(self._copy_of_size, 0)]
        self._passes.price_lanes(
            np.flatnonzero(counts), self._items, self._priced, *weighed,
            self.problem.gate_fee[self._first_lane : self._first_tariff], worth,
        )  # fmt: skip
        return worth

    def _charged(self, link: Floats) -> Floats:
        first = self.links.first_claim
        return sum_by(self.links.gate[:first], link[:first], self.problem.n_gates)

    def _linked_open(self, gate_open: Bools) -> Floats:
        opened = gate_open[self.links.gate].astype(np.float64)
        opened[self.links.first_claim :] *= self._claim_share
        return opened

    def _use_further(
        self, prices: PriceVector, gate_open: Bools, served: Floats, used: Floats, linked: Floats
    ) -> None:
        self.lane_use = np.zeros(len(self.lanes.resource))
        take_lanes(
            np.flatnonzero(gate_open[self._first_lane : self._first_tariff]), self._items, self._priced,
            *self.current, self._head_uses, self._tail_uses, self.shell.number,
            Served(served, linked, used, self.lane_use),
        )  # fmt: skip
