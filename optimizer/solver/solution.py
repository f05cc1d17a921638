"""What a strategy hands back: why it stopped, how good it is proved to be, and the plan itself."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from optimizer.solver.carried import Carried
from optimizer.solver.lane_start import LaneStart, SiteNodes

__all__ = [
    "INNER",
    "Decisions",
    "Prices",
    "Progress",
    "Roundings",
    "SearchTree",
    "Solution",
    "Termination",
    "Warm",
    "relative_gap",
]


class Termination(StrEnum):
    """Why a solve stopped. Anything a solver says that is not mapped here is an error."""

    OPTIMAL = "optimal"
    """A plan is there and proved to lie within the gap asked for."""
    TIME_LIMIT = "time_limit"
    """The time limit came first; there may be a plan, and the bound holds."""
    WORK_LIMIT = "work_limit"
    """The work limit (nodes or iterations) came first; otherwise as `TIME_LIMIT`."""
    INTERRUPTED = "interrupted"
    """The user stopped it; otherwise as `TIME_LIMIT`."""
    INFEASIBLE = "infeasible"
    """It is proved that no plan exists."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """A plan in terms of the problem's arrays.

    Attributes
    ----------
    option, share : int64 and float64, shape (used,)
        Options used, ascending, and the share of their row that they serve, in (0, 1].
    size : int64, shape (sites,)
        Index of the open size of each site (counted over all sites), or -1.
    gate : bool, shape (gates,)
    module : int64, shape (modules,)
        Count of each module.
    tier : int64, shape (resources,)
        Index of the active tier (counted over all resources), or -1.
    tier_level : float64, shape (resources,)
        Charged quantity `u` in the active tier.
    overflow : float64, shape (resources,)
    """

    option: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    size: npt.NDArray[np.int64]
    gate: npt.NDArray[np.bool_]
    module: npt.NDArray[np.int64]
    tier: npt.NDArray[np.int64]
    tier_level: npt.NDArray[np.float64]
    overflow: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roundings:
    """Cuts: the measure that each rounds, the divisor, and its rows (CSR).

    Attributes
    ----------
    measure : int64, shape (cuts,)
    divisor : float64, shape (cuts,)
    row_start, row : int64 (cuts + 1,), int64
    """

    measure: npt.NDArray[np.int64]
    divisor: npt.NDArray[np.float64]
    row_start: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Count the cuts."""
        return len(self.measure)

    def taken(self, index: npt.NDArray[np.int64]) -> "Roundings":
        """Only these cuts, in this order."""
        ranges = [self.row[self.row_start[k] : self.row_start[k + 1]] for k in index.tolist()]
        start = np.cumsum([0, *(len(rows) for rows in ranges)], dtype=np.int64)
        rows = np.concatenate([*ranges, self.row[:0]])
        return Roundings(self.measure[index], self.divisor[index], start, rows)


