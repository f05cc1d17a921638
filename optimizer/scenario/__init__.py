"""Scenarios: table definitions, readers, inheritance, edits, checks, writers, and the frozen `Instance`."""

from optimizer.scenario.describe import reference_page
from optimizer.scenario.filtering import restrict
from optimizer.scenario.instance import Instance, ModelSettings, Provenance, SolveSettings
from optimizer.scenario.load import load
from optimizer.scenario.template import write_template
from optimizer.scenario.writing import write

__all__ = [
    "Instance",
    "ModelSettings",
    "Provenance",
    "SolveSettings",
    "load",
    "reference_page",
    "restrict",
    "write",
    "write_template",
]
