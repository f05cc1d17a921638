"""The `entrepot` command: it finds the command asked for in `optimizer.commands` and runs it.

Exit codes: 0 done; 1 a check failed; 2 bad input; 3 infeasible, with the reasons; 4 no plan within the
limits; 130 stopped by Ctrl-C.
"""

from typing import Annotated

import typer

from optimizer import __version__
from optimizer.commands.lazy import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    help="Route orders, share overseas warehouses, split the cost; with proofs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
