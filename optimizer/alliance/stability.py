"""Does a split hold? Rationality, objections, what it takes to hold everyone, who is close to leaving."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from optimizer.alliance.coalition import names_of, subset_sums, with_player
from optimizer.alliance.core import cost_of_stability, least_core
from optimizer.alliance.game import CostGame
from optimizer.alliance.oracle import Interval
from optimizer.alliance.separation import ExplicitSeparator
from optimizer.problem.problem import Bools, Floats

__all__ = [
    "RELATIVE_TOLERANCE",
    "Objection",
    "Outlook",
    "Stability",
    "Verdict",
    "outlook",
    "stability",
    "stability_table",
]

Verdict = bool | Literal["undecided"]
RELATIVE_TOLERANCE = 1e-8
"""Part of c(N) below which amounts count as equal."""


@dataclass(frozen=True)
class Objection:
    """A coalition that pays more than it would alone.

    `gain` bounds what it would save by leaving: at least gain[0] (> 0 for a certain objection).
    """

    members: tuple[str, ...]
    pays: float
    alone: Interval
    gain: Interval


@dataclass(frozen=True, eq=False)
class Stability:
    """What may be said of one split, for every game within the proved intervals.

    Attributes
    ----------
    in_core, individually_rational : bool or "undecided"
    epsilon : (float, float)
        Proved interval of the least excess min_S c(S) − x(S): if negative, what every coalition must be
        given (or fined) to stay.
    blocking : tuple of Objection
        Certain objections, the largest gain first.
    doubtful : tuple of Objection
        Coalitions whose intervals leave it open.
    irrational : tuple of str
        Members that certainly pay more than alone.
    slack : pandas.DataFrame
        Per member: `excess_lower`, `excess_upper` of its least satisfied coalition, and that coalition:
        who is close to leaving stands first.
    """

    in_core: Verdict
    individually_rational: Verdict
    epsilon: Interval
    blocking: tuple[Objection, ...]
    doubtful: tuple[Objection, ...]
    irrational: tuple[str, ...]
    slack: pd.DataFrame


def stability(game: CostGame, shares: Floats, most: int = 20) -> Stability:
    """Judge shares that sum to c(N) against every coalition's interval.

    Parameters
    ----------
    game
        An explicit game, exact or of intervals.
    shares
        What each member pays, shape (n,).
    most
        Objections listed at most.
    """
    tolerance = RELATIVE_TOLERANCE * max(abs(game.total), 1e-9)
    paid = subset_sums(shares)
    low, high = game.lower - paid, game.upper - paid
    low[[0, -1]] = high[[0, -1]] = np.inf if game.n > 1 else 0.0
    certain = high < -tolerance
    possible = (low < -tolerance) & ~certain
    singles = 1 << np.arange(game.n)
    objections = _objections(game, paid, certain, most)
    return Stability(
        in_core=_verdict(certain, possible),
        individually_rational=_verdict(certain[singles], possible[singles]),
        epsilon=(float(low.min()), float(high.min())),
        blocking=objections,
        doubtful=_objections(game, paid, possible, most),
        irrational=tuple(game.players[i] for i in range(game.n) if certain[1 << i]),
        slack=_slack(game, low, high),
    )


def _verdict(certain: Bools, possible: Bools) -> Verdict:
    if certain.any():
        return False
    return "undecided" if possible.any() else True


def _objections(game: CostGame, paid: Floats, which: Bools, most: int) -> tuple[Objection, ...]:
    masks = np.flatnonzero(which)
    order = masks[np.argsort(game.upper[masks] - paid[masks], kind="stable")][:most]
    return tuple(
        Objection(
            names_of(int(mask), game.players),
            float(paid[mask]),
            (float(game.lower[mask]), float(game.upper[mask])),
            (float(paid[mask] - game.upper[mask]), float(paid[mask] - game.lower[mask])),
        )
        for mask in order
    )


def _slack(game: CostGame, low: Floats, high: Floats) -> pd.DataFrame:
    masks = np.arange(len(low))
    records = []
    for player, name in enumerate(game.players):
        own_low, own_high = with_player(low, player)[1], with_player(high, player)[1]
        worst = int(with_player(masks, player)[1][own_high.argmin()])
        records.append(
            {
                "member": name,
                "excess_lower": float(own_low.min()),
                "excess_upper": float(own_high.min()),
                "coalition": ", ".join(names_of(worst, game.players)),
            }
        )
    return pd.DataFrame(records).sort_values("excess_upper", kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Outlook:
    """What any split of this game can reach.

    `core_nonempty` is True, False or "undecided"; `least_core_epsilon` an interval of ε*; `subsidy` an
    interval of the cost of stability, `gamma` of the largest part of the cost that can be charged.
    `saving` is Σ c({i}) − c(N), as an interval.
    """

    core_nonempty: Verdict
    least_core_epsilon: Interval
    subsidy: Interval
    gamma: Interval
    saving: Interval


def outlook(game: CostGame) -> Outlook:
    """Judge the game itself: both ends of its intervals, with the plan in hand for everybody.

    ε* and the cost of stability are monotone in every c(S), so the two ends bound them.
    """
    total = game.exact(game.everybody)
    levels, subsidies = [], []
    ends = (game.lower, game.upper) if game.is_interval else (game.upper,)
    for values in ends:
        costs = values.copy()
        costs[-1] = game.total
        end = CostGame.from_values(costs, game.players) if game.is_interval else game
        separator = ExplicitSeparator(end)
        stages = least_core(separator, total).stages
        levels.append(float(stages[0].level) if stages else 0.0)
        subsidies.append(cost_of_stability(separator, game.total).subsidy)
    tolerance = RELATIVE_TOLERANCE * max(abs(game.total), 1e-9)
    epsilon, subsidy = (levels[0], levels[-1]), (subsidies[-1], subsidies[0])
    verdict: Verdict = True if epsilon[0] >= -tolerance else "undecided"
    if epsilon[1] < -tolerance:
        verdict = False
    singles = 1 << np.arange(game.n)
    gamma = [1 - amount / game.total if game.total else 1.0 for amount in subsidy]
    return Outlook(
        verdict,
        epsilon,
        subsidy,
        (gamma[1], gamma[0]),
        (float(game.lower[singles].sum() - game.total), float(game.upper[singles].sum() - game.total)),
    )


def stability_table(results: dict[str, Stability]) -> pd.DataFrame:
    """Return one line per rule: `rule`, verdicts, ε, the number of objections and the worst of them."""
    records = []
    for rule, result in results.items():
        worst = result.blocking[0] if result.blocking else None
        records.append(
            {
                "rule": rule,
                "individually_rational": str(result.individually_rational).lower(),
                "in_core": str(result.in_core).lower(),
                "epsilon_lower": result.epsilon[0],
                "epsilon_upper": result.epsilon[1],
                "blocking": len(result.blocking),
                "worst_coalition": ", ".join(worst.members) if worst else "",
                "worst_gain": worst.gain[0] if worst else 0.0,
                "closest_to_leaving": str(result.slack["member"].iloc[0]),
            }
        )
    return pd.DataFrame(records)
