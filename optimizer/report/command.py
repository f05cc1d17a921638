"""What every command shares: JSON or words, errors mapped to exit codes, small parsers of options."""

import functools
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import typer
from rich.console import Console

from optimizer.errors import CheckError, EntrepotError, Fault, InfeasibleError, InputError
from optimizer.report.terminal import print_error
from optimizer.runs.store import plain

__all__ = ["err", "exit_code", "fail", "guarded", "listed", "out", "parse_date", "parse_dims", "show"]

PAPER = 110
"""Width of what is printed where there is no terminal."""

out = Console(width=None if sys.stdout.isatty() else PAPER)
err = Console(stderr=True)


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


def parse_dims(text: str) -> tuple[float, float, float]:
    """Return three lengths out of ``30x20x10``."""
    try:
        length, width, height = (float(part) for part in text.lower().split("x"))
    except ValueError as error:
        fault = Fault("--dims", text, "needs three lengths in cm.", "Write them as 30x20x10.")
        raise InputError([fault]) from error
    return length, width, height


def parse_date(text: str) -> np.datetime64:
    """Return a day out of ``2026-11-10``."""
    try:
        return np.datetime64(text, "D")
    except ValueError as error:
        fault = Fault("--date", text, "is no day.", "Write it as 2026-11-10.")
        raise InputError([fault]) from error


def listed(text: str) -> list[str]:
    """Return the parts of a list written with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
