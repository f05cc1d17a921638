"""All rules on one game, each judged: the alliance's result, as data, as tables and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from optimizer.alliance.allocation import Allocation, UndefinedRuleError
from optimizer.alliance.coalition import names_of
from optimizer.alliance.game import CostGame
from optimizer.alliance.limits import within_limits
from optimizer.alliance.rules import RuleInput, apply_rule, rule_names
from optimizer.alliance.share_intervals import limited_interval, share_interval
from optimizer.alliance.stability import (
    RELATIVE_TOLERANCE,
    Objection,
    Outlook,
    Stability,
    outlook,
    stability,
    stability_table,
)
from optimizer.problem.problem import Floats

__all__ = ["AllianceResult", "allocate", "percent_saved"]


@dataclass(frozen=True, eq=False)
class AllianceResult:
    """Cost shares under every rule, each with its stability.

    Attributes
    ----------
    game : CostGame
    outlook : Outlook
        What any split of this game can reach.
    allocations : dict of str to Allocation
    stability : dict of str to Stability
    undefined : dict of str to str
        Rules that are not defined on this game, and why.
    solves, runtime_s : int and float
        What the game's values took.
    share_intervals : dict of str to (float64, float64), each of shape (n,)
        Least and largest share of each member that the intervals of coalitions' costs allow, for the rules
        for which such bounds are known (`optimizer.alliance.share_intervals`).
    partial : bool
        Whether only a part of the coalitions was costed.
    cost_now : dict of str to float
        What members pay today, of those that told.
    """

    game: CostGame
    outlook: Outlook
    allocations: dict[str, Allocation]
    stability: dict[str, Stability]
    undefined: dict[str, str] = field(default_factory=dict)
    solves: int = 0
    runtime_s: float = 0.0
    share_intervals: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    partial: bool = False
    cost_now: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain dicts, lists, numbers and strings."""
        alone = self.game.alone().tolist()
        return {
            "grand_coalition_cost": self.game.total,
            "stand_alone_cost": dict(zip(self.game.players, alone, strict=True)),
            "saving": list(self.outlook.saving),
            "core_nonempty": self.outlook.core_nonempty,
            "least_core_epsilon": list(self.outlook.least_core_epsilon),
            "cost_of_stability": list(self.outlook.subsidy),
            "allocations": {rule: result.as_dict() for rule, result in self.allocations.items()},
            "share_intervals": {
                rule: dict(zip(self.game.players, np.transpose(ends).tolist(), strict=True))
                for rule, ends in self.share_intervals.items()
            },
            "standard_errors": {
                rule: dict(zip(self.game.players, result.standard_error.tolist(), strict=True))
                for rule, result in self.allocations.items()
                if result.standard_error is not None
            },
            "notes": {rule: result.note for rule, result in self.allocations.items() if result.note},
            "undefined": dict(self.undefined),
            "stability": {rule: _stability_json(result) for rule, result in self.stability.items()},
            "coalitions": [
                {
                    "members": list(names_of(mask, self.game.players)),
                    "cost": [float(self.game.lower[mask]), float(self.game.upper[mask])],
                }
                for mask in (np.flatnonzero(np.isfinite(self.game.upper[1:])) + 1).tolist()
            ],
            "partial": self.partial,
            "solves": self.solves,
            "runtime_s": self.runtime_s,
        } | self._against_now()

    def _against_now(self) -> dict[str, Any]:
        """Return what members that told pay now, and what they save against it; nothing if none did."""
        if not self.cost_now:
            return {}
        saved = {
            kind: {
                member: {"money": now - pays[member], "percent": percent_saved(now, pays[member])}
                for member, now in self.cost_now.items()
            }
            for kind, pays in self.payments().items()
        }
        return {"cost_now": dict(self.cost_now), "saving_from_now": saved}

    def payments(self) -> dict[str, dict[str, float]]:
        """Return what each member pays `alone` and under each rule."""
        alone = dict(zip(self.game.players, self.game.alone().tolist(), strict=True))
        return {"alone": alone} | {rule: split.as_dict() for rule, split in self.allocations.items()}

    def shares_table(self) -> pd.DataFrame:
        """Return one line per rule and member.

        Columns: `rule`, `member`, `alone` (cost by itself), `share`, `saving` (money), `saving_percent`.
        """
        alone = self.game.alone()
        frames = [
            pd.DataFrame(
                {
                    "rule": rule,
                    "member": self.game.players,
                    "alone": alone,
                    "share": result.shares,
                    "saving": alone - result.shares,
                    "saving_percent": 100 * (1 - result.shares / np.where(alone == 0, np.nan, alone)),
                }
            )
            for rule, result in self.allocations.items()
        ]
        return pd.concat(frames, ignore_index=True)

    def stability_table(self) -> pd.DataFrame:
        """Return one line per rule, see `stability.stability_table`."""
        return stability_table(self.stability)


