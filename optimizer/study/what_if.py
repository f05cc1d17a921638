"""A member leaves or joins, two alliances merge: what it costs whom by each rule, and which plan follows.

Shares are the rules' own, before caps and floors, which were agreed for the alliance as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.alliance.coalition import mask_of
from optimizer.alliance.game import CostGame
from optimizer.alliance.oracle import Interval
from optimizer.alliance.what_if import merger_gain, subgame
from optimizer.errors import Fault, InputError
from optimizer.study.alliance import AllianceStudy
from optimizer.study.coalitions import openings

__all__ = ["MembershipChange", "Merger", "membership_change", "merger", "named_members"]


@dataclass(frozen=True, eq=False)
class MembershipChange:
    """The alliance with and without one member.

    Attributes
    ----------
    member : str
    alone : (float, float)
        What the member costs by itself, s_k.
    added : (float, float)
        What it adds to the plan in hand, m_k = c(N) − c(N∖k). A newcomer that pays at least m_k makes nobody
        worse off, and gains by joining if it pays less than s_k: the break-even entry fee. One that leaves
        would have to leave x_k − m_k behind for nobody to be worse off: the break-even exit fee.
    shares : pandas.DataFrame
        `rule`, `member`, `with_it`, `without_it`, `change` (with less without), and `exit_fee` in the lines
        of the member itself.
    opens_with, opens_without : dict of str to str
        Sites and sizes of both plans.
    """

    member: str
    alone: Interval
    added: Interval
    shares: pd.DataFrame
    opens_with: dict[str, str]
    opens_without: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the change as plain data."""
        fees = self.shares[self.shares["member"] == self.member]
        return {
            "member": self.member,
            "alone": list(self.alone),
            "added": list(self.added),
            "break_even_exit_fee": dict(zip(fees["rule"], fees["exit_fee"], strict=True)),
            "shares": self.shares.drop(columns="exit_fee").to_dict("records"),
            "opens_with": self.opens_with,
            "opens_without": self.opens_without,
        }


def membership_change(study: AllianceStudy, member: str) -> MembershipChange:
    """Compare the alliance with and without a member, rule by rule; both leaving and joining read from it."""
    game = study.result.game
    (player,) = (game.players.index(name) for name in named_members(game, [member], "member"))
    rest = [name for name in game.players if name != member]
    having, without = _shares(study, game.players), _shares(study, rest)
    others = game.everybody ^ (1 << player)
    alone, added = float(game.upper[1 << player]), float(game.total - game.upper[others])
    lines: list[dict[str, Any]] = []
    for rule, now in having.items():
        left = without.get(rule, {}) | {member: alone}
        if len(left) < game.n:
            continue
        lines.extend(
            {
                "rule": rule,
                "member": name,
                "with_it": now[name],
                "without_it": left[name],
                "change": now[name] - left[name],
                "exit_fee": now[name] - added if name == member else float("nan"),
            }
            for name in game.players
        )
    columns = ["rule", "member", "with_it", "without_it", "change", "exit_fee"]
    return MembershipChange(
        member,
        (float(game.lower[1 << player]), alone),
        (added, float(game.total - game.lower[others])),
        pd.DataFrame(lines, columns=columns),
        openings(study.costed, game.everybody),
        openings(study.costed, others),
    )


@dataclass(frozen=True, eq=False)
class Merger:
    """Two alliances by themselves and as one.

    Attributes
    ----------
    first, second : tuple of str
    gain : (float, float)
        c(A) + c(B) − c(A∪B); a loss if negative.
    shares : pandas.DataFrame
        `rule`, `member`, `apart` (in its own alliance), `merged`, `change`.
    opens : dict of str to dict
        Sites and sizes of the plans of `first`, `second` and `merged`.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    gain: Interval
    shares: pd.DataFrame
    opens: dict[str, dict[str, str]]

    def as_json(self) -> dict[str, Any]:
        """Return the merger as plain data."""
        return {
            "first": list(self.first),
            "second": list(self.second),
            "gain": list(self.gain),
            "shares": self.shares.to_dict("records"),
            "opens": self.opens,
        }


def merger(study: AllianceStudy, first: Sequence[str], second: Sequence[str]) -> Merger:
    """Compare two alliances among the members with the one that they would be together."""
    game = study.result.game
    one, two = named_members(game, first, "--merge"), named_members(game, second, "--merge")
    both = sorted(set(one) & set(two))
    if both or not one or not two:
        rule = "stands on both sides." if both else "leaves one side empty."
        raise InputError([Fault("--merge", ", ".join(both), rule, "Write it as a,b + c,d.")])
    merged = [name for name in game.players if name in {*one, *two}]
    groups = {"first": one, "second": two, "merged": merged}
    shares = {key: _shares(study, names) for key, names in groups.items()}
    lines = []
    for rule, together in shares["merged"].items():
        apart = shares["first"].get(rule, {}) | shares["second"].get(rule, {})
        for name, share in together.items():
            before = apart.get(name, float("nan"))
            lines.append(
                {"rule": rule, "member": name, "apart": before, "merged": share, "change": share - before}
            )
    masks = {key: mask_of(game.players.index(name) for name in names) for key, names in groups.items()}
    return Merger(
        tuple(one),
        tuple(two),
        merger_gain(game, one, two),
        pd.DataFrame(lines, columns=["rule", "member", "apart", "merged", "change"]),
        {key: openings(study.costed, mask) for key, mask in masks.items()},
    )


def _shares(study: AllianceStudy, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return who pays what by rule among some members; one by itself pays its cost by any rule."""
    game = subgame(study.result.game, names)
    if game.n == 1:
        return {rule: {game.players[0]: game.total} for rule in study.result.allocations}
    allocations = study.terms.unlimited().split(game).allocations
    return {rule: allocation.as_dict() for rule, allocation in allocations.items()}


def named_members(game: CostGame, names: Sequence[str], where: str) -> list[str]:
    """Return the names, in the game's order and without repeats, or refuse those that are no members."""
    unknown = [name for name in names if name not in game.players]
    if unknown:
        known = f"Members are {', '.join(game.players)}."
        raise InputError([Fault(where, name, "is no member.", known) for name in unknown])
    return [name for name in game.players if name in names]
