"""CBC through PuLP, as PuLP users run it: a peer to measure against.

Runs in the solver process and imports nothing of Entrepot. CBC is a program of its own: it reports
nothing on the way, so an interruption or a kill loses its incumbent.
"""

import re
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pulp

LEAST_S = 0.1


def run(job: dict[str, Any], report: Callable[..., None], stop: threading.Event) -> dict[str, Any]:
    """Solve the job's model; see `optimizer.solver.backends.process` for the job and the answer."""
    model, variables = _model(job["model"])
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        command = pulp.PULP_CBC_CMD(
            msg=False,
            threads=int(job["threads"]),
            gapRel=float(job["gap"]),
            timeLimit=_time_left(job),
            maxNodes=job["work_limit"],
            logPath=str(log),
            options=[f"randomCbcSeed {int(job['seed'])}"],
        )
        model.solve(command)
        text = log.read_text(errors="replace")
    has_plan = model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    status = _status(model, text)
    if status == "infeasible" and job["time_limit_s"] is not None and _time_left(job) == LEAST_S:
        status = "time_limit"  # CBC calls a relaxation infeasible that it had no time to solve
    objective = float(pulp.value(model.objective) or 0.0) if has_plan else np.inf
    return {
        "status": status,
        "bound": _bound(text, status, objective) + job["model"]["offset"],
        "values": np.array([variable.varValue or 0.0 for variable in variables]) if has_plan else None,
        "solver": "CBC through PuLP",
        "began": began,
    }


def _time_left(job: dict[str, Any]) -> float | None:
    if job["time_limit_s"] is None:
        return None
    return max(LEAST_S, float(job["time_limit_s"] - (time.monotonic() - job["started"])))


def _status(model: Any, text: str) -> str:
    """PuLP calls a solve that stopped on time "Optimal"; only `sol_status` and the log tell."""
    if "Stopped on time limit" in text:
        return "time_limit"
    if "Stopped on node limit" in text:
        return "work_limit"
    if model.sol_status == pulp.LpSolutionOptimal:
        return "optimal"
    if model.sol_status == pulp.LpSolutionInfeasible or "infeasible" in text.lower():
        return "infeasible"
    return "time_limit" if model.sol_status == pulp.LpSolutionNoSolutionFound else f"unmapped: {model.status}"


def _bound(text: str, status: str, objective: float) -> float:
    stated = re.findall(r"Lower bound:\s*([-+.\deE]+)", text)
    if stated:
        return float(stated[-1])
    return objective if status == "optimal" else -np.inf


def _model(data: dict[str, Any]) -> tuple[Any, list[Any]]:
    start, index, value = data["matrix"]
    model = pulp.LpProblem("problem", pulp.LpMinimize)
    variables = [
        pulp.LpVariable(
            f"v{k}", lower, None if np.isinf(upper) else upper, "Integer" if integer else "Continuous"
        )
        for k, (lower, upper, integer) in enumerate(
            zip(data["lower"].tolist(), data["upper"].tolist(), data["integer"].tolist(), strict=True)
        )
    ]
    model += pulp.LpAffineExpression(zip(variables, data["cost"].tolist(), strict=True))
    bounds = zip(data["row_lower"].tolist(), data["row_upper"].tolist(), strict=True)
    for row, (lower, upper) in enumerate(bounds):
        here = slice(start[row], start[row + 1])
        terms = [(variables[c], a) for c, a in zip(index[here].tolist(), value[here].tolist(), strict=True)]
        expression = pulp.LpAffineExpression(terms)
        if lower == upper:
            model += expression == lower
            continue
        if np.isfinite(upper):
            model += expression <= upper
        if np.isfinite(lower):
            model += expression >= lower
    return model, variables
