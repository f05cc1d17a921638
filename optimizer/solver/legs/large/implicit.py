r"""The price relaxation over pairs of legs, priced from the legs: no pair is ever looked at.

Where heads need one gate each and use nothing, and tails need no gate, the best pair of a head has the best
tail of its node, whatever the row:

.. math:: \min_{t} (c_{ht} + \sum_q a_{htq} \mu_q)
          = d_i \Big(c_h + \min_{t \in n(h)} \big(c_t + \sum_q a_{tq} \mu_q\big)\Big) .

So a pass over the tails and one over the heads give what a pass over the pairs gives, and no ties of nodes
need prices. The same goes for the problem split by size (`optimizer.solver.sizes`): a node is at one site,
and its tails are priced once per size. The prices are those of the problem itself, or of the split problem.
"""

import numpy as np
import numpy.typing as npt

from optimizer.problem.gate_sites import site_of_gates
from optimizer.problem.legs import Legs, whole_options
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import counts_to_start, positions, sum_by
from optimizer.solver.greedy import elastic_supply
from optimizer.solver.legs.large.implicit_kernels import (
    chunks_of_nodes,
    chunks_of_rows,
    heads_parallel,
    heads_serial,
    sizes_of_gates,
    tails_parallel,
    tails_serial,
    taken_parallel,
    taken_serial,
    use_parallel,
    use_serial,
)
from optimizer.solver.legs.large.ways import Ways
from optimizer.solver.legs.shell import Shell, uses_of
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import MANY_CHUNKS, Relaxation
from optimizer.solver.tighten import tighten
from optimizer.solver.volume import ELASTIC_CAUTION, HARD_CAUTION

__all__ = ["ImplicitRelaxation", "implicit_scales", "is_implicit"]

Ids = npt.NDArray[np.int64]


def is_implicit(problem: Problem, legs: Legs) -> bool:
    """Tell whether legs are of the kind that this relaxation prices.

    Every head needs one gate and uses nothing, tails need none, a node's gates are of one site and admit all
    of its sizes, whole options use nothing that modules supply; no tiers, no rules, no single sourcing.
    """
    head, tail = legs.head, legs.tail
    if problem.n_rules or problem.n_tiers or problem.row_single.any() or _shares_modules(problem, legs):
        return False
    if np.any(tail.gate >= 0) or np.any(head.measure >= 0):
        return False
    if np.any((head.gate >= 0).sum(axis=1) != 1):
        return False
    site = site_of_gates(problem)
    of_head = site[head.gate.max(axis=1)]
    at = np.full(int(head.node.max()) + 1, -1, dtype=np.int64)
    at[head.node] = of_head
    sizes = np.diff(problem.site_start)[np.maximum(site, 0)]
    whole = np.diff(problem.gate_size_start) == sizes
    return bool(np.all(of_head >= 0) and np.all(at[head.node] == of_head) and np.all(whole[site >= 0]))


def _shares_modules(problem: Problem, legs: Legs) -> bool:
    modular = np.zeros(problem.n_measures, dtype=bool)
    modular[problem.module_supply_measure] = True
    used = problem.option_use_measure[positions(problem.option_use_start, whole_options(legs))]
    return bool(modular[used].any())


