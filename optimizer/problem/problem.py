r"""The canonical options × resources problem, as plain arrays.

.. math::

    \min \; & \textstyle\sum_j c_j x_j + \sum_s F_s y_s + \sum_g f_g m_g + \sum_k h_k n_k
              + \sum_t (a_t w_t + b_t u_t) + \sum_r o_r z_r + C \\
    \text{s.t. } & \textstyle\sum_{j \in J(i)} x_j = 1 & \text{every row } i \\
      & \textstyle\sum_{j \in J(i),\, g \in G(j)} x_j \le m_g & \text{every row } i \text{ and gate } g \\
      & m_g \le \textstyle\sum_{s \in S(g)} y_s & \text{gate } g \text{ under a site} \\
      & \textstyle\sum_{s \in w} y_s \le 1 & \text{one size per site } w \\
      & \textstyle\sum_j a_{jq} x_j \le b_q + \sum_s k_{sq} y_s + \sum_k k_{kq} n_k
        + \sum_{t \in r} u_t + z_r & \text{measure } q \text{ of resource } r \\
      & l_t w_t \le u_t \le L_t w_t, \quad \textstyle\sum_{t \in r} w_t \le 1 & \text{tiers of } r \\
      & \text{lower} \le A\,(y, m, n) \le \text{upper} & \text{rules}

with `x` in [0, 1] (binary in rows that are single sourced), `y`, `m`, `w` binary, `n` integer in
[0, module_limit], `z` in [0, overflow_limit].

All options belong to exactly one row and stand sorted by row. Index ranges are CSR: the items of
`i` are ``values[start[i]:start[i + 1]]``. Nothing here knows what a warehouse or a parcel is.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Floats", "Ints", "Problem"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Problem:
    """Arrays of the canonical problem; see the module docstring for the mathematics.

    Attributes
    ----------
    row_start : int64, shape (rows + 1,)
        CSR range of each row's options.
    row_demand : float64, shape (rows,)
        Orders in the row, > 0. Costs and usages are already for the WHOLE row; the demand serves
        reports and heuristics only.
    row_single : bool, shape (rows,)
        True where the row must be served by one option (binary `x`).
    option_cost : float64, shape (options,)
        `c_j`: cost when the option serves the whole row. May be negative (refunds).
    option_gate_start, option_gate : int64 (options + 1,), int32
        Gates the option needs, all of them.
    option_use_start, option_use_measure, option_use_amount : int64 (options + 1,), int32, float64
        `a_jq` ≥ 0: what serving the whole row takes of each measure. No measure twice per option.
    gate_fee : float64, shape (gates,)
        `f_g` ≥ 0.
    gate_size_start, gate_size : int64 (gates + 1,), int32
        `S(g)`: sizes, all of ONE site, of which one must be open for the gate to open. An empty
        range: the gate stands free of any site.
    site_start : int64, shape (sites + 1,)
        CSR range of each site's sizes (sizes stand sorted by site).
    size_cost : float64, shape (sizes,)
        `F_s`, ≥ 0.
    size_supply_start, size_supply_measure, size_supply_amount : int64 (sizes + 1,), int32, float64
        `k_sq`: capacity that an open size gives to measures.
    resource_start : int64, shape (resources + 1,)
        CSR range of each resource's measures (measures stand sorted by resource).
    measure_supply : float64, shape (measures,)
        `b_q` ≥ 0: capacity that is there anyway. `inf` is not allowed: leave the measure out.
    overflow_price, overflow_limit : float64, shape (resources,)
        `o_r` ≥ 0 per unit and the most that may be bought (0: no overflow; `inf`: any amount). One
        unit of overflow covers one unit of EVERY measure of the resource at once.
    module_start : int64, shape (resources + 1,)
        CSR range of each resource's modules.
    module_cost, module_limit : float64 and int64, shape (modules,)
        `h_k` ≥ 0 and the largest count.
    module_supply_start, module_supply_measure, module_supply_amount : int64, int32, float64
        `k_kq`: capacity one module gives to measures of its own resource.
    tier_start : int64, shape (resources + 1,)
        CSR range of each resource's exclusive tiers; at most one tier is active.
    tier_from, tier_to, tier_fixed, tier_unit_cost : float64, shape (tiers,)
        `l_t`, `L_t` (finite), `a_t` ≥ 0 and `b_t` ≥ 0. The charged quantity `u` is at least the use of
        every measure; charging up to the start of a cheaper tier is allowed, as carriers do.
    rule_start, rule_index, rule_coefficient, rule_lower, rule_upper
        Linear rules; `rule_index` counts sizes first, then gates, then modules.
    constant : float
        `C`: cost that no decision changes.
    """

    row_start: Ints
    row_demand: Floats
    row_single: Bools
    option_cost: Floats
    option_gate_start: Ints
    option_gate: Indices
    option_use_start: Ints
    option_use_measure: Indices
    option_use_amount: Floats
    gate_fee: Floats
    gate_size_start: Ints
    gate_size: Indices
    site_start: Ints
    size_cost: Floats
    size_supply_start: Ints
    size_supply_measure: Indices
    size_supply_amount: Floats
    resource_start: Ints
    measure_supply: Floats
    overflow_price: Floats
    overflow_limit: Floats
    module_start: Ints
    module_cost: Floats
    module_limit: Ints
    module_supply_start: Ints
    module_supply_measure: Indices
    module_supply_amount: Floats
    tier_start: Ints
    tier_from: Floats
    tier_to: Floats
    tier_fixed: Floats
    tier_unit_cost: Floats
    rule_start: Ints
    rule_index: Indices
    rule_coefficient: Floats
    rule_lower: Floats
    rule_upper: Floats
    constant: float = 0.0

    @property
    def n_rows(self) -> int:
        """Number of demand rows."""
        return len(self.row_start) - 1

    @property
    def n_options(self) -> int:
        """Number of options over all rows."""
        return len(self.option_cost)

    @property
    def n_gates(self) -> int:
        """Number of gates."""
        return len(self.gate_fee)

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.site_start) - 1

    @property
    def n_sizes(self) -> int:
        """Number of sizes over all sites."""
        return len(self.size_cost)

    @property
    def n_resources(self) -> int:
        """Number of resources."""
        return len(self.resource_start) - 1

    @property
    def n_measures(self) -> int:
        """Number of measures over all resources."""
        return len(self.measure_supply)

    @property
    def n_modules(self) -> int:
        """Number of module kinds over all resources."""
        return len(self.module_cost)

    @property
    def n_tiers(self) -> int:
        """Number of tiers over all resources."""
        return len(self.tier_from)

    @property
    def n_rules(self) -> int:
        """Number of linear rules."""
        return len(self.rule_lower)

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        values = (getattr(self, field.name) for field in fields(self))
        return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
