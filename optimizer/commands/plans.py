"""Commands that make plans and prove them: solve, verify, export."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer import pipeline
from optimizer.commands.options import AsJson, Edits, RunFolder
from optimizer.errors import EntrepotError, Fault, InputError
from optimizer.report.command import err, fail, guarded, out, show
from optimizer.report.progress import interruptible, progress_line
from optimizer.report.terminal import print_outcome, print_verification
from optimizer.runs.folder import new_folder

app = typer.Typer()


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
    warm: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Earlier run to start from: its prices, plan and cuts.")
    ] = None,
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
                    warm=warm,
                    on_progress=update,
                    should_stop=stop,
                )
            show(outcome.as_json()) if as_json else print_outcome(out, outcome)
        except EntrepotError as error:
            codes.append(fail(error, as_json, str(path)))
        except Exception as error:
            if len(scenarios) == 1:
                raise
            mistake = EntrepotError(f"a mistake of ours, not yours: {type(error).__name__}: {error}")
            codes.append(fail(mistake, as_json, str(path)))
    if codes:
        raise typer.Exit(max(codes))


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
