"""`Instance`: one scenario, read, checked and frozen. Every later stage reads it and none changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

__all__ = ["Instance", "ModelSettings", "Provenance", "SolveSettings"]


@dataclass(frozen=True)
class ModelSettings:
    """The ``[model]`` section: what the alliance may do.

    Parameters
    ----------
    sharing
        False gives every member its own copy of every site and no pooled freight (the sum of going alone).
    pooling
        Whether freight of several members may be pooled at consolidation points.
    own_freight
        Whether members may also ship freight each from its own origin.
    ahead_periods
        How many periods before the sale stock may arrive, ≥ 0.
    staged_openings
        Whether a site may open in a later period than the first.
    routes_per_pair
        How many freight routes are kept per start, service and site, ≥ 1.
    carbon_price_per_t
        Price of a tonne of CO₂e in scenario currency, ≥ 0.
    safety_stock_service_pct
        Cycle service level that safety stock is sized for, in [50, 99.99].
    demand_cv
        Coefficient of variation of the demand of one row and period, ≥ 0.
    discount_rate_pct
        Annual rate at which later periods are discounted, ≥ 0.
    """

    sharing: bool = True
    pooling: bool = True
    own_freight: bool = True
    ahead_periods: int = 1
    staged_openings: bool = False
    routes_per_pair: int = 1
    carbon_price_per_t: float = 0.0
    safety_stock_service_pct: float = 95.0
    demand_cv: float = 0.3
    discount_rate_pct: float = 0.0


@dataclass(frozen=True)
class SolveSettings:
    """The ``[solve]`` section: strategy, gap, limits, threads and seed."""

    strategy: str = "auto"
    gap: float = 1e-3
    time_limit_s: float | None = None
    threads: int = 2
    seed: int = 0
    memory_mb: int | None = None


@dataclass(frozen=True)
class Provenance:
    """Where an instance came from.

    Parameters
    ----------
    scenario
        Path or URL of the scenario as given.
    inputs
        SHA-256 of every file read, by path as the scenario names it.
    edits
        The edits applied, in order, each in the text form of ``--edit``.
    """

    scenario: str
    inputs: Mapping[str, str]
    edits: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Instance:
    """A scenario ready for pricing.

    Parameters
    ----------
    name, currency
        Name of the scenario and currency in which everything is reported.
    tables
        Every table of `optimizer.scenario.tables.TABLES`, empty ones included, with all columns in the
        declared order and types: text as ``object`` str (empty text where not given), numbers float64 (NaN),
        integers int64, flags bool, dates ``datetime64[ns]`` (NaT). Excluded members, products and services,
        closed sites, and everything that refers to them, are already gone; zero demand too. Index 0..n−1.
    model, solve
        Settings.
    provenance
        What was read.
    """

    name: str
    currency: str
    tables: Mapping[str, pd.DataFrame]
    model: ModelSettings
    solve: SolveSettings
    provenance: Provenance

    def __post_init__(self) -> None:
        """Close the mapping of tables against later change."""
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))

    def __reduce__(self) -> tuple[type["Instance"], tuple[object, ...]]:
        """Return how to rebuild the instance in another process; a mapping proxy alone cannot travel."""
        parts = (self.name, self.currency, dict(self.tables), self.model, self.solve, self.provenance)
        return Instance, parts

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table by name; callers must not write into it."""
        return self.tables[table]

    @property
    def members(self) -> tuple[str, ...]:
        """Keys of the members taking part, in table order."""
        return tuple(self.tables["members"]["member"])
