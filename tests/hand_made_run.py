"""The hand-made plan as a finished run with freight, stock, periods and the coordinates of its places."""

from pathlib import Path

import pandas as pd

from hand_made_plan import hand_made_plan
from optimizer.plan.columns import PLAN_TABLES, conform
from optimizer.plan.plan import Plan
from optimizer.runs.store import Run
from optimizer.scenario.instance import Instance, ModelSettings, Provenance, SolveSettings

PLACES = {
    "CN-YIW": ("Yiwu", 29.3, 120.1),
    "CN-SHA": ("Shanghai", 31.2, 121.5),
    "FR-LEH": ("Le Havre", 49.5, 0.1),
}


def one_row(table: str, **given: object) -> pd.DataFrame:
    """A table of one row: what is given, and zeros and empty texts."""
    columns = {column.name: "" if column.type == "text" else 0 for column in PLAN_TABLES[table]}
    return conform(table, pd.DataFrame({name: [given.get(name, blank)] for name, blank in columns.items()}))


def finished_run(
    name: str = "hand-made", last_mile: float = 30.0, gap: float | None = 0.0123
) -> tuple[Run, Instance]:
    """Total 100 by default, against 110 + 40 alone; one lane of 2 m³ for 90 + 10, one site."""
    plan = hand_made_plan(last_mile=last_mile)
    lane = {"freight_service": "sea-lcl", "freight_mode": "sea", "start": "CN-YIW", "load_place": "CN-SHA"}
    lane |= {"discharge_place": "FR-LEH", "site": "FR-LIL", "arrival_period": "2026-11"}
    amounts = {"orders": 10.0, "m3": 2.0, "t": 0.5, "lcl_revenue_t": 2.0, "cost_lcl": 90.0, "cost_fees": 10.0}
    tables = dict(plan.tables) | {
        "shipments": one_row("shipments", **lane, **amounts),
        "stock": one_row("stock", site="FR-LIL", member="anna", period="2026-11", m3=2.0, orders=4.0),
        "site_periods": one_row("site_periods", site="FR-LIL", period="2026-11", m3=2.0, capacity_m3=35.0),
    }
    result = {
        "objective": plan.cost,
        "bound": 99.0,
        "gap": gap,
        "status": "optimal",
        "proof": "by hand </script><b>",
        "stand_alone_cost_by_member": {"anna": 70.0, "bela": 40.0},
        "seconds": {"solve": 1.5},
    }
    manifest = {
        "scenario": f"{name}.toml",
        "members": ["anna", "bela"],
        "edits": [],
        "inputs": {"demand.csv": "ab" * 32},
        "settings": {},
        "versions": {"python": "3.11"},
        "machine": {
            "system": "Linux",
            "processor": "x86_64",
            "cores": 2,
            "created": "2026-11-20T20:00:00+00:00",
        },
        "result": result,
    }
    run = Run(Path(name), manifest, Plan(plan.name, plan.currency, tables), None, None)
    return run, Instance("hand-made", "USD", _places(), ModelSettings(), SolveSettings(), Provenance("x", {}))


def bare_run() -> tuple[Run, Instance]:
    """Only the direct parcels: nothing opens, is promised, proved or known of members alone."""
    run, instance = finished_run("bare")
    direct = {
        name: frame[frame["mode"] == "postal"] if "mode" in frame.columns else frame.iloc[:0]
        for name, frame in run.plan.tables.items()
    }
    service = run.plan["market_service"].query("market == 'DE'")
    direct["market_service"] = service.assign(promise_days=float("nan"), on_time_pct=float("nan"))
    result = dict(run.manifest["result"])
    result |= {"bound": None, "gap": None, "status": "time_limit", "stand_alone_cost_by_member": {}}
    manifest = dict(run.manifest) | {"result": result}
    return Run(run.folder, manifest, Plan("bare", run.plan.currency, direct), None, None), instance


def _places() -> dict[str, pd.DataFrame]:
    return {
        "places": pd.DataFrame(
            [(code, *facts) for code, facts in PLACES.items()], columns=["place", "name", "lat", "lon"]
        ),
        "markets": pd.DataFrame(
            [("DE", "Germany", 51.0, 10.0), ("FR", "France", 47.0, 2.0)],
            columns=["market", "name", "lat", "lon"],
        ),
        "sites": pd.DataFrame(
            [("FR-LIL", "Lille", "FR", 50.6, 3.1), ("BE-LGG", "Liège", "BE", 50.6, 5.6)],
            columns=["site", "name", "country", "lat", "lon"],
        ),
        "members": pd.DataFrame({"member": ["anna", "bela"], "origin": ["CN-YIW", "CN-YIW"]}),
    }
