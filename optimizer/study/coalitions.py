"""The cost of every coalition of a scenario's members: several at a time, kept on disk, or on a cluster."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from optimizer.alliance.coalition_solves import EnumerationProgress, cost_some
from optimizer.alliance.enumeration import Enumeration, enumerate_costs
from optimizer.alliance.member_problem import MemberProblem
from optimizer.errors import Fault, InputError, NoPlanError
from optimizer.optimise import Model
from optimizer.scenario.instance import Instance
from optimizer.solver.limits import SolveOptions
from optimizer.study.coalition_store import CoalitionStore
from optimizer.study.large_alliance import partial_game

__all__ = ["CostedAlliance", "Costing", "cost_coalitions", "openings"]

FEW_LEGS = 5_000
"""Legs up to which coalitions are solved in threads: processes cost more to start than they save."""


@dataclass(frozen=True)
class Costing:
    """How coalitions are to be costed.

    Attributes
    ----------
    gap, time_limit_s
        Of each coalition's solve; None: the scenario's.
    threads
        Threads of each solve; None: one where several run at a time, else the scenario's.
    jobs
        Coalitions solved at a time; None: as many as the scenario allows threads.
    scheduler
        Address of a Dask cluster (``tcp://host:8786``) that does the work; empty: this machine.
    keep
        Folder of costs found earlier; what is found is added to it at once.
    on_progress, should_stop
        Told after each coalition; polled now and then.
    """

    gap: float | None = None
    time_limit_s: float | None = None
    threads: int | None = None
    jobs: int | None = None
    scheduler: str = ""
    keep: Path | None = None
    on_progress: Callable[[EnumerationProgress], None] | None = None
    should_stop: Callable[[], bool] | None = None

    def options(self, instance: Instance) -> SolveOptions:
        """Return the options of each solve."""
        asked = instance.solve
        alone = self.jobs_for(instance) == 1 and not self.scheduler
        return SolveOptions(
            gap=asked.gap if self.gap is None else self.gap,
            time_limit_s=asked.time_limit_s if self.time_limit_s is None else self.time_limit_s,
            threads=self.threads or (asked.threads if alone else 1),
            seed=asked.seed,
            memory_mb=asked.memory_mb,
            should_stop=self.should_stop,
        )

    def jobs_for(self, instance: Instance) -> int:
        """Return how many coalitions are solved at a time on this machine."""
        return self.jobs or instance.solve.threads


@dataclass(frozen=True, eq=False)
class CostedAlliance:
    """A scenario with the cost and the plan of every coalition of its members."""

    instance: Instance
    model: Model
    members: MemberProblem
    found: Enumeration


def cost_coalitions(
    model: Model, members: MemberProblem, costing: Costing, some: Collection[int] | None = None
) -> CostedAlliance:
    """Solve the problem of every coalition, or of some.

    Raises
    ------
    InputError
        The cluster cannot be reached, or the folder keeps costs of another problem.
    InfeasibleError, NoPlanError
        A coalition has no plan, none was found within its limits, or the user stopped.
    """
    instance, options = model.instance, costing.options(model.instance)
    store = None if costing.keep is None else CoalitionStore(costing.keep, members, options)
    how: dict[str, Any] = {
        "jobs": -1 if costing.scheduler else costing.jobs_for(instance),
        "processes": members.legs is None or members.legs.count > FEW_LEGS,
        "known": {} if store is None else store.read(),
        "on_progress": costing.on_progress,
        "on_solution": None if store is None else store.write,
    }
    started = time.monotonic()
    try:
        with _where(costing.scheduler, members):
            if some is None:
                return CostedAlliance(instance, model, members, enumerate_costs(members, options, **how))
            solutions = cost_some(members, some, options, **how)
    except NoPlanError as error:
        kept = "lost; with --keep FOLDER they are not" if store is None else f"kept in {store.folder}"
        raise NoPlanError(f"{error} ({kept})") from error
    solves = sum(mask not in how["known"] for mask in solutions)
    game = partial_game(members.players, solutions)
    found = Enumeration(game, solutions, solves, time.monotonic() - started)
    return CostedAlliance(instance, model, members, found)


def openings(costed: CostedAlliance, coalition: int) -> dict[str, str]:
    """Return the sites that a coalition's plan opens, with their sizes."""
    decisions = costed.found.solutions[coalition].decisions
    if decisions is None:
        return {}
    sizes = costed.model.labelled.labels.sizes
    opened = sizes.iloc[decisions.size[decisions.size >= 0]]
    return {str(site): " + ".join(group["size"].astype(str)) for site, group in opened.groupby("site")}


@contextmanager
def _where(scheduler: str, members: MemberProblem) -> Iterator[None]:
    """Send the work of joblib to a Dask cluster, if one is named."""
    if not scheduler:
        yield
        return
    try:
        place = joblib.parallel_config(backend="dask", scheduler_host=scheduler, scatter=[members])
    except (ImportError, ValueError) as error:
        mend = "Install it: pip install 'entrepot[cluster]'."
        raise InputError([Fault("--scheduler", scheduler, "needs Dask.", mend)]) from error
    except (OSError, TimeoutError) as error:
        rule = f"is not reached ({error})."
        raise InputError(
            [Fault("--scheduler", scheduler, rule, "Start it with `dask scheduler`.")]
        ) from error
    with place:
        yield
