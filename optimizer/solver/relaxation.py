r"""The price relaxation: its value and a subgradient at given prices.

With prices :math:`v` on rows, :math:`\mu` on measures, :math:`\lambda` on the links of further gates and
:math:`\rho` on rules, everything decides alone:

.. math::

    L = C + \sum_i v_i - \sum_q b_q \mu_q + \text{rules}(\rho)
        + \sum_{\text{free cells}} \min(0, \tilde c - v)
        + \min_{(y, m) \in M} \Big(\sum_s \tilde F_s y_s + \sum_g \tilde f_g m_g\Big)
        + \sum_k \min(0, \tilde h_k) N_k + \sum_r \min(0, \text{tier})
        + \sum_r \min(0, \text{rest})

where a gate is worth
:math:`\tilde f_g = f_g - \sum \lambda + \sum_{\text{cells of } g} \min(0, \tilde c - v)`.
"""

from dataclasses import dataclass

import numpy as np
from numba import get_num_threads, set_num_threads

from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import sum_by
from optimizer.problem.usage import largest_use
from optimizer.solver.covers import Cover, find_covers
from optimizer.solver.kernels import (
    chunk_rows,
    row_groups,
    scan_parallel,
    scan_serial,
    use_of_open_parallel,
    use_of_open_serial,
)
from optimizer.solver.knapsack import cheapest_cover
from optimizer.solver.layout import Layout, lay_out
from optimizer.solver.prices import PriceVector
from optimizer.solver.supply_prices import best_tiers, module_limits, supply_rates

__all__ = ["MANY_CHUNKS", "Evaluation", "Relaxation"]

