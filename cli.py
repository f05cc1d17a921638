"""The `entrepot` command: it parses, calls, prints, and maps errors to exit codes.

0 done; 1 a check failed; 2 bad input; 3 infeasible, with the reasons; 4 no plan within the limits.
"""

from pathlib import Path
from typing import Annotated

import typer

from optimizer import __version__, pipeline, scenario
from optimizer.alliance.member_view import member_view
from optimizer.costing.enquiry import Enquiry, rate_source
from optimizer.costing.quote import quote as price_order
from optimizer.errors import EntrepotError, Fault, InputError
from optimizer.published.bench import run_bench
from optimizer.published.bench_report import as_json as as_bench_json
from optimizer.published.bench_report import table as bench_table
from optimizer.report.answers import print_alliance, print_quote, print_settlement
from optimizer.report.command import err, fail, guarded, listed, out, parse_date, parse_dims, show
from optimizer.report.files import make_map, make_plot, make_report, make_workbook
from optimizer.report.progress import interruptible, progress_line
from optimizer.report.terminal import (
    print_comparison,
    print_instance,
    print_outcome,
    print_verification,
)
from optimizer.runs.folder import new_folder
from optimizer.scenario.reference_check import reference_check
from optimizer.study.alliance import alliance as split_costs
from optimizer.study.settle import settle_run

app = typer.Typer(
    help="Route orders, share overseas warehouses, split the cost; with proofs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
reference = typer.Typer(help="The reference tables that scenarios share.", no_args_is_help=True)
app.add_typer(reference, name="reference")

NEWEST = Path(__file__).resolve().with_name("scenarios") / "reference" / "2026"

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Edits = Annotated[list[str] | None, typer.Option("--edit", help="What-if edit; may be repeated.")]
ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML).")]
Lang = Annotated[str, typer.Option(help="Language of what is written: en or zh.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")]


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
        except Exception as error:
            if len(scenarios) == 1:
                raise
            mistake = EntrepotError(f"a mistake of ours, not yours: {type(error).__name__}: {error}")
            codes.append(fail(mistake, as_json, str(path)))
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


@app.command()
@guarded
def quote(
    origin: Annotated[str, typer.Option(help="Place the goods leave from.")],
    to: Annotated[str, typer.Option(help="Market or country.")],
    weight: Annotated[float, typer.Option(help="kg of one packed unit.", min=0)],
    dims: Annotated[str, typer.Option(help="cm of one packed unit, as 30x20x10.")],
    value: Annotated[float, typer.Option(help="Selling price of one unit, before VAT.", min=0)],
    hs: Annotated[list[str], typer.Option(help="HS code; repeat for other goods in the parcel.")],
    date: Annotated[str, typer.Option(help="Day of sale, as 2026-11-10.")],
    qty: Annotated[int, typer.Option(help="Units in the order.", min=1)] = 1,
    currency: Annotated[str, typer.Option(help="Currency of the value.")] = "",
    unit_cost: Annotated[float | None, typer.Option(help="Purchase price of one unit.")] = None,
    cargo: Annotated[str, typer.Option(help="general, battery or liquid.")] = "general",
    member: Annotated[str, typer.Option(help="Firm of the scenario whose tax status counts.")] = "",
    rates: Annotated[
        Path, typer.Option(help="Scenario, or folder of rates.", show_default="the newest reference tables")
    ] = NEWEST,
    as_json: AsJson = False,
) -> None:
    """Price one order over every route on a day.

    Example: entrepot quote --origin Yiwu --to DE --weight 0.8 --dims 30x20x10 --value 25 --hs 950300
    --date 2026-11-10
    """
    source = rate_source(rates)
    asked = Enquiry(
        origin=origin,
        to=to,
        weight_kg=weight,
        dims_cm=parse_dims(dims),
        value=value,
        hs=tuple(hs),
        date=parse_date(date),
        quantity=qty,
        currency=currency,
        unit_cost=unit_cost,
        cargo=cargo,
        member=member,
    )
    answer = price_order(source, asked)
    show(answer) if as_json else print_quote(out, answer)


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


@app.command()
@guarded
def bench(
    instances: Annotated[Path | None, typer.Option(help="Folder of published instances.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Names of instances; may be repeated.")] = None,
    strategies: Annotated[str, typer.Option(help="Ours, separated by commas.")] = "auto",
    peers: Annotated[str, typer.Option(help="highs, scip, cpsat, cbc, …, separated by commas.")] = "",
    gap: Annotated[float, typer.Option(min=0)] = 1e-4,
    time_limit: Annotated[float, typer.Option(min=0)] = 60.0,
    threads: Annotated[int, typer.Option(min=1)] = 1,
    seeds: Annotated[str, typer.Option(help="Seeds, separated by commas.")] = "0",
    as_json: AsJson = False,
) -> None:
    """Measure our strategies and installed solvers side by side on published instances.

    Example: entrepot bench --only generated/alliance-S --strategies auto,direct --peers highs,scip
    """
    measured = run_bench(
        instances,
        only=only or (),
        strategies=listed(strategies),
        peers=listed(peers),
        gap=gap,
        time_limit_s=time_limit,
        threads=threads,
        seeds=[int(seed) for seed in listed(seeds)],
    )
    show(as_bench_json(measured)) if as_json else out.print(bench_table(measured))


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


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
