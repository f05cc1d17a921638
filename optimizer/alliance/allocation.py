"""What a rule hands back: one amount per player, the rule's name and what must be said beside it."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.alliance.coalition import Table
from optimizer.errors import EntrepotError
from optimizer.problem.problem import Floats

__all__ = ["Allocation", "UndefinedRuleError"]


class UndefinedRuleError(EntrepotError):
    """The rule is not defined on this game; the message says why and which rule to use instead."""


@dataclass(frozen=True, eq=False)
class Allocation:
    """Cost shares under one rule.

    Attributes
    ----------
    rule : str
        Name in snake_case.
    players : tuple of str
    shares : float64, shape (n,)
        What each player pays; they sum to c(N).
    exact : tuple of Fraction, or None
        The same as rationals where the rule was computed exactly.
    standard_error : float64, shape (n,), or None
        Where the shares are an estimate.
    note : str
        What must be said beside the shares; empty when nothing must.
    """

    rule: str
    players: tuple[str, ...]
    shares: Floats
    exact: tuple[Fraction, ...] | None = None
    standard_error: Floats | None = None
    note: str = ""

    @classmethod
    def of(cls, rule: str, players: tuple[str, ...], shares: Table, note: str = "") -> "Allocation":
        """Wrap a vector of floats or of fractions."""
        exact = tuple(shares.tolist()) if shares.dtype == object else None
        return cls(rule, players, np.asarray(shares, dtype=np.float64), exact, None, note)

    def as_dict(self) -> dict[str, float]:
        """Return {player: amount}."""
        return dict(zip(self.players, self.shares.tolist(), strict=True))
