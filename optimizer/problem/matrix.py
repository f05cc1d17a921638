r"""The whole problem as one mixed-integer program in sparse-matrix form, for solvers and for export.

Columns stand in blocks x, y, m, n, w, u, z as in the formulation of `optimizer.problem.problem`. A gate
without a fee that no rule names needs no column: it opens with its site (or always), at no cost.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.problem import Problem
from optimizer.problem.usage import largest_use

__all__ = ["LinearModel", "Links", "linear_model"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Triple = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]


class Links(StrEnum):
    """How the links from options to gates are written. All are exact with integer gates."""

    STRONG = "strong"
    """`Σ_{j ∈ J(i), g ∈ G(j)} x_j ≤ m_g`, one constraint per row and gate: the tight relaxation."""
    AGGREGATED = "aggregated"
    """Their sum over the rows, one constraint per gate; none where a capacity already implies it."""


@dataclass(frozen=True, eq=False)
class LinearModel:
    """``min cost·v + offset`` subject to ``row_lower ≤ matrix·v ≤ row_upper``, ``lower ≤ v ≤ upper``.

    Attributes
    ----------
    integer : bool, shape (columns,)
    columns, rows : dict of name to slice
        Column blocks `x y m n w u z` and constraint families, in the order in which they stand.
    gate_column : int64, shape (gates,)
        Column of `m_g`, or -1 where the gate needs none.
    """

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    columns: dict[str, slice]
    rows: dict[str, slice]
    gate_column: Ids


def linear_model(problem: Problem, links: Links = Links.STRONG) -> LinearModel:
    """Write the problem as a mixed-integer program; see `Links` for the choice of link constraints."""
    columns, gate_column = _columns(problem)
    width = columns["z"].stop
    families = {
        "row": _row_family(problem),
        "link": _link_family(problem, columns, gate_column, links),
        "gate_site": _gate_site_family(problem, columns, gate_column),
        "one_size": _one_size_family(problem, columns),
        "supply": _supply_family(problem, columns),
        "tier_from": _tier_end_family(problem, columns, problem.tier_from, at_least=True),
        "tier_to": _tier_end_family(problem, columns, problem.tier_to, at_least=False),
        "one_tier": _one_tier_family(problem, columns),
        "rule": _rule_family(problem, columns, gate_column),
    }
    rows, first, parts = {}, 0, []
    for name, ((row, column, value), below, _) in families.items():
        rows[name] = slice(first, first + len(below))
        first += len(below)
        parts.append(sparse.csr_array((value, (row, column)), shape=(len(below), width)))
    cost, lower, upper, integer = _column_data(problem, columns, gate_column)
    return LinearModel(
        cost=cost,
        offset=problem.constant,
        lower=lower,
        upper=upper,
        integer=integer,
        matrix=sparse.csr_array(sparse.vstack(parts, format="csr")),
        row_lower=np.concatenate([lower for _, lower, _ in families.values()]),
        row_upper=np.concatenate([upper for _, _, upper in families.values()]),
        columns=columns,
        rows=rows,
        gate_column=gate_column,
    )


Family = tuple[Triple, Floats, Floats]


def _columns(problem: Problem) -> tuple[dict[str, slice], Ids]:
    first_gate, end_gate = problem.n_sizes, problem.n_sizes + problem.n_gates
    in_rules = problem.rule_index[(problem.rule_index >= first_gate) & (problem.rule_index < end_gate)]
    needed = problem.gate_fee > 0
    needed[in_rules - first_gate] = True
    lengths = {
        "x": problem.n_options,
        "y": problem.n_sizes,
        "m": int(needed.sum()),
        "n": problem.n_modules,
        "w": problem.n_tiers,
        "u": problem.n_tiers,
        "z": problem.n_resources,
    }
    columns, first = {}, 0
    for name, length in lengths.items():
        columns[name] = slice(first, first + length)
        first += length
    gate_column = np.full(problem.n_gates, -1, dtype=np.int64)
    gate_column[needed] = np.arange(columns["m"].start, columns["m"].stop)
    return columns, gate_column


def _column_data(
    problem: Problem, columns: dict[str, slice], gate_column: Ids
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    width = columns["z"].stop
    cost, upper, integer = np.zeros(width), np.ones(width), np.zeros(width, dtype=bool)
    cost[columns["x"]] = problem.option_cost
    cost[columns["y"]] = problem.size_cost
    cost[gate_column[gate_column >= 0]] = problem.gate_fee[gate_column >= 0]
    cost[columns["n"]] = problem.module_cost
    cost[columns["w"]] = problem.tier_fixed
    cost[columns["u"]] = problem.tier_unit_cost
    cost[columns["z"]] = problem.overflow_price
    upper[columns["n"]] = problem.module_limit
    upper[columns["u"]] = problem.tier_to
    upper[columns["z"]] = np.minimum(problem.overflow_limit, _largest_overflow(problem))
    integer[columns["x"]] = np.repeat(problem.row_single, np.diff(problem.row_start))
    integer[columns["y"].start : columns["w"].stop] = True
    return cost, np.zeros(width), upper, integer


def _largest_overflow(problem: Problem) -> Floats:
    most = np.zeros(problem.n_resources)
    np.maximum.at(most, _owner(problem.resource_start), largest_use(problem))
    return most


def _owner(start: Ids) -> Ids:
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


def _join(*parts: Triple) -> Triple:
    row, column, value = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return row, column, value


def _signed(row: Ids, column: Ids, value: float | Floats) -> Triple:
    return row, column.astype(np.int64), np.broadcast_to(np.asarray(value, np.float64), row.shape)


def _at_most(entries: Triple, limit: Floats) -> Family:
    return entries, np.full(len(limit), -np.inf), limit


def _row_family(problem: Problem) -> Family:
    """`Σ_{j ∈ J(i)} x_j = 1`."""
    one = np.ones(problem.n_rows)
    return _signed(_owner(problem.row_start), np.arange(problem.n_options), 1.0), one, one


def _gate_entries(problem: Problem, columns: dict[str, slice], gate_column: Ids, gate: Ids) -> Triple:
    """What stands for `m_g` in the k-th constraint: its column, or the sizes that admit it."""
    own = np.flatnonzero(gate_column[gate] >= 0)
    replaced = np.flatnonzero(gate_column[gate] < 0)
    counts = np.diff(problem.gate_size_start)[gate[replaced]]
    first = problem.gate_size_start[gate[replaced]]
    where = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
    sizes = problem.gate_size[where] + columns["y"].start
    return _join(_signed(own, gate_column[gate[own]], 1.0), _signed(np.repeat(replaced, counts), sizes, 1.0))


def _link_family(problem: Problem, columns: dict[str, slice], gate_column: Ids, links: Links) -> Family:
    """`Σ_{j ∈ J(i), g ∈ G(j)} x_j ≤ m_g` per row and gate, or summed over the rows per gate."""
    option, gate = _owner(problem.option_gate_start), problem.option_gate.astype(np.int64)
    always_open = (gate_column < 0) & (np.diff(problem.gate_size_start) == 0)
    dropped = (
        always_open | _implied_by_capacity(problem, gate_column) if links == "aggregated" else always_open
    )
    kept = ~dropped[gate]
    option, gate = option[kept], gate[kept]
    row = _owner(problem.row_start)[option]
    pair, first, group = np.unique(row * problem.n_gates + gate, return_index=True, return_inverse=True)
    gate_of_group, weight = gate[first], np.ones(len(pair))
    if links == "aggregated":
        gate_of_group, pair_gate = np.unique(gate_of_group, return_inverse=True)
        weight = np.bincount(pair_gate).astype(np.float64)
        group = pair_gate[group]
    constraint, column, value = _gate_entries(problem, columns, gate_column, gate_of_group)
    entries = _join(_signed(group, option, 1.0), (constraint, column, -value * weight[constraint]))
    return _at_most(entries, np.zeros(len(weight)))


def _implied_by_capacity(problem: Problem, gate_column: Ids) -> npt.NDArray[np.bool_]:
    """Gates without a column all of whose options use capacity that only the gate's own sizes give."""
    resource = _owner(problem.resource_start)
    elsewhere = (problem.measure_supply > 0) | (problem.overflow_limit > 0)[resource]
    elsewhere |= (np.diff(problem.tier_start) > 0)[resource]
    elsewhere[problem.module_supply_measure] = True
    site_of_size, site_of_gate = _owner(problem.site_start), np.full(problem.n_gates, -1)
    lowest = np.full(problem.n_measures, problem.n_sites)
    highest = np.full(problem.n_measures, -1)
    supplier = site_of_size[_owner(problem.size_supply_start)]
    np.minimum.at(lowest, problem.size_supply_measure, supplier)
    np.maximum.at(highest, problem.size_supply_measure, supplier)
    site_of_measure = np.where(~elsewhere & (lowest == highest), lowest, -2)
    has_sizes = np.diff(problem.gate_size_start) > 0
    site_of_gate[has_sizes] = site_of_size[problem.gate_size[problem.gate_size_start[:-1][has_sizes]]]
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
    option, gate = _owner(problem.option_gate_start), problem.option_gate
    bound = np.asarray(bound_to_site[option, site_of_gate[gate] + 1]).ravel() > 0
    implied: npt.NDArray[np.bool_] = complete & has_sizes & (gate_column < 0)
    implied[gate[~bound]] = False
    return implied


