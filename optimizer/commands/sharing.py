"""Commands about who pays what: alliance, settle."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer import scenario
from optimizer.alliance.member_view import member_view
from optimizer.commands.options import AsJson, Edits, RunFolder, ScenarioFile
from optimizer.errors import Fault, InputError
from optimizer.report.answers import print_alliance, print_settlement
from optimizer.report.command import guarded, out, show
from optimizer.study.alliance import alliance as split_costs
from optimizer.study.settle import settle_run

app = typer.Typer()


@app.command()
@guarded
def alliance(
    path: ScenarioFile,
    rule: Annotated[list[str] | None, typer.Option(help="Allocation rule; repeat; default all.")] = None,
    gap: Annotated[float | None, typer.Option(help="Gap of each coalition's solve.", min=0)] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for each coalition.", min=0)] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of each solve.", min=1)] = None,
    for_member: Annotated[str, typer.Option("--for", help="Only what this member may see.")] = "",
    edit: Edits = None,
    as_json: AsJson = False,
) -> None:
    """Say whether sharing is worth it, who pays what by each rule, and whether it holds.

    Example: entrepot alliance scenarios/quickstart.toml --rule shapley --rule nucleolus
    """
    instance = scenario.load(path, edit or ())
    if for_member and for_member not in instance.members:
        raise InputError(
            [Fault("--for", for_member, "is no member.", f"Known: {', '.join(instance.members)}.")]
        )
    result = split_costs(instance, rules=rule, gap=gap, time_limit_s=time_limit, threads=threads)
    if for_member:
        show(member_view(result, for_member))
    elif as_json:
        show(result.to_json())
    else:
        print_alliance(out, result, instance.currency)


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
