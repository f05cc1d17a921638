r"""Mixed-integer rounding of pooled supply, as further measures of the same resource.

What the rows :math:`T` use of a measure fits into whole modules (and sizes) and continuous supply `z`:

.. math:: \sum_{i \in T} \sum_{j \in J(i)} a_j x_j \le b + \sum_k c_k n_k + z .

With :math:`A = \sum_{i \in T} \max_j a_j`, the part of it that is not used is a continuous slack, so rounding
by a divisor :math:`\delta` (A. Atamtürk, "Flow pack facets of the single node fixed-charge flow polytope",
Operations Research Letters 29, 2001; L. A. Wolsey, "Integer Programming", 1998, section 8.7) gives

.. math:: \sum_{i \in T} \sum_j a_j x_j \le A - r \eta + \sum_k F(c_k) n_k + z, \quad
    F(c) = r \lfloor c / \delta \rfloor + \min(c \bmod \delta, r), \quad
    r = (A - b) \bmod \delta, \quad \eta = \lfloor (A - b) / \delta \rfloor + 1 .

That has the form of a measure, so everything that prices, proves or plans the problem takes it as one.
"""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Floats, Indices, Ints, Problem
from optimizer.problem.ragged import counts_to_start
from optimizer.solver.solution import Roundings

__all__ = [
    "RAISED",
    "Roundings",
    "beside_cuts",
    "join_roundings",
    "largest_amounts",
    "no_roundings",
    "rounded_supply",
    "with_roundings",
]

LOWERED, RAISED = 1.0 - 1e-12, 1.0 + 1e-12
"""Sums of doubles are moved to the safe side by more than their rounding."""


def no_roundings() -> Roundings:
    """No cuts at all."""
    none = np.zeros(0, dtype=np.int64)
    return Roundings(none, np.zeros(0), np.zeros(1, dtype=np.int64), none)


def join_roundings(first: Roundings, second: Roundings) -> Roundings:
    """All cuts of both."""
    return Roundings(
        np.concatenate([first.measure, second.measure]),
        np.concatenate([first.divisor, second.divisor]),
        np.concatenate([first.row_start, first.row_start[-1] + second.row_start[1:]]),
        np.concatenate([first.row, second.row]),
    )


def largest_amounts(problem: Problem, measure: int) -> tuple[Ints, Ints, Floats]:
    """Usage entries of a measure, their rows, and each row's largest amount, shape (rows,)."""
    entry = np.flatnonzero(problem.option_use_measure == measure)
    option = np.searchsorted(problem.option_use_start, entry, side="right") - 1
    row = np.searchsorted(problem.row_start, option, side="right") - 1
    largest = np.zeros(problem.n_rows)
    np.maximum.at(largest, row, problem.option_use_amount[entry])
    return entry, row, largest


def rounded_supply(
    problem: Problem, measure: int, total: float, divisor: float
) -> tuple[float, Floats, Floats]:
    """Standing supply, and supply by each size and each module entry of the rounded measure.

    Parameters
    ----------
    total
        Largest use by the rows of the cut.

    Returns
    -------
    standing
        Constant on the right-hand side, ≥ 0.
    size_supply, module_supply
        Amounts for the entries of `size_supply_*` and `module_supply_*` that name the measure.
    """
    need = max(total * LOWERED - float(problem.measure_supply[measure]) * RAISED, 0.0)
    rest = float(np.fmod(need, divisor))
    times = float(np.rint((need - rest) / divisor)) + 1.0
    standing = max(total * RAISED - rest * times, 0.0) + (RAISED - 1.0) * total
    return (
        standing,
        _rounded(problem.size_supply_amount[problem.size_supply_measure == measure], divisor, rest),
        _rounded(problem.module_supply_amount[problem.module_supply_measure == measure], divisor, rest),
    )


def _rounded(capacity: Floats, divisor: float, rest: float) -> Floats:
    part = np.fmod(capacity, divisor)
    whole = np.rint((capacity - part) / divisor)
    return (whole * rest + np.minimum(part, rest)) * RAISED


