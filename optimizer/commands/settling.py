"""The command that turns shares and actual orders into a bill: settle."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands.options import AsJson, RunFolder
from optimizer.report.answers import print_settlement
from optimizer.report.command import guarded, out, show
from optimizer.study.settle import settle_run

app = typer.Typer()


@app.command()
@guarded
def settle(
    run: RunFolder,
    actual: Annotated[Path, typer.Option(help="CSV with columns member and orders.")],
    invoice: Annotated[str, typer.Option(help="What is to be paid in all; default: as planned.")] = "",
    shares: Annotated[Path | None, typer.Option(help="JSON that `entrepot alliance --json` printed.")] = None,
    rule: Annotated[str, typer.Option(help="Agreed rule among the shares.")] = "",
    fixed_part: Annotated[float, typer.Option(help="Part owed whatever the volume.", min=0, max=1)] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Turn planned shares and actual orders into a settlement sheet that adds up to the invoice.

    Example: entrepot settle runs/quickstart-1 --actual volumes.csv --invoice 15300.00
    """
    sheet, currency = settle_run(run, actual, invoice, shares, rule, fixed_part)
    if as_json:
        show({"currency": currency, "members": sheet.astype(str).to_dict("records")})
    else:
        print_settlement(out, sheet, currency)
