"""Write a run into its folder and read it back."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimizer import scenario
from optimizer.errors import Fault, InputError
from optimizer.plan.plan import Plan
from optimizer.plan.store import read_tables, write_tables
from optimizer.runs.certificate import Certificate, read_certificate, write_certificate
from optimizer.runs.folder import claim
from optimizer.runs.manifest import FORMAT, file_hashes, manifest_of
from optimizer.runs.outcome import Outcome
from optimizer.runs.start import Start, read_start, write_start
from optimizer.scenario.instance import Instance

__all__ = ["Run", "plain", "read_run", "write_run"]

MANIFEST = "manifest.json"
SCENARIO = Path("scenario") / "scenario.toml"
TABLES = Path("tables")
CERTIFICATE = Path("certificate")
START = CERTIFICATE / "start.npz"


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run as it stands on disk.

    Parameters
    ----------
    folder
        Its folder.
    manifest
        What went in and what came out; see `optimizer.runs.manifest`.
    plan
        The plan tables.
    certificate
        What certifies the bound; empty where it rests on a solver's word.
    start
        What a later solve can start from; None for a run that kept nothing.
    """

    folder: Path
    manifest: Mapping[str, Any]
    plan: Plan
    certificate: Certificate
    start: Start | None

    @property
    def scenario(self) -> Path:
        """File of the effective scenario as stored: one layer, after inheritance and edits."""
        return self.folder / SCENARIO


def write_run(folder: Path, instance: Instance, outcome: Outcome) -> None:
    """Write the run; `folder` appears complete or not at all.

    Raises
    ------
    InputError
        The folder exists or cannot be written.
    """
    with claim(folder) as draft:
        scenario.write(instance, draft / SCENARIO.parent)
        (draft / TABLES).mkdir()
        write_tables(outcome.plan, draft / TABLES)
        (draft / CERTIFICATE).mkdir()
        if outcome.start is not None:
            write_start(draft / START, outcome.start)
        write_certificate(draft / CERTIFICATE, Certificate(outcome.prices, outcome.tree))
        manifest = plain(manifest_of(instance, outcome)) | {"files": file_hashes(draft)}
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (draft / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises
    ------
    InputError
        It is no run folder, a file is missing or damaged, or its format is a later one.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest.get("format") != FORMAT:
            rule = f"this version reads run format {FORMAT}."
            raise InputError(
                [Fault(str(folder), str(manifest.get("format")), rule, "Solve the scenario again.")]
            )
        plan = Plan(manifest["name"], manifest["currency"], read_tables(folder / TABLES))
        certificate = read_certificate(folder / CERTIFICATE)
        start = read_start(folder / START)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        rule = f"is not a complete run folder ({type(error).__name__}: {error})."
        raise InputError(
            [Fault("run folder", str(folder), rule, "Name a folder that `entrepot solve` wrote.")]
        ) from error
    return Run(folder, manifest, plan, certificate, start)


def plain(value: Any) -> Any:
    """Return the value with only what JSON can say: infinities and NaN become None.

    >>> plain({"gap": float("inf"), "sizes": (1, 2)})
    {'gap': None, 'sizes': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
