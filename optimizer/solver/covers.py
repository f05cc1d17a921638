r"""Aggregated capacity: what every plan needs of a group of measures, whatever it chooses.

For any weights :math:`\lambda_q \ge 0`, every plan satisfies

.. math:: \sum_q \lambda_q (\text{supply of } q) \ge \sum_i \min_{j \in J(i)} \sum_q \lambda_q a_{jq},

which says how much capacity must be opened. The groups are alternatives: measures that serve the same
rows and never meet in one option, such as the sites' throughputs of one period.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by

__all__ = ["Cover", "find_covers"]


@dataclass(frozen=True, eq=False)
class Cover:
    """``Σ_s size_capacity_s y_s ≥ need``, valid for every plan.

    `measure` marks the group (all weights one).
    """

    measure: Bools
    size_capacity: Floats
    need: float


def find_covers(problem: Problem) -> tuple[Cover, ...]:
    """Covers over sizes that a plan could violate; those that hold anyway are left out."""
    supplied = np.zeros(problem.n_measures, dtype=bool)
    supplied[problem.size_supply_measure] = True
    covers = []
    for group in _alternatives(problem, supplied):
        cover = _cover(problem, group)
        if cover is not None:
            covers.append(cover)
    return tuple(covers)


def _alternatives(problem: Problem, supplied: Bools) -> list[Bools]:
    """Groups of measures with the same rows, split so that no option uses two of one group."""
    if not supplied.any() or not _rows_in_need(problem, supplied).any():
        return []
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    keep = supplied[problem.option_use_measure]
    option, measure = option[keep], problem.option_use_measure[keep]
    signature = np.zeros(problem.n_measures)
    random = np.random.default_rng(0).random(problem.n_rows)
    pair = np.unique(row[option].astype(np.int64) * problem.n_measures + measure)
    np.add.at(signature, pair % problem.n_measures, random[pair // problem.n_measures])
    groups = []
    _, label = np.unique(np.round(signature, 9), return_inverse=True)
    for value in np.unique(label[supplied]):
        left = supplied & (label == value)
        while left.any():
            group = _without_meeting(option, measure, left)
            groups.append(group)
            left &= ~group
    if len(groups) > 1:
        groups.append(supplied)
    return groups


def _rows_in_need(problem: Problem, supplied: Bools) -> Bools:
    """Rows all of whose options use some of these measures."""
    owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    uses = np.zeros(problem.n_options, dtype=bool)
    uses[owner[supplied[problem.option_use_measure] & (problem.option_use_amount > 0.0)]] = True
    return np.logical_and.reduceat(uses, problem.row_start[:-1])


def _without_meeting(option: np.ndarray, measure: np.ndarray, left: Bools) -> Bools:
    """Grow a set from the first measure left by measures that share no option with it."""
    group = np.zeros_like(left)
    inside = left[measure]
    option, measure = option[inside], measure[inside]
    group[np.flatnonzero(left)[0]] = True
    touched = np.zeros(int(option.max(initial=-1)) + 1, dtype=bool)
    touched[option[group[measure]]] = True
    order = np.argsort(measure, kind="stable")
    start = np.searchsorted(measure[order], np.arange(len(left) + 1))
    for q in np.flatnonzero(left):
        own = option[order[start[q] : start[q + 1]]]
        if not group[q] and not touched[own].any():
            group[q] = True
            touched[own] = True
    return group


def _cover(problem: Problem, group: Bools) -> Cover | None:
    """The cover of a group, or None where overflow, modules, tiers or standing supply meet the need."""
    take = group[problem.option_use_measure]
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))[take]
    use = sum_by(option, problem.option_use_amount[take], problem.n_options)
    least = np.minimum.reduceat(use, problem.row_start[:-1]) if problem.n_rows else np.zeros(0)
    need = float(least.sum()) - float(problem.measure_supply[group].sum())
    if need <= 0.0:
        return None
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    measures = np.bincount(resource[group], minlength=problem.n_resources)
    most = np.where(measures > 0, measures * np.where(measures > 0, problem.overflow_limit, 0.0), 0.0)
    need -= float(most.sum())
    if problem.n_tiers:
        tier_resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
        largest = np.zeros(problem.n_resources)
        np.maximum.at(largest, tier_resource, problem.tier_to)
        need -= float((largest * measures).sum())
    inside = group[problem.module_supply_measure]
    module = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    need -= float((problem.module_supply_amount * problem.module_limit[module])[inside].sum())
    if not np.isfinite(need) or need <= 1e-9 * float(least.sum()):
        return None
    inside = group[problem.size_supply_measure]
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    capacity = sum_by(size[inside], problem.size_supply_amount[inside], problem.n_sizes)
    return Cover(group, capacity, _round_up(need, capacity))


def _round_up(need: float, capacity: Floats) -> float:
    """Raise the need to a multiple of the capacities' common divisor: sums of capacities are multiples."""
    positive = np.unique(capacity[capacity > 0.0])
    if len(positive) == 0:
        return need
    unit = float(positive[0])
    if len(positive) > 1:
        if not np.all(positive == np.rint(positive)) or positive[-1] > 1e9:
            return need
        unit = float(np.gcd.reduce(positive.astype(np.int64)))
    return max(need, unit * float(np.ceil(need / unit - 1e-9)))