@dataclass(frozen=True, eq=False)
class Prices:
    """Dual prices that certify a bound without a solver.

    Attributes
    ----------
    row : float64, shape (rows,)
        `v_i`: marginal cost of serving row i.
    measure : float64, shape (measures,)
        `μ_q` ≥ 0: price of one unit of the measure. In a stored certificate NaN leaves the choice to
        whoever values it (`optimizer.solver.margins`).
    link_row, link_gate, link_price : int64, int64, float64, shape (links,)
        Prices ≥ 0 on the strong links (row, gate) that were relaxed: those of an option's gates
        other than its first. Empty where options need one gate at most. With whole lanes, gates beyond those
        of the problem stand for tariffs (`optimizer.solver.legs.lanes.tariffs`).
    rule : float64, shape (rules,)
        Prices of the rules: positive on their lower side, negative on their upper side.
    split : bool
        True: the gates and measures are those of the problem split by size (`optimizer.solver.sizes`), which
        has the same plans at the same cost.
    cuts, cut_price : Roundings and float64, shape (cuts,)
        Roundings of supply (`optimizer.solver.rounding`) that were priced too, in the numbers of the measures
        above; None where there are none.
    over_legs : bool
        True: the rows, gates and measures are those of the problem over legs (`optimizer.problem.tied`), with
        `split` of that problem split by size; it has the same plans at the same cost.
    lane_weight : float64, shape (measures,), or None
        Not None: the prices are for lanes decided whole (`optimizer.solver.legs.lanes`); the measures of
        lanes have no prices (NaN), but weights by which their supply is counted together.
    """

    row: npt.NDArray[np.float64]
    measure: npt.NDArray[np.float64]
    link_row: npt.NDArray[np.int64]
    link_gate: npt.NDArray[np.int64]
    link_price: npt.NDArray[np.float64]
    rule: npt.NDArray[np.float64]
    split: bool = False
    cuts: Roundings | None = None
    cut_price: npt.NDArray[np.float64] | None = None
    over_legs: bool = False
    lane_weight: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Warm:
    """A start in the terms of the problem that is to be solved; every part may be missing.

    Attributes
    ----------
    prices
        Prices of rows, measures, links and rules; NaN for an item that the earlier problem did not have.
        Links that are not named start as usual.
    size, gate : bool, shape (sizes,) and (gates,)
        Sizes and gates that were open in the earlier plan.
    option, share : int64 and float64, shape (used,)
        Options used in it, ascending, and the share of their row that they serve.
    carried
        What the last linear relaxation over legs hands over.
    node : float64, shape (nodes, 2)
        Prices of the row and of the tie of every node of the problem over legs; NaN as for prices.
    lanes
        Prices with whole lanes; NaN as for prices, and only links that both problems have.
    sites
        Open nodes of the trees over sites, with these.
    """

    prices: Prices | None = None
    size: npt.NDArray[np.bool_] | None = None
    gate: npt.NDArray[np.bool_] | None = None
    option: npt.NDArray[np.int64] | None = None
    share: npt.NDArray[np.float64] | None = None
    carried: Carried | None = None
    node: npt.NDArray[np.float64] | None = None
    lanes: LaneStart | None = None
    sites: SiteNodes | None = None


INNER = -1
"""In `SearchTree.prices_of`: no prices close this node."""


@dataclass(frozen=True, eq=False)
class SearchTree:
    """A finished search; node 0 is the root and every node stands after its parent.

    Attributes
    ----------
    parent : int64, shape (nodes,)
        −1 for the root.
    item, at : int64, shape (nodes,)
        The decision that made the node of its parent: the item and where its range was cut.
    above : bool, shape (nodes,)
        True: at least ``at + 1``; false: at most `at`.
    prices_of : int64, shape (nodes,)
        Which of `prices` bound a leaf; `INNER` for inner nodes and for leaves that rest on a word.
    word : float64, shape (nodes,)
        Bound of a leaf that rests on a solver's word; NaN elsewhere.
    prices
        Price vectors; one may close several leaves.
    solver
        Whose word that is; empty where no leaf needs one.
    """

    parent: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    above: npt.NDArray[np.bool_]
    prices_of: npt.NDArray[np.int64]
    word: npt.NDArray[np.float64]
    prices: tuple[Prices, ...]
    solver: str = ""


@dataclass(frozen=True)
class Progress:
    """One point on the way: seconds since the start, incumbent and bound."""

    seconds: float
    objective: float
    bound: float


@dataclass(frozen=True, eq=False)
class Solution:
    """Outcome of a solve. `objective` is `inf` and `decisions` None where no plan was found.

    `bound` is valid whatever the termination. `proof` says what the bound rests on, in one
    sentence: prices that anyone can re-check, or a named solver's word. `tree` is the certificate
    of a bound that a search proved beyond what `prices` prove alone. `setup_s` is the part of `runtime_s`
    in which a program was written and handed to another solver. `carried` is what the linear relaxation over
    legs hands over to a later solve, `sites` what trees over sites do.
    """

    termination: Termination
    objective: float
    bound: float
    decisions: Decisions | None
    prices: Prices | None
    proof: str
    runtime_s: float
    trace: tuple[Progress, ...] = field(default=())
    setup_s: float = 0.0
    tree: SearchTree | None = None
    carried: Carried | None = None
    sites: SiteNodes | None = None

    @property
    def gap(self) -> float:
        """Relative gap (objective − bound) / |objective|; `inf` without a plan."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Relative optimality gap of a minimisation.

    >>> relative_gap(200.0, 199.0)
    0.005
    >>> relative_gap(float("inf"), 3.0)
    inf
    """
    if not np.isfinite(objective) or not np.isfinite(bound):
        return float("inf")
    difference = max(0.0, objective - bound)
    return 0.0 if difference == 0.0 else float(difference / max(abs(objective), 1e-12))
