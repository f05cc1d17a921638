r"""The whole problem as one mixed-integer program in sparse-matrix form, for solvers and for export.

Columns stand in blocks x, y, m, n, w, u, z as in the formulation of `optimizer.problem.problem`. A gate
without a fee that no rule names needs no column: it opens with its site (or always), at no cost.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import Family, Floats, Ids, at_most, join, owner, signed
from optimizer.problem.matrix_links import Links, gate_entries, link_family
from optimizer.problem.problem import Problem
from optimizer.problem.usage import largest_use

__all__ = ["LinearModel", "Links", "linear_model"]


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
        "link": link_family(problem, columns, gate_column, links),
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
    np.maximum.at(most, owner(problem.resource_start), largest_use(problem))
    return most


def _row_family(problem: Problem) -> Family:
    """`Σ_{j ∈ J(i)} x_j = 1`."""
    one = np.ones(problem.n_rows)
    return signed(owner(problem.row_start), np.arange(problem.n_options), 1.0), one, one


def _gate_site_family(problem: Problem, columns: dict[str, slice], gate_column: Ids) -> Family:
    """`m_g ≤ Σ_{s ∈ S(g)} y_s` for gates that have a column and stand under a site."""
    counts = np.diff(problem.gate_size_start)
    gate = np.flatnonzero((gate_column >= 0) & (counts > 0))
    replaced = gate_entries(problem, columns, np.full(problem.n_gates, -1), gate)
    entries = join(signed(np.arange(len(gate)), gate_column[gate], 1.0), (*replaced[:2], -replaced[2]))
    return at_most(entries, np.zeros(len(gate)))


def _one_size_family(problem: Problem, columns: dict[str, slice]) -> Family:
    """`Σ_{s ∈ w} y_s ≤ 1` for sites with more than one size."""
    site, several = owner(problem.site_start), np.diff(problem.site_start) > 1
    size = np.flatnonzero(several[site])
    number = np.cumsum(several) - 1
    entries = signed(number[site[size]], size + columns["y"].start, 1.0)
    return at_most(entries, np.ones(int(several.sum())))


def _supply_family(problem: Problem, columns: dict[str, slice]) -> Family:
    """`Σ a_jq x_j − Σ k_sq y_s − Σ k_kq n_k − Σ u_t − z_r ≤ b_q`."""
    resource, measure = owner(problem.resource_start), np.arange(problem.n_measures)
    tiers = np.diff(problem.tier_start)[resource]
    first = problem.tier_start[resource]
    tier = np.repeat(first - (np.cumsum(tiers) - tiers), tiers) + np.arange(int(tiers.sum()))
    soft = problem.overflow_limit[resource] > 0
    entries = join(
        signed(
            problem.option_use_measure.astype(np.int64),
            owner(problem.option_use_start),
            problem.option_use_amount,
        ),
        signed(
            problem.size_supply_measure.astype(np.int64),
            owner(problem.size_supply_start) + columns["y"].start,
            -problem.size_supply_amount,
        ),
        signed(
            problem.module_supply_measure.astype(np.int64),
            owner(problem.module_supply_start) + columns["n"].start,
            -problem.module_supply_amount,
        ),
        signed(np.repeat(measure, tiers), tier + columns["u"].start, -1.0),
        signed(measure[soft], resource[soft] + columns["z"].start, -1.0),
    )
    return at_most(entries, problem.measure_supply)


def _tier_end_family(problem: Problem, columns: dict[str, slice], end: Floats, *, at_least: bool) -> Family:
    """`l_t w_t − u_t ≤ 0` or `u_t − L_t w_t ≤ 0`."""
    tier, sign = np.arange(problem.n_tiers), 1.0 if at_least else -1.0
    entries = join(
        signed(tier, tier + columns["w"].start, sign * end), signed(tier, tier + columns["u"].start, -sign)
    )
    return at_most(entries, np.zeros(problem.n_tiers))


def _one_tier_family(problem: Problem, columns: dict[str, slice]) -> Family:
    """`Σ_{t ∈ r} w_t ≤ 1` for resources with tiers."""
    resource, tiered = owner(problem.tier_start), np.diff(problem.tier_start) > 0
    number = np.cumsum(tiered) - 1
    entries = signed(number[resource], np.arange(problem.n_tiers) + columns["w"].start, 1.0)
    return at_most(entries, np.ones(int(tiered.sum())))


def _rule_family(problem: Problem, columns: dict[str, slice], gate_column: Ids) -> Family:
    """`lower ≤ A (y, m, n) ≤ upper`."""
    column_of = np.concatenate(
        [
            np.arange(columns["y"].start, columns["y"].stop),
            gate_column,
            np.arange(columns["n"].start, columns["n"].stop),
        ]
    )
    entries = signed(owner(problem.rule_start), column_of[problem.rule_index], problem.rule_coefficient)
    return entries, problem.rule_lower, problem.rule_upper
