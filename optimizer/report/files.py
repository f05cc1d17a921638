"""Finished runs as files to open, send and print; what each command of the reports does.

Charts, maps and pages need the packages of the extra ``report``; they are loaded only when asked for, so
that the other commands start fast and work without them.
"""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optimizer import scenario
from optimizer.errors import Fault, InputError
from optimizer.runs.store import Run, read_run
from optimizer.scenario.instance import Instance

__all__ = ["make_map", "make_plot", "make_report", "make_workbook", "part"]


def make_report(runs: Sequence[Path], path: Path, language: str = "en", alliance: Path | None = None) -> None:
    """Write the HTML report of finished runs.

    Parameters
    ----------
    runs
        Run folders; differences are those from the first.
    path
        File to write.
    language
        Language in which it opens.
    alliance
        JSON that ``entrepot alliance --json`` printed, if the split is to be shown.

    Raises
    ------
    InputError
        A folder is no run, a file cannot be read or written, or the extra ``report`` is not installed.
    """
    split = None if alliance is None else _read_json(alliance)
    part("html").write_html([_with_instance(folder) for folder in runs], path, language, split)


def make_workbook(run: Path, path: Path, language: str = "en") -> None:
    """Write the workbook of a finished run."""
    finished, instance = _with_instance(run)
    part("workbook").write_workbook(finished, instance, path, language)


def make_map(run: Path, path: Path, language: str = "en") -> None:
    """Write the map of a finished run: a figure (.svg, .png, .pdf) or layers (.geojson, .gpkg)."""
    finished, instance = _with_instance(run)
    part("map_files").write_map(finished.plan, instance, path, language)


def make_plot(run: Path, kind: str, path: Path, language: str = "en") -> None:
    """Write one chart of a finished run as .svg, .png, .pdf or .json (Vega-Lite)."""
    part("plot").write_plot(read_run(run), kind, path, language)


def part(name: str) -> Any:
    """Load a module of this package that needs the extra ``report``.

    Raises
    ------
    InputError
        A package of the extra is not installed.
    """
    try:
        return importlib.import_module(f"optimizer.report.{name}")
    except ModuleNotFoundError as error:
        mend = "Install it: pip install 'entrepot[report]'."
        raise InputError([Fault("report", str(error.name), "is not installed.", mend)]) from error


def _with_instance(folder: Path) -> tuple[Run, Instance]:
    run = read_run(folder)
    return run, scenario.load(run.scenario)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        mend = "Write it with `entrepot alliance SCENARIO --json > split.json`."
        raise InputError([Fault("--alliance", str(path), f"cannot be read ({error}).", mend)]) from error
