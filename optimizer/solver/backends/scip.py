"""SCIP through PySCIPOpt: a peer to measure against, where it is installed.

Runs in the solver process and imports nothing of Entrepot.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

INTERVAL_S = 0.25


def run(job: dict[str, Any], report: Callable[..., None], stop: threading.Event) -> dict[str, Any]:
    """Solve the job's model; see `optimizer.solver.backends.process` for the job and the answer."""
    import pyscipopt  # noqa: PLC0415 - an optional peer

    model, variables = _model(pyscipopt, job["model"])
    model.hideOutput()
    model.setParams(_parameters(job))
    listener = _listener(pyscipopt, variables, report, stop)
    model.includeEventhdlr(listener, "entrepot", "reports incumbents and bounds")
    began = time.monotonic()
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
        "began": began,
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


def _listener(
    pyscipopt: Any, variables: list[Any], report: Callable[..., None], stop: threading.Event
) -> Any:
    """Make an event handler that sends incumbents and, now and then, the bound, and stops on request."""
    kinds = pyscipopt.SCIP_EVENTTYPE

    class Listener(pyscipopt.Eventhdlr):  # type: ignore[misc]
        last = 0.0

        def eventinit(self) -> None:
            for kind in (kinds.BESTSOLFOUND, kinds.NODESOLVED, kinds.LPSOLVED):
                self.model.catchEvent(kind, self)

        def eventexec(self, event: Any) -> None:
            objective, bound = float(self.model.getPrimalbound()), float(self.model.getDualbound())
            if event.getType() == kinds.BESTSOLFOUND:
                best = self.model.getBestSol()
                report(objective=objective, bound=bound, values=np.array([best[v] for v in variables]))
            elif time.monotonic() - self.last > INTERVAL_S:
                self.last = time.monotonic()
                report(objective=objective, bound=bound)
            if stop.is_set():
                self.model.interruptSolve()

    return Listener()


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


def _model(pyscipopt: Any, data: dict[str, Any]) -> tuple[Any, list[Any]]:
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
