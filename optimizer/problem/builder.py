"""Assemble a valid `Problem` from bulk arrays, in any order, and say how the order changed."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optimizer.problem.blocks import amounts_block, gates_block, group_by_owner, one_per_item, pairs_by_owner
from optimizer.problem.collected import Collected
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import Array, Ragged, concatenate, take

__all__ = ["Built", "ProblemBuilder"]

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Built:
    """A problem with the order of its items.

    ``order[k]`` is the number under which item `k` of the problem was added, so labels follow with
    ``labels.iloc[order]``. Rows, gates, sites, resources and rules keep the order they were added in.
    """

    problem: Problem
    option_order: Ids
    size_order: Ids
    measure_order: Ids
    module_order: Ids
    tier_order: Ids


@dataclass
class ProblemBuilder(Collected):
    """Collects blocks of items; every `add_…` returns the numbers of the items just added.

    Scalars are spread over the block. `build` sorts options by row, sizes by site and measures, modules
    and tiers by resource (ties keep the order of adding) and renumbers every reference.

    Examples
    --------
    One row, served either directly for 9 or through a site that costs 5 and holds 10 units:

    >>> builder = ProblemBuilder()
    >>> row = builder.add_rows([4.0])
    >>> site = builder.add_sites(1)
    >>> size = builder.add_sizes(site, 5.0)
    >>> gate = builder.add_gates(0.0, site)
    >>> space = builder.add_measures(builder.add_resources(1), 0.0)
    >>> builder.add_size_supply(size, space, 10.0)
    >>> direct = builder.add_options(row, 9.0)
    >>> stocked = builder.add_options(row, 2.0, gates=gate, measures=space, amounts=4.0)
    >>> problem = builder.build().problem
    >>> problem.n_options, problem.option_gate_start.tolist()
    (2, [0, 0, 1])
    """

    constant: float = 0.0
    _option_gates: list[Ragged] = field(default_factory=list)
    _option_uses: list[Ragged] = field(default_factory=list)
    _rules: list[Ragged] = field(default_factory=list)

    def add_rows(self, demand: npt.ArrayLike, *, single: npt.ArrayLike = False) -> Ids:
        """Add demand rows: orders > 0 and whether one option must serve the whole row."""
        return self._add(
            "row", row_demand=np.asarray(demand, np.float64), row_single=np.asarray(single, bool)
        )

    def add_sites(self, count: int) -> Ids:
        """Add sites, to which sizes are given by `add_sizes`."""
        return self._add("site", site_seen=np.zeros(count, dtype=bool))

    def add_sizes(self, site: npt.ArrayLike, cost: npt.ArrayLike) -> Ids:
        """Add sizes: their site and their fixed cost `F_s`."""
        return self._add("size", size_site=np.asarray(site, np.int64), size_cost=np.asarray(cost, np.float64))

    def add_gates(self, fee: npt.ArrayLike, site: npt.ArrayLike = -1) -> Ids:
        """Add gates: fee `f_g`, and the site of which any size admits the gate (-1: stands free)."""
        return self._add("gate", gate_fee=np.asarray(fee, np.float64), gate_site=np.asarray(site, np.int64))

    def restrict_gates(self, gate: npt.ArrayLike, size: npt.ArrayLike) -> None:
        """Let the named gates open with the paired sizes only (instead of any size of their site)."""
        self._pair("gate_size", gate_size_gate=np.asarray(gate), gate_size_size=np.asarray(size))

    def add_resources(
        self, count: int, *, overflow_price: npt.ArrayLike = 0.0, overflow_limit: npt.ArrayLike = 0.0
    ) -> Ids:
        """Add resources: price `o_r` and limit of overflow (limit 0: none, `inf`: any amount)."""
        price, limit = np.asarray(overflow_price, np.float64), np.asarray(overflow_limit, np.float64)
        return self._add(
            "resource",
            overflow_price=np.broadcast_to(price, count),
            overflow_limit=np.broadcast_to(limit, count),
        )

    def add_measures(self, resource: npt.ArrayLike, supply: npt.ArrayLike) -> Ids:
        """Add measures: their resource and the capacity `b_q` that is there anyway."""
        return self._add(
            "measure",
            measure_resource=np.asarray(resource, np.int64),
            measure_supply=np.asarray(supply, np.float64),
        )

    def add_modules(self, resource: npt.ArrayLike, cost: npt.ArrayLike, limit: npt.ArrayLike) -> Ids:
        """Add module kinds: their resource, the cost `h_k` of one and the largest count."""
        return self._add(
            "module",
            module_resource=np.asarray(resource, np.int64),
            module_cost=np.asarray(cost, np.float64),
            module_limit=np.asarray(limit, np.int64),
        )

    def add_tiers(
        self,
        resource: npt.ArrayLike,
        start: npt.ArrayLike,
        end: npt.ArrayLike,
        fixed: npt.ArrayLike,
        unit_cost: npt.ArrayLike,
    ) -> Ids:
        """Add exclusive tiers: resource, charged quantity from `start` to `end`, fixed part, unit cost."""
        return self._add(
            "tier",
            tier_resource=np.asarray(resource, np.int64),
            tier_from=np.asarray(start, np.float64),
            tier_to=np.asarray(end, np.float64),
            tier_fixed=np.asarray(fixed, np.float64),
            tier_unit_cost=np.asarray(unit_cost, np.float64),
        )

    def add_size_supply(self, size: npt.ArrayLike, measure: npt.ArrayLike, amount: npt.ArrayLike) -> None:
        """Give capacity `k_sq` to measures when the size is open (pairs)."""
        self._pair(
            "size_supply",
            size_supply_size=np.asarray(size),
            size_supply_measure=np.asarray(measure),
            size_supply_amount=np.asarray(amount, np.float64),
        )

    def add_module_supply(self, module: npt.ArrayLike, measure: npt.ArrayLike, amount: npt.ArrayLike) -> None:
        """Give capacity `k_kq` to measures of the module's own resource (pairs)."""
        self._pair(
            "module_supply",
            module_supply_module=np.asarray(module),
            module_supply_measure=np.asarray(measure),
            module_supply_amount=np.asarray(amount, np.float64),
        )

    def add_options(
        self,
        row: npt.ArrayLike,
        cost: npt.ArrayLike,
        *,
        gates: npt.ArrayLike | Ragged | None = None,
        measures: npt.ArrayLike | None = None,
        amounts: npt.ArrayLike | None = None,
        uses: Ragged | None = None,
    ) -> Ids:
        """Add options in bulk.

        Parameters
        ----------
        row, cost
            Row of each option and its cost `c_j` when it serves the whole row, shape (n,).
        gates
            Gates needed, shape (n,), (n, k) or (1, k) with -1 where there is none, or ragged
            ``(start, (gate,))``.
        measures, amounts
            Measures used, shape (n,), (n, k) or (1, k) with -1 where there is none, and the amounts
            `a_jq` for the whole row, of a shape that spreads over it. Amounts of one measure are summed.
        uses
            The same in ragged form ``(start, (measure, amount))``.
        """
        row, cost = np.broadcast_arrays(np.asarray(row, np.int64), np.asarray(cost, np.float64))
        numbers = self._add("option", option_row=np.atleast_1d(row), option_cost=np.atleast_1d(cost))
        self._option_gates.append(gates_block(gates, len(numbers)))
        self._option_uses.append(amounts_block(measures, amounts, uses, len(numbers)))
        return numbers

    def add_rule(
        self,
        lower: float,
        upper: float,
        *,
        sizes: npt.ArrayLike = (),
        gates: npt.ArrayLike = (),
        modules: npt.ArrayLike = (),
        coefficients: npt.ArrayLike = 1.0,
    ) -> int:
        """Add one linear rule over sizes, gates and modules; coefficients in that order.

        Returns
        -------
        int
            Number of the rule.
        """
        parts = [np.asarray(part, np.int64).reshape(-1) for part in (sizes, gates, modules)]
        kind = np.repeat(np.arange(3, dtype=np.int64), [len(part) for part in parts])
        index = np.concatenate(parts)
        values = np.broadcast_to(np.asarray(coefficients, np.float64), index.shape)
        self._rules.append((np.array([0, len(index)]), (kind, index, values)))
        bounds = {
            "rule_lower": np.asarray([lower], np.float64),
            "rule_upper": np.asarray([upper], np.float64),
        }
        return int(self._add("rule", **bounds)[0])

    def build(self) -> Built:
        """Sort everything to the canonical order and return the problem with the orders."""
        option_start, option_order = group_by_owner(self._column("option_row", np.int64), self._count("row"))
        site_start, size_order = group_by_owner(self._column("size_site", np.int64), self._count("site"))
        grouped = {
            kind: group_by_owner(self._column(f"{kind}_resource", np.int64), self._count("resource"))
            for kind in ("measure", "module", "tier")
        }
        number = {"size": _inverse(size_order)}
        number |= {kind: _inverse(order) for kind, (_, order) in grouped.items()}
        columns = self._option_columns(option_order, number["measure"])
        columns |= self._supply_columns("size", number)
        columns |= self._supply_columns("module", number)
        columns |= self._gate_columns(site_start, number["size"])
        columns |= self._rule_columns(number)
        for kind, names in _SORTED_COLUMNS.items():
            order = size_order if kind == "size" else grouped[kind][1]
            columns |= {name: self._column(name, dtype)[order] for name, dtype in names.items()}
        problem = Problem(
            row_start=option_start,
            row_demand=self._column("row_demand", np.float64),
            row_single=self._column("row_single", np.bool_),
            gate_fee=self._column("gate_fee", np.float64),
            site_start=site_start,
            resource_start=grouped["measure"][0],
            module_start=grouped["module"][0],
            tier_start=grouped["tier"][0],
            overflow_price=self._column("overflow_price", np.float64),
            overflow_limit=self._column("overflow_limit", np.float64),
            constant=self.constant,
            **columns,
        )
        orders = {f"{kind}_order": order for kind, (_, order) in grouped.items()}
        return Built(problem, option_order, size_order, **orders)

    def _option_columns(self, order: Ids, measure_number: Ids) -> dict[str, Array]:
        gates: Ragged = concatenate(self._option_gates, [np.int32])
        uses: Ragged = concatenate(self._option_uses, [np.int32, np.float64])
        if np.any(order[1:] < order[:-1]):
            gates, uses = take(gates, order), take(uses, order)
        return {
            "option_cost": self._column("option_cost", np.float64)[order],
            "option_gate_start": gates[0],
            "option_gate": gates[1][0],
            "option_use_start": uses[0],
            "option_use_measure": measure_number.astype(np.int32)[uses[1][0]],
            "option_use_amount": uses[1][1],
        }

    def _supply_columns(self, kind: str, number: dict[str, Ids]) -> dict[str, Array]:
        owner = number[kind][self._column(f"{kind}_supply_{kind}", np.int64)]
        measure = number["measure"][self._column(f"{kind}_supply_measure", np.int64)]
        amount = self._column(f"{kind}_supply_amount", np.float64)
        start, measure, amount = pairs_by_owner(owner, measure, amount, self._count(kind))
        return {
            f"{kind}_supply_start": start,
            f"{kind}_supply_measure": measure.astype(np.int32),
            f"{kind}_supply_amount": amount,
        }

    def _gate_columns(self, site_start: Ids, size_number: Ids) -> dict[str, Array]:
        site = self._column("gate_site", np.int64)
        gate = self._column("gate_size_gate", np.int64)
        size = size_number[self._column("gate_size_size", np.int64)]
        open_to_all = np.flatnonzero(site >= 0)
        open_to_all = open_to_all[~np.isin(open_to_all, gate)]
        implied = one_per_item(site_start, site[open_to_all])
        gate = np.concatenate([gate, np.repeat(open_to_all, np.diff(implied[0]))])
        size = np.concatenate([size, implied[1]])
        start, size, _ = pairs_by_owner(gate, size, np.ones(len(gate)), self._count("gate"))
        return {"gate_size_start": start, "gate_size": size.astype(np.int32)}

    def _rule_columns(self, number: dict[str, Ids]) -> dict[str, Array]:
        start, (kind, index, coefficient) = concatenate(self._rules, [np.int64, np.int64, np.float64])
        renumbered = index.copy()
        renumbered[kind == 0] = number["size"][index[kind == 0]]
        renumbered[kind == 1] += self._count("size")
        renumbered[kind == 2] = number["module"][index[kind == 2]] + self._count("size") + self._count("gate")
        return {
            "rule_start": start,
            "rule_index": renumbered.astype(np.int32),
            "rule_coefficient": coefficient,
            "rule_lower": self._column("rule_lower", np.float64),
            "rule_upper": self._column("rule_upper", np.float64),
        }


_SORTED_COLUMNS: dict[str, dict[str, npt.DTypeLike]] = {
    "size": {"size_cost": np.float64},
    "measure": {"measure_supply": np.float64},
    "module": {"module_cost": np.float64, "module_limit": np.int64},
    "tier": {
        "tier_from": np.float64,
        "tier_to": np.float64,
        "tier_fixed": np.float64,
        "tier_unit_cost": np.float64,
    },
}


def _inverse(order: Ids) -> Ids:
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return inverse
