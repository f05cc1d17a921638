"""The canonical problem as one sparse mixed integer program, and decisions read back from a point."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.solver.covers import Cover
from optimizer.solver.solution import Decisions

__all__ = ["Formulation", "decisions_from_point", "formulate"]


@dataclass(frozen=True, eq=False)
class Formulation:
    """``min cost·v + constant`` over lower ≤ matrix·v ≤ upper, floor ≤ v ≤ ceiling.

    Columns: x (options), y (sizes), m (gates), n (modules), w and u (tiers), z (overflow); `offset` holds the
    first column of each block, in that order, and the total.
    """

    cost: Floats
    constant: float
    floor: Floats
    ceiling: Floats
    integral: Ints
    matrix: sparse.csr_matrix
    lower: Floats
    upper: Floats
    offset: tuple[int, ...]


@dataclass
class _Rows:
    """Sparse rows under construction."""

    row: list[np.ndarray]
    column: list[np.ndarray]
    value: list[np.ndarray]
    lower: list[np.ndarray]
    upper: list[np.ndarray]
    count: int = 0

    def add(
        self, row: np.ndarray, column: np.ndarray, value: np.ndarray | float, lower: np.ndarray, upper: np.ndarray
    ) -> None:
        """Append entries (rows numbered from 0) to rows that were or are being declared."""
        self.row.append(np.asarray(row, dtype=np.int64) + self.count)
        self.column.append(np.asarray(column, dtype=np.int64))
        self.value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), (len(row),)))
        self.lower.append(np.asarray(lower, dtype=np.float64))
        self.upper.append(np.asarray(upper, dtype=np.float64))
        self.count += len(lower)


def formulate(
    problem: Problem, strong_links: bool = True, covers: tuple[Cover, ...] = ()
) -> Formulation:
    """Write the problem as a mixed integer program.

    Parameters
    ----------
    strong_links
        True: one link ``Σ x ≤ m`` for every (row, gate); False: one per gate, ``Σ x ≤ rows·m``, which has
        the same integer points and far fewer rows, but a weaker relaxation.
    covers
        Redundant rows on aggregated capacity, which tighten the relaxation.
    """
    n = (
        problem.n_options, problem.n_sizes, problem.n_gates, problem.n_modules, problem.n_tiers, problem.n_tiers,
        problem.n_resources,
    )  # fmt: skip
    offset = tuple(int(value) for value in np.r_[0, np.cumsum(n)])
    rows = _Rows([], [], [], [], [])
    _serve_rows(rows, problem)
    _gate_links(rows, problem, offset, strong_links)
    _site_links(rows, problem, offset)
    _measure_balance(rows, problem, offset)
    _tier_range(rows, problem, offset)
    _rules(rows, problem, offset)
    _covers(rows, covers, offset)
    matrix = sparse.csr_matrix(
        (np.concatenate(rows.value), (np.concatenate(rows.row), np.concatenate(rows.column))),
        shape=(rows.count, offset[-1]),
    )
    ceiling = np.ones(offset[-1])
    ceiling[offset[3] : offset[4]] = problem.module_limit
    ceiling[offset[5] : offset[6]] = problem.tier_to
    ceiling[offset[6] :] = problem.overflow_limit
    integral = np.zeros(offset[-1], dtype=np.int64)
    integral[: offset[1]] = np.repeat(problem.row_single, np.diff(problem.row_start))
    integral[offset[1] : offset[5]] = 1
    cost = np.r_[
        problem.option_cost, problem.size_cost, problem.gate_fee, problem.module_cost, problem.tier_fixed,
        problem.tier_unit_cost, problem.overflow_price,
    ]  # fmt: skip
    return Formulation(
        cost, problem.constant, np.zeros(offset[-1]), ceiling, integral, matrix,
        np.concatenate(rows.lower), np.concatenate(rows.upper), offset,
    )  # fmt: skip


def _serve_rows(rows: _Rows, problem: Problem) -> None:
    """Σ x = 1 in every row."""
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    one = np.ones(problem.n_rows)
    rows.add(row, np.arange(problem.n_options), 1.0, one, one)


def _gate_links(rows: _Rows, problem: Problem, offset: tuple[int, ...], strong: bool) -> None:
    """Σ x − m ≤ 0 per (row, gate), or Σ x − rows·m ≤ 0 per gate."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    gate = problem.option_gate.astype(np.int64)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))[option]
    key = row * max(problem.n_gates, 1) + gate
    pair, link = np.unique(key, return_inverse=True)
    pair_gate = pair % max(problem.n_gates, 1)
    if strong:
        line, line_gate, weight = link, pair_gate, np.ones(len(pair))
    else:
        line_gate, weight = np.unique(pair_gate, return_counts=True)
        line = np.searchsorted(line_gate, gate)
    none = np.full(len(line_gate), -np.inf)
    rows.add(
        np.r_[line, np.arange(len(line_gate))],
        np.r_[option, offset[2] + line_gate],
        np.r_[np.ones(len(line)), -weight.astype(np.float64)],
        none,
        np.zeros(len(line_gate)),
    )


