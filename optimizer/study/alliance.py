"""Is sharing worth it, who pays what, does it hold: the cost game of a scenario and every split of it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from optimizer.alliance.allocate import AllianceResult, allocate
from optimizer.alliance.enumeration import EnumerationProgress, enumerate_costs
from optimizer.alliance.member_problem import MemberProblem
from optimizer.costing.orders import means, profile
from optimizer.errors import Fault, InputError
from optimizer.optimise import Model
from optimizer.pipeline import build, load
from optimizer.problem.problem import Floats
from optimizer.scenario.instance import Instance
from optimizer.solver.limits import SolveOptions

__all__ = ["alliance", "member_problem", "member_sizes"]

MOST_MEMBERS = 12


def alliance(
    source: Instance | Path | str,
    *,
    edits: Sequence[str] = (),
    rules: Sequence[str] | None = None,
    gap: float | None = None,
    time_limit_s: float | None = None,
    threads: int | None = None,
    on_progress: Callable[[EnumerationProgress], None] | None = None,
) -> AllianceResult:
    """Cost every coalition of a scenario's members, split the common cost by each rule, and judge the splits.

    Parameters
    ----------
    source
        A scenario file, or an instance already loaded.
    edits
        What-if edits in the text form of ``--edit``; for scenario files only.
    rules
        Names of allocation rules; all that apply by default.
    gap, time_limit_s, threads
        Of each coalition's solve; the scenario's ``[solve]`` settings by default.
    on_progress
        Told after each coalition.

    Raises
    ------
    InputError
        The scenario is wrong, nothing may be shared in it, or it has too many members to enumerate.
    InfeasibleError, NoPlanError
        A coalition has no plan, or none was found within its limits.
    """
    instance = source if isinstance(source, Instance) else load(source, edits)
    _require_an_alliance(instance)
    asked = instance.solve
    options = SolveOptions(
        gap=asked.gap if gap is None else gap,
        time_limit_s=asked.time_limit_s if time_limit_s is None else time_limit_s,
        threads=asked.threads if threads is None else threads,
        seed=asked.seed,
    )
    found = enumerate_costs(member_problem(build(instance)), options, on_progress=on_progress)
    return allocate(
        found.game, rules, measures=member_sizes(instance), solves=found.solves, runtime_s=found.runtime_s
    )


def member_problem(model: Model) -> MemberProblem:
    """Say which member each row and gate of a model's problem belongs to, and the lateness it may claim.

    A promise tolerates a share of each member's orders; a coalition tolerates those of its members only.
    """
    labels, players = model.labelled.labels, model.instance.members
    number = {member: position for position, member in enumerate(players)}
    return MemberProblem(
        problem=model.labelled.problem,
        players=players,
        member_of_row=np.asarray(labels.rows["member"].map(number), np.int64),
        member_of_gate=np.asarray(labels.gates["member"].map(number).fillna(-1), np.int64),
        member_supply=_tolerated(model, players),
        legs=model.labelled.legs,
    )


def _tolerated(model: Model, players: tuple[str, ...]) -> Floats:
    """Late orders that each member's orders allow, by measure of the problem."""
    labels, late = model.labelled.labels, model.priced.supply.late
    orders = labels.rows.groupby(["member", "market", "period"])["orders"].sum()
    allowed = late.set_index(["market", "period"])["allowed"]
    promises = labels.resources[labels.resources["kind"] == "late"]
    measure = labels.measures.reset_index(drop=True)
    at = {int(resource): position for position, resource in enumerate(measure["resource"])}
    supply = np.zeros((len(players), len(measure)))
    for resource, market, period in promises[["market", "period"]].itertuples(name=None):
        for number, member in enumerate(players):
            own = float(orders.get((member, market, period), 0.0))
            supply[number, at[int(resource)]] = own * float(allowed[(market, period)])
    return supply


def member_sizes(instance: Instance) -> dict[str, Floats]:
    """Orders, volume (m³) and weight (kg) of each member's demand, for rules that split by size."""
    goods = means(profile(instance))
    demand = instance["demand"].merge(goods, left_on="product", right_index=True)
    each = demand.assign(
        volume=demand["orders"] * demand["volume_m3"], weight=demand["orders"] * demand["weight_kg"]
    )
    sums = each.groupby("member")[["orders", "volume", "weight"]].sum().reindex(list(instance.members))
    return {name: sums[name].to_numpy(np.float64) for name in ("orders", "volume", "weight")}


def _require_an_alliance(instance: Instance) -> None:
    count = len(instance.members)
    faults = []
    if not instance.model.sharing:
        faults.append(Fault("[model] sharing", "false", "leaves nothing to split.", "Set it to true."))
    if not 2 <= count <= MOST_MEMBERS:
        rule = f"every coalition is solved: 2 to {MOST_MEMBERS} members."
        faults.append(Fault("members", str(count), rule, "Choose some with [scenario] members."))
    if faults:
        raise InputError(faults)
