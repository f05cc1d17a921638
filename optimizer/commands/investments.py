"""The command that appraises the openings of a finished run: invest."""

from dataclasses import asdict
from typing import Annotated

import typer

from optimizer.commands.options import AsJson, RunFolder
from optimizer.report.command import guarded, out, show
from optimizer.report.investment import print_appraisal
from optimizer.study.invest import invest_run

app = typer.Typer()


@app.command()
@guarded
def invest(
    run: RunFolder,
    years: Annotated[float | None, typer.Option(help="Time looked at; default the longest lease.")] = None,
    rate: Annotated[float | None, typer.Option(help="Discount rate, percent per year.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what opening the plan's warehouses is worth: net present value, payback, return.

    Example: entrepot invest runs/quickstart-1 --years 3
    """
    found = invest_run(run, years, rate)
    show(asdict(found)) if as_json else print_appraisal(out, found)
