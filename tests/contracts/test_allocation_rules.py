"""What every allocation rule owes, and what only some claim."""

import numpy as np
import pytest

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.coalition import mask_of, members_of, sizes, subset_sums
from optimizer.alliance.core import core_test
from optimizer.alliance.game import CostGame
from optimizer.alliance.properties import is_submodular
from optimizer.alliance.rules import RuleInput, apply_rule, rule_names
from optimizer.alliance.separation import ExplicitSeparator

N = 5
SEEDS = range(5)
MEASURES = {"orders": np.array([3.0, 3.0, 1.0, 2.0, 5.0])}
WEIGHTS = np.array([1.0, 1.0, 2.0, 0.5, 1.5])
BLOCS = [[0, 1], [2], [3, 4]]
RULES = rule_names(RuleInput(CostGame.from_values([0, 1]), MEASURES, WEIGHTS, BLOCS))

SHIFTS = {
    "equal_saving",
    "equal_charge",
    "separable_costs",
    "tau_value",
    "shapley",
    "owen",
    "nucleolus",
    "prenucleolus",
    "per_capita_nucleolus",
    "weighted_saving",
    "weighted_shapley",
    "weighted_nucleolus",
}
"""Rules covariant under c'(S) = a·c(S) + b(S); the others are covariant under scale only."""

PAYS_DUMMIES_THEIR_OWN = {
    "separable_costs",
    "tau_value",
    "shapley",
    "owen",
    "nucleolus",
    "prenucleolus",
    "weighted_shapley",
}

IN_CORE_WHEN_THERE_IS_ONE = {
    "equal_profit",
    "minmax_core",
    "least_core",
    "nucleolus",
    "prenucleolus",
    "per_capita_nucleolus",
    "proportional_nucleolus",
    "weighted_nucleolus",
}

RATIONAL_WHEN_SUBADDITIVE = {
    "proportional_stand_alone",
    "equal_saving",
    "weighted_saving",
    "separable_costs",
    "shapley",
    "weighted_shapley",
    "owen",
    "nucleolus",
} | IN_CORE_WHEN_THERE_IS_ONE


def concave(seed: int) -> CostGame:
    """A submodular cost game: concave functions of random weights, summed."""
    random = np.random.default_rng(seed)
    costs = np.zeros(1 << N)
    for _ in range(4):
        costs += random.uniform(5, 20) * subset_sums(random.uniform(0.2, 3, N)) ** random.uniform(0.4, 0.9)
    return CostGame.from_values(costs)


def ragged(seed: int) -> CostGame:
    """A game between concave and random, whose core is often empty."""
    random = np.random.default_rng(100 + seed)
    costs = concave(seed).upper * random.uniform(0.85, 1.0, 1 << N)
    costs[0] = 0
    return CostGame.from_values(costs)


GAMES = [*(concave(seed) for seed in SEEDS), *(ragged(seed) for seed in SEEDS)]


def shares(rule: str, game: CostGame, order: list[int] | None = None) -> np.ndarray | None:
    """Shares, or None where the rule is not defined; `order` renames the players' own data too."""
    order = order or list(range(N))
    blocs = [[order.index(player) for player in bloc] for bloc in BLOCS]
    measures = {name: values[order] for name, values in MEASURES.items()}
    try:
        return apply_rule(rule, RuleInput(game, measures, WEIGHTS[order], blocs)).shares
    except UndefinedRuleError:
        return None


def renamed(game: CostGame, order: list[int]) -> CostGame:
    """The game in which player k is the former player order[k]."""
    masks = [mask_of(order[k] for k in members_of(mask)) for mask in range(1 << N)]
    return CostGame.from_values(game.upper[masks])


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_defined_on_concave_games(rule):
    assert all(shares(rule, concave(seed)) is not None for seed in SEEDS)


@pytest.mark.parametrize("rule", RULES)
def test_efficiency(rule):
    for game in GAMES:
        result = shares(rule, game)
        if result is not None:
            assert result.sum() == pytest.approx(game.total, rel=1e-10)


@pytest.mark.parametrize("rule", RULES)
def test_players_that_are_alike_pay_alike(rule):
    swap = [1, 0, 2, 3, 4]
    for game in GAMES:
        even = CostGame.from_values((game.upper + renamed(game, swap).upper) / 2)
        result = shares(rule, even)
        if result is not None:
            assert result[0] == pytest.approx(result[1], abs=1e-6 * game.total)


