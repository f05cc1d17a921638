"""Two or more finished runs side by side: what opened, closed, moved, got cheaper or dearer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.errors import Fault, InputError
from optimizer.plan.plan import Plan
from optimizer.runs.store import Run, read_run

__all__ = ["Comparison", "compare", "compare_plans"]

VIEWS = ("component", "member", "market", "mode")
WAY = ["member", "market", "mode", "service", "site"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs compared with the first of them.

    Parameters
    ----------
    runs
        Names of the runs; the first is the one compared with.
    currency
        Currency of every amount.
    totals
        Per run: ``cost``, ``change``, ``change_pct``, ``orders``, ``co2_kg``, ``on_time_pct``.
    openings
        Per site open in any run: ``site`` and one column per run with the size, empty where closed.
    costs
        By ``component``, ``member``, ``market`` and ``mode``: key, one column per run, and ``change``
        (the last run less the first), largest first.
    moved
        Per run but the first: orders whose way (mode, service, site) differs, by member and market: ``run``,
        ``member``, ``market``, ``mode``, ``service``, ``site``, ``orders`` (gained > 0, lost < 0).
    """

    runs: tuple[str, ...]
    currency: str
    totals: pd.DataFrame
    openings: pd.DataFrame
    costs: dict[str, pd.DataFrame]
    moved: pd.DataFrame

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``entrepot compare --json`` prints."""
        return {
            "runs": list(self.runs),
            "currency": self.currency,
            "totals": self.totals.to_dict("records"),
            "openings": self.openings.to_dict("records"),
            "costs": {view: frame.to_dict("records") for view, frame in self.costs.items()},
            "moved": self.moved.to_dict("records"),
        }


def compare(runs: Sequence[Run | Path | str]) -> Comparison:
    """Compare finished runs, the first being the one compared with.

    Raises
    ------
    InputError
        Fewer than two runs, a folder that is no run, or runs in different currencies.
    """
    if len(runs) < 2:
        raise InputError([Fault("compare", str(len(runs)), "needs two runs or more.", "Name another run.")])
    read = [run if isinstance(run, Run) else read_run(Path(run)) for run in runs]
    plans = [run.plan for run in read]
    return compare_plans(dict(zip(_distinct([run.folder for run in read]), plans, strict=True)))


def _distinct(folders: Sequence[Path]) -> list[str]:
    """Short names of folders; whole paths where two are called alike, numbers where they are the same.

    >>> _distinct([Path("runs/a"), Path("runs/b")]), _distinct([Path("x/a"), Path("y/a"), Path("y/a")])
    (['a', 'b'], ['x/a', 'y/a', 'y/a (3)'])
    """
    names = [folder.name for folder in folders]
    if len(set(names)) == len(names):
        return names
    paths = [folder.as_posix() for folder in folders]
    return [f"{path} ({k + 1})" if path in paths[:k] else path for k, path in enumerate(paths)]


def compare_plans(plans: dict[str, Plan]) -> Comparison:
    """Compare plans by name, the first being the one compared with."""
    currencies = {plan.currency for plan in plans.values()}
    if len(currencies) > 1:
        rule = "amounts in different currencies cannot be compared."
        raise InputError(
            [Fault("compare", ", ".join(sorted(currencies)), rule, "Solve both in one currency.")]
        )
    return Comparison(
        runs=tuple(plans),
        currency=currencies.pop(),
        totals=_totals(plans),
        openings=_openings(plans),
        costs={view: _costs_by(plans, view) for view in VIEWS},
        moved=_moved(plans),
    )


def _totals(plans: dict[str, Plan]) -> pd.DataFrame:
    """One line per run; the change is that on the first run."""
    first = next(iter(plans.values())).cost
    lines = []
    for name, plan in plans.items():
        service = plan["market_service"].dropna(subset="promise_days")
        promised = service["orders"].sum()
        late = service["late_orders"].sum()
        lines.append(
            {
                "run": name,
                "cost": plan.cost,
                "change": plan.cost - first,
                "change_pct": 100.0 * (plan.cost - first) / abs(first) if first else 0.0,
                "orders": plan["flows"]["orders"].sum(),
                "co2_kg": plan["carbon"]["co2_kg"].sum(),
                "on_time_pct": 100.0 * (1.0 - late / promised) if promised else float("nan"),
            }
        )
    return pd.DataFrame(lines)


def _openings(plans: dict[str, Plan]) -> pd.DataFrame:
    sizes = {name: plan["openings"].groupby("site")["size"].agg(" + ".join) for name, plan in plans.items()}
    table = pd.DataFrame(sizes).fillna("").rename_axis("site").sort_index()
    return table.reset_index()


def _costs_by(plans: dict[str, Plan], view: str) -> pd.DataFrame:
    """Cost by one column of the cost table, a column per run, largest change first."""
    amounts = {name: plan["costs"].groupby(view)["amount"].sum() for name, plan in plans.items()}
    table = pd.DataFrame(amounts).fillna(0.0).rename_axis(view).sort_index()
    table["change"] = table.iloc[:, len(plans) - 1] - table.iloc[:, 0]
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index()


def _moved(plans: dict[str, Plan]) -> pd.DataFrame:
    """Orders per way of serving them that a run has more or fewer of than the first."""
    orders = {name: plan["flows"].groupby(WAY)["orders"].sum() for name, plan in plans.items()}
    first, *others = orders
    parts = []
    for name in others:
        change = orders[name].sub(orders[first], fill_value=0.0)
        differs = change[change.abs() > 1e-6].rename("orders")
        parts.append(differs.reset_index().assign(run=name))
    return pd.concat(parts, ignore_index=True).loc[:, ["run", *WAY, "orders"]]