def with_roundings(problem: Problem, cuts: Roundings, totals: Floats | None = None) -> tuple[Problem, Ints]:
    """Add each cut as a measure; returns also where each measure comes from.

    Parameters
    ----------
    totals : float64, shape (cuts,)
        The most that the rows of each cut can use, where that is not what the problem's options say.

    Returns
    -------
    problem
        Measures stand by resource: its own first, then those of its cuts.
    source : int64, shape (measures,)
        Measure of the given problem, or −1 − c for cut c.
    """
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    of_cut = resource[cuts.measure]
    order = np.lexsort(
        (np.concatenate([np.zeros(len(resource)), np.ones(len(cuts))]), np.r_[resource, of_cut])
    )
    source = np.r_[np.arange(problem.n_measures), -1 - np.arange(len(cuts))][order]
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    added = _entries(problem, cuts, place[problem.n_measures :], totals)
    standing, size, module, use = added
    supply = np.r_[problem.measure_supply, standing][order]
    size_start, size_measure, size_amount = _merged(
        problem.size_supply_start, place[problem.size_supply_measure], problem.size_supply_amount, size
    )
    module_start, module_measure, module_amount = _merged(
        problem.module_supply_start,
        place[problem.module_supply_measure],
        problem.module_supply_amount,
        module,
    )
    use_start, use_measure, use_amount = _merged(
        problem.option_use_start, place[problem.option_use_measure], problem.option_use_amount, use
    )
    wider = replace(
        problem,
        resource_start=counts_to_start(np.bincount(np.r_[resource, of_cut], minlength=problem.n_resources)),
        measure_supply=supply,
        size_supply_start=size_start,
        size_supply_measure=size_measure,
        size_supply_amount=size_amount,
        module_supply_start=module_start,
        module_supply_measure=module_measure,
        module_supply_amount=module_amount,
        option_use_start=use_start,
        option_use_measure=use_measure,
        option_use_amount=use_amount,
    )
    return wider, source


def beside_cuts(source: Ints, measure: Floats, cut: Floats) -> Floats:
    """Values of measures and values of cuts in the order of `source` (from `with_roundings`).

    >>> beside_cuts(np.array([0, -1, 1, -2]), np.array([5.0, 6.0]), np.array([1.0, 2.0])).tolist()
    [5.0, 1.0, 6.0, 2.0]
    """
    return np.concatenate([measure, cut[::-1]])[source]


Entries = tuple[Ints, Ints, Floats]
"""Owner (size, module or option), measure and amount of further entries."""


def _entries(
    problem: Problem, cuts: Roundings, place: Ints, totals: Floats | None
) -> tuple[Floats, Entries, Entries, Entries]:
    """Standing supply of each cut, and its entries for sizes, modules and options."""
    standing = np.zeros(len(cuts))
    found: tuple[list[Entries], ...] = ([], [], [])
    size_owner = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    module_owner = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    by_measure: dict[int, tuple[Ints, Ints, Floats]] = {}
    for cut, measure in enumerate(cuts.measure.tolist()):
        if measure not in by_measure:
            by_measure[measure] = largest_amounts(problem, measure)
        entry, row, largest = by_measure[measure]
        inside = np.zeros(problem.n_rows, dtype=bool)
        inside[cuts.row[cuts.row_start[cut] : cuts.row_start[cut + 1]]] = True
        total = float(largest[inside].sum() if totals is None else totals[cut])
        standing[cut], size, module = rounded_supply(problem, measure, total, float(cuts.divisor[cut]))
        used = entry[inside[row]]
        option = np.searchsorted(problem.option_use_start, used, side="right") - 1
        for part, owner, amount in (
            (0, size_owner[problem.size_supply_measure == measure], size),
            (1, module_owner[problem.module_supply_measure == measure], module),
            (2, option, problem.option_use_amount[used]),
        ):
            found[part].append((owner, np.full(len(owner), place[cut]), amount))
    none = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    size_part, module_part, use_part = (_stacked([none, *blocks]) for blocks in found)
    return standing, size_part, module_part, use_part


def _stacked(blocks: list[Entries]) -> Entries:
    owner, measure, amount = zip(*blocks, strict=True)
    return np.concatenate(owner), np.concatenate(measure), np.concatenate(amount)


def _merged(start: Ints, measure: Ints, amount: Floats, more: Entries) -> tuple[Ints, Indices, Floats]:
    """Join the further entries of each owner to its own."""
    owner = np.r_[np.repeat(np.arange(len(start) - 1), np.diff(start)), more[0]]
    order = np.argsort(owner, kind="stable")
    return (
        counts_to_start(np.bincount(owner, minlength=len(start) - 1)),
        np.r_[measure, more[1]][order].astype(np.int32),
        np.r_[amount, more[2]][order],
    )
