"""The whole story on one page: scenario → network → prices → problem → solution → plan → check → run.

::

    load ─► build (network ─► priced options ─► problem) ─► optimise ─► make plan ─► check ─► run folder
"""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from optimizer import network, scenario
from optimizer.costing.options import price
from optimizer.errors import CheckError, Fault, InfeasibleError, InputError, NoPlanError
from optimizer.network.reach import unreachable
from optimizer.optimise import Model, known_strategy, optimise
from optimizer.plan.check.check import check
from optimizer.plan.item_keys import item_keys
from optimizer.plan.item_names import item_names
from optimizer.plan.make import make
from optimizer.problem.assemble import assemble
from optimizer.problem.export import write_problem
from optimizer.runs.folder import probe
from optimizer.runs.outcome import Outcome, Verification
from optimizer.runs.recheck import recheck
from optimizer.runs.start import Start
from optimizer.runs.stopwatch import Stopwatch
from optimizer.runs.store import read_run, write_run
from optimizer.scenario.instance import Instance
from optimizer.solver.legs.lanes.kept import lane_start_of
from optimizer.solver.solution import Progress, Solution, Termination
from optimizer.solver.split_prices import joined_prices, node_prices
from optimizer.solver.warm import Warm, warm_from
from optimizer.study.compare import compare

__all__ = [
    "Model",
    "Outcome",
    "build",
    "compare",
    "export",
    "going_alone",
    "load",
    "optimise",
    "solve",
    "verify",
]

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]

load = scenario.load


def build(instance: Instance) -> Model:
    """Price every way of serving every order and bring it to the canonical problem.

    Raises
    ------
    InfeasibleError
        Some demand can be carried by no service; the reasons name it.
    """
    routes = network.build(instance)
    stranded = unreachable(instance, routes)
    if stranded:
        raise InfeasibleError(stranded)
    priced = price(instance, routes)
    return Model(instance, priced, assemble(instance, priced))


