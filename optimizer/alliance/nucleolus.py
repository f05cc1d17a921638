"""Nucleolus and prenucleolus, plain, per capita, weighted and proportional, over any separator."""

from fractions import Fraction

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.game import CostGame
from optimizer.alliance.lexicographic import Lexicographic, lexicographic_shares
from optimizer.alliance.separation import ExplicitSeparator, Separator
from optimizer.problem.problem import Floats

__all__ = ["nucleolus", "nucleolus_over", "prenucleolus"]


def nucleolus(game: CostGame, per: str = "unit", weights: Floats | None = None) -> Lexicographic:
    """Return the individually rational shares that make the unhappiest coalition happiest, and so on.

    Parameters
    ----------
    game
        An explicit game.
    per
        `unit`: plain; `size`: per-capita (or per w(S), with bargaining weights); `cost`: proportional.
    weights
        Bargaining weights for `per="size"`, > 0.

    Raises
    ------
    UndefinedRuleError
        Σ c({i}) < c(N): nobody can be held to its stand-alone cost; use `prenucleolus`. Or, with
        `per="cost"`, a coalition costs nothing.

    Source: Schmeidler (1969), SIAM J. Appl. Math. 17.

    >>> nucleolus(CostGame.from_values([0, 6, 4, 8])).shares
    (Fraction(5, 1), Fraction(3, 1))
    """
    return nucleolus_over(_separator(game, per, weights), game.exact(game.everybody))


def prenucleolus(game: CostGame, per: str = "unit", weights: Floats | None = None) -> Lexicographic:
    """Return the nucleolus without x_i ≤ c({i}); it is defined with `per="unit"` and `"size"` always."""
    return lexicographic_shares(_separator(game, per, weights), game.exact(game.everybody))


def _separator(game: CostGame, per: str, weights: Floats | None) -> ExplicitSeparator:
    if per == "cost" and (game.upper[1:-1] <= 0).any():
        raise UndefinedRuleError(
            "proportional nucleolus: some coalition costs nothing, so that its contentment cannot be "
            "measured in percent; use the nucleolus"
        )
    return ExplicitSeparator(game, per, weights)


def nucleolus_over(separator: Separator, total: Fraction) -> Lexicographic:
    """Return the nucleolus of the game behind a separator, by row generation."""
    alone = [separator.refine(row) for row in separator.initial() if sum(row.coefficients) == 1]
    if sum((row.cost for row in alone), Fraction(0)) < total and len(alone) > 1:
        raise UndefinedRuleError(
            "nucleolus: the stand-alone costs sum to less than the common plan, so that no split holds "
            "everybody to its own; use the prenucleolus"
        )
    return lexicographic_shares(separator, total, rational=True)
