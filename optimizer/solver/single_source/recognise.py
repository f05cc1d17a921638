"""Recognising single-source capacitated location in the canonical problem; its dense arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.solver.single_source.arrays import Data
from optimizer.solver.solution import Decisions, Prices

__all__ = ["SingleSource", "single_source_form"]

LARGEST_WHOLE = 2.0**40
ROUNDING = 1e-10
"""Part by which capacities are raised where amounts are broken: rows that fill a site must not fail by the
rounding of their sum."""

MOST_CELLS = 4_000_000
"""Sites × rows beyond which dense matrices, and a copy per level of the search, take too much memory."""


@dataclass(frozen=True, eq=False)
class SingleSource:
    """The dense form and the way back.

    Attributes
    ----------
    data : Data
        Costs, weights, fixed costs and capacities; see `Data`.
    option : int64, shape (sites, rows)
        The option that serves the row from the site, -1 where there is none.
    gate, measure : int64, shape (sites,)
        The gate that the site's options pass and the measure that they use, -1 for a site without options.
    grain : float
        Whole number that divides all costs: plans differ by multiples of it. 0 where costs are not whole.
    """

    data: Data
    option: Ints
    gate: Ints
    measure: Ints
    grain: float

    def decisions(self, problem: Problem, plan: Ints) -> Decisions:
        """Decisions that serve row i from site ``plan[i]``."""
        used = np.unique(plan)
        size = np.full(problem.n_sites, -1, dtype=np.int64)
        size[used] = problem.site_start[used]
        gate = np.zeros(problem.n_gates, dtype=bool)
        gate[self.gate[used]] = True
        option = self.option[plan, np.arange(len(plan))]
        level, none = np.zeros(problem.n_resources), np.full(problem.n_resources, -1, dtype=np.int64)
        module = np.zeros(0, dtype=np.int64)
        return Decisions(option, np.ones(len(plan)), size, gate, module, none, level, level.copy())

    def prices(self, problem: Problem, row: Floats, rate: Floats) -> Prices:
        """Prices of rows and of the sites' capacities in the form that is stored."""
        measure = np.zeros(problem.n_measures)
        there = self.measure >= 0
        measure[self.measure[there]] = rate[there]
        no = np.zeros(0, dtype=np.int64)
        return Prices(row.copy(), measure, no, no, np.zeros(0), np.zeros(0))


def single_source_form(problem: Problem) -> SingleSource | None:
    """Return the dense form of a single-source capacitated location problem, None for any other problem.

    Every row is single sourced; every option passes one gate, that of a site with one size, and uses one
    measure, which only this site's options use; no site serves a row in two ways; there are no modules,
    tiers, overflow or rules.
    """
    if not _is_plain(problem):
        return None
    gate, use = problem.option_gate, problem.option_use_measure
    if np.any(np.diff(problem.gate_size_start)[gate] != 1):
        return None
    site = problem.gate_size[problem.gate_size_start[gate]].astype(np.int64)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    gate_of, measure_of = _only(site, gate, problem.n_sites), _only(site, use, problem.n_sites)
    site_of = _only(use, site, problem.n_measures)
    if gate_of is None or measure_of is None or site_of is None:
        return None
    option = np.full((problem.n_sites, problem.n_rows), -1, dtype=np.int64)
    option[site, row] = np.arange(problem.n_options)
    if np.count_nonzero(option >= 0) != problem.n_options:
        return None
    data = _data(problem, option, gate_of, measure_of)
    return SingleSource(data, option, gate_of, measure_of, _grain(problem))


def _is_plain(problem: Problem) -> bool:
    return bool(
        problem.n_rows > 0
        and problem.n_sites > 0
        and problem.n_sites * problem.n_rows <= MOST_CELLS
        and problem.row_single.all()
        and problem.n_modules == problem.n_tiers == problem.n_rules == 0
        and not problem.overflow_limit.any()
        and np.all(np.diff(problem.row_start) > 0)
        and np.all(np.diff(problem.site_start) == 1)
        and np.all(np.diff(problem.option_gate_start) == 1)
        and np.all(np.diff(problem.option_use_start) == 1)
    )


def _only(key: npt.NDArray[np.integer], value: npt.NDArray[np.integer], n_keys: int) -> Ints | None:
    """The one value of each key, -1 for a key without any; None where a key has several."""
    found = np.full(n_keys, -1, dtype=np.int64)
    found[key] = value
    return found if np.array_equal(found[key], value) else None


def _data(problem: Problem, option: Ints, gate: Ints, measure: Ints) -> Data:
    there, used = option >= 0, gate >= 0
    cost = np.where(there, problem.option_cost[option], np.inf)
    weight = np.where(there, problem.option_use_amount[option], 0.0)
    fixed = problem.size_cost + np.where(used, problem.gate_fee[gate], 0.0)
    supply = np.zeros(problem.n_sites)
    owner = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    own = problem.size_supply_measure == measure[owner]
    np.add.at(supply, owner[own], problem.size_supply_amount[own])
    capacity = np.where(used, supply + problem.measure_supply[measure], 0.0)
    if not (_are_whole(weight) and _are_whole(capacity)):
        capacity *= 1.0 + ROUNDING
    load = float(np.where(there, weight, np.inf).min(axis=0).sum())
    return Data(cost, weight, fixed, capacity, load, _round_up(load, weight, capacity))


def _round_up(load: float, weight: Floats, capacity: Floats) -> float:
    """Open capacity is a multiple of what divides all capacities: so is the least that holds the load."""
    if not (_are_whole(weight) and _are_whole(capacity)):
        return load
    step = float(np.gcd.reduce(capacity.astype(np.int64)))
    return load if step == 0.0 else float(np.ceil(load / step) * step)


def _grain(problem: Problem) -> float:
    amounts = np.concatenate([problem.option_cost, problem.size_cost, problem.gate_fee])
    return float(np.gcd.reduce(amounts.astype(np.int64))) if _are_whole(amounts) else 0.0


def _are_whole(amounts: Floats) -> bool:
    return bool(np.all(np.abs(amounts) <= LARGEST_WHOLE) and np.all(amounts == np.round(amounts)))
