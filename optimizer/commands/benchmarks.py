"""The command that measures solvers on published instances: bench."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands.options import AsJson
from optimizer.published.bench import run_bench
from optimizer.published.bench_report import as_json as as_bench_json
from optimizer.published.bench_report import table as bench_table
from optimizer.report.command import guarded, listed, out, show

app = typer.Typer()


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