@pytest.mark.parametrize("rule", RULES)
def test_renaming_changes_nothing(rule):
    order = [3, 0, 4, 1, 2]
    for game in GAMES:
        before, after = shares(rule, game), shares(rule, renamed(game, order), order)
        assert (before is None) == (after is None)
        if before is not None:
            assert after == pytest.approx(before[order], abs=1e-6 * game.total)


@pytest.mark.parametrize("rule", RULES)
def test_scaling_the_currency_scales_the_shares(rule):
    for game in GAMES:
        before, after = shares(rule, game), shares(rule, CostGame.from_values(game.upper * 7.25))
        if before is not None:
            assert after == pytest.approx(7.25 * before, abs=1e-5 * game.total)


@pytest.mark.parametrize("rule", sorted(SHIFTS))
def test_own_costs_added_are_own_costs_paid(rule):
    own = np.array([4.0, 0.0, 11.0, 2.5, 7.0])
    for game in GAMES:
        before = shares(rule, game)
        after = shares(rule, CostGame.from_values(3 * game.upper + subset_sums(own)))
        if before is not None:
            assert after == pytest.approx(3 * before + own, abs=1e-6 * game.total)


@pytest.mark.parametrize("rule", sorted(set(RULES) - SHIFTS))
def test_rules_not_claimed_to_shift_do_not(rule):
    """Keeps the claims honest: where covariance is not claimed, a game shows why."""
    own = np.array([40.0, 0.0, 110.0, 25.0, 70.0])
    moved = []
    for game in GAMES:
        after = shares(rule, CostGame.from_values(game.upper + subset_sums(own)))
        moved.append(np.abs(after - shares(rule, game) - own).max())
    assert max(moved) > 1e-3


@pytest.mark.parametrize("rule", sorted(PAYS_DUMMIES_THEIR_OWN))
def test_a_dummy_pays_its_own_cost(rule):
    for game in GAMES:
        costs = game.upper.copy()
        having = np.arange(1 << N) >> 2 & 1 == 1
        costs[having] = costs[np.arange(1 << N)[having] ^ 4] + 13.0
        result = shares(rule, CostGame.from_values(costs))
        if result is not None:
            assert result[2] == pytest.approx(13.0, abs=1e-6 * game.total)


@pytest.mark.parametrize("rule", sorted(RATIONAL_WHEN_SUBADDITIVE))
def test_nobody_pays_more_than_alone_in_a_concave_game(rule):
    for seed in SEEDS:
        game = concave(seed)
        assert (shares(rule, game) <= game.alone() + 1e-7 * game.total).all()


@pytest.mark.parametrize("rule", sorted(IN_CORE_WHEN_THERE_IS_ONE))
def test_core_membership_where_there_is_a_core(rule):
    seen = 0
    for game in GAMES:
        separator = ExplicitSeparator(game)
        if core_test(separator, apply_rule("prenucleolus", RuleInput(game)).shares).in_core is not True:
            continue
        seen += 1
        test = core_test(separator, shares(rule, game), tolerance=1e-7 * game.total)
        assert test.in_core is True
    assert seen >= len(SEEDS)


def test_shapley_lies_in_the_core_of_a_concave_game():
    for seed in SEEDS:
        game = concave(seed)
        assert is_submodular(game)
        assert core_test(ExplicitSeparator(game), shares("shapley", game), 1e-9 * game.total).in_core is True


def test_equal_weights_give_the_unweighted_rules():
    equal = np.ones(N)
    for game in GAMES:
        pairs = {
            "weighted_shapley": "shapley",
            "weighted_saving": "equal_saving",
            "weighted_nucleolus": "per_capita_nucleolus",
        }
        for weighted, plain in pairs.items():
            one = apply_rule(weighted, RuleInput(game, bargaining=equal)).shares
            assert one == pytest.approx(apply_rule(plain, RuleInput(game)).shares, abs=1e-7 * game.total)


def test_blocs_of_one_and_one_bloc_give_the_shapley_value():
    for game in GAMES:
        shapley = apply_rule("shapley", RuleInput(game)).shares
        for blocs in ([[i] for i in range(N)], [list(range(N))]):
            assert apply_rule("owen", RuleInput(game, blocs=blocs)).shares == pytest.approx(shapley)


def test_size_only_games_split_equally():
    game = CostGame.from_values(np.sqrt(sizes(N)) * 100)
    for rule in set(RULES) - {"proportional_orders", "owen"} - {r for r in RULES if "weighted" in r}:
        assert shares(rule, game) == pytest.approx(np.full(N, game.total / N), rel=1e-7)