def _site_links(rows: _Rows, problem: Problem, offset: tuple[int, ...]) -> None:
    """m − Σ y ≤ 0 for gates under a site, and Σ y ≤ 1 per site."""
    width = np.diff(problem.gate_size_start)
    under = np.flatnonzero(width)
    line = np.repeat(np.arange(len(under)), width[under])
    rows.add(
        np.r_[np.arange(len(under)), line],
        np.r_[offset[2] + under, offset[1] + problem.gate_size.astype(np.int64)],
        np.r_[np.ones(len(under)), -np.ones(len(line))],
        np.full(len(under), -np.inf),
        np.zeros(len(under)),
    )
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    rows.add(
        site,
        offset[1] + np.arange(problem.n_sizes),
        1.0,
        np.full(problem.n_sites, -np.inf),
        np.ones(problem.n_sites),
    )


def _measure_balance(rows: _Rows, problem: Problem, offset: tuple[int, ...]) -> None:
    """Σ a x − Σ k y − Σ k n − Σ u − z ≤ b for every measure."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    module = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    tier_count = np.diff(problem.tier_start)[resource]
    tier_measure = np.repeat(np.arange(problem.n_measures), tier_count)
    tier_first = np.cumsum(tier_count) - tier_count
    tier = (
        problem.tier_start[resource][tier_measure] + np.arange(len(tier_measure)) - tier_first[tier_measure]
        if len(tier_measure)
        else np.zeros(0, dtype=np.int64)
    )
    bought = problem.overflow_limit[resource] > 0
    measure = np.arange(problem.n_measures)
    rows.add(
        np.r_[
            problem.option_use_measure, problem.size_supply_measure, problem.module_supply_measure, tier_measure,
            measure[bought],
        ],
        np.r_[option, offset[1] + size, offset[3] + module, offset[5] + tier, offset[6] + resource[bought]],
        np.r_[
            problem.option_use_amount, -problem.size_supply_amount, -problem.module_supply_amount,
            -np.ones(len(tier)), -np.ones(np.count_nonzero(bought)),
        ],
        np.full(problem.n_measures, -np.inf),
        problem.measure_supply,
    )  # fmt: skip


def _tier_range(rows: _Rows, problem: Problem, offset: tuple[int, ...]) -> None:
    """u − to·w ≤ 0, u − from·w ≥ 0, and at most one tier per resource."""
    tier = np.arange(problem.n_tiers)
    nothing = np.zeros(problem.n_tiers)
    for amount, lower, upper in (
        (problem.tier_to, np.full(problem.n_tiers, -np.inf), nothing),
        (problem.tier_from, nothing, np.full(problem.n_tiers, np.inf)),
    ):
        rows.add(
            np.r_[tier, tier],
            np.r_[offset[5] + tier, offset[4] + tier],
            np.r_[np.ones(problem.n_tiers), -amount],
            lower,
            upper,
        )
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
    rows.add(
        resource,
        offset[4] + tier,
        1.0,
        np.full(problem.n_resources, -np.inf),
        np.ones(problem.n_resources),
    )


def _rules(rows: _Rows, problem: Problem, offset: tuple[int, ...]) -> None:
    """Rules over sizes, gates and modules, whose columns stand side by side in that order."""
    rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
    rows.add(
        rule, offset[1] + problem.rule_index, problem.rule_coefficient, problem.rule_lower, problem.rule_upper
    )


def _covers(rows: _Rows, covers: tuple[Cover, ...], offset: tuple[int, ...]) -> None:
    """Σ capacity·y ≥ need, scaled to need one."""
    for cover in covers:
        size = np.flatnonzero(cover.size_capacity)
        share = np.minimum(cover.size_capacity[size] / cover.need, 1.0)
        lower = np.array([1.0 - 1e-9])
        rows.add(np.zeros(len(size), dtype=np.int64), offset[1] + size, share, lower, np.array([np.inf]))


def decisions_from_point(problem: Problem, formulation: Formulation, point: Floats) -> Decisions:
    """Read decisions from a solver's point: integers rounded, shares cleaned and rescaled to sum to one."""
    offset = formulation.offset
    x = np.clip(point[: offset[1]], 0.0, 1.0)
    x[x < 1e-9] = 0.0
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    single = problem.row_single[row]
    x[single] = np.rint(x[single])
    total = np.bincount(row, weights=x, minlength=problem.n_rows)
    x /= np.where(total > 0, total, 1.0)[row]
    option = np.flatnonzero(x)
    y, w = point[offset[1] : offset[2]], point[offset[4] : offset[5]]
    size = _chosen(y, problem.site_start)
    tier = _chosen(w, problem.tier_start)
    level = np.where(tier >= 0, point[offset[5] + np.maximum(tier, 0)] if problem.n_tiers else 0.0, 0.0)
    return Decisions(
        option.astype(np.int64),
        x[option],
        size,
        point[offset[2] : offset[3]] > 0.5,
        np.rint(point[offset[3] : offset[4]]).astype(np.int64),
        tier,
        level,
        np.maximum(point[offset[6] :], 0.0),
    )


def _chosen(value: Floats, start: Ints) -> Ints:
    """Index of the item at one in each CSR range, or -1."""
    owner = np.repeat(np.arange(len(start) - 1), np.diff(start))
    chosen = np.full(len(start) - 1, -1, dtype=np.int64)
    on = np.flatnonzero(value > 0.5)
    chosen[owner[on]] = on
    return chosen
