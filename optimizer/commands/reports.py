"""Commands that show finished runs: compare, report, map, plot."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands.options import AsJson, Lang, RunFolder
from optimizer.report.command import guarded, out, show
from optimizer.report.files import make_map, make_plot, make_report, make_workbook
from optimizer.report.terminal import print_comparison
from optimizer.study.compare import compare as compare_runs

app = typer.Typer()


@app.command()
@guarded
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Folders of finished runs.")],
    as_json: AsJson = False,
) -> None:
    """Say what opens, moves, gets cheaper or dearer between runs; the first is compared with.

    Example: entrepot compare runs/eu_alliance-1 runs/no_sharing-1
    """
    comparison = compare_runs(runs)
    if as_json:
        show(comparison.as_json())
    else:
        print_comparison(out, comparison)


@app.command()
@guarded
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN [RUN...]", help="Folders of finished runs.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="HTML file to write; default report.html.")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Workbook to write, of the first run.")] = None,
    lang: Lang = "en",
    split: Annotated[
        Path | None, typer.Option("--alliance", help="JSON that `entrepot alliance --json` printed.")
    ] = None,
) -> None:
    """Write one HTML file with map, charts and tables that works with no network; or a workbook.

    Example: entrepot report runs/eu_alliance-1 runs/no_sharing-1 -o report.html --lang zh
    """
    if xlsx is not None:
        make_workbook(runs[0], xlsx, lang)
        out.print(f"Wrote {xlsx}", soft_wrap=True, highlight=False)
    if output is not None or xlsx is None:
        page = output or Path("report.html")
        make_report(runs, page, lang, split)
        out.print(f"Wrote {page}", soft_wrap=True, highlight=False)


@app.command("map")
@guarded
def draw_map(
    run: RunFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help=".svg, .png, .pdf, .geojson or .gpkg.")],
    lang: Lang = "en",
) -> None:
    """Write the map of a plan: a figure for papers, or layers for a GIS.

    Example: entrepot map runs/eu_alliance-1 -o map.svg
    """
    make_map(run, output, lang)
    out.print(f"Wrote {output}", soft_wrap=True, highlight=False)


@app.command()
@guarded
def plot(
    run: RunFolder,
    kind: Annotated[
        str, typer.Argument(help="cost, members, modes, service, stock, throughput, freight or containers.")
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help=".svg, .png, .pdf or .json.")] = None,
    lang: Lang = "en",
) -> None:
    """Write one chart of a plan for a paper; by default <kind>.svg.

    Example: entrepot plot runs/eu_alliance-1 cost -o cost.pdf
    """
    path = output or Path(f"{kind}.svg")
    make_plot(run, kind, path, lang)
    out.print(f"Wrote {path}", soft_wrap=True, highlight=False)
