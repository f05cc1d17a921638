"""`Assembly`: a problem under construction, with the labels of everything added to it."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.problem.builder import Built, ProblemBuilder
from optimizer.problem.labels import Labels
from optimizer.problem.spread import spread_amounts, spread_gates
from optimizer.scenario.instance import Instance

__all__ = ["Assembly", "Facts", "codes", "facts", "owners"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

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
    """What the entries of a factor table are about, as numbers; −1 where there is no such thing.

    Attributes
    ----------
    at
        Position of every option in the table, −1 where it has no such factor.
    member, owner, site, arrival, sale, market, lane
        Positions in members, owners, sites, periods (twice) and markets; `lane` is a lane × period of
        the freight supply (inbound) or a row of `lanes` (direct, outbound).
    """

    at: npt.NDArray[np.int32]
    member: Ids
    owner: Ids
    site: Ids
    arrival: Ids
    sale: Ids
    market: Ids
    lane: Ids


@dataclass(eq=False)
class Assembly:
    """Builder, labels, and the gates and uses of the entries of every factor table."""

    instance: Instance
    priced: PricedOptions
    facts: dict[str, Facts]
    builder: ProblemBuilder = field(default_factory=ProblemBuilder)
    labels: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    gates: dict[str, list[Ids]] = field(default_factory=dict)
    uses: dict[str, list[tuple[Ids, Floats]]] = field(default_factory=dict)
    credits: dict[str, list[Floats]] = field(default_factory=dict)

    def label(self, kind: str, table: pd.DataFrame) -> None:
        """Append the labels of items just added."""
        self.labels.setdefault(kind, []).append(table.reset_index(drop=True))

    def use(self, stage: str, measure: Ids, amount: Floats) -> None:
        """Let entries of a factor table use a measure: its number (−1: none) and the amount per order."""
        used = (measure >= 0) & (amount != 0.0)
        if used.any():
            self.uses.setdefault(stage, []).append((np.where(used, measure, -1), np.where(used, amount, 0.0)))

    def need(self, stage: str, gate: Ids) -> None:
        """Let entries of a factor table need a gate (−1: none)."""
        if np.any(gate >= 0):
            self.gates.setdefault(stage, []).append(gate)

    def credit(self, stage: str, amount: Floats) -> None:
        """Take money per order out of the options' own cost, because a resource charges it."""
        self.credits.setdefault(stage, []).append(amount)

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

    def finish(self) -> tuple[Built, Labels]:
        """Add the options and build; the labels stand in the order of the problem."""
        priced = self.priced
        orders = priced.rows["orders"].to_numpy(np.float64)[priced.option_row]
        cost = priced.option_cost.copy()
        for stage, credits in self.credits.items():
            cost -= np.append(sum(credits), 0.0)[self.facts[stage].at]
        amounts = [
            (
                self.facts[stage].at,
                np.column_stack([measure for measure, _ in uses]).astype(np.int32),
                np.column_stack([amount for _, amount in uses]),
            )
            for stage, uses in self.uses.items()
        ]
        gates = [
            (self.facts[stage].at, np.column_stack(needed).astype(np.int32))
            for stage, needed in self.gates.items()
        ]
        use_start, measure, amount = spread_amounts(amounts, orders)
        gate_start, gate = spread_gates(gates, len(orders))
        self.builder.add_options(
            priced.option_row,
            cost * orders,
            gates=(gate_start, (gate,)),
            uses=(use_start, (measure, amount)),
        )
        built = self.builder.build()
        return built, self._labels(built)

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
        pd.Index(np.asarray(keys, dtype=object))
        .get_indexer(pd.Index(np.asarray(names, dtype=object)))
        .astype(np.int64)
    )


def facts(instance: Instance, priced: PricedOptions) -> dict[str, Facts]:
    """Look up what the entries of every factor table are about."""
    members = codes(instance.members, instance["products"]["member"])
    positions = {
        "direct": priced.option_direct, "inbound": priced.option_inbound, "holding": priced.option_holding,
        "outbound": priced.option_outbound,
    }  # fmt: skip
    found = {}
    for stage, at in positions.items():
        table: pd.DataFrame = getattr(priced, stage)
        member = members[codes(instance["products"]["product"], table["product"])]
        arrival = {"inbound": "period", "holding": "arrival"}.get(stage, "")
        sale = {"direct": "period", "holding": "sale", "outbound": "period"}.get(stage, "")
        found[stage] = Facts(
            at=at,
            member=member,
            owner=np.zeros_like(member) if instance.model.sharing else member,
            site=_coded(instance["sites"]["site"], table, "site"),
            arrival=_coded(priced.periods.index, table, arrival),
            sale=_coded(priced.periods.index, table, sale),
            market=_coded(instance["markets"]["market"], table, "market"),
            lane=_lane_periods(priced) if stage == "inbound" else _rows_of_lanes(table),
        )
    return found


def _coded(keys: npt.ArrayLike, table: pd.DataFrame, column: str) -> Ids:
    return codes(keys, table[column]) if column in table else np.full(len(table), -1, dtype=np.int64)


def _rows_of_lanes(table: pd.DataFrame) -> Ids:
    return table["lane"].to_numpy(np.int64) if "lane" in table else np.full(len(table), -1, dtype=np.int64)


def _lane_periods(priced: PricedOptions) -> Ids:
    key = pd.MultiIndex.from_frame(priced.supply.freight.lanes[["lane", "period"]])
    return key.get_indexer(pd.MultiIndex.from_frame(priced.inbound[["lane", "period"]])).astype(np.int64)
