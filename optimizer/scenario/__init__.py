"""Scenarios: table definitions, readers, inheritance, edits, checks, writers, and the frozen `Instance`."""

from optimizer.scenario.filtering import restrict
from optimizer.scenario.instance import Instance, ModelSettings, Provenance, SolveSettings
from optimizer.scenario.load import load

__all__ = ["Instance", "ModelSettings", "Provenance", "SolveSettings", "load", "restrict"]
