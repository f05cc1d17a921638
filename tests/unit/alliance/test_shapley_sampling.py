import numpy as np
import pytest

from optimizer.alliance.coalition import subset_sums
from optimizer.alliance.game import CostGame
from optimizer.alliance.shapley import shapley_interval, shapley_value
from optimizer.alliance.shapley_sampling import shapley_sampled

N = 8


def game() -> CostGame:
    random = np.random.default_rng(5)
    costs = 50 * np.sqrt(subset_sums(random.uniform(1, 5, N))) * random.uniform(0.9, 1.1, 1 << N)
    costs[0] = 0
    return CostGame.from_values(costs)


def test_all_coalitions_give_the_exact_value():
    explicit = game()
    estimate = shapley_sampled(lambda mask: float(explicit.upper[mask]), explicit.players, 1 << N)
    assert estimate.shares == pytest.approx(shapley_value(explicit), abs=1e-8)
    assert estimate.standard_error.max() == 0
    assert estimate.note == ""


def test_the_standard_error_is_of_the_size_of_the_error():
    explicit = game()
    exact = shapley_value(explicit)
    ratios = []
    for seed in range(30):
        estimate = shapley_sampled(lambda mask: float(explicit.upper[mask]), explicit.players, 130, seed)
        assert estimate.shares.sum() == pytest.approx(explicit.total)
        ratios += list((estimate.shares - exact) / estimate.standard_error)
    assert 0.6 < np.std(ratios) < 1.7


def test_no_more_coalitions_are_costed_than_asked_for():
    explicit, asked = game(), set()

    def cost(mask: int) -> float:
        asked.add(mask)
        return float(explicit.upper[mask])

    shapley_sampled(cost, explicit.players, 60)
    assert len(asked) <= 61


def test_the_interval_holds_every_game_within_it():
    explicit = game()
    random = np.random.default_rng(1)
    interval = CostGame.from_intervals(explicit.upper * 0.99, explicit.upper * 1.01)
    low, high = shapley_interval(interval)
    for _ in range(20):
        inside = CostGame.from_values(explicit.upper * random.uniform(0.99, 1.01, 1 << N))
        value = shapley_value(inside)
        assert (low <= value).all() and (value <= high).all()
