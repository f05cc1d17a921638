"""Laws of cost games that hold for every game, on random ones."""

from fractions import Fraction
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.alliance.coalition import indicator, subset_sums
from optimizer.alliance.core import core_test, cost_of_stability, least_core
from optimizer.alliance.game import CostGame
from optimizer.alliance.kohlberg import is_nucleolus
from optimizer.alliance.lexicographic import lexicographic_shares
from optimizer.alliance.separation import ExplicitSeparator
from optimizer.alliance.shapley import owen_value, shapley_value, solidarity_value, weighted_shapley
from optimizer.alliance.span import Equalities


@st.composite
def games(draw: st.DrawFn, most: int = 5) -> CostGame:
    """Games of integers, with many ties, or of cents."""
    n = draw(st.integers(1, most))
    amounts = draw(st.sampled_from([st.integers(0, 4), st.integers(-30, 100), st.integers(0, 10**8)]))
    values = draw(st.lists(amounts, min_size=(1 << n) - 1, max_size=(1 << n) - 1))
    divisor = draw(st.sampled_from([1, 3, 100]))
    return CostGame.from_values([Fraction(0), *(Fraction(value, divisor) for value in values)])


@given(games(), st.sampled_from(["unit", "size"]))
@settings(deadline=None, max_examples=80)
def test_the_certificate_of_the_prenucleolus_holds_in_exact_arithmetic(game, per):
    result = lexicographic_shares(ExplicitSeparator(game, per), game.exact(game.everybody))
    shares, held = result.shares, Equalities(game.n)
    assert result.unique and sum(shares) == game.exact(game.everybody)
    held.add([1] * game.n, Fraction(0))
    for stage in result.stages:
        # the duals prove that no shares that keep the earlier stages do better
        assert all(dual > 0 for dual in stage.duals)
        assert sum(d * row.weight for d, row in zip(stage.duals, stage.rows, strict=True)) == 1
        mixture = [
            sum(d * row.coefficients[i] for d, row in zip(stage.duals, stage.rows, strict=True))
            for i in range(game.n)
        ]
        scale = np.lcm.reduce([entry.denominator for entry in map(Fraction, mixture)])
        assert held.spans([int(entry * scale) for entry in mixture])
        # the shares reach the level: no coalition outside the span falls below it
        for mask in range(1, game.everybody):
            members = indicator(mask, game.n).tolist()
            if not held.spans(members):
                paid = sum((shares[i] for i in range(game.n) if members[i]), Fraction(0))
                weight = 1 if per == "unit" else mask.bit_count()
                assert game.exact(mask) - paid >= stage.level * weight
        for row in stage.rows:
            held.add(row.coefficients, Fraction(0))
    assert held.rank == game.n


@given(games())
@settings(deadline=None, max_examples=60)
def test_kohlberg_agrees(game):
    result = lexicographic_shares(ExplicitSeparator(game), game.exact(game.everybody))
    assert is_nucleolus(game, result.as_floats, rational=False)


@given(games(4))
@settings(deadline=None, max_examples=60)
def test_averages_over_orders_split_everything_exactly(game):
    total = game.exact(game.everybody)
    assert shapley_value(game, exact=True).sum() == total
    assert solidarity_value(game, exact=True).sum() == total
    weights = np.array([Fraction(i + 1) for i in range(game.n)], dtype=object)
    assert weighted_shapley(game, weights, exact=True).sum() == total
    blocs = [list(range(0, game.n, 2)), list(range(1, game.n, 2))]
    assert owen_value(game, [bloc for bloc in blocs if bloc], exact=True).sum() == total


@given(games(4))
@settings(deadline=None, max_examples=40)
def test_shapley_is_the_mean_over_all_orders(game):
    total, count = np.zeros(game.n), 0
    for order in permutations(range(game.n)):
        mask, count = 0, count + 1
        for player in order:
            total[player] += game.upper[mask | 1 << player] - game.upper[mask]
            mask |= 1 << player
    scale = np.abs(game.upper).max() + 1
    assert np.abs(shapley_value(game) - total / count).max() <= 1e-10 * scale


@given(games(4))
@settings(deadline=None, max_examples=60)
def test_core_least_core_and_stability_tell_the_same_story(game):
    separator = ExplicitSeparator(game)
    found = least_core(separator, game.exact(game.everybody))
    level = found.stages[0].level if found.stages else Fraction(0)
    subsidy = cost_of_stability(separator, game.total).subsidy
    scale = float(np.abs(game.upper).max()) + 1
    assert (subsidy > 1e-7 * scale) == (level < 0) or abs(float(level)) < 1e-6 * scale
    if game.n > 1:
        test = core_test(separator, found.as_floats, 1e-9 * scale)
        assert test.least_excess[0] >= float(level) - 1e-7 * scale


@given(games(4), st.lists(st.integers(-50, 50), min_size=4, max_size=4))
@settings(deadline=None, max_examples=40)
def test_the_nucleolus_shifts_with_own_costs_exactly(game, own):
    added = subset_sums(np.array(own[: game.n], dtype=object))
    values = [game.exact(mask) + int(added[mask]) for mask in range(1 << game.n)]
    shifted = CostGame.from_values([Fraction(value) for value in values])
    before = lexicographic_shares(ExplicitSeparator(game), game.exact(game.everybody)).shares
    after = lexicographic_shares(ExplicitSeparator(shifted), shifted.exact(game.everybody)).shares
    assert [a - b for a, b in zip(after, before, strict=True)] == own[: game.n]
