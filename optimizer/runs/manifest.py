"""The manifest of a run: what went in, on what it ran, and what came out."""

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from optimizer import __version__
from optimizer.runs.outcome import Outcome
from optimizer.scenario.instance import Instance

__all__ = ["FORMAT", "changed_files", "file_hashes", "inputs_of", "machine", "manifest_of", "versions"]

FORMAT = 1
"""Format of a run folder; a reader refuses what it does not know."""

_PACKAGES = (
    "numpy",
    "pandas",
    "scipy",
    "numba",
    "ortools",
    "pulp",
    "networkx",
    "searoute",
    "pyarrow",
    "highspy",
)


def inputs_of(instance: Instance) -> dict[str, Any]:
    """Return what determined the run: scenario, file hashes, edits and settings."""
    return {
        "format": FORMAT,
        "scenario": instance.provenance.scenario,
        "name": instance.name,
        "currency": instance.currency,
        "members": list(instance.members),
        "inputs": dict(sorted(instance.provenance.inputs.items())),
        "edits": list(instance.provenance.edits),
        "settings": {"model": asdict(instance.model), "solve": asdict(instance.solve)},
    }


def manifest_of(instance: Instance, outcome: Outcome) -> dict[str, Any]:
    """Return everything the manifest records but the hashes of the run's own files."""
    result = outcome.as_json()
    del result["run_dir"]
    return {
        **inputs_of(instance),
        "versions": versions(),
        "machine": machine(),
        "result": result,
        "trace": [[point.seconds, point.objective, point.bound] for point in outcome.trace],
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of Entrepot and of the packages that can change a result."""
    found = {"python": platform.python_version(), "entrepot": __version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str | int]:
    """Return what the run was made on, and when."""
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count() or 1,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by relative POSIX path, manifest excluded."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def changed_files(folder: Path, recorded: Mapping[str, str]) -> list[str]:
    """Return the files of a run that are missing, added or no longer what the manifest recorded."""
    now = file_hashes(folder)
    return sorted(name for name in now.keys() | recorded.keys() if now.get(name) != recorded.get(name))
