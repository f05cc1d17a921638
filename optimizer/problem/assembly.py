"""`Assembly`: a problem under construction, with the labels of everything added to it."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.problem.builder import Built, ProblemBuilder
from optimizer.problem.labels import LabelledProblem, Labels
from optimizer.scenario.instance import Instance

__all__ = ["Assembly", "Facts", "codes", "facts", "owners"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BLOCK = 1_000_000
COLUMNS = {
    "gates": ["kind", "owner", "member", "site", "lane_period", "hub", "period"],
    "sites": ["site", "owner"],
    "sizes": ["site", "owner"],
    "resources": ["kind", "owner", "lane_period", "site", "market", "lane", "rule", "period"],
    "measures": ["resource", "measure"],
    "modules": ["resource", "lane_period", "container"],
    "tiers": ["resource", "kind", "start", "end", "fixed", "unit_cost"],
    "rules": ["rule", "kind", "owner"],
}
NUMBERS = ("lane_period", "lane")


@dataclass(frozen=True, eq=False)
class Facts:
    """What each option is made of, as numbers; −1 where it has no such thing.

    Attributes
    ----------
    orders
        Orders of the option's row.
    member, owner, site, sale, arrival, lane_period
        Positions in members, owners, sites, periods (twice) and lanes × periods.
    """

    orders: Floats
    member: Ids
    owner: Ids
    site: Ids
    sale: Ids
    arrival: Ids
    lane_period: Ids


@dataclass(eq=False)
class Assembly:
    """Builder, labels and the gate and use columns of all options."""

    instance: Instance
    priced: PricedOptions
    facts: Facts
    builder: ProblemBuilder = field(default_factory=ProblemBuilder)
    labels: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    gates: list[Ids] = field(default_factory=list)
    uses: list[tuple[Ids, Floats]] = field(default_factory=list)
    credits: list[Floats] = field(default_factory=list)

    def label(self, kind: str, table: pd.DataFrame) -> None:
        """Append the labels of items just added."""
        self.labels.setdefault(kind, []).append(table.reset_index(drop=True))

    def use(self, measure: Ids, amount: Floats) -> None:
        """Let options use a measure: its number (−1: none) and the amount per order."""
        used = (measure >= 0) & (amount != 0.0)
        if used.any():
            self.uses.append((np.where(used, measure, -1).astype(np.int32), np.where(used, amount, 0.0)))

    def need(self, gate: Ids) -> None:
        """Let options need a gate (−1: none)."""
        if np.any(gate >= 0):
            self.gates.append(gate.astype(np.int32))

    def resource(
        self,
        table: pd.DataFrame,
        measure: str,
        supply: npt.ArrayLike,
        price: npt.ArrayLike = 0.0,
        limit: npt.ArrayLike = 0.0,
    ) -> tuple[Ids, Ids]:
        """Add one resource with one measure per row of a label table; returns resources and measures."""
        resources = self.builder.add_resources(len(table), overflow_price=price, overflow_limit=limit)
        self.label("resources", table)
        measures = self.builder.add_measures(resources, np.broadcast_to(supply, len(table)))
        self.label("measures", pd.DataFrame({"resource": resources, "measure": measure}))
        return resources, measures

    def finish(self) -> LabelledProblem:
        """Add the options, block by block, and build."""
        priced, orders = self.priced, self.facts.orders
        cost = priced.option_cost.copy()
        for credit in self.credits:
            cost -= credit
        cost *= orders
        for begin in range(0, len(cost), BLOCK):
            part = slice(begin, begin + BLOCK)
            gates = np.column_stack([gate[part] for gate in self.gates]) if self.gates else None
            measures = np.column_stack([use[part] for use, _ in self.uses]) if self.uses else None
            amounts = None
            if self.uses:
                amounts = np.column_stack([amount[part] for _, amount in self.uses]) * orders[part, None]
            self.builder.add_options(
                priced.option_row[part], cost[part], gates=gates, measures=measures, amounts=amounts
            )
        built = self.builder.build()
        return LabelledProblem(built.problem, self._labels(built))

    def _labels(self, built: Built) -> Labels:
        priced = self.priced
        options = pd.DataFrame(
            {
                "row": priced.option_row,
                "direct": priced.option_direct,
                "inbound": priced.option_inbound,
                "holding": priced.option_holding,
                "outbound": priced.option_outbound,
            },
            copy=False,
        )
        if np.any(built.option_order[1:] < built.option_order[:-1]):
            options = options.iloc[built.option_order].reset_index(drop=True)
        tables = {kind: self._table(kind) for kind in COLUMNS}
        orders = {
            "sizes": built.size_order, "measures": built.measure_order, "modules": built.module_order,
            "tiers": built.tier_order,
        }  # fmt: skip
        for kind, order in orders.items():
            tables[kind] = tables[kind].iloc[order].reset_index(drop=True)
        return Labels(rows=priced.rows, options=options, **tables)

    def _table(self, kind: str) -> pd.DataFrame:
        parts = [part for part in self.labels.get(kind, []) if len(part)]
        if not parts:
            return pd.DataFrame(columns=COLUMNS[kind])
        table = pd.concat(parts, ignore_index=True)
        columns = [*COLUMNS[kind], *(name for name in table.columns if name not in COLUMNS[kind])]
        table = table.reindex(columns=columns)
        for name in columns:
            if name in NUMBERS:
                table[name] = table[name].fillna(-1).astype(np.int64)
            elif table[name].dtype == object:
                table[name] = table[name].fillna("")
        return table


def owners(instance: Instance) -> list[str]:
    """The alliance as one (the empty name), or every member for itself where nothing is shared."""
    return [""] if instance.model.sharing else list(instance.members)


def codes(keys: npt.ArrayLike, names: npt.ArrayLike) -> Ids:
    """Position of each name among the keys, −1 where it is not among them."""
    return (
        pd.Index(np.asarray(keys, dtype=object)).get_indexer(np.asarray(names, dtype=object)).astype(np.int64)
    )


def facts(instance: Instance, priced: PricedOptions) -> Facts:
    """Look up what every option is made of."""
    periods, rows = priced.periods.index, priced.rows
    inbound, outbound = priced.option_inbound, priced.option_outbound
    member = codes(instance.members, rows["member"])[priced.option_row]
    lanes = priced.supply.freight.lanes
    key = pd.MultiIndex.from_frame(lanes[["lane", "period"]])
    lane_period = key.get_indexer(pd.MultiIndex.from_frame(priced.inbound[["lane", "period"]])).astype(
        np.int64
    )
    return Facts(
        orders=rows["orders"].to_numpy(np.float64)[priced.option_row],
        member=member,
        owner=np.zeros_like(member) if instance.model.sharing else member,
        site=_taken(codes(instance["sites"]["site"], priced.outbound["site"]), outbound),
        sale=rows["number"].to_numpy(np.int64)[priced.option_row],
        arrival=_taken(codes(periods, priced.inbound["period"]), inbound),
        lane_period=_taken(lane_period, inbound),
    )


def _taken(values: Ids, at: npt.NDArray[np.int32]) -> Ids:
    if not len(values):
        return np.full(len(at), -1, dtype=np.int64)
    return np.where(at >= 0, values[np.maximum(at, 0)], -1)
