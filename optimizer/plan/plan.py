"""`Plan`: what to do, as tables, with a summary in a few figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from optimizer.plan.columns import PLAN_TABLES

__all__ = ["Plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan in the words of the business.

    Parameters
    ----------
    name, currency
        Name of the scenario and currency of every amount.
    tables
        One table per entry of `optimizer.plan.columns.PLAN_TABLES`, in its columns and order.
    """

    name: str
    currency: str
    tables: Mapping[str, pd.DataFrame]

    def __post_init__(self) -> None:
        """Close the mapping and insist that no table is missing."""
        missing = set(PLAN_TABLES) - set(self.tables)
        if missing:
            raise KeyError(f"a plan without {', '.join(sorted(missing))}")
        object.__setattr__(
            self, "tables", MappingProxyType({name: self.tables[name] for name in PLAN_TABLES})
        )

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table by name; callers must not write into it."""
        return self.tables[table]

    @property
    def cost(self) -> float:
        """Total landed cost over the horizon, in `currency`."""
        return float(self["costs"]["amount"].sum())

    def cost_by(self, column: str) -> dict[str, float]:
        """Cost by component, member, market, mode, stage or period, in descending order of cost."""
        amounts = self["costs"].groupby(column, sort=True)["amount"].sum()
        return {
            str(key): float(value)
            for key, value in amounts.sort_values(ascending=False, kind="stable").items()
        }
