"""The `entrepot` command: it parses, calls, prints, and maps errors to exit codes.

0 done; 1 a check failed; 2 bad input; 3 infeasible, with the reasons; 4 no plan within the limits.
"""

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from optimizer import __version__, pipeline, scenario
from optimizer.errors import CheckError, EntrepotError, Fault, InfeasibleError, InputError
from optimizer.report.progress import interruptible, progress_line
from optimizer.report.terminal import (
    print_comparison,
    print_error,
    print_instance,
    print_outcome,
    print_verification,
)
from optimizer.runs.folder import new_folder
from optimizer.runs.store import plain
from optimizer.scenario.reference_check import reference_check

app = typer.Typer(
    help="Route orders, share overseas warehouses, split the cost; with proofs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
reference = typer.Typer(help="The reference tables that scenarios share.", no_args_is_help=True)
app.add_typer(reference, name="reference")

PAPER = 110
"""Width of what is printed where there is no terminal."""

NEWEST = Path("scenarios/reference/2026")
out = Console(width=None if sys.stdout.isatty() else PAPER)
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Edits = Annotated[list[str] | None, typer.Option("--edit", help="What-if edit; may be repeated.")]
ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML).")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")]


def exit_code(error: EntrepotError) -> int:
    """Exit code of an error: 1 check, 2 input, 3 infeasible, 4 no plan or a failed solver."""
    if isinstance(error, CheckError):
        return 1
    if isinstance(error, InputError):
        return 2
    return 3 if isinstance(error, InfeasibleError) else 4


def fail(error: EntrepotError, as_json: bool, name: str = "") -> int:
    """Print an error and return its exit code."""
    if as_json:
        kinds = {1: "check_failed", 2: "bad_input", 3: "infeasible", 4: "no_plan"}
        parts = error.args[0].splitlines() if error.args else []
        show({"scenario": name, "status": kinds[exit_code(error)], "reasons": parts})
    else:
        print_error(err, error, name)
    return exit_code(error)


def show(result: Any) -> None:
    """Print a result as one JSON object."""
    typer.echo(json.dumps(plain(result), ensure_ascii=False))


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors raised on purpose into a message and an exit code."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except EntrepotError as error:
            raise typer.Exit(fail(error, bool(options.get("as_json")))) from error

    return run


def print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"entrepot {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Route orders, share overseas warehouses, split the cost; with proofs.

    Example: entrepot solve scenarios/quickstart.toml
    """


@app.command()
@guarded
def solve(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files (TOML).")],
    run_dir: Annotated[
        Path | None, typer.Option("-o", "--output", help="Run folder to write; default runs/<scenario>-<n>.")
    ] = None,
    strategy: Annotated[str | None, typer.Option(help="auto, direct, reference, …")] = None,
    gap: Annotated[
        float | None, typer.Option(help="Relative gap at which to stop, e.g. 0.001.", min=0)
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for the solver.", min=0)] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the solver.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.")] = None,
    edit: Edits = None,
    alone: Annotated[bool, typer.Option(help="Also solve each member by itself.")] = True,
    as_json: AsJson = False,
) -> None:
    """Find the cheapest plan, check it, prove how good it is, and write a run folder.

    Example: entrepot solve scenarios/eu_alliance.toml --gap 0.001 --time-limit 60
    --edit "table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35"

    Of several scenarios each is solved; one that fails does not stop the others.
    """
    if run_dir is not None and len(scenarios) > 1:
        rule = "names one run folder, but there are several scenarios."
        raise InputError([Fault("-o", str(run_dir), rule, "Leave it out, or solve them one by one.")])
    codes = []
    for path in scenarios:
        try:
            folder = run_dir or new_folder(path.stem)
            with progress_line(err, path.stem) as update, interruptible() as stop:
                outcome = pipeline.solve(
                    path,
                    edits=edit or (),
                    strategy=strategy,
                    gap=gap,
                    time_limit_s=time_limit,
                    threads=threads,
                    seed=seed,
                    alone=alone,
                    run_dir=folder,
                    on_progress=update,
                    should_stop=stop,
                )
            show(outcome.as_json()) if as_json else print_outcome(out, outcome)
        except EntrepotError as error:
            codes.append(fail(error, as_json, str(path)))
    if codes:
        raise typer.Exit(max(codes))


@app.command()
@guarded
def validate(path: ScenarioFile, edit: Edits = None, as_json: AsJson = False) -> None:
    """Read a scenario and list every fault at once.

    Example: entrepot validate scenarios/eu_us_alliance.toml
    """
    instance = scenario.load(path, edit or ())
    sizes = {name: len(table) for name, table in instance.tables.items()}
    if as_json:
        show({"scenario": instance.name, "status": "valid", "rows": sizes})
    else:
        print_instance(out, instance)


@app.command()
@guarded
def verify(run: RunFolder, as_json: AsJson = False) -> None:
    """Check a finished run again: files, feasibility, every cost component, and the bound.

    Example: entrepot verify runs/quickstart-1
    """
    verification = pipeline.verify(run)
    if as_json:
        show(verification.as_json())
    else:
        print_verification(out, run, verification)
    if verification.failures:
        raise typer.Exit(1)


@app.command()
@guarded
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Folders of finished runs.")],
    as_json: AsJson = False,
) -> None:
    """Say what opens, moves, gets cheaper or dearer between runs; the first is compared with.

    Example: entrepot compare runs/eu_alliance-1 runs/no_sharing-1
    """
    comparison = pipeline.compare(runs)
    if as_json:
        show(comparison.as_json())
    else:
        print_comparison(out, comparison)


@app.command()
@guarded
def template(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder for CSV files, or a file .xlsx.")],
) -> None:
    """Write empty tables with header, unit, meaning and an example row.

    Example: entrepot template my_tables.xlsx
    """
    scenario.write_template(path)
    out.print(f"Wrote templates to {path}", soft_wrap=True)


@app.command()
@guarded
def export(
    source: Annotated[Path, typer.Argument(metavar="RUN|SCENARIO", help="Run folder or scenario file.")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File ending in .mps or .lp.")],
    edit: Edits = None,
) -> None:
    """Write the model for another solver, with the names of the business.

    Example: entrepot export scenarios/quickstart.toml quickstart.mps
    """
    size = pipeline.export(source, path, edit or ())
    out.print(f"Wrote {size} to {path}", soft_wrap=True, highlight=False)


@reference.command("check")
@guarded
def check_reference(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of reference tables.")] = NEWEST,
    as_json: AsJson = False,
) -> None:
    """Prove that every figure has a source, dates have no gap, and units are plausible.

    Example: entrepot reference check scenarios/reference/2026
    """
    faults = reference_check(folder)
    if faults:
        raise InputError(faults)
    if as_json:
        show({"folder": str(folder), "status": "sound"})
    else:
        out.print(
            f"{folder}: every figure has a source, no gap in dates, no unit out of range.", soft_wrap=True
        )


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