def solve(
    source: Instance | Path | str,
    *,
    edits: Sequence[str] = (),
    strategy: str | None = None,
    gap: float | None = None,
    time_limit_s: float | None = None,
    threads: int | None = None,
    seed: int | None = None,
    alone: bool = True,
    run_dir: Path | str | None = None,
    warm: Path | str | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """Find the cheapest plan of a scenario, check it, and compare it with every member going alone.

    Parameters
    ----------
    source
        A scenario file, or an instance already loaded.
    edits
        What-if edits in the text form of ``--edit``; for scenario files only.
    strategy, gap, time_limit_s, threads, seed
        Replace the scenario's ``[solve]`` settings where given.
    alone
        Whether to solve each member by itself as well.
    run_dir
        Folder to write the run to; it must not exist. None: nothing is written.
    warm
        Folder of an earlier run of this scenario or one like it: its prices, plan and cuts are the start.
    on_progress, should_stop
        Called and polled now and then while the solver runs.

    Raises
    ------
    InputError, InfeasibleError, NoPlanError, SolverError, CheckError
        See `optimizer.errors`.
    """
    folder = None if run_dir is None else Path(run_dir)
    if folder is not None:
        probe(folder)
    instance = source if isinstance(source, Instance) else load(source, edits)
    instance = _with_settings(instance, strategy, gap, time_limit_s, threads, seed)
    start = None if warm is None else _start_of(Path(warm))
    watch = Stopwatch()
    model = build(instance)
    watch.lap("build")
    keys = item_keys(model.labelled, model.priced)
    solution = optimise(model, on_progress, should_stop, None if start is None else start.for_items(keys))
    watch.lap("solve")
    plan = make(instance, model.priced, model.labelled, solution)
    failures = check(instance, plan, model.priced)
    if plan.cost > solution.objective + 1e-6 * max(1.0, abs(solution.objective)):
        failures.append(f"the plan costs {plan.cost:,.6f}, the solver said {solution.objective:,.6f}")
    if failures:
        raise CheckError(failures)
    watch.lap("check")
    stopped = solution.termination is Termination.INTERRUPTED
    by_itself = going_alone(instance, should_stop) if alone and not stopped else {}
    watch.lap("members alone")
    outcome = Outcome(
        plan=plan,
        termination=solution.termination,
        objective=plan.cost,
        bound=min(solution.bound, plan.cost),
        proof=solution.proof,
        prices=solution.prices,
        stand_alone={member: cost for member, (_, cost) in by_itself.items()},
        stand_alone_bound={member: bound for member, (bound, _) in by_itself.items()},
        seconds=watch.laps,
        trace=solution.trace,
        tree=solution.tree,
        start=Start.of(keys, _kept(model, solution)),
        run_dir=folder,
    )
    if folder is not None:
        write_run(folder, instance, outcome)
    return outcome


def _kept(model: Model, solution: Solution) -> Warm:
    """What a later solve can start from."""
    problem, legs = model.labelled.problem, model.labelled.legs
    warm, prices = warm_from(problem, solution), solution.prices
    if prices is None:
        return warm
    node, lanes = node_prices(problem, prices, legs), lane_start_of(problem, legs, prices, solution.bound)
    return replace(warm, prices=joined_prices(problem, prices, legs), node=node, lanes=lanes)


def _start_of(run: Path) -> Start:
    start = read_run(run).start
    if start is None:
        mend = "Name a run of this version, or leave --warm out."
        raise InputError([Fault("--warm", str(run), "this run kept nothing to start from.", mend)])
    return start


def going_alone(instance: Instance, should_stop: ShouldStop | None = None) -> dict[str, tuple[float, float]]:
    """Bound and cost of each member's best plan by itself; both infinite where it has none.

    As many members are solved at a time as the scenario allows threads, each on one thread. A time limit of
    the scenario is shared out among them; one that finds no plan within its part is left out, and so are
    those still to come when the user stops.
    """
    members, asked = instance.members, instance.solve
    at_a_time = min(asked.threads, len(members))
    part = None if asked.time_limit_s is None else asked.time_limit_s * at_a_time / len(members)
    settings = replace(asked, threads=1, time_limit_s=part)
    building = Lock()  # pricing switches how pandas copies, for all threads

    def cost(member: str) -> tuple[float, float] | None:
        if should_stop is not None and should_stop():
            return None
        by_itself = replace(scenario.restrict(instance, [member]), solve=settings)
        try:
            with building:
                model = build(by_itself)
            solution = optimise(model, should_stop=should_stop)
        except InfeasibleError:
            return math.inf, math.inf
        except NoPlanError:
            return None
        return min(solution.bound, solution.objective), solution.objective

    with ThreadPoolExecutor(at_a_time) as pool:
        found = zip(members, pool.map(cost, members), strict=True)
        return {member: interval for member, interval in found if interval is not None}


def verify(run: Path | str) -> Verification:
    """Check a finished run again: its files, its plan from the stored scenario, the bound from the prices.

    Raises
    ------
    InputError
        The folder is no run.
    """
    stored = read_run(Path(run))
    model = build(load(stored.scenario))
    return recheck(stored, model.instance, model.priced, model.labelled)


def export(source: Path | str, path: Path | str, edits: Sequence[str] = ()) -> str:
    """Write the model of a scenario or of a run's stored scenario as ``.mps`` or ``.lp``, as the name says.

    Returns
    -------
    str
        The size of the model, in words.
    """
    source, path = Path(source), Path(path)
    if path.suffix.lower() not in (".mps", ".lp"):
        raise InputError(
            [Fault("export", str(path), "ends neither in .mps nor in .lp.", "Name such a file.")]
        )
    scenario_file = read_run(source).scenario if source.is_dir() else source
    labelled = build(load(scenario_file, edits)).labelled
    problem = labelled.problem
    try:
        write_problem(problem, path, item_names(labelled))
    except OSError as error:
        fault = Fault("export", str(path), f"cannot be written ({error.strerror}).", "Choose another place.")
        raise InputError([fault]) from error
    return f"{problem.n_rows:,} rows, {problem.n_options:,} options and {problem.n_sizes:,} site sizes"


def _with_settings(
    instance: Instance,
    strategy: str | None,
    gap: float | None,
    time_limit_s: float | None,
    threads: int | None,
    seed: int | None,
) -> Instance:
    asked = {"strategy": strategy, "gap": gap, "time_limit_s": time_limit_s, "threads": threads, "seed": seed}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    settings = replace(instance.solve, **given)
    known_strategy(settings.strategy)
    return replace(instance, solve=settings)
