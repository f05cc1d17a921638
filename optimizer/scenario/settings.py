"""The sections of a scenario file, as strict models: an unknown key or a wrong type is a fault."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from optimizer.errors import Fault
from optimizer.scenario.faultlist import suggestion
from optimizer.scenario.instance import ModelSettings, SolveSettings

__all__ = ["EditSection", "ModelSection", "ScenarioSection", "SolveSection", "read_section"]


class _Section(BaseModel):
    """What all sections share: no unknown keys, no conversion between types, no infinities."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ScenarioSection(_Section):
    """The ``[scenario]`` section."""

    name: str = Field("", description="Name of the scenario; by default that of the file.")
    format: Literal[1] = Field(1, description="Version of the scenario format.")
    extends: str = Field(
        "", pattern=r"^[^\x00]*$", description="Scenario file to start from; its layers and edits come first."
    )
    tables: list[str] = Field(
        default_factory=list,
        description="Layers: CSV folders, .xlsx workbooks or SQL URLs; later layers win, row by key.",
    )
    members: list[str] | None = Field(
        None, min_length=1, description="Members that take part; by default all."
    )
    currency: str = Field("", description="Currency in which everything is reported (ISO 4217).")
    unusual: list[str] = Field(
        default_factory=list,
        description="Columns, as table.column, whose values may leave the plausible range.",
    )


class EditSection(_Section):
    """One ``[[edit]]``: exactly one of multiply, add, set and delete."""

    table: str = Field(description="Table to change.")
    where: str = Field("", description="Condition on the columns, as in \"mode == 'sea' and amount > 100\".")
    column: str = Field("", description="Column to change; not for delete.")
    multiply: float | None = Field(None, description="Factor on the values.")
    add: float | None = Field(None, description="Amount added to the values.")
    set: str | float | int | bool | dt.date | None = Field(None, description="New value.")
    delete: bool = Field(False, description="True removes the rows.")


class ModelSection(_Section):
    """The ``[model]`` section."""

    sharing: bool = Field(
        description="False: every member has its own copy of each site and no pooled freight."
    )
    pooling: bool = Field(description="Freight of several members may be pooled at consolidation points.")
    own_freight: bool = Field(description="Members may also ship freight each from its own origin.")
    ahead_periods: int = Field(ge=0, le=24, description="How many periods before the sale stock may arrive.")
    staged_openings: bool = Field(description="A site may open in a later period than the first.")
    routes_per_pair: int = Field(ge=1, le=100, description="Freight routes kept per start, service and site.")
    carbon_price_per_t: float = Field(ge=0, description="Price of a tonne of CO₂e, in scenario currency.")
    safety_stock_service_pct: float = Field(
        ge=50, le=99.99, description="Cycle service level of safety stock."
    )
    demand_cv: float = Field(
        ge=0, le=10, description="Coefficient of variation of a row's demand in a period."
    )
    discount_rate_pct: float = Field(
        ge=0, le=100, description="Annual rate at which later periods are discounted."
    )


class SolveSection(_Section):
    """The ``[solve]`` section."""

    strategy: str = Field(min_length=1, description="Strategy of the solver; auto chooses.")
    gap: float = Field(ge=0, le=1, description="Relative gap at which to stop; 0.001 is 0.1 %.")
    time_limit_s: float | None = Field(gt=0, description="Seconds after which to stop; by default none.")
    threads: int = Field(ge=1, le=1024, description="Threads.")
    seed: int = Field(ge=0, le=2**31 - 1, description="Seed of everything random.")
    memory_mb: int | None = Field(ge=64, description="Memory limit in MB; by default none.")


def read_section(
    model: type[_Section], given: Mapping[str, Any], where: str, defaults: Mapping[str, Any] | None = None
) -> tuple[Any, list[Fault]]:
    """Return a section as a model, or None with its faults.

    Parameters
    ----------
    model
        Model of the section.
    given
        Keys as the file has them.
    where
        File and section, for the faults.
    defaults
        Values of keys that are not given.
    """
    try:
        return model.model_validate({**(defaults or {}), **given}), []
    except ValidationError as problems:
        return None, [_fault(model, problem, where) for problem in problems.errors()]


def _fault(model: type[_Section], problem: Mapping[str, Any], where: str) -> Fault:
    """Return what pydantic found as a fault."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return Fault(where, key, "The section has no such key.", suggestion(key, list(model.model_fields)))
    if problem["type"] == "missing":
        return Fault(where, "", f"The key {key} is missing.", "Add it.")
    rule = f"{problem['msg'].replace('Input should', 'It should').removesuffix(' after validation, not 0')}."
    info = model.model_fields[str(problem["loc"][0])] if problem["loc"] else None
    mend = f"{key}: {info.description}" if info and info.description else "Mend the value."
    return Fault(f"{where} key {key}", str(problem["input"]), rule, mend)


def model_settings(given: Mapping[str, Any]) -> ModelSettings:
    """Return checked ``[model]`` keys over the defaults."""
    return ModelSettings(**{**asdict(ModelSettings()), **given})


def solve_settings(given: Mapping[str, Any]) -> SolveSettings:
    """Return checked ``[solve]`` keys over the defaults."""
    return SolveSettings(**{**asdict(SolveSettings()), **given})
