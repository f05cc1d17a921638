"""Scenario files that extend the shipped quickstart, small enough to solve in a moment."""

from pathlib import Path


def one_member(folder: Path, scenarios: Path, edits: str = "", name: str = "one") -> Path:
    """Write a scenario of one firm of the quickstart, with more TOML text at its end."""
    head = (
        f'[scenario]\nname = "{name}"\nformat = 1\nextends = "{(scenarios / "quickstart.toml").as_posix()}"\n'
    )
    path = folder / f"{name}.toml"
    path.write_text(head + 'members = ["lantern"]\n' + edits, encoding="utf-8")
    return path


def edit(table: str, column: str, value: str, where: str = "") -> str:
    """Return an edit that sets a column."""
    condition = f'where = "{where}"\n' if where else ""
    return f'[[edit]]\ntable = "{table}"\n{condition}column = "{column}"\nset = {value}\n'


IMPOSSIBLE_PROMISE = edit("markets", "promise_days", "2", "market == 'FR'") + edit(
    "markets", "promise_share_pct", "95", "market == 'FR'"
)
"""Nobody delivers 95 % of orders to France within two days."""
