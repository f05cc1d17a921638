"""One fault in an otherwise faultless scenario: changes of the mini scenario, and what `load` says of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mini_scenario import SCENARIO, write_mini
from optimizer.errors import InputError
from optimizer.scenario import load

__all__ = ["Change", "add", "both", "drop", "faults_of", "only_fault", "swap"]

Change = Callable[[dict[str, str]], None]


def swap(table: str, old: str, new: str) -> Change:
    """Return the change that replaces a text standing exactly once in a table."""

    def change(texts: dict[str, str]) -> None:
        assert texts[table].count(old) == 1, f"{old!r} stands {texts[table].count(old)} times in {table}"
        texts[table] = texts[table].replace(old, new)

    return change


def add(table: str, *lines: str) -> Change:
    """Return the change that appends lines to a table."""

    def change(texts: dict[str, str]) -> None:
        texts[table] += "".join(f"{line}\n" for line in lines)

    return change


def drop(table: str) -> Change:
    """Return the change that removes a table."""

    def change(texts: dict[str, str]) -> None:
        del texts[table]

    return change


def both(*changes: Change) -> Change:
    """Return several changes as one."""

    def change(texts: dict[str, str]) -> None:
        for part in changes:
            part(texts)

    return change


def faults_of(path: Path, **arguments: object) -> list[str]:
    """Return every fault that loading a scenario finds, as text."""
    with pytest.raises(InputError) as caught:
        load(path, **arguments)  # type: ignore[arg-type]
    return [str(fault) for fault in caught.value.faults]


def only_fault(
    folder: Path, change: Change | None = None, scenario: str = SCENARIO, **arguments: object
) -> str:
    """Return the one fault of the changed mini scenario; more than one fails the test."""
    faults = faults_of(write_mini(folder, change, scenario), **arguments)
    assert len(faults) == 1, "\n".join(faults)
    return faults[0]
