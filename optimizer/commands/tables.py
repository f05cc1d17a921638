"""Commands about tables: validate, template, reference check."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer import scenario
from optimizer.commands.options import NEWEST, AsJson, Edits, ScenarioFile
from optimizer.errors import InputError
from optimizer.report.command import guarded, out, show
from optimizer.report.terminal import print_instance
from optimizer.scenario.reference_check import reference_check

app = typer.Typer()
reference = typer.Typer(help="The reference tables that scenarios share.", no_args_is_help=True)
app.add_typer(reference, name="reference")


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
def template(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder for CSV files, or a file .xlsx.")],
) -> None:
    """Write empty tables with header, unit, meaning and an example row.

    Example: entrepot template my_tables.xlsx
    """
    scenario.write_template(path)
    out.print(f"Wrote templates to {path}", soft_wrap=True)


@reference.command("check")
@guarded
def check_reference(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of reference tables.", show_default=False)
    ] = NEWEST,
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