MASTER_NODES = 20_000
MANY_CHUNKS = 8


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Value of the relaxation at some prices, with what each part decided.

    `slope` is a subgradient in the shape of the prices. `size_worth` and `gate_worth` are the worths that
    the openings were chosen by.
    """

    value: float
    slope: PriceVector
    size_open: Bools
    gate_open: Bools
    module_count: Floats
    size_worth: Floats
    gate_worth: Floats
    cell_value: Floats
    cell_pick: Ints


class Relaxation:
    """Evaluates the price relaxation of one problem, under fixings of sizes and gates.

    Attributes
    ----------
    problem, layout, covers
    size_fixed, gate_fixed : int8
        -1 free, 0 closed, 1 open: the branch that is being bounded.
    module_floor, module_limit : float64
        Least and largest count of each module in the branch.
    """

    def __init__(
        self,
        problem: Problem,
        layout: Layout | None = None,
        covers: tuple[Cover, ...] | None = None,
        threads: int = 1,
        most_use: Floats | None = None,
    ) -> None:
        self.most_use = largest_use(problem) if most_use is None else most_use
        self.problem = problem
        self.threads = min(threads, get_num_threads())
        if self.threads > 1:
            set_num_threads(self.threads)
        self.layout = lay_out(problem) if layout is None else layout
        self.covers = find_covers(problem) if covers is None else covers
        self.size_fixed = np.full(problem.n_sizes, -1, dtype=np.int8)
        self.gate_fixed = np.full(problem.n_gates, -1, dtype=np.int8)
        self.size_site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
        self.resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
        self._index()

    def _index(self) -> None:
        problem = self.problem
        self._gate_of_size = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
        self._under_site = np.diff(problem.gate_size_start) > 0
        self._size_of_supply = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
        self._module_of_supply = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
        self._module_resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.module_start))
        self._tier_resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
        self._rule_of_entry = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
        self._single_size = bool(np.all(np.diff(problem.site_start) == 1))
        self.module_limit = module_limits(problem, self.most_use)
        self.module_floor = np.zeros(problem.n_modules)
        most = np.zeros(problem.n_resources)
        np.maximum.at(most, self.resource, self.most_use)
        self.overflow_limit = np.minimum(problem.overflow_limit, most)
        self._chunk = chunk_rows(problem.row_start)
        self._group = row_groups(self._chunk)
        self._worth = np.zeros((len(self._chunk) - 1, problem.n_gates))
        self._cell_value = np.empty(self.layout.n_cells)
        self._cell_pick = np.empty(self.layout.n_cells, dtype=np.int64)

    def start(self) -> PriceVector:
        """First prices: measures at the cheapest rate that adds supply, rows at their cheapest option."""
        problem, layout = self.problem, self.layout
        measure = supply_rates(problem)
        link = np.zeros(layout.n_links)
        prices = PriceVector.of(np.full(problem.n_rows, -np.inf), measure, link, np.zeros(problem.n_rules))
        return PriceVector.of(self.cheapest(prices), measure, link, prices.rule)

    def cheapest(self, prices: PriceVector) -> Floats:
        """Priced cost of the cheapest option of each row, `inf` where it has none."""
        self._scan(prices)
        start = self.layout.row_cell_start
        best = np.full(self.problem.n_rows, np.inf)
        filled = np.flatnonzero(np.diff(start))
        best[filled] = np.minimum.reduceat(self._cell_value, start[filled])
        return best

    def _scan(self, prices: PriceVector) -> Floats:
        """Price every cell; return what each gate gains over its cells."""
        layout = self.layout
        self._worth[:] = 0.0
        scan = scan_parallel if self._in_parallel else scan_serial
        scan(
            self._chunk, layout.row_cell_start, layout.cell_start, layout.cell_gate, self.gate_fixed == 0,
            layout.cost,
            layout.use_start, layout.use_measure, layout.use_amount, layout.option_link_start,
            layout.option_link,
            prices.row, prices.measure, prices.link, self._cell_value, self._cell_pick, self._worth,
        )  # fmt: skip
        gains: Floats = self._worth.sum(axis=0)
        return gains

    @property
    def _in_parallel(self) -> bool:
        """Whether passes over the options are worth more than one thread."""
        return self.threads > 1 and len(self._chunk) > MANY_CHUNKS

    def _use_of_open(self, prices: PriceVector, gate_open: Bools) -> tuple[Floats, Floats, Floats, float]:
        """What the chosen cells of the last scan serve, use and link; the gain of those that need no gate."""
        problem, layout, groups = self.problem, self.layout, len(self._group) - 1
        served, gain, linked = np.zeros(problem.n_rows), np.zeros(groups), np.zeros(len(prices.link))
        used, of_group = np.zeros((groups, problem.n_measures)), np.zeros((groups, layout.n_links))
        add_up = use_of_open_parallel if self._in_parallel else use_of_open_serial
        add_up(
            self._group, layout.row_cell_start, layout.cell_gate, gate_open, self._cell_value,
            self._cell_pick, prices.row, layout.use_start, layout.use_measure, layout.use_amount,
            layout.option_link_start, layout.option_link, served, used, of_group, gain,
        )  # fmt: skip
        linked[: layout.n_links] = of_group.sum(axis=0)
        return served, used.sum(axis=0), linked, float(gain.sum())

    def project(self, prices: PriceVector) -> PriceVector:
        """Bring prices back to their domain: signs of measures, links and one-sided rules."""
        problem = self.problem
        rule = prices.rule
        if problem.n_rules:
            rule = np.where(np.isfinite(problem.rule_lower), rule, np.minimum(rule, 0.0))
            rule = np.where(np.isfinite(problem.rule_upper), rule, np.maximum(rule, 0.0))
        return PriceVector.of(prices.row, np.maximum(prices.measure, 0.0), np.maximum(prices.link, 0.0), rule)

    def confine(self, prices: PriceVector) -> None:
        """Bring prices back below what bounds them from above, in place; nothing does here."""

    def evaluate(self, prices: PriceVector) -> Evaluation:
        """Value and subgradient of the relaxation at prices inside their domain."""
        problem = self.problem
        mu, rho = prices.measure, prices.rule
        rule_cost, value = self._rule_terms(rho)
        value += problem.constant + float(prices.row.sum()) - float((mu * problem.measure_supply).sum())
        gain_of_cells = self._scan(prices)
        worth = (
            gain_of_cells + problem.gate_fee + rule_cost[problem.n_sizes : problem.n_sizes + problem.n_gates]
        )
        worth = worth - self._charged(prices.link)
        gain = np.where(
            self.gate_fixed == 1, worth, np.where(self.gate_fixed == 0, 0.0, np.minimum(worth, 0.0))
        )
        size_worth = problem.size_cost + rule_cost[: problem.n_sizes]
        if problem.n_sizes:
            size_worth = size_worth - sum_by(
                self._size_of_supply,
                problem.size_supply_amount * mu[problem.size_supply_measure],
                problem.n_sizes,
            )
            size_worth = size_worth + sum_by(problem.gate_size, gain[self._gate_of_size], problem.n_sizes)
        chosen_value, size_open = self.choose_sizes(size_worth)
        value += chosen_value
        allowed = ~self._under_site
        allowed[self._gate_of_size[size_open[problem.gate_size]]] = True
        gate_open = allowed & (gain != 0.0) & (self.gate_fixed != 0)
        value += float(gain[~self._under_site].sum())
        served, used, linked, gain_without_gate = self._use_of_open(prices, gate_open)
        value += gain_without_gate
        self._use_further(prices, gate_open, served, used, linked)
        supply, counts, supply_value = self._supply(mu, rule_cost)
        value += supply_value
        supply += sum_by(
            problem.size_supply_measure,
            problem.size_supply_amount * size_open[self._size_of_supply],
            problem.n_measures,
        )
        slope = PriceVector.of(
            1.0 - served,
            used - problem.measure_supply - supply,
            linked - self._linked_open(gate_open),
            self._rule_slope(size_open, gate_open, counts, rho),
        )
        return Evaluation(
            value, slope, size_open, gate_open, counts, size_worth, worth, self._cell_value, self._cell_pick
        )

    def _use_further(
        self, prices: PriceVector, gate_open: Bools, served: Floats, used: Floats, linked: Floats
    ) -> None:
        """Add what options that are not in the problem serve and use through open gates."""

    def _charged(self, link: Floats) -> Floats:
        """Prices of links, by gate."""
        if not self.layout.n_links:
            return np.zeros(self.problem.n_gates)
        return sum_by(self.layout.link_gate, link, self.problem.n_gates)

    def _linked_open(self, gate_open: Bools) -> Bools | Floats:
        """Links whose gate is open, or the share of each that it serves."""
        opened: Bools = gate_open[self.layout.link_gate]
        return opened

    def _rule_terms(self, rho: Floats) -> tuple[Floats, float]:
        """Cost that rule prices put on sizes, gates and modules, and their constant."""
        problem = self.problem
        n = problem.n_sizes + problem.n_gates + problem.n_modules
        if not problem.n_rules:
            return np.zeros(n), 0.0
        cost = sum_by(problem.rule_index, -problem.rule_coefficient * rho[self._rule_of_entry], n)
        up, down = rho > 0.0, rho < 0.0
        constant = float((rho[up] * problem.rule_lower[up]).sum())
        constant += float((rho[down] * problem.rule_upper[down]).sum())
        return cost, constant

    def _rule_slope(self, size_open: Bools, gate_open: Bools, counts: Floats, rho: Floats) -> Floats:
        problem = self.problem
        if not problem.n_rules:
            return np.zeros(0)
        level = np.r_[size_open.astype(float), gate_open.astype(float), counts]
        done = sum_by(
            self._rule_of_entry, problem.rule_coefficient * level[problem.rule_index], problem.n_rules
        )
        short, over = problem.rule_lower - done, problem.rule_upper - done
        inside = np.where(short > 0.0, short, np.where(over < 0.0, over, 0.0))
        return np.where(rho > 0.0, short, np.where(rho < 0.0, over, inside))

    def choose_sizes(self, worth: Floats) -> tuple[float, Bools]:
        """Best sizes under the fixings; by a knapsack where total capacity must cover the need."""
        problem = self.problem
        size_open = np.zeros(problem.n_sizes, dtype=bool)
        if not problem.n_sizes:
            return 0.0, size_open
        price = np.where(self.size_fixed == 0, np.inf, worth)
        forced = self.size_fixed == 1
        if self._single_size:
            size_open = forced | (price < 0.0)
        else:
            site_forced = np.zeros(problem.n_sites, dtype=bool)
            site_forced[self.size_site[forced]] = True
            price = np.where(site_forced[self.size_site] & ~forced, np.inf, price)
            filled = np.flatnonzero(np.diff(problem.site_start))
            least = np.full(problem.n_sites, np.inf)
            least[filled] = np.minimum.reduceat(price, problem.site_start[filled])
            order = np.lexsort((np.arange(problem.n_sizes), price != least[self.size_site], self.size_site))
            first = order[problem.site_start[filled]]
            size_open[first] = forced[first] | (price[first] < 0.0)
        value = float(worth[size_open].sum())
        if self._single_size:
            for cover in self.covers:
                value, size_open = self._cover_choice(cover, price, forced, value, size_open)
        return value, size_open

    def _cover_choice(
        self, cover: Cover, price: Floats, forced: Bools, value: float, size_open: Bools
    ) -> tuple[float, Bools]:
        """The larger bound of the choice so far and the knapsack of one cover."""
        if float(cover.size_capacity[size_open].sum()) >= cover.need:
            return value, size_open
        rest = np.flatnonzero(~forced & np.isfinite(price))
        need = cover.need - float(cover.size_capacity[forced].sum())
        bound, taken = cheapest_cover(price[rest], cover.size_capacity[rest], need, MASTER_NODES)
        bound += float(price[forced].sum())
        if bound <= value:
            return value, size_open
        chosen = forced.copy()
        chosen[rest[taken]] = True
        return bound, chosen

    def _supply(self, mu: Floats, rule_cost: Floats) -> tuple[Floats, Floats, float]:
        """What modules, tiers and overflow supply at these prices, module counts, and their value."""
        problem = self.problem
        supply = np.zeros(problem.n_measures)
        value = 0.0
        counts = np.zeros(problem.n_modules)
        if problem.n_modules:
            worth = problem.module_cost + rule_cost[problem.n_sizes + problem.n_gates :]
            worth = worth - sum_by(
                self._module_of_supply,
                problem.module_supply_amount * mu[problem.module_supply_measure],
                problem.n_modules,
            )
            counts = np.where(worth < 0.0, self.module_limit, self.module_floor)
            value += float((worth * counts).sum())
            supply += sum_by(
                problem.module_supply_measure,
                problem.module_supply_amount * counts[self._module_of_supply],
                problem.n_measures,
            )
        price = sum_by(self.resource, mu, problem.n_resources)
        bought = np.where(problem.overflow_price < price, self.overflow_limit, 0.0)
        value += float(((problem.overflow_price - price) * bought).sum())
        if problem.n_tiers:
            level, tier_value = best_tiers(problem, price, self._tier_resource)
            bought = bought + level
            value += tier_value
        supply += bought[self.resource]
        return supply, counts, value
