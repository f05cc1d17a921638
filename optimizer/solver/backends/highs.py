"""HiGHS, through its own binding: highspy where that is installed, else the one inside SciPy.

Runs in the solver process and imports nothing of Entrepot. Incumbents and bounds come from callbacks, so
that nothing is lost when the process has to be ended. (OR-tools' HiGHS gives no plan at a time limit.)
"""

import importlib.util
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

INTERVAL_S = 0.25
POLL_S = 0.01
"""Seconds between two questions whether to stop; a simplex method would ask at every step."""

SUFFIXES = (".so", ".pyd")


def run(job: dict[str, Any], report: Callable[..., None], stop: threading.Event) -> dict[str, Any]:
    """Solve the job's model; see `optimizer.solver.backends.process` for the job and the answer."""
    binding, highs = _binding(job["variant"])
    for name, value in _options(job).items():
        if highs.setOptionValue(name, value) != binding.HighsStatus.kOk:
            raise ValueError(f"HiGHS refuses the option {name} = {value}")
    if highs.passModel(model_of(binding, job["model"])) == binding.HighsStatus.kError:
        raise ValueError("HiGHS refuses the model")
    if job["start"] is not None:
        plan = binding.HighsSolution()
        plan.col_value = job["start"].tolist()
        highs.setSolution(plan)
    _listen(binding, highs, report, stop)
    began = time.monotonic()
    highs.run()
    status = highs.getModelStatus().name
    info = highs.getInfo()
    has_plan = int(info.primal_solution_status) == 2
    return {
        "status": _STATUS.get(status, f"unmapped: {status}") if not stop.is_set() else _stopped(status),
        "bound": float(info.mip_dual_bound) if job["model"]["integer"].any() else _linear_bound(info, status),
        "values": np.array(highs.getSolution().col_value) if has_plan else None,
        "solver": f"HiGHS {highs.version()}",
        "began": began,
        "duals": None if job["model"]["integer"].any() else np.array(highs.getSolution().row_dual),
    }


_STATUS = {
    "kOptimal": "optimal",
    "kInfeasible": "infeasible",
    "kUnboundedOrInfeasible": "infeasible_or_unbounded",
    "kTimeLimit": "time_limit",
    "kIterationLimit": "work_limit",
    "kSolutionLimit": "work_limit",
    "kInterrupt": "interrupted",
}


def _stopped(status: str) -> str:
    answer = _STATUS.get(status, f"unmapped: {status}")
    return "interrupted" if answer == "time_limit" else answer


def _linear_bound(info: Any, status: str) -> float:
    return float(info.objective_function_value) if status == "kOptimal" else -np.inf


def _binding(variant: str) -> tuple[Any, Any]:
    if variant == "highspy":
        import highspy as binding  # noqa: PLC0415

        return binding, binding.Highs()
    binding = _scipys()
    return binding, binding._Highs()


@cache
def _scipys() -> Any:
    """Load the binding's own file: all of `scipy.optimize` with it would take five times as long."""
    scipy = importlib.util.find_spec("scipy")
    for folder in (scipy.submodule_search_locations or ()) if scipy is not None else ():
        for file in sorted(Path(folder, "optimize", "_highspy").glob("_core.*")):
            spec = importlib.util.spec_from_file_location("_core", file)
            if file.suffix in SUFFIXES and spec is not None and spec.loader is not None:
                binding = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(binding)
                return binding
    raise ImportError("SciPy's binding of HiGHS is not where it used to be")


def _options(job: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": int(job["threads"]),
        "random_seed": int(job["seed"]),
        "mip_rel_gap": float(job["gap"]),
        "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": 1e-6,
    }
    if job["time_limit_s"] is not None:
        options["time_limit"] = max(0.0, job["time_limit_s"] - (time.monotonic() - job["started"]))
    if job["work_limit"] is not None:
        options["mip_max_nodes"] = int(job["work_limit"])
    return options | dict(job["parameters"])


def model_of(binding: Any, model: dict[str, Any]) -> Any:
    """Return the arrays of a model as the binding takes them."""
    start, index, value = model["matrix"]
    lp = binding.HighsLp()
    lp.num_col_, lp.num_row_ = len(model["cost"]), len(model["row_lower"])
    lp.col_cost_, lp.offset_ = model["cost"], model["offset"]
    lp.col_lower_, lp.col_upper_ = model["lower"], model["upper"]
    lp.row_lower_, lp.row_upper_ = model["row_lower"], model["row_upper"]
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.format_ = binding.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = start, index, value
    if model["integer"].any():
        kinds = (binding.HighsVarType.kContinuous, binding.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in model["integer"].astype(int).tolist()]
    return lp


def stop_when(binding: Any, highs: Any, asked: Callable[[], bool]) -> None:
    """End the simplex or the interior point method soon after it is asked to."""
    kinds = binding.cb.HighsCallbackType
    last, stop = -np.inf, False

    def hear(kind: Any, message: str, out: Any, into: Any, user: Any) -> None:
        nonlocal last, stop
        now = time.monotonic()
        if stop or now - last > POLL_S:
            last, stop = now, asked()
        into.user_interrupt = stop

    highs.setCallback(hear, None)
    for kind in (kinds.kCallbackSimplexInterrupt, kinds.kCallbackIpmInterrupt):
        _start(highs, kind)


def _listen(binding: Any, highs: Any, report: Callable[..., None], stop: threading.Event) -> None:
    kinds = binding.cb.HighsCallbackType
    last = 0.0

    def hear(kind: Any, message: str, out: Any, into: Any, user: Any) -> None:
        nonlocal last
        if kind == kinds.kCallbackMipImprovingSolution:
            values = np.array(out.mip_solution)
            report(objective=out.objective_function_value, bound=out.mip_dual_bound, values=values)
        elif stop.is_set():
            into.user_interrupt = True
        elif kind == kinds.kCallbackMipInterrupt and time.monotonic() - last > INTERVAL_S:
            last = time.monotonic()
            report(objective=out.mip_primal_bound, bound=out.mip_dual_bound)

    highs.setCallback(hear, None)
    for kind in (
        kinds.kCallbackMipImprovingSolution,
        kinds.kCallbackMipInterrupt,
        kinds.kCallbackSimplexInterrupt,
        kinds.kCallbackIpmInterrupt,
    ):
        _start(highs, kind)


def _start(highs: Any, kind: Any) -> None:
    if hasattr(highs, "startCallback"):
        highs.startCallback(kind)
    else:
        highs.startCallbackInt(int(kind))
