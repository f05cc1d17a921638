"""What-if questions of one command about one costed alliance, and their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.alliance.what_if import best_partners, subsets_compared
from optimizer.errors import Fault, InputError
from optimizer.study.alliance import MOST_MEMBERS, AllianceStudy
from optimizer.study.what_if import MembershipChange, Merger, membership_change, merger

__all__ = ["Answers", "Questions", "answers"]


@dataclass(frozen=True)
class Questions:
    """Names of members, empty where nothing is asked; `merge` is written as ``a,b + c,d``."""

    leaves: str = ""
    joins: str = ""
    partners: str = ""
    merge: str = ""
    shortlist: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether anything is asked."""
        return any((self.leaves, self.joins, self.partners, self.merge, self.shortlist))

    @property
    def sides(self) -> tuple[list[str], list[str]]:
        """The two alliances of `merge`."""
        first, _, second = self.merge.partition("+")
        return _names(first), _names(second)

    def check(self, members: Sequence[str]) -> None:
        """Refuse names that are no members, all at once and before anything is solved."""
        named = [("--leaves", self.leaves), ("--joins", self.joins), ("--partners", self.partners)]
        named += [("--merge", name) for side in self.sides for name in side]
        named += [("--shortlist", name) for name in self.shortlist]
        faults = [
            Fault(option, name, "is no member.", f"Members are {', '.join(members)}.")
            for option, name in named
            if name and name not in members
        ]
        if self.merge and not all(self.sides):
            faults.append(Fault("--merge", self.merge, "names one alliance only.", "Write it as a,b + c,d."))
        if self.asked and len(members) > MOST_MEMBERS:
            rule = f"what-if questions need the cost of every coalition: at most {MOST_MEMBERS} members."
            faults.append(Fault("members", str(len(members)), rule, "Choose some with [scenario] members."))
        if faults:
            raise InputError(faults)


@dataclass(frozen=True, eq=False)
class Answers:
    """What came of `Questions`; None where nothing was asked.

    `partners` and `shortlist` are tables of `optimizer.alliance.what_if`.
    """

    leaves: MembershipChange | None = None
    joins: MembershipChange | None = None
    partners: pd.DataFrame | None = None
    merge: Merger | None = None
    shortlist: pd.DataFrame | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the answers that there are as plain data."""
        found: dict[str, Any] = {}
        for name in ("leaves", "joins", "merge"):
            answer: MembershipChange | Merger | None = getattr(self, name)
            if answer is not None:
                found[name] = answer.as_json()
        for name in ("partners", "shortlist"):
            table: pd.DataFrame | None = getattr(self, name)
            if table is not None:
                found[name] = table.to_dict("records")
        return found


def answers(study: AllianceStudy, asked: Questions) -> Answers:
    """Answer the questions out of the coalitions already costed."""
    game = study.result.game
    return Answers(
        membership_change(study, asked.leaves) if asked.leaves else None,
        membership_change(study, asked.joins) if asked.joins else None,
        best_partners(game, asked.partners) if asked.partners else None,
        merger(study, *asked.sides) if asked.merge else None,
        subsets_compared(game, asked.shortlist) if asked.shortlist else None,
    )


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
