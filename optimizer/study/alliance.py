"""Is sharing worth it, who pays what, does it hold: the cost game of a scenario and every split of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from optimizer.alliance.allocate import AllianceResult, allocate
from optimizer.alliance.coalition_solves import EnumerationProgress
from optimizer.alliance.game import CostGame
from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.rules import RuleInput, known_rules
from optimizer.costing.money import Exchange
from optimizer.costing.orders import means, profile
from optimizer.errors import Fault, InputError
from optimizer.optimise import Model
from optimizer.pipeline import build, load
from optimizer.problem.problem import Floats
from optimizer.scenario.instance import Instance
from optimizer.study.coalitions import CostedAlliance, Costing, cost_coalitions
from optimizer.study.large_alliance import MOST_SAMPLED, coalitions_to_cost, large_rules, split_large
from optimizer.study.wishes import Wishes, within_wishes

__all__ = [
    "MOST_MEMBERS",
    "AllianceStudy",
    "Terms",
    "alliance",
    "costs_now",
    "member_problem",
    "member_sizes",
    "study_alliance",
]

MOST_MEMBERS = 12
"""Members beyond which not every coalition is solved, see `large_alliance`."""


@dataclass(frozen=True)
class Terms:
    """What shares are computed from besides the costs of coalitions.

    Attributes
    ----------
    rules
        Names of allocation rules; None: all that apply.
    sizes
        Orders, volume and weight by member, see `member_sizes`.
    wishes
        Bargaining weights, caps and floors.
    """

    rules: Sequence[str] | None = None
    sizes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)

    def split(self, game: CostGame, solves: int = 0, runtime_s: float = 0.0) -> AllianceResult:
        """Split the cost of a game among all or some of the members, and judge the splits."""
        players = game.players
        return allocate(
            game,
            self.rules,
            measures=self.measures(players),
            bargaining=self.wishes.bargaining(players),
            floor=self.wishes.floor(players),
            cap=self.wishes.cap(players),
            solves=solves,
            runtime_s=runtime_s,
        )

    def unlimited(self) -> "Terms":
        """Return the terms without caps and floors."""
        return replace(self, wishes=replace(self.wishes, caps={}, floors={}))

    def check(self, players: Sequence[str]) -> None:
        """Refuse rules that are not known, before anything is solved."""
        game = CostGame.from_values(np.zeros(1 << len(players)), players)
        known_rules(
            self.rules or (), RuleInput(game, self.measures(players), self.wishes.bargaining(players))
        )

    def measures(self, players: Sequence[str]) -> dict[str, Floats]:
        """Return the sizes of some members as vectors."""
        return {
            name: np.array([by_member[player] for player in players])
            for name, by_member in self.sizes.items()
        }


@dataclass(frozen=True, eq=False)
class AllianceStudy:
    """The costed coalitions of a scenario, the terms agreed, and the splits."""

    costed: CostedAlliance
    terms: Terms
    result: AllianceResult


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
    gap, time_limit_s, threads, on_progress
        See `Costing`.

    Raises
    ------
    InputError
        The scenario is wrong, nothing may be shared in it, or it has too many members to enumerate.
    InfeasibleError, NoPlanError
        A coalition has no plan, or none was found within its limits.
    """
    instance = source if isinstance(source, Instance) else load(source, edits)
    costing = Costing(gap, time_limit_s, threads, on_progress=on_progress)
    return study_alliance(instance, rules, costing=costing).result


def study_alliance(
    instance: Instance,
    rules: Sequence[str] | None = None,
    wishes: Wishes | None = None,
    costing: Costing | None = None,
) -> AllianceStudy:
    """Do what `alliance` does, under the members' wishes, and keep plans and terms for further questions."""
    require_an_alliance(instance)
    asked = wishes or Wishes()
    sizes = {
        name: dict(zip(instance.members, amounts.tolist(), strict=True))
        for name, amounts in member_sizes(instance).items()
    }
    terms, how = Terms(rules, sizes, asked), costing or Costing()
    large = len(instance.members) > MOST_MEMBERS
    if large:
        terms = replace(terms, rules=large_rules(rules, list(sizes)), wishes=_without_limits(asked))
    else:
        terms.check(instance.members)
    model = build(instance)
    members = within_wishes(member_problem(model), model.labelled.labels, asked)
    if large:
        return _large(model, members, terms, how)
    costed = cost_coalitions(model, members, how)
    found = costed.found
    result = terms.split(found.game, found.solves, found.runtime_s)
    return AllianceStudy(costed, terms, replace(result, cost_now=costs_now(instance)))


def _large(model: Model, members: MemberProblem, terms: Terms, costing: Costing) -> AllianceStudy:
    """Study an alliance of which only a part of the coalitions can be costed."""
    started, options = time.monotonic(), costing.options(model.instance)
    costed = cost_coalitions(model, members, costing, coalitions_to_cost(members.players, options.seed))
    found = costed.found
    inputs = RuleInput(found.game, terms.measures(members.players))
    result = split_large(members, found.solutions, inputs, terms.rules or (), options)
    result = replace(
        result,
        solves=found.solves,
        runtime_s=time.monotonic() - started,
        cost_now=costs_now(model.instance),
    )
    return AllianceStudy(costed, terms, result)


def _without_limits(wishes: Wishes) -> Wishes:
    """Refuse caps, floors and weights where not every coalition is costed."""
    if wishes.caps or wishes.floors or wishes.weights:
        rule = f"need the cost of every coalition: at most {MOST_MEMBERS} members."
        raise InputError([Fault("--weight, --cap, --floor", "", rule, "Leave them out.")])
    return wishes


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
    sums = each.groupby("member")[["orders", "volume", "weight"]].sum()
    sums = sums.reindex(list(instance.members), fill_value=0.0)
    return {name: sums[name].to_numpy(np.float64) for name in ("orders", "volume", "weight")}


def costs_now(instance: Instance) -> dict[str, float]:
    """Return what members pay today over all periods, of those that told, in the scenario's currency."""
    told = instance["members"].dropna(subset="cost_now_over_horizon")
    factor = Exchange(instance).rate(told["currency"].to_numpy(), instance["periods"]["start"].min())
    amounts = told["cost_now_over_horizon"].to_numpy(np.float64) * factor
    return dict(zip(told["member"].astype(str), amounts.tolist(), strict=True))


def require_an_alliance(instance: Instance) -> None:
    """Refuse a scenario in which there is nothing to split, or with too many members to say anything."""
    count = len(instance.members)
    faults = []
    if not instance.model.sharing:
        faults.append(Fault("[model] sharing", "false", "leaves nothing to split.", "Set it to true."))
    if count < 2:
        rule = "an alliance has two members or more."
        faults.append(Fault("members", ", ".join(instance.members), rule, "Include another firm."))
    if count > MOST_SAMPLED:
        rule = f"at most {MOST_SAMPLED} members can be split among."
        faults.append(Fault("members", str(count), rule, "Choose some with [scenario] members."))
    if faults:
        raise InputError(faults)
