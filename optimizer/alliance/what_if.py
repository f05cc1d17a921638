"""A member leaves or joins, two alliances merge, several plans compete: what it does to whom."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from optimizer.alliance.allocate import AllianceResult
from optimizer.alliance.coalition import mask_of, members_of, names_of
from optimizer.alliance.game import CostGame
from optimizer.alliance.oracle import Interval
from optimizer.problem.problem import Floats

__all__ = ["best_partners", "compare_plans", "entry_exit", "merger_gain", "subgame", "subsets_compared"]


def subgame(game: CostGame, members: Sequence[str]) -> CostGame:
    """Return the game among some of the members: the alliance after the others have left.

    >>> subgame(CostGame.from_values([0, 6, 4, 8, 5, 9, 8, 12], ["a", "b", "c"]), ["a", "c"]).upper.tolist()
    [0.0, 6.0, 5.0, 9.0]
    """
    numbers = [game.players.index(name) for name in members]
    masks = np.array([mask_of(numbers[i] for i in members_of(small)) for small in range(1 << len(numbers))])
    numerators = None if game.numerators is None else game.numerators[masks]
    return CostGame(tuple(members), game.lower[masks], game.upper[masks], numerators, game.denominator)


def entry_exit(game: CostGame, shares: Floats) -> pd.DataFrame:
    """Return, for each member, what its staying is worth to itself and to the others.

    Columns
    -------
    `member`; `share` now; `alone` = s_k; `marginal` = m_k = c(N) − c(N∖k), as bounds `marginal_lower`,
    `marginal_upper`; `others_now` and `others_without` (what the rest pay with it and without it);
    `exit_fee` = c(N∖k) − (c(N) − x_k) = x_k − m_k, what it would have to leave behind for the rest to be
    no worse off (negative: they would gain); `entry_low`, `entry_high` = [m_k, s_k]: a newcomer paying at
    least m_k cannot raise the others' total, and one paying at most s_k gains by joining.
    """
    everybody = game.everybody
    records = []
    for player, name in enumerate(game.players):
        rest = everybody ^ (1 << player)
        marginal_low = float(game.lower[-1] - game.upper[rest])
        marginal_high = float(game.upper[-1] - game.lower[rest])
        marginal = float(game.total - game.upper[rest])
        records.append(
            {
                "member": name,
                "share": float(shares[player]),
                "alone": float(game.upper[1 << player]),
                "marginal": marginal,
                "marginal_lower": marginal_low,
                "marginal_upper": marginal_high,
                "others_now": float(game.total - shares[player]),
                "others_without": float(game.upper[rest]),
                "exit_fee": float(shares[player] - marginal),
                "entry_low": marginal,
                "entry_high": float(game.upper[1 << player]),
            }
        )
    return pd.DataFrame(records)


def best_partners(game: CostGame, member: str, most: int = 10) -> pd.DataFrame:
    """Rank the coalitions with a member by what they save per head.

    Columns: `coalition`, `members` (count), `cost`, `saving_lower`, `saving_upper` (Σ s − c(S)),
    `saving_per_member`.
    """
    player = game.players.index(member)
    masks = np.array([mask for mask in range(1, 1 << game.n) if mask >> player & 1 and mask.bit_count() > 1])
    records = []
    for mask in masks.tolist():
        single = [1 << i for i in members_of(mask)]
        low = float(game.lower[single].sum() - game.upper[mask])
        high = float(game.upper[single].sum() - game.lower[mask])
        saving = float(game.upper[single].sum() - game.upper[mask])
        records.append(
            {
                "coalition": ", ".join(names_of(mask, game.players)),
                "members": len(single),
                "cost": float(game.upper[mask]),
                "saving_lower": low,
                "saving_upper": high,
                "saving_per_member": saving / len(single),
            }
        )
    columns = ["coalition", "members", "cost", "saving_lower", "saving_upper", "saving_per_member"]
    table = pd.DataFrame(records, columns=columns)
    return table.sort_values("saving_per_member", ascending=False, kind="stable", ignore_index=True).head(
        most
    )


def subsets_compared(game: CostGame, shortlist: Sequence[str]) -> pd.DataFrame:
    """Compare every subset of a short list, joined with all who are not on it.

    Columns: `with` (who of the short list joins), `members` (count), `cost`, `cost_lower`, `alone` (Σ s),
    `saving`, `saving_percent`, `saving_per_member`; the largest saving per head first.
    """
    listed = mask_of(game.players.index(name) for name in shortlist)
    base, records = game.everybody & ~listed, []
    part = listed
    while True:
        mask = base | part
        if mask:
            singles = [1 << i for i in members_of(mask)]
            alone, cost = float(game.upper[singles].sum()), float(game.upper[mask])
            records.append(
                {
                    "with": ", ".join(names_of(part, game.players)),
                    "members": len(singles),
                    "cost": cost,
                    "cost_lower": float(game.lower[mask]),
                    "alone": alone,
                    "saving": alone - cost,
                    "saving_percent": 100 * (1 - cost / alone) if alone else 0.0,
                    "saving_per_member": (alone - cost) / len(singles),
                }
            )
        if not part:
            break
        part = (part - 1) & listed
    table = pd.DataFrame(records)
    return table.sort_values("saving_per_member", ascending=False, kind="stable", ignore_index=True)


def merger_gain(game: CostGame, first: Sequence[str], second: Sequence[str]) -> Interval:
    """Return the interval of c(A) + c(B) − c(A∪B): what two alliances gain by merging (loss if negative).

    >>> merger_gain(CostGame.from_values([0, 6, 4, 8, 5, 9, 8, 12], ["a", "b", "c"]), ["a", "b"], ["c"])
    (1.0, 1.0)
    """
    one = mask_of(game.players.index(name) for name in first)
    two = mask_of(game.players.index(name) for name in second)
    return (
        float(game.lower[one] + game.lower[two] - game.upper[one | two]),
        float(game.upper[one] + game.upper[two] - game.lower[one | two]),
    )


def compare_plans(plans: Mapping[str, AllianceResult]) -> pd.DataFrame:
    """Rank plans and rules by total, then by the worst-off member, then by stability.

    Columns: `plan`, `rule`, `total`, `worst_member`, `worst_saving_percent`, `in_core`, `epsilon`,
    `rank_total`, `rank_worst_off`, `rank_stability` (1 is best; ties share).
    """
    records = []
    for plan, result in plans.items():
        alone = result.game.alone()
        for rule, allocation in result.allocations.items():
            percent = 100 * (1 - allocation.shares / np.where(alone == 0, np.nan, alone))
            worst = int(np.argmin(np.where(np.isnan(percent), np.inf, percent)))
            records.append(
                {
                    "plan": plan,
                    "rule": rule,
                    "total": result.game.total,
                    "worst_member": result.game.players[worst],
                    "worst_saving_percent": float(percent[worst]),
                    "in_core": str(result.stability[rule].in_core).lower(),
                    "epsilon": result.stability[rule].epsilon[0],
                }
            )
    table = pd.DataFrame(records)
    for column, rank, places, rising in _RANKS:
        amounts = table[column].round(places)
        table[rank] = amounts.rank(method="min", ascending=rising, na_option="bottom").astype(int)
    order = ["rank_total", "rank_worst_off", "rank_stability"]
    return table.sort_values(order, kind="stable", ignore_index=True)


_RANKS = (
    ("total", "rank_total", 2, True),
    ("worst_saving_percent", "rank_worst_off", 4, False),
    ("epsilon", "rank_stability", 2, False),
)
"""Column, its rank, decimals within which two are tied, and whether small is good."""
