"""Cost games: what each coalition would pay on its own, known exactly or as an interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Self

import numpy as np
import numpy.typing as npt

from optimizer.alliance.coalition import Table
from optimizer.errors import Fault, InputError
from optimizer.problem.problem import Floats, Ints

__all__ = ["CostGame", "Number"]

Number = int | float | Fraction
LARGEST_INTEGER = 2**62
DECIMALS = 9


@dataclass(frozen=True, eq=False)
class CostGame:
    """A cost game with transferable utility: c(∅) = 0 and c(S) in [lower, upper] for each coalition.

    Attributes
    ----------
    players : tuple of str
        Names; player i is bit i of a coalition's mask.
    lower, upper : float64, shape (2ⁿ,)
        Proved interval of c(S). Rules split `upper`, the cost of the plans in hand.
    numerators, denominator : int64, shape (2ⁿ,), and int
        c(S) = numerators[S] / denominator exactly, where the values are known as fractions or as
        decimals of at most nine places; None otherwise.
    """

    players: tuple[str, ...]
    lower: Floats
    upper: Floats
    numerators: Ints | None = None
    denominator: int = 1

    def __post_init__(self) -> None:
        """Check shapes, the empty coalition and the order of the bounds."""
        wanted = 1 << len(self.players)
        faults = []
        if len(self.lower) != wanted or len(self.upper) != wanted:
            found = f"{len(self.lower)} and {len(self.upper)} values"
            faults.append(
                Fault("cost game", found, f"{len(self.players)} players need {wanted}.", "Give all.")
            )
        elif self.lower[0] != 0 or self.upper[0] != 0:
            faults.append(Fault("cost game", str(self.upper[0]), "the empty coalition costs 0.", "Mend it."))
        elif not (self.lower <= self.upper).all():
            faults.append(Fault("cost game", "", "a lower bound lies above its upper bound.", "Swap them."))
        if len(set(self.players)) != len(self.players):
            faults.append(Fault("cost game", str(self.players), "names must differ.", "Rename."))
        if faults:
            raise InputError(faults)

    @classmethod
    def from_values(
        cls, values: Sequence[Number] | npt.NDArray[np.float64], players: Sequence[str] | None = None
    ) -> Self:
        """Build a game from exactly known costs, by mask.

        >>> game = CostGame.from_values([0, 3, 3, Fraction(13, 3)])
        >>> game.n, game.exact(3)
        (2, Fraction(13, 3))
        """
        floats = np.array([float(value) for value in values])
        count = max(len(floats), 1).bit_length() - 1
        names = tuple(players) if players is not None else tuple(str(i + 1) for i in range(count))
        numerators, denominator = _common_denominator(values)
        return cls(names, floats, floats, numerators, denominator)

    @classmethod
    def from_worths(
        cls, worths: Sequence[Number] | npt.NDArray[np.float64], players: Sequence[str] | None = None
    ) -> Self:
        """Build the cost game c = −v of a value game; what a player receives is minus its share."""
        return cls.from_values([-worth for worth in worths], players)

    @classmethod
    def from_intervals(
        cls, lower: npt.ArrayLike, upper: npt.ArrayLike, players: Sequence[str] | None = None
    ) -> Self:
        """Build a game from proved bounds lower(S) ≤ c(S) ≤ upper(S), by mask."""
        low, high = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
        count = max(len(high), 1).bit_length() - 1
        return cls(tuple(players or (str(i + 1) for i in range(count))), low, high)

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.players)

    @property
    def everybody(self) -> int:
        """Mask of the grand coalition."""
        return (1 << self.n) - 1

    @property
    def total(self) -> float:
        """Return the cost of the grand coalition's plan in hand."""
        return float(self.upper[-1])

    @property
    def is_interval(self) -> bool:
        """Whether any value is known only within an interval."""
        return bool((self.lower < self.upper).any())

    def exact(self, mask: int) -> Fraction:
        """Return c(S) (its upper bound) as a fraction."""
        if self.numerators is None:
            return Fraction(float(self.upper[mask]))
        return Fraction(int(self.numerators[mask]), self.denominator)

    def table(self, exact: bool = False) -> Table:
        """Return all values as float64, or as an object array of fractions."""
        if not exact:
            return self.upper
        return np.array([self.exact(mask) for mask in range(1 << self.n)], dtype=object)

    def alone(self, exact: bool = False) -> Table:
        """Return the stand-alone costs s_i = c({i}), shape (n,)."""
        return self.at([1 << i for i in range(self.n)], exact)

    def separable(self, exact: bool = False) -> Table:
        """Return the separable costs m_i = c(N) − c(N∖i), shape (n,)."""
        whole = self.everybody
        without = self.at([whole ^ (1 << i) for i in range(self.n)], exact)
        marginal: Table = self.at([whole], exact)[0] - without
        return marginal

    def at(self, masks: Sequence[int], exact: bool = False) -> Table:
        """Return the values of the given coalitions."""
        if exact:
            return np.array([self.exact(mask) for mask in masks], dtype=object)
        return self.upper[np.asarray(masks, dtype=np.int64)]


def _common_denominator(values: Sequence[Number] | npt.NDArray[np.float64]) -> tuple[Ints | None, int]:
    """Write the values over one denominator, or answer (None, 1) when that is not exact in 63 bits."""
    if isinstance(values, np.ndarray) or not any(isinstance(value, Fraction) for value in values):
        floats = np.array([float(value) for value in values])
        for places in range(DECIMALS + 1):
            scale = 10**places
            if float(np.abs(floats).max(initial=0.0)) * scale > 2**53:
                return None, 1
            rounded = np.rint(floats * scale)
            if np.array_equal(rounded / scale, floats):
                return rounded.astype(np.int64), scale
        return None, 1
    exact = [Fraction(repr(value)) if isinstance(value, float) else Fraction(value) for value in values]
    denominator = lcm(*(value.denominator for value in exact))
    numerators = [value.numerator * (denominator // value.denominator) for value in exact]
    if max((abs(value) for value in numerators), default=0) > LARGEST_INTEGER:
        return None, 1
    return np.array(numerators, dtype=np.int64), denominator
