"""The command that measures solvers on published instances: bench."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from optimizer.commands.options import AsJson
from optimizer.errors import Fault, InputError
from optimizer.published.bench import run_bench
from optimizer.published.bench_means import save_profile
from optimizer.published.bench_report import as_json as as_bench_json
from optimizer.published.bench_report import contradictions, result_line, summary_table, table
from optimizer.published.measure import Measurement
from optimizer.report.command import err, guarded, listed, show

app = typer.Typer()

WIDE = 180
"""Width of the table where there is no terminal."""


@app.command()
@guarded
def bench(
    instances: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of published instances.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Names of instances, separated by commas; may be repeated.")
    ] = None,
    strategies: Annotated[str, typer.Option(help="Ours, separated by commas.")] = "auto",
    peers: Annotated[
        str, typer.Option(help="highs, scip, cpsat, cbc, highspy, pyscipopt, separated by commas.")
    ] = "",
    gap: Annotated[float, typer.Option(min=0, help="Relative gap to be proved.")] = 1e-4,
    time_limit: Annotated[float, typer.Option(min=0, help="Seconds for every solve.")] = 60.0,
    threads: Annotated[int, typer.Option(min=1, help="Threads of every solve.")] = 1,
    seeds: Annotated[str, typer.Option(help="Seeds, separated by commas.")] = "0",
    memory: Annotated[int | None, typer.Option(min=1, help="Limit of a solver's process in MB.")] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Draw the performance profile into this .png, .svg or .pdf.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Also write the JSON into this file.")
    ] = None,
    certify: Annotated[
        bool, typer.Option("--certify", help="Prove our bounds again from their certificates, off the clock.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure our strategies and installed solvers side by side on published instances.

    A peer may name the form of its program: highspy:strong, highspy:aggregated (without x <= y rows).

    Example: entrepot bench --only generated/alliance-S --strategies auto,direct --peers highs,scip
    """
    _check_folders([output, profile])
    measured = run_bench(
        instances,
        only=[name for part in only or () for name in listed(part)],
        strategies=listed(strategies),
        peers=listed(peers),
        gap=gap,
        time_limit_s=time_limit,
        threads=threads,
        seeds=_seeds(seeds),
        memory_mb=memory,
        certify=certify,
        on_result=_tell,
    )
    found = as_bench_json(measured, time_limit)
    if output is not None:
        output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if profile is not None:
        save_profile(measured, profile)
    if as_json:
        show(found)
        return
    wide = Console(width=None if sys.stdout.isatty() else WIDE)
    wide.print(table(measured))
    wide.print(summary_table(measured, time_limit))
    for line in contradictions(measured):
        wide.print(line, highlight=False, soft_wrap=True)


def _tell(measurement: Measurement) -> None:
    """One line on the error stream as soon as a solve is done."""
    err.print(result_line(measurement), highlight=False, soft_wrap=True, markup=False)


def _check_folders(paths: list[Path | None]) -> None:
    """Find out before the first solve, not after the last, that a file could not be written."""
    missing = [path for path in paths if path is not None and not path.absolute().parent.is_dir()]
    if missing:
        rule = "cannot be written: its folder is not there."
        raise InputError([Fault("bench", str(path), rule, "Name another place.") for path in missing])


def _seeds(text: str) -> list[int]:
    try:
        return [int(seed) for seed in listed(text)]
    except ValueError as error:
        fault = Fault("--seeds", text, "needs whole numbers.", "Write them as 0,1,2.")
        raise InputError([fault]) from error