def _gate_site_family(problem: Problem, columns: dict[str, slice], gate_column: Ids) -> Family:
    """`m_g ≤ Σ_{s ∈ S(g)} y_s` for gates that have a column and stand under a site."""
    counts = np.diff(problem.gate_size_start)
    gate = np.flatnonzero((gate_column >= 0) & (counts > 0))
    replaced = _gate_entries(problem, columns, np.full(problem.n_gates, -1), gate)
    entries = _join(_signed(np.arange(len(gate)), gate_column[gate], 1.0), (*replaced[:2], -replaced[2]))
    return _at_most(entries, np.zeros(len(gate)))


def _one_size_family(problem: Problem, columns: dict[str, slice]) -> Family:
    """`Σ_{s ∈ w} y_s ≤ 1` for sites with more than one size."""
    site, several = _owner(problem.site_start), np.diff(problem.site_start) > 1
    size = np.flatnonzero(several[site])
    number = np.cumsum(several) - 1
    entries = _signed(number[site[size]], size + columns["y"].start, 1.0)
    return _at_most(entries, np.ones(int(several.sum())))


def _supply_family(problem: Problem, columns: dict[str, slice]) -> Family:
    """`Σ a_jq x_j − Σ k_sq y_s − Σ k_kq n_k − Σ u_t − z_r ≤ b_q`."""
    resource, measure = _owner(problem.resource_start), np.arange(problem.n_measures)
    tiers = np.diff(problem.tier_start)[resource]
    first = problem.tier_start[resource]
    tier = np.repeat(first - (np.cumsum(tiers) - tiers), tiers) + np.arange(int(tiers.sum()))
    soft = problem.overflow_limit[resource] > 0
    entries = _join(
        _signed(
            problem.option_use_measure.astype(np.int64),
            _owner(problem.option_use_start),
            problem.option_use_amount,
        ),
        _signed(
            problem.size_supply_measure.astype(np.int64),
            _owner(problem.size_supply_start) + columns["y"].start,
            -problem.size_supply_amount,
        ),
        _signed(
            problem.module_supply_measure.astype(np.int64),
            _owner(problem.module_supply_start) + columns["n"].start,
            -problem.module_supply_amount,
        ),
        _signed(np.repeat(measure, tiers), tier + columns["u"].start, -1.0),
        _signed(measure[soft], resource[soft] + columns["z"].start, -1.0),
    )
    return _at_most(entries, problem.measure_supply)


