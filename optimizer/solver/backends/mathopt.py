"""SCIP and CP-SAT through OR-tools' MathOpt, which passes incumbents on and can be interrupted.

Runs in the solver process and imports nothing of Entrepot. CP-SAT knows integers only: continuous columns
take multiples of 1/SHARE_GRID, so its bound is lowered by PRECISION, and below that gap it stops as a limit.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.util.python.solve_interrupter import SolveInterrupter

SHARE_GRID = 2.0**20
PRECISION = 1e-5
SOLVERS = {"scip": mathopt.SolverType.GSCIP, "cpsat": mathopt.SolverType.CP_SAT}


def run(job: dict[str, Any], report: Callable[..., None], stop: threading.Event) -> dict[str, Any]:
    """Solve the job's model; see `optimizer.solver.backends.process` for the job and the answer."""
    model = mathopt.Model.from_model_proto(_model(job["model"]))
    variables = list(model.variables())

    def hear(data: mathopt.CallbackData) -> mathopt.CallbackResult:
        if data.solution is not None:
            values = np.array([data.solution[variable] for variable in variables])
            objective = float(job["model"]["cost"] @ values + job["model"]["offset"])
            statistics = data.mip_stats
            has_bound = statistics is not None and statistics.HasField("dual_bound")
            report(objective=objective, bound=statistics.dual_bound if has_bound else -np.inf, values=values)
        return mathopt.CallbackResult(terminate=stop.is_set())

    interrupter = SolveInterrupter()
    threading.Thread(target=lambda: (stop.wait(), interrupter.interrupt()), daemon=True).start()
    began = time.monotonic()
    result = _solve(
        model,
        SOLVERS[job["variant"]],
        params=_parameters(job),
        callback_reg=mathopt.CallbackRegistration(events={mathopt.Event.MIP_SOLUTION}),
        cb=hear,
        interrupter=interrupter,
    )
    values = None
    if result.has_primal_feasible_solution():
        found = result.variable_values()
        values = np.array([found[variable] for variable in variables])
    status, bound = (
        _status(job, result.termination, stop),
        float(result.termination.objective_bounds.dual_bound),
    )
    if job["variant"] == "cpsat" and not job["model"]["integer"].all():
        bound -= PRECISION * abs(bound)
        status = "work_limit" if status == "optimal" and job["gap"] < 2 * PRECISION else status
    return {
        "status": status,
        "bound": bound,
        "values": values,
        "solver": {"scip": "SCIP in OR-tools", "cpsat": "CP-SAT in OR-tools"}[job["variant"]],
        "began": began,
    }


def _solve(model: mathopt.Model, solver: mathopt.SolverType, **arguments: Any) -> mathopt.SolveResult:
    try:
        return mathopt.solve(model, solver, **arguments)
    except AttributeError as error:  # MathOpt fails while it builds its own exception
        raise ValueError(f"OR-tools refuses the model: {error.__context__ or error}") from error


def _status(job: dict[str, Any], termination: mathopt.Termination, stop: threading.Event) -> str:
    reason, limit = termination.reason, termination.limit
    proved = {
        mathopt.TerminationReason.OPTIMAL: "optimal",
        mathopt.TerminationReason.INFEASIBLE: "infeasible",
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED: "infeasible_or_unbounded",
    }
    if reason in proved:
        return proved[reason]
    if reason in (mathopt.TerminationReason.FEASIBLE, mathopt.TerminationReason.NO_SOLUTION_FOUND):
        if stop.is_set() or limit == mathopt.Limit.INTERRUPTED:
            return "interrupted"
        if limit == mathopt.Limit.UNDETERMINED and job["work_limit"] is not None:
            limit_s, spent = job["time_limit_s"], time.monotonic() - job["started"]
            return "work_limit" if limit_s is None or spent < limit_s else "time_limit"
        limits = (mathopt.Limit.TIME, mathopt.Limit.UNDETERMINED)
        return "time_limit" if limit in limits else "work_limit"
    return f"unmapped: {reason} {termination.detail}"


def _parameters(job: dict[str, Any]) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters(
        threads=int(job["threads"]),
        random_seed=int(job["seed"]),
        relative_gap_tolerance=float(job["gap"]),
        absolute_gap_tolerance=1e-9,
    )
    if job["time_limit_s"] is not None:
        left = job["time_limit_s"] - (time.monotonic() - job["started"])
        parameters.time_limit = timedelta(seconds=max(0.01, left))
    parameters.cp_sat.mip_var_scaling = SHARE_GRID
    parameters.cp_sat.mip_automatically_scale_variables = False  # it makes whole numbers of some shares
    if job["work_limit"] is not None and job["variant"] == "cpsat":
        parameters.cp_sat.max_number_of_conflicts = int(job["work_limit"])
    elif job["work_limit"] is not None:
        parameters.node_limit = int(job["work_limit"])
    return parameters


def _model(model: dict[str, Any]) -> model_pb2.ModelProto:
    start, index, value = model["matrix"]
    proto = model_pb2.ModelProto()
    columns, rows = len(model["cost"]), len(model["row_lower"])
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend(model["lower"].tolist())
    proto.variables.upper_bounds.extend(model["upper"].tolist())
    proto.variables.integers.extend(model["integer"].tolist())
    priced = np.flatnonzero(model["cost"])
    proto.objective.offset = model["offset"]
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(model["cost"][priced].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(model["row_lower"].tolist())
    proto.linear_constraints.upper_bounds.extend(model["row_upper"].tolist())
    proto.linear_constraint_matrix.row_ids.extend(np.repeat(np.arange(rows), np.diff(start)).tolist())
    proto.linear_constraint_matrix.column_ids.extend(index.tolist())
    proto.linear_constraint_matrix.coefficients.extend(value.tolist())
    return proto