def allocate(
    game: CostGame,
    rules: Sequence[str] | None = None,
    *,
    measures: Mapping[str, Floats] | None = None,
    bargaining: Floats | None = None,
    blocs: Sequence[Sequence[int]] | None = None,
    floor: Floats | None = None,
    cap: Floats | None = None,
    solves: int = 0,
    runtime_s: float = 0.0,
) -> AllianceResult:
    """Split the common cost by each rule and say of each whether it holds.

    Parameters
    ----------
    game
        An explicit game.
    rules
        Names, see `rule_names`; all that the inputs allow by default.
    measures, bargaining, blocs
        See `RuleInput`.
    floor, cap
        Agreed limits of each member's share, shape (n,); every rule's shares are moved into them.
    solves, runtime_s
        What the game's values took, passed on.

    >>> result = allocate(CostGame.from_values([0, 6, 4, 8], ["a", "b"]), ["shapley"])
    >>> result.to_json()["allocations"]
    {'shapley': {'a': 5.0, 'b': 3.0}}
    """
    inputs = RuleInput(game, measures or {}, bargaining, blocs)
    allocations, undefined, intervals = {}, {}, {}
    low = np.full(game.n, -np.inf) if floor is None else floor
    high = np.full(game.n, np.inf) if cap is None else cap
    width = float((game.upper - game.lower)[1:-1].max(initial=0.0))
    known = width <= RELATIVE_TOLERANCE * abs(game.total)
    for name in rules if rules is not None else rule_names(inputs):
        try:
            allocation = apply_rule(name, inputs)
        except UndefinedRuleError as reason:
            undefined[name] = str(reason)
            continue
        ends = (allocation.shares, allocation.shares) if known else share_interval(name, inputs)
        if floor is not None or cap is not None:
            shares = within_limits(allocation.shares, low, high)
            allocation = Allocation(name, game.players, shares, note="moved into the caps and floors agreed")
            ends = None if ends is None else limited_interval(ends, game.total, low, high)
        allocations[name] = allocation
        if ends is not None:
            intervals[name] = ends
    judged = {name: stability(game, allocation.shares) for name, allocation in allocations.items()}
    return AllianceResult(
        game, outlook(game), allocations, judged, undefined, solves, runtime_s, share_intervals=intervals
    )


def percent_saved(before: float, after: float) -> float | None:
    """Return 100 (1 − after / before), None where nothing was paid before.

    >>> percent_saved(200.0, 150.0), percent_saved(0.0, 150.0)
    (25.0, None)
    """
    return 100 * (1 - after / before) if before else None


def _stability_json(result: Stability) -> dict[str, Any]:
    return {
        "in_core": result.in_core,
        "individually_rational": result.individually_rational,
        "epsilon": list(result.epsilon),
        "blocking": [_objection_json(objection) for objection in result.blocking],
        "doubtful": [_objection_json(objection) for objection in result.doubtful],
    }


def _objection_json(objection: Objection) -> dict[str, Any]:
    return {
        "members": list(objection.members),
        "pays": objection.pays,
        "alone": list(objection.alone),
        "gain": list(objection.gain),
    }
