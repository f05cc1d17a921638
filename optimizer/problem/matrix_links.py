"""The links from options to gates, strong or aggregated."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import Family, Ids, Triple, at_most, join, owner, signed
from optimizer.problem.gate_sites import site_of_gates
from optimizer.problem.problem import Problem

__all__ = ["Links", "gate_entries", "link_family", "linked"]


class Links(StrEnum):
    """How the links from options to gates are written. All are exact with integer gates."""

    STRONG = "strong"
    """`Σ_{j ∈ J(i), g ∈ G(j)} x_j ≤ m_g`, one constraint per row and gate: the tight relaxation."""
    AGGREGATED = "aggregated"
    """Their sum over the rows, one constraint per gate; none where a capacity already implies it."""


def gate_entries(problem: Problem, columns: dict[str, slice], gate_column: Ids, gate: Ids) -> Triple:
    """What stands for `m_g` in the k-th constraint: its column, or the sizes that admit it."""
    own = np.flatnonzero(gate_column[gate] >= 0)
    replaced = np.flatnonzero(gate_column[gate] < 0)
    counts = np.diff(problem.gate_size_start)[gate[replaced]]
    first = problem.gate_size_start[gate[replaced]]
    where = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
    sizes = problem.gate_size[where] + columns["y"].start
    return join(signed(own, gate_column[gate[own]], 1.0), signed(np.repeat(replaced, counts), sizes, 1.0))


def linked(problem: Problem, gate_column: Ids) -> tuple[Ids, Ids]:
    """Row and gate of each strong link, in their order."""
    gate = problem.option_gate.astype(np.int64)
    open_ = _always_open(problem, gate_column)[gate]
    row = owner(problem.row_start)[owner(problem.option_gate_start)]
    return np.divmod(np.unique((row * problem.n_gates + gate)[~open_]), problem.n_gates)


def _always_open(problem: Problem, gate_column: Ids) -> npt.NDArray[np.bool_]:
    opened: npt.NDArray[np.bool_] = (gate_column < 0) & (np.diff(problem.gate_size_start) == 0)
    return opened


def link_family(problem: Problem, columns: dict[str, slice], gate_column: Ids, links: Links) -> Family:
    """`Σ_{j ∈ J(i), g ∈ G(j)} x_j ≤ m_g` per row and gate, or summed over the rows per gate."""
    option, gate = owner(problem.option_gate_start), problem.option_gate.astype(np.int64)
    always_open = _always_open(problem, gate_column)
    dropped = (
        always_open | _implied_by_capacity(problem, gate_column) if links == "aggregated" else always_open
    )
    kept = ~dropped[gate]
    option, gate = option[kept], gate[kept]
    row = owner(problem.row_start)[option]
    pair, first, group = np.unique(row * problem.n_gates + gate, return_index=True, return_inverse=True)
    gate_of_group, weight = gate[first], np.ones(len(pair))
    if links == "aggregated":
        gate_of_group, pair_gate = np.unique(gate_of_group, return_inverse=True)
        weight = np.bincount(pair_gate).astype(np.float64)
        group = pair_gate[group]
    constraint, column, value = gate_entries(problem, columns, gate_column, gate_of_group)
    entries = join(signed(group, option, 1.0), (constraint, column, -value * weight[constraint]))
    return at_most(entries, np.zeros(len(weight)))


def _implied_by_capacity(problem: Problem, gate_column: Ids) -> npt.NDArray[np.bool_]:
    """Gates without a column all of whose options use capacity that only the gate's own sizes give."""
    resource = owner(problem.resource_start)
    elsewhere = (problem.measure_supply > 0) | (problem.overflow_limit > 0)[resource]
    elsewhere |= (np.diff(problem.tier_start) > 0)[resource]
    elsewhere[problem.module_supply_measure] = True
    site_of_size, site_of_gate = owner(problem.site_start), site_of_gates(problem)
    lowest = np.full(problem.n_measures, problem.n_sites)
    highest = np.full(problem.n_measures, -1)
    supplier = site_of_size[owner(problem.size_supply_start)]
    np.minimum.at(lowest, problem.size_supply_measure, supplier)
    np.maximum.at(highest, problem.size_supply_measure, supplier)
    site_of_measure = np.where(~elsewhere & (lowest == highest), lowest, -2)
    has_sizes = np.diff(problem.gate_size_start) > 0
    complete = np.diff(problem.gate_size_start) == np.diff(problem.site_start)[site_of_gate]
    measures = sparse.csr_array(
        (problem.option_use_amount > 0, problem.option_use_measure, problem.option_use_start),
        shape=(problem.n_options, problem.n_measures),
    )
    sites = sparse.csr_array(
        (np.ones(len(lowest)), (np.arange(len(lowest)), np.maximum(site_of_measure, -1) + 1)),
        shape=(problem.n_measures, problem.n_sites + 1),
    )
    bound_to_site = sparse.csr_array(measures.astype(np.float64) @ sites)
    option, gate = owner(problem.option_gate_start), problem.option_gate
    bound = np.asarray(bound_to_site[option, site_of_gate[gate] + 1]).ravel() > 0
    implied: npt.NDArray[np.bool_] = complete & has_sizes & (gate_column < 0)
    implied[gate[~bound]] = False
    return implied
