"""Items in buckets: what the best of them gain is what it is with all of them sorted."""

import numpy as np
import pytest

from optimizer.solver.legs.lanes.ranking import Ranked, gain_of, least_cost, may_pay, ranked, shares_at

CASES = {
    "one item": ([3.0], [2.0]),
    "one item that uses nothing": ([3.0], [0.0]),
    "none uses anything": ([3.0, 1.0, 2.0], [0.0, 0.0, 0.0]),
    "some use nothing": ([3.0, 1.0, 2.0, 5.0], [0.0, 2.0, 0.0, 1.0]),
    "all alike": ([2.0] * 200, [3.0] * 200),
    "two rates": ([2.0, 1.0] * 100, [3.0] * 200),
    "the same rate in many amounts": (list(range(1, 150)), [2.0 * k for k in range(1, 150)]),
    "far apart": ([2.0**k for k in range(-300, 300)], [1.0] * 600),
    "most below all buckets": ([1e6, *np.linspace(1.0, 2.0, 300)], [1.0] * 301),
    "a rate beyond all numbers": ([1.0, 1.0, 2.0], [1e-320, 1.0, 1.0]),
    "a rate below all numbers": ([1e-320, 1.0], [1e10, 1.0]),
}
SEEDS = range(30)


def random_items(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Gains and amounts of up to 3,000 items, with ties and with items that use nothing."""
    random = np.random.default_rng([81, seed])
    count = int(random.choice([1, 2, 5, 40, 500, 3000]))
    gain = random.exponential(10.0 ** random.integers(-3, 4), count)
    amount = random.exponential(1.0, count)
    if random.random() < 0.5:
        gain, amount = np.ceil(gain), np.ceil(3.0 * amount)
    amount[random.random(count) < random.choice([0.0, 0.1])] = 0.0
    return gain, amount


def of_case(case: str | int) -> tuple[np.ndarray, np.ndarray, Ranked]:
    """Gains and amounts of a case or of a seed, and these ranked."""
    gain, amount = random_items(case) if isinstance(case, int) else map(np.array, CASES[case])
    gain, amount = gain.astype(np.float64), amount.astype(np.float64)
    return gain, amount, ranked(gain, amount, rates(gain, amount))


def rates(gain: np.ndarray, amount: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", over="ignore"):
        return gain / amount


def sums(gain: np.ndarray, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the best items use and gain, one more at a time, from none but those that use nothing."""
    order = np.argsort(-rates(gain, amount), kind="stable")
    order = order[amount[order] > 0.0]
    free = gain[amount == 0.0].sum()
    return np.r_[0.0, np.cumsum(amount[order])], np.r_[free, free + np.cumsum(gain[order])]


def between(at: np.ndarray, used: np.ndarray, gained: np.ndarray) -> np.ndarray:
    """What the best items gain that use some quantities, the last of them in part."""
    whole = np.minimum(np.searchsorted(used, at, side="right"), len(used) - 1)
    below = np.maximum(whole - 1, 0)
    part = (at - used[below]) / np.maximum(used[whole] - used[below], 5e-324)
    return gained[below] + (gained[whole] - gained[below]) * part


@pytest.mark.parametrize("case", [*CASES, *SEEDS])
def test_gain_of_a_quantity_is_that_of_sorted_items(case: str | int) -> None:
    gain, amount, items = of_case(case)
    used, gained = sums(gain, amount)
    middle = (used[:-1] + used[1:]) / 2.0
    quantities = np.unique(np.r_[used[:300], used[-1], middle[:300], 0.3 * used[-1]])
    quantities = np.minimum(quantities, items.used[-1])
    for quantity, expected in zip(quantities, between(quantities, used, gained), strict=True):
        assert gain_of(items, quantity) == pytest.approx(expected, rel=1e-12)
        share = shares_at(items, quantity)
        assert share.min() >= 0.0
        assert share.max() <= 1.0
        assert share @ gain == pytest.approx(expected, rel=1e-12)
        assert share @ amount == pytest.approx(quantity, rel=1e-12, abs=1e-300)
        assert np.all(share[amount == 0.0] == 1.0)


def random_pieces(random: np.random.Generator, used: float, gained: float) -> np.ndarray:
    """A stepwise cost with slopes, some of them those of items: from, to, cost there, cost per unit."""
    count = int(random.integers(1, 7))
    low = np.where(random.random(count) < 0.4, 0.0, random.uniform(0.0, 1.2 * used, count))
    high = low + random.uniform(0.0, used, count)
    cost = random.uniform(0.0, 0.6 * gained, count)
    slope = np.where(random.random(count) < 0.5, 0.0, random.uniform(0.0, 2.0 * gained / (used + 1.0), count))
    return np.column_stack([low, high, cost, slope])


@pytest.mark.parametrize("case", [*CASES, *SEEDS])
def test_least_cost_is_that_of_all_quantities_that_count(case: str | int) -> None:
    gain, amount, items = of_case(case)
    used, gained = sums(gain, amount)
    random = np.random.default_rng([82, len(gain)])
    paid = 0
    for _ in range(20):
        pieces = random_pieces(random, used[-1], gained[-1])
        if random.random() < 0.3:
            pieces[-1, 3] = rates(gain, amount)[amount > 0.0].min(initial=1.0)
        quantities = np.unique(np.r_[used, pieces[:, 0], pieces[:, 1]])
        quantities = quantities[quantities <= used[-1]]
        best = 0.0
        for low, high, cost, slope in pieces:
            at = quantities[quantities <= high]
            value = cost + slope * np.maximum(at - low, 0.0) - between(at, used, gained)
            best = min(best, float(value.min(initial=0.0)))
        value, quantity = least_cost(items, pieces)
        assert value == pytest.approx(best, rel=1e-9, abs=1e-9 * gained[-1])
        assert 0.0 <= quantity <= items.used[-1]
        rate = rates(gain, amount)[amount > 0.0].max(initial=0.0)
        assert may_pay(gained[-1] - gained[0], gained[0], rate, pieces, 0.0) or best > -1e-9 * gained[-1]
        paid += best < 0.0
    assert paid > 5


def test_order_in_a_bucket_does_not_hang_on_what_was_asked_before() -> None:
    gain, amount = np.r_[np.full(100, 2.0), np.full(100, 1.0)], np.ones(200)
    asked, fresh = (ranked(gain, amount, rates(gain, amount)) for _ in range(2))
    for quantity in (150.5, 20.0, 130.0):
        gain_of(asked, quantity)
    np.testing.assert_array_equal(shares_at(asked, 50.5), shares_at(fresh, 50.5))
    np.testing.assert_array_equal(shares_at(fresh, 50.5), np.r_[np.ones(50), 0.5, np.zeros(149)])
