"""Words for definitions: the rule and the default of a column, and the reference page of all tables."""

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel

from optimizer.scenario.fields import PROVENANCE, REQUIRED, VALIDITY, Field, Kind, Table
from optimizer.scenario.instance import ModelSettings, SolveSettings
from optimizer.scenario.settings import EditSection, ModelSection, ScenarioSection, SolveSection
from optimizer.scenario.tables import TABLES

__all__ = ["column_default", "column_rule", "reference_page"]

_KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.INTEGER: "whole number",
    Kind.FLAG: "true or false",
    Kind.DATE: "date as year-month-day",
    Kind.COUNTRY: "country code (ISO 3166-1 alpha-2)",
    Kind.CURRENCY: "currency code (ISO 4217)",
}
_INTRODUCTION = """# Tables of a scenario

Written by `python -m optimizer.scenario > scenarios/TABLES.md` from the definitions in the package
`optimizer/scenario/tables`.

One CSV file, sheet or database table each; columns are matched by name, in any order. A column with a
default may be left out, and an empty cell means its default. Rows whose first cell starts with `#` are
remarks. Headers in PascalCase are accepted where they fit exactly one column (`UnitWeight` for
`weight_kg`). Percentages are written as such: ten percent is 10. Steps hold for from ≤ x < to. The columns
marked **key** together identify a row: later layers replace rows with the same key.
"""


def column_rule(field: Field) -> str:
    """Return what a cell of a column may hold, in words.

    >>> column_rule(Field("share_pct", Kind.NUMBER, "%", "Share.", "20", above=0, maximum=100))
    'number above 0 and at most 100; needed'
    """
    text = "one of " + ", ".join(field.choices) if field.kind is Kind.CHOICE else _KINDS[field.kind]
    limits = []
    if field.above is not None:
        limits.append(f"above {field.above:g}")
    if field.minimum is not None:
        limits.append(f"at least {field.minimum:g}")
    if field.maximum is not None:
        limits.append(f"at most {field.maximum:g}")
    text += f" {' and '.join(limits)}" if limits else ""
    text += f", usually {field.plausible[0]:g} to {field.plausible[1]:g}" if field.plausible else ""
    text += f"; must exist in {field.refers}" if field.refers else ""
    return f"{text}; {'needed' if field.default is REQUIRED else column_default(field)}"


def column_default(field: Field) -> str:
    """Return what an empty cell of a column means."""
    if field.default is REQUIRED:
        return "needed"
    if field.default is None or field.default == "":
        return "may be empty"
    value = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"empty: {value:g}" if isinstance(value, float) else f"empty: {value}"


def reference_page() -> str:
    """Return the reference page of scenario files, tables and columns, in Markdown."""
    parts = [_INTRODUCTION, "## The scenario file\n"]
    parts.append(_section("[scenario]", ScenarioSection, {"format": 1}))
    parts.append(_section("[[edit]]", EditSection, {}))
    parts.append(_section("[model]", ModelSection, asdict(ModelSettings())))
    parts.append(_section("[solve]", SolveSection, asdict(SolveSettings())))
    parts.append("## Columns that several tables share\n")
    parts.append("Tables marked *dated* also have:\n\n" + _columns(VALIDITY, ("valid_from",)))
    parts.append("Tables marked *with sources* also have:\n\n" + _columns(PROVENANCE, ()))
    parts += [_table(table) for table in TABLES.values()]
    return "\n".join(parts)


def _table(table: Table) -> str:
    """Return the part of the page on one table."""
    notes = [
        *(["needed"] if table.required else []),
        *(["dated"] if table.dated else []),
        *(["with sources"] if table.sourced else []),
    ]
    mark = f" *({', '.join(notes)})*" if notes else ""
    return f"## {table.name}\n\n{table.meaning}{mark}\n\n{_columns(table.fields, table.key)}"


def _columns(fields: tuple[Field, ...], key: tuple[str, ...]) -> str:
    """Return columns as a Markdown table."""
    lines = ["| column | unit | meaning | rule | example |", "|---|---|---|---|---|"]
    for field in fields:
        name = f"`{field.name}`" + (" **key**" if field.name in key else "")
        cells = (name, field.unit, field.meaning, column_rule(field), field.example)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _section(title: str, model: type[BaseModel], defaults: Mapping[str, object]) -> str:
    """Return a section of the scenario file as a Markdown table."""
    lines = [f"### `{title}`\n", "| key | default | meaning |", "|---|---|---|"]
    for name, info in model.model_fields.items():
        value = defaults.get(name)
        shown = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        lines.append(f"| `{name}` | {shown} | {info.description} |")
    return "\n".join(lines) + "\n"
