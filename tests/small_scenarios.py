"""Scenario files that extend the shipped quickstart, small enough to solve in a moment."""

from pathlib import Path

import pandas as pd


def one_member(folder: Path, scenarios: Path, edits: str = "", name: str = "one") -> Path:
    """Write a scenario of one firm of the quickstart, with more TOML text at its end."""
    head = (
        f'[scenario]\nname = "{name}"\nformat = 1\nextends = "{(scenarios / "quickstart.toml").as_posix()}"\n'
    )
    path = folder / f"{name}.toml"
    path.write_text(head + 'members = ["lantern"]\n' + edits, encoding="utf-8")
    return path


def many_members(folder: Path, scenarios: Path, count: int) -> Path:
    """Write a scenario of firms that take after the three of the quickstart, each with one product.

    Firm k sells the first product of firm k mod 3 of the quickstart, with 60 + 10 k per cent of its orders.
    """
    tables = {path.stem: pd.read_csv(path, dtype=str) for path in (scenarios / "quickstart").glob("*.csv")}
    models, first = tables["members"], tables["products"].drop_duplicates("member")
    members, products, demand = [], [], []
    for k in range(count):
        model = models.iloc[k % 3]
        product = first[first["member"] == model["member"]].iloc[0]
        sold = tables["demand"][tables["demand"]["product"] == product["product"]]
        firm = f"firm-{k + 1:02d}"
        members.append(model.to_frame().T.assign(member=firm, name=firm))
        products.append(product.to_frame().T.assign(product=f"{firm}-good", member=firm))
        orders = (sold["orders"].astype(float) * (0.6 + 0.1 * k)).round().astype(int)
        demand.append(sold.assign(product=f"{firm}-good", orders=orders))
    made = {"members": members, "products": products, "demand": demand}
    tables |= {name: pd.concat(parts, ignore_index=True) for name, parts in made.items()}
    del tables["order_mix"]
    own = folder / "many"
    own.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(own / f"{name}.csv", index=False)
    text = (scenarios / "quickstart.toml").read_text(encoding="utf-8")
    reference = (scenarios / "reference" / "2026").resolve().as_posix()
    text = text.replace('"reference/2026", "quickstart"', f'"{reference}", "many"')
    path = folder / "many.toml"
    path.write_text(text, encoding="utf-8")
    return path


def edit(table: str, column: str, value: str, where: str = "") -> str:
    """Return an edit that sets a column."""
    condition = f'where = "{where}"\n' if where else ""
    return f'[[edit]]\ntable = "{table}"\n{condition}column = "{column}"\nset = {value}\n'


IMPOSSIBLE_PROMISE = edit("markets", "promise_days", "2", "market == 'FR'") + edit(
    "markets", "promise_share_pct", "95", "market == 'FR'"
)
"""Nobody delivers 95 % of orders to France within two days."""
