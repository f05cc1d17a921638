"""What members have agreed or ask for: weights, caps, floors, a site that nobody or one of them may use."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from optimizer.alliance.member_problem import MemberProblem, excluded_from_site, site_vetoed
from optimizer.errors import Fault, InputError
from optimizer.problem.labels import Labels
from optimizer.problem.problem import Floats

__all__ = ["Wishes", "parse_wishes", "within_wishes"]

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Wishes:
    """Wishes by member and site.

    Attributes
    ----------
    weights
        Bargaining weights > 0 by member; those not named have 1. Empty: no weighted rules.
    caps, floors
        Most and least that a member is to pay, in the scenario's currency.
    vetoes
        Sites that nobody may use.
    exclusions
        (member, site): this member may not use this site, the others may.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    exclusions: tuple[tuple[str, str], ...] = ()

    def bargaining(self, players: Sequence[str]) -> Floats | None:
        """Return the weights of some members, None where nothing was agreed."""
        return _vector(self.weights, players, 1.0)

    def cap(self, players: Sequence[str]) -> Floats | None:
        """Return the caps of some members, None where nothing was agreed."""
        return _vector(self.caps, players, np.inf)

    def floor(self, players: Sequence[str]) -> Floats | None:
        """Return the floors of some members, None where nothing was agreed."""
        return _vector(self.floors, players, -np.inf)


def _vector(named: Mapping[str, float], players: Sequence[str], otherwise: float) -> Floats | None:
    if not named:
        return None
    return np.array([named.get(player, otherwise) for player in players])


def within_wishes(members: MemberProblem, labels: Labels, wishes: Wishes) -> MemberProblem:
    """Return the members' problem without what is vetoed or excluded.

    Raises
    ------
    InputError
        A site is not among the candidates.
    InfeasibleError
        Without the site some orders can be served by nothing.
    """
    candidates = labels.sites["site"].astype(str)
    named = {*wishes.vetoes, *(site for _, site in wishes.exclusions)}
    unknown = sorted(named - set(candidates))
    if unknown:
        known = f"Candidates are {', '.join(dict.fromkeys(candidates))}."
        raise InputError([Fault("site", name, "is no candidate site.", known) for name in unknown])
    for name in wishes.vetoes:
        for site in np.flatnonzero(candidates == name).tolist():
            members = site_vetoed(members, site)
    for member, name in wishes.exclusions:
        for site in np.flatnonzero(candidates == name).tolist():
            members = excluded_from_site(members, member, site)
    return members


def parse_wishes(
    members: Sequence[str],
    weights: Iterable[str] = (),
    caps: Iterable[str] = (),
    floors: Iterable[str] = (),
    vetoes: Iterable[str] = (),
    exclusions: Iterable[str] = (),
) -> Wishes:
    """Read wishes written as ``MEMBER=2`` and ``MEMBER@SITE``, all faults at once.

    Raises
    ------
    InputError
        A member is not known, or a number is none.

    >>> parse_wishes(["a", "b"], weights=["a=2"], exclusions=["b@DE-HAM"]).exclusions
    (('b', 'DE-HAM'),)
    """
    faults: list[Fault] = []

    def amount(text: str) -> tuple[str, float]:
        member, value = _two_parts(text, "=", members, "MEMBER=AMOUNT")
        return member, _number(value)

    def weight(text: str) -> tuple[str, float]:
        member, number = amount(text)
        if number <= 0:
            raise ValueError("is no weight above 0")
        return member, number

    def read_all(option: str, texts: Iterable[str], read: Callable[[str], Parsed]) -> list[Parsed]:
        parsed = []
        for text in texts:
            try:
                parsed.append(read(text))
            except ValueError as error:
                mend = f"Members are {', '.join(members)}."
                faults.append(Fault(option, text, f"{error}.", mend))
        return parsed

    wishes = Wishes(
        weights=dict(read_all("--weight", weights, weight)),
        caps=dict(read_all("--cap", caps, amount)),
        floors=dict(read_all("--floor", floors, amount)),
        vetoes=tuple(vetoes),
        exclusions=tuple(
            read_all("--exclude", exclusions, lambda text: _two_parts(text, "@", members, "MEMBER@SITE"))
        ),
    )
    if faults:
        raise InputError(faults)
    return wishes


def _two_parts(text: str, sign: str, members: Sequence[str], form: str) -> tuple[str, str]:
    member, found, rest = (part.strip() for part in text.partition(sign))
    if not found or not rest:
        raise ValueError(f"is not written as {form}")
    if member not in members:
        raise ValueError(f"names no member ({member!r})")
    return member, rest


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise ValueError("holds no number")
    return number
