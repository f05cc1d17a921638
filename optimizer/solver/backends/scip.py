"""SCIP through PySCIPOpt: a peer to measure against, where it is installed.

Runs in the solver process and imports nothing of Entrepot.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyscipopt
from pyscipopt import SCIP_EVENTTYPE, Eventhdlr

INTERVAL_S = 0.25


def run(job: dict[str, Any], report: Callable[..., None], stop: threading.Event) -> dict[str, Any]:
    """Solve the job's model; see `optimizer.solver.backends.process` for the job and the answer."""
    model, variables = _model(job["model"])
    model.hideOutput()
    model.setParams(_parameters(job))
    listener = _Listener(variables, report, stop)
    model.includeEventhdlr(listener, "entrepot", "reports incumbents and bounds")
    model.optimizeNogil()
    status = model.getStatus()
    values = None
    if model.getNSols() > 0:
        best = model.getBestSol()
        values = np.array([best[variable] for variable in variables])
    return {
        "status": _STATUS.get(status, f"unmapped: {status}"),
        "bound": float(model.getDualbound()),
        "values": values,
        "solver": f"SCIP {model.version()}",
    }


_STATUS = {
    "optimal": "optimal",
    "gaplimit": "optimal",
    "infeasible": "infeasible",
    "inforunbd": "infeasible_or_unbounded",
    "timelimit": "time_limit",
    "nodelimit": "work_limit",
    "totalnodelimit": "work_limit",
    "userinterrupt": "interrupted",
}


class _Listener(Eventhdlr):  # type: ignore[misc]
    """Sends incumbents as they are found, the bound now and then, and stops on request."""

    def __init__(self, variables: list[Any], report: Callable[..., None], stop: threading.Event) -> None:
        self.variables, self.report, self.stop, self.last = variables, report, stop, 0.0

    def eventinit(self) -> None:
        """Subscribe."""
        for kind in (SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.NODESOLVED, SCIP_EVENTTYPE.LPSOLVED):
            self.model.catchEvent(kind, self)

    def eventexec(self, event: Any) -> None:
        """Report what has happened."""
        bound = float(self.model.getDualbound())
        if event.getType() == SCIP_EVENTTYPE.BESTSOLFOUND:
            best = self.model.getBestSol()
            values = np.array([best[variable] for variable in self.variables])
            self.report(objective=float(self.model.getPrimalbound()), bound=bound, values=values)
        elif time.monotonic() - self.last > INTERVAL_S:
            self.last = time.monotonic()
            self.report(objective=float(self.model.getPrimalbound()), bound=bound)
        if self.stop.is_set():
            self.model.interruptSolve()


def _parameters(job: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "limits/gap": float(job["gap"]),
        "randomization/randomseedshift": int(job["seed"]),
        "misc/catchctrlc": False,
    }
    if job["time_limit_s"] is not None:
        parameters["limits/time"] = max(0.01, job["time_limit_s"] - (time.monotonic() - job["started"]))
    if job["work_limit"] is not None:
        parameters["limits/totalnodes"] = int(job["work_limit"])
    return parameters | dict(job["parameters"])


def _model(data: dict[str, Any]) -> tuple[Any, list[Any]]:
    start, index, value = data["matrix"]
    model = pyscipopt.Model()
    variables = [
        model.addVar(lb=lower, ub=None if np.isinf(upper) else upper, obj=cost, vtype="I" if integer else "C")
        for cost, lower, upper, integer in zip(
            data["cost"].tolist(),
            data["lower"].tolist(),
            data["upper"].tolist(),
            data["integer"].tolist(),
            strict=True,
        )
    ]
    model.addObjoffset(data["offset"])
    bounds = zip(data["row_lower"].tolist(), data["row_upper"].tolist(), strict=True)
    for row, (lower, upper) in enumerate(bounds):
        here = slice(start[row], start[row + 1])
        expression = pyscipopt.quicksum(
            coefficient * variables[column]
            for column, coefficient in zip(index[here].tolist(), value[here].tolist(), strict=True)
        )
        if lower == upper:
            model.addCons(expression == lower)
        elif np.isinf(lower):
            model.addCons(expression <= upper)
        else:
            model.addCons(lower <= (expression <= upper) if np.isfinite(upper) else expression >= lower)
    return model, variables
