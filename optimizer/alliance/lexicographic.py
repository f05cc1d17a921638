r"""Stage by stage: the smallest excess as large as possible, then the next smallest, and so on.

Stage k solves, over the shares x that keep all earlier stages,

.. math:: \max \varepsilon \quad \text{s.t.} \quad x(S) + w_S\,\varepsilon \le c(S) \;\; \forall S \notin
          \mathrm{span}(\text{fixed}, N), \qquad x(N) = c(N)

and fixes the coalitions whose rows carry a **positive dual** (they are tight in every optimum; merely
tight rows need not be). Every stage raises the rank, so there are at most n − 1 stages, and rank n
proves that the shares are unique. The program is solved in floats; levels, duals and shares are then
derived in rationals from the support of the duals.

Source: Maschler, Peleg and Shapley (1979); row generation after Göthe-Lundgren, Jörnsten and
Värbrand (1996) and Drechsel and Kimms (2010).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.alliance.separation import Row, Separator
from optimizer.alliance.span import solve_exactly
from optimizer.alliance.stage_program import StageProgram
from optimizer.errors import SolverError
from optimizer.problem.problem import Floats, Ints

__all__ = ["Lexicographic", "Stage", "lexicographic_shares"]


@dataclass(frozen=True)
class Stage:
    """One stage's proof: its level ε, the rows fixed with their duals, and the separator's bound."""

    level: Fraction
    rows: tuple[Row, ...]
    duals: tuple[Fraction, ...]
    bound: float
    rank: int


@dataclass(frozen=True, eq=False)
class Lexicographic:
    """Shares with their certificate.

    Attributes
    ----------
    shares : tuple of Fraction
        Exact when `unique`; otherwise an optimal vertex in floats.
    stages : tuple of Stage
        Levels, sets, duals and bounds, in order.
    unique : bool
        Whether the rank reached n.
    slack : float
        How far the worst proved bound falls below its stage's level, in money: 0 when fully proved.
    rounds, separations, generated : int
        Linear programs solved, questions asked of the separator, rows in the pool at the end.
    """

    shares: tuple[Fraction, ...]
    stages: tuple[Stage, ...]
    unique: bool
    slack: float
    rounds: int
    separations: int
    generated: int

    @property
    def as_floats(self) -> Floats:
        """Shares as float64, shape (n,)."""
        return np.array([float(share) for share in self.shares])


def lexicographic_shares(
    separator: Separator,
    total: Fraction,
    rational: bool = False,
    stages: int | None = None,
    tolerance: float | None = None,
) -> Lexicographic:
    """Return the shares that maximise the excesses lexicographically, smallest first.

    Parameters
    ----------
    separator
        Answers for the game and for how excess is measured.
    total
        c(N), split among the players.
    rational
        Keep x_i ≤ c({i}) (nucleolus); without it the prenucleolus.
    stages
        Stop after so many stages (1: the least core); None runs until the shares are unique.
    tolerance
        Money below which a violated coalition does not count; a billionth of c(N)/n by default.

    Raises
    ------
    SolverError
        The stage program has no solution: with `rational`, when Σ c({i}) < c(N).
    """
    if separator.n == 1:
        return Lexicographic((total,), (), True, 0.0, 0, 0, 0)
    program = StageProgram(separator, total, rational, tolerance)
    held = program.equalities
    done: list[Stage] = []
    slack = 0.0
    origin = [total / program.n] * program.n
    while held.rank < program.n and (stages is None or len(done) < stages):
        complement = held.complement()
        shares, level, support, bound = program.settled(complement, origin)
        duals = exact_duals(support, complement)
        exact = _exact_level(support, duals, origin)
        if abs(float(exact) - level) > 1e3 * program.rounding * max(1.0, abs(level) / program.scale):
            raise SolverError(f"stage level {level} could not be confirmed in rationals: {float(exact)}")
        for row in support:
            held.add(row.coefficients, row.cost - row.weight * exact)
        slack = max(slack, -bound if -bound > program.rounding else 0.0)
        done.append(Stage(exact, tuple(support), duals, bound, held.rank))
        origin = held.solution([Fraction(float(share)).limit_denominator(1000) for share in shares])
    unique = held.rank == program.n
    result = tuple(origin) if unique or not done else tuple(Fraction(float(share)) for share in shares)
    return Lexicographic(
        result, tuple(done), unique, slack, program.rounds, program.separations, len(program.pool)
    )


def exact_duals(rows: Sequence[Row], complement: Ints) -> tuple[Fraction, ...]:
    """Return λ > 0 with Σ λ_S (b·1_S) = 0 for every b of the complement and Σ λ_S w_S = 1.

    Raises
    ------
    SolverError
        The support is not that of a basic dual solution, so that its duals are not unique.
    """
    matrix: list[list[int | Fraction]] = [
        [int(np.dot(vector, row.coefficients)) for row in rows] for vector in complement
    ]
    matrix.append([row.weight for row in rows])
    duals = solve_exactly(matrix, [Fraction(0)] * len(complement) + [Fraction(1)])
    if duals is None or any(dual <= 0 for dual in duals):
        raise SolverError("the duals of a stage could not be recovered in rationals")
    return tuple(duals)


def _exact_level(rows: Sequence[Row], duals: Sequence[Fraction], origin: Sequence[Fraction]) -> Fraction:
    """Return ε = Σ λ_S (c(S) − x⁰(S)), the same at every x⁰ that keeps the equalities."""
    level = Fraction(0)
    for row, dual in zip(rows, duals, strict=True):
        used = (entry * value for entry, value in zip(row.coefficients, origin, strict=True) if entry)
        level += dual * (row.cost - sum(used, Fraction(0)))
    return level
