"""Bounds of shares: they hold for every game within the intervals, and are points where costs are exact."""

import json

import numpy as np
import pytest

from optimizer.alliance.allocate import allocate
from optimizer.alliance.game import CostGame
from optimizer.alliance.share_intervals import limited_interval

SIZES = {"orders": np.array([5.0, 3.0, 2.0, 4.0])}
STRENGTH = np.array([2.0, 1.0, 1.0, 3.0])


def random_intervals(seed: int, spread: float) -> tuple[CostGame, np.random.Generator]:
    """A game of four with roughly concave costs, known to a spread; the last value is the plan in hand."""
    random = np.random.default_rng(seed)
    size = np.array([mask.bit_count() for mask in range(16)])
    upper = 100 * size**0.8 * random.uniform(0.9, 1.1, 16)
    lower = upper * (1 - spread * random.random(16))
    return CostGame.from_intervals(lower, upper, ["a", "b", "c", "d"]), random


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("limits", [None, (80.0, 65.0)], ids=["free", "capped"])
def test_bounds_hold_for_every_game_within_the_intervals(seed, limits):
    game, random = random_intervals(seed, spread=0.05)
    cap = floor = None
    if limits is not None:
        cap, floor = np.array([limits[0], *[np.inf] * 3]), np.array([-np.inf, limits[1], -np.inf, -np.inf])
    agreed = {"measures": SIZES, "bargaining": STRENGTH, "cap": cap, "floor": floor}
    said = allocate(game, **agreed).share_intervals
    assert len(said) >= 16 if limits is None else said
    for corner in range(2):
        between = random.random(16) if corner % 2 else random.integers(0, 2, 16).astype(float)
        values = game.lower + (game.upper - game.lower) * between
        values[-1] = game.total
        truth = allocate(CostGame.from_values(values, game.players), **agreed)
        for rule, allocation in truth.allocations.items():
            if rule in said:
                low, high = said[rule]
                assert (low <= allocation.shares + 1e-6).all(), rule
                assert (allocation.shares <= high + 1e-6).all(), rule


def test_linear_bounds_are_reached_by_hand():
    # a: between 5 and 6 alone, b: 4, both: 8. Equal saving: x_a = a − (a + 4 − 8)/2 = a/2 + 2: from 4.5 to 5
    game = CostGame.from_intervals([0, 5, 4, 8], [0, 6, 4, 8], ["a", "b"])
    low, high = allocate(game, ["equal_saving"]).share_intervals["equal_saving"]
    assert low.tolist() == pytest.approx([4.5, 3.0]) and high.tolist() == pytest.approx([5.0, 3.5])
    # proportional: 8·5/9 = 4.44 to 8·6/10 = 4.8
    low, high = allocate(game, ["proportional_stand_alone"]).share_intervals["proportional_stand_alone"]
    assert low[0] == pytest.approx(40 / 9) and high[0] == pytest.approx(4.8)


def test_exact_costs_give_points():
    result = allocate(CostGame.from_values([0, 100, 80, 150, 60, 130, 110, 190]))
    for rule, (low, high) in result.share_intervals.items():
        assert low.tolist() == high.tolist() == result.allocations[rule].shares.tolist()
    shown = json.loads(json.dumps(result.to_json()))["share_intervals"]
    assert shown["shapley"]["1"] == [result.allocations["shapley"].shares[0]] * 2


def test_a_cap_cuts_the_bounds():
    low, high = np.array([40.0, 20.0, 10.0]), np.array([60.0, 40.0, 30.0])
    cap, floor = np.array([45.0, np.inf, np.inf]), np.full(3, -np.inf)
    least, most = limited_interval((low, high), 100.0, floor, cap)
    # at most 45 for the first; the others share at least 55, so neither interval ends above what is left
    assert most[0] == 45.0 and least[0] >= 30.0
    assert (least <= most).all()
