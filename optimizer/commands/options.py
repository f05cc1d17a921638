"""Options and arguments that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["NEWEST", "AsJson", "Edits", "Lang", "RunFolder", "ScenarioFile"]

NEWEST = Path(__file__).resolve().parents[2] / "scenarios" / "reference" / "2026"
"""The newest reference tables that are shipped."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Edits = Annotated[list[str] | None, typer.Option("--edit", help="What-if edit; may be repeated.")]
ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML).")]
Lang = Annotated[str, typer.Option(help="Language of what is written: en or zh.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")]