class ImplicitRelaxation(Relaxation):
    """The price relaxation with most options implied by legs; see the module docstring.

    Attributes
    ----------
    shell, ways
        What is left of the problem without its pairs of legs, and the legs.
    row_start : int64, shape (rows + 1,)
        CSR range of each row's heads.
    tail_value, tail_pick : float64 and int64, shape (nodes, sizes)
        Least priced cost per order of each node's tails at the last prices, and the tail.
    """

    def __init__(self, shell: Shell, ways: Ways, threads: int = 1) -> None:
        super().__init__(tighten(shell.problem, shell.use), covers=(), threads=threads, most_use=shell.use)
        self.shell, self.ways = shell, ways
        self.row_start = np.searchsorted(ways.head_row, np.arange(self.problem.n_rows + 1)).astype(np.int64)
        self._node = ways.head.node.astype(np.int32)
        self._gate = ways.head.gate.max(axis=1).astype(np.int32)
        self._copies = np.bincount(shell.gates)
        self._first = counts_to_start(self._copies)[:-1]
        self._uses = uses_of(ways.tail)
        self._least_tail = ways.least_tail
        shape = (ways.nodes, shell.number.shape[1])
        self.tail_value, self.tail_pick = np.empty(shape), np.empty(shape, dtype=np.int64)
        self._rows = chunks_of_rows(self.row_start, self._node)
        self._nodes = chunks_of_nodes(ways.tail_start, shape[1])
        self.by_threads = self.threads > 1 and len(self._rows) > MANY_CHUNKS

    def cheapest(self, prices: PriceVector) -> Floats:
        """Priced cost of the cheapest way of each row, whole or by legs."""
        best = super().cheapest(prices)
        priced = self.head_values(prices)
        filled = np.flatnonzero(np.diff(self.row_start))
        least = np.minimum.reduceat(priced, self.row_start[filled])
        best[filled] = np.minimum(best[filled], least * self.problem.row_demand[filled])
        return best

    def head_values(self, prices: PriceVector) -> Floats:
        """Priced cost per order of each head with its node's best tail at any size."""
        self._price_tails(prices)
        value: Floats = self.ways.head.cost + self.tail_value.min(axis=1)[self._node]
        return value

    def _scan(self, prices: PriceVector) -> Floats:
        gain = super()._scan(prices)
        self._price_tails(prices)
        worth = np.zeros((len(self._rows) - 1, len(gain)))
        price_heads = heads_parallel if self.by_threads else heads_serial
        price_heads(
            self._rows, self.row_start, self._node, self._gate, self.ways.head.cost, self.problem.row_demand,
            prices.row, self._least_tail, self.tail_value, self._first, self._copies, worth,
        )  # fmt: skip
        gain += worth.sum(axis=0)
        return gain

    def _price_tails(self, prices: PriceVector) -> None:
        best_tails = tails_parallel if self.by_threads else tails_serial
        best_tails(
            self._nodes, self.ways.tail_start, self.ways.tail.cost, *self._uses, self.shell.number,
            prices.measure, self.tail_value, self.tail_pick,
        )  # fmt: skip

    def _use_further(
        self, prices: PriceVector, gate_open: Bools, served: Floats, used: Floats, linked: Floats
    ) -> None:
        orders = np.zeros_like(self.tail_value)
        take_heads = taken_parallel if self.by_threads else taken_serial
        take_heads(
            self._rows, self.row_start, self._node, self._gate, self.ways.head.cost, self.problem.row_demand,
            prices.row, self._least_tail, self.tail_value,
            sizes_of_gates(self._first, self._copies, gate_open), served, orders,
        )  # fmt: skip
        parts = np.zeros((len(self._nodes) - 1, len(used)))
        use_of_tails = use_parallel if self.by_threads else use_serial
        use_of_tails(self._nodes, self.tail_pick, orders, *self._uses, self.shell.number, parts)
        used += parts.sum(axis=0)


def implicit_scales(relaxation: ImplicitRelaxation, prices: PriceVector) -> PriceVector:
    """How far each price typically moves; see `optimizer.solver.volume.price_scales`."""
    problem, ways, number = relaxation.problem, relaxation.ways, relaxation.shell.number
    heads = np.diff(relaxation.row_start)
    least = relaxation.cheapest(prices)
    of_head = relaxation.head_values(prices) * np.repeat(problem.row_demand, heads)
    mean = sum_by(ways.head_row, of_head, problem.n_rows) / np.maximum(heads, 1)
    typical = float(np.mean(np.abs(least))) + 1e-12
    row = np.maximum(mean - least, 1e-3 * np.maximum(np.abs(least), 1e-3 * typical))
    spread = sum_by(ways.head.node, np.repeat(row, heads), ways.nodes)
    orders = sum_by(ways.head.node, np.repeat(problem.row_demand, heads), ways.nodes)
    start, measure, amount = relaxation._uses
    node = np.repeat(ways.tail.node, np.diff(start))
    weight = sum_by(measure, spread[node], len(number))
    total = sum_by(measure, amount * orders[node], len(number))
    scale = np.zeros(problem.n_measures)
    scale[number] = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0.0)[:, None]
    scale *= np.where(elastic_supply(problem) > 0.0, ELASTIC_CAUTION, HARD_CAUTION)
    return PriceVector.of(row, scale, np.zeros(0), np.zeros(0))
