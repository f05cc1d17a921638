r"""Options split by the size of their site: a stronger problem with the same plans.

Where a site opens at one of several sizes :math:`s`, an option :math:`j` through it is replaced by copies
:math:`x_{js}`, its gates by copies :math:`m_{gs} \le y_s`, and a capacity that only the sizes give by one per
size:

.. math:: \sum_j a_{jq} x_{js} \le k_{sq} y_s .

Exactly one size is open in a plan, so plans and costs are the same. But the linear relaxation can no longer
mix a small and a large size to get just the capacity it needs: each size must hold what it serves itself (the
multiple-choice formulation; K. Croxton, B. Gendron, T. Magnanti, "A comparison of mixed-integer programming
models for nonconvex piecewise linear cost minimization problems", Management Science 49 (2003), 1268-1273).
"""

from dataclasses import replace

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.evaluate import resource_of_measure, row_of_option
from optimizer.problem.problem import Indices, Ints, Problem
from optimizer.problem.ragged import counts_to_start, positions, take
from optimizer.solver.reduced import Restriction
from optimizer.solver.size_copies import NO_SITE, SizeCopies, size_copies
from optimizer.solver.warm import Warm

__all__ = ["split_sizes", "split_warm"]


def split_sizes(problem: Problem) -> Restriction | None:
    """Split options, gates and capacities by size; None where no site has several sizes that share options.

    Returns
    -------
    Restriction or None
        The split problem and the way back: option, gate and resource of the original for each of its own.
    """
    copies = size_copies(problem)
    if copies is None:
        return None
    option, size = _copies(problem, copies)
    row = row_of_option(problem, option)
    row_start = np.searchsorted(row, np.arange(problem.n_rows + 1)).astype(np.int64)
    if np.any(np.diff(row_start) == 0):
        return None
    split = replace(problem, row_start=row_start, option_cost=problem.option_cost[option])
    split = _split_gates(split, problem, option, size, copies)
    split = _split_capacities(split, problem, option, size, copies)
    return Restriction(split, option, copies.gate, copies.resource)


def split_warm(split: Restriction | None, warm: Warm | None) -> Warm | None:
    """Say a start in the terms of the split problem; prices that are in its terms already stay.

    Links start anew: their gates have several copies.
    """
    if split is None or warm is None or split.gate is None or split.resource is None:
        return warm
    prices, gate = warm.prices, warm.gate
    first = np.flatnonzero(np.r_[True, np.diff(split.resource) != 0])
    original = counts_to_start(np.diff(split.problem.resource_start)[first])
    if prices is not None and not prices.split and len(prices.measure) == original[-1]:
        none = np.zeros(0, dtype=np.int64)
        prices = replace(
            prices,
            measure=prices.measure[positions(original, split.resource)],
            link_row=none,
            link_gate=none,
            link_price=np.zeros(0),
        )
    return Warm(prices, warm.size, None if gate is None else gate[split.gate])


def _copies(problem: Problem, copies: SizeCopies) -> tuple[Ints, Ints]:
    """Original option and size (or -1) of every copy that its gates admit, in the order of the options."""
    gate_site, option_site, n_sizes = copies.gate_site, copies.option_site, np.diff(problem.site_start)
    times = np.where(option_site == NO_SITE, 1, n_sizes[option_site])
    option = np.repeat(np.arange(problem.n_options), times)
    rank = np.arange(len(option)) - np.repeat(np.cumsum(times) - times, times)
    site = option_site[option]
    size = np.where(site == NO_SITE, -1, problem.site_start[site] + rank)
    admits = np.zeros((problem.n_gates, int(n_sizes.max())), dtype=bool)
    gate = owner(problem.gate_size_start)
    admits[gate, problem.gate_size - problem.site_start[gate_site[gate]]] = True
    if np.all(admits.sum(axis=1) == np.where(gate_site == NO_SITE, 0, n_sizes[gate_site])):
        return option, size
    counts = problem.option_gate_start[option + 1] - problem.option_gate_start[option]
    copy = np.repeat(np.arange(len(option)), counts)
    gates = problem.option_gate[positions(problem.option_gate_start, option)]
    bound = (site[copy] != NO_SITE) & (gate_site[gates] == site[copy])
    barred = np.zeros(len(option), dtype=bool)
    barred[copy[bound & ~admits[gates, rank[copy]]]] = True
    return option[~barred], size[~barred]