def _tier_end_family(problem: Problem, columns: dict[str, slice], end: Floats, *, at_least: bool) -> Family:
    """`l_t w_t − u_t ≤ 0` or `u_t − L_t w_t ≤ 0`."""
    tier, sign = np.arange(problem.n_tiers), 1.0 if at_least else -1.0
    entries = _join(
        _signed(tier, tier + columns["w"].start, sign * end), _signed(tier, tier + columns["u"].start, -sign)
    )
    return _at_most(entries, np.zeros(problem.n_tiers))


def _one_tier_family(problem: Problem, columns: dict[str, slice]) -> Family:
    """`Σ_{t ∈ r} w_t ≤ 1` for resources with tiers."""
    resource, tiered = _owner(problem.tier_start), np.diff(problem.tier_start) > 0
    number = np.cumsum(tiered) - 1
    entries = _signed(number[resource], np.arange(problem.n_tiers) + columns["w"].start, 1.0)
    return _at_most(entries, np.ones(int(tiered.sum())))


def _rule_family(problem: Problem, columns: dict[str, slice], gate_column: Ids) -> Family:
    """`lower ≤ A (y, m, n) ≤ upper`."""
    column_of = np.concatenate(
        [
            np.arange(columns["y"].start, columns["y"].stop),
            gate_column,
            np.arange(columns["n"].start, columns["n"].stop),
        ]
    )
    entries = _signed(_owner(problem.rule_start), column_of[problem.rule_index], problem.rule_coefficient)
    return entries, problem.rule_lower, problem.rule_upper
