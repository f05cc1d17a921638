from fractions import Fraction

import numpy as np
import pytest

from optimizer.alliance.game import CostGame
from optimizer.alliance.oracle import CachedGame
from optimizer.alliance.properties import is_monotone, is_subadditive, is_submodular, subadditive_cover
from optimizer.errors import InputError


def test_decimals_and_fractions_are_kept_exactly():
    game = CostGame.from_values([0, 21.95, Fraction(1, 3), 7], ["a", "b"])
    assert game.exact(1) == Fraction(2195, 100)
    assert CostGame.from_values([0, Fraction(1, 3), 1, 1]).exact(1) == Fraction(1, 3)
    assert game.total == 7.0 and game.n == 2 and game.everybody == 3


def test_floats_that_are_no_short_decimals_become_binary_fractions():
    value = float(np.sqrt(2.0))
    assert CostGame.from_values([0.0, value]).exact(1) == Fraction(value)


def test_worths_turn_the_sign():
    assert CostGame.from_worths([0, 1, 2, 5]).upper.tolist() == [0, -1, -2, -5]


def test_stand_alone_and_separable_costs():
    game = CostGame.from_values([0, 6, 4, 8])
    assert game.alone().tolist() == [6, 4]
    assert game.separable().tolist() == [4, 2]
    assert game.separable(exact=True).tolist() == [Fraction(4), Fraction(2)]


@pytest.mark.parametrize(
    ("lower", "upper", "players", "says"),
    [
        ([0, 1, 1], [0, 1, 1], ["a", "b"], "2 players need 4"),
        ([0, 1], [1, 1], ["a"], "empty coalition"),
        ([0, 2], [0, 1], ["a"], "lower bound lies above"),
        ([0, 1, 1, 1], [0, 1, 1, 1], ["a", "a"], "names must differ"),
    ],
)
def test_faults_name_the_rule(lower, upper, players, says):
    with pytest.raises(InputError, match=says):
        CostGame.from_intervals(lower, upper, players)


def test_the_oracle_is_asked_once_per_coalition():
    asked = []

    def cost(mask: int) -> tuple[float, float]:
        asked.append(mask)
        return mask - 0.25, float(mask)

    game = CachedGame(cost, ("a", "b"))
    game.know([(3, (1.0, 2.0))])
    explicit = game.explicit()
    game.upper(1)
    assert asked == [1, 2]
    assert explicit.is_interval and explicit.upper.tolist() == [0, 1, 2, 2]


def test_properties_by_hand():
    assert is_submodular(CostGame.from_values([0, 8, 11, 11]))
    assert not is_submodular(CostGame.from_values([0, 3, 3, 4, 3, 4, 4, 7]))
    assert is_subadditive(CostGame.from_values([0, 3, 3, 4, 3, 4, 4, 7]))
    assert is_monotone(CostGame.from_values([0, 3, 3, 4]))
    assert not is_monotone(CostGame.from_values([0, 5, 3, 4]))


def test_cover_equals_the_best_partition_by_brute_force():
    random = np.random.default_rng(3)
    costs = random.uniform(1, 10, 1 << 5)
    costs[0] = 0

    def best(mask: int) -> float:
        if mask == 0:
            return 0.0
        low, answer, part = mask & -mask, np.inf, mask
        while part:
            if part & low:
                answer = min(answer, costs[part] + best(mask ^ part))
            part = (part - 1) & mask
        return answer

    assert subadditive_cover(costs) == pytest.approx([best(mask) for mask in range(1 << 5)])