def _split_gates(split: Problem, problem: Problem, option: Ints, size: Ints, copies: SizeCopies) -> Problem:
    """Give each size under a divided gate a gate of its own."""
    admitted, divided, gate = np.diff(problem.gate_size_start), copies.divided, copies.gate
    first = np.searchsorted(gate, np.arange(problem.n_gates + 1))
    number = np.repeat(first[:-1, None], problem.n_sizes + 1, axis=1)
    entry = owner(problem.gate_size_start)
    rank = np.arange(len(entry)) - problem.gate_size_start[entry]
    number[entry, problem.gate_size] = first[entry] + np.where(divided[entry], rank, 0)
    start, (gates,) = take((problem.option_gate_start, (problem.option_gate,)), option)
    split = replace(
        split,
        option_gate_start=start,
        option_gate=number[gates, np.repeat(size, np.diff(start))].astype(np.int32),
        gate_fee=problem.gate_fee[gate],
        gate_size_start=counts_to_start(np.where(divided, 1, admitted)[gate]),
    )
    return _split_rules(split, problem, first)


def _split_rules(split: Problem, problem: Problem, first: Ints) -> Problem:
    """Name all copies of a gate where a rule names the gate; `first` is the CSR range of the copies."""
    n_sizes, n_gates = problem.n_sizes, problem.n_gates
    named = problem.rule_index.astype(np.int64)
    is_gate = (named >= n_sizes) & (named < n_sizes + n_gates)
    gate = np.where(is_gate, named - n_sizes, 0)
    times = np.where(is_gate, np.diff(first)[gate], 1) if n_gates else np.ones(len(named), dtype=np.int64)
    later = np.where(named >= n_sizes + n_gates, split.n_gates - n_gates, 0)
    start = np.where(is_gate, n_sizes + first[gate], named + later)
    entry = np.repeat(np.arange(len(named)), times)
    step = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
    return replace(
        split,
        rule_start=counts_to_start(times)[problem.rule_start],
        rule_index=(start[entry] + step).astype(np.int32),
        rule_coefficient=problem.rule_coefficient[entry],
    )


def _split_capacities(
    split: Problem, problem: Problem, option: Ints, size: Ints, copies: SizeCopies
) -> Problem:
    """Give each size of a site its own copy of the resources that it alone supplies."""
    site, resource = copies.capacity_site, copies.resource
    width = np.diff(problem.resource_start)
    start = counts_to_start(width[resource])
    first = start[np.searchsorted(resource, np.arange(problem.n_resources))]
    resource_of = resource_of_measure(problem)

    def renumber(measure: Indices, rank: Ints) -> Indices:
        of = resource_of[measure]
        step = np.where(site[of] == NO_SITE, 0, rank * width[of])
        return (first[of] + step + measure - problem.resource_start[of]).astype(np.int32)

    size_site = owner(problem.site_start)
    rank_of = np.r_[np.arange(problem.n_sizes) - problem.site_start[size_site], 0]
    supplier = owner(problem.size_supply_start)
    use_start, (measure, amount) = take(
        (problem.option_use_start, (problem.option_use_measure, problem.option_use_amount)), option
    )
    return replace(
        split,
        option_use_start=use_start,
        option_use_measure=renumber(measure, rank_of[np.repeat(size, np.diff(use_start))]),
        option_use_amount=amount,
        size_supply_measure=renumber(problem.size_supply_measure, rank_of[supplier]),
        resource_start=start,
        measure_supply=problem.measure_supply[positions(problem.resource_start, resource)],
        overflow_price=problem.overflow_price[resource],
        overflow_limit=problem.overflow_limit[resource],
        module_start=counts_to_start(np.diff(problem.module_start)[resource]),
        module_supply_measure=renumber(
            problem.module_supply_measure, np.zeros(len(problem.module_supply_measure), dtype=np.int64)
        ),
        tier_start=counts_to_start(np.diff(problem.tier_start)[resource]),
    )
