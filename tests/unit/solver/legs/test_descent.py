"""The sizes that promise the cheapest plan: all candidates, then from the best of them on."""

from types import SimpleNamespace
from typing import cast

import numpy as np

from optimizer.problem.problem import Bools
from optimizer.solver.legs.core import Relaxed
from optimizer.solver.legs.descent import MOST_WORK, WORK_OF_ONE, most_promising
from optimizer.solver.legs.trials import Trials
from tiny_lanes import tiny_lanes

PROBLEM = tiny_lanes(0)[0]
"""One site of one size, then one of a small and a large size."""

Sizes = tuple[int, ...]


class Guesses:
    """Knows what some sets of sizes cost, and no others; each takes some work."""

    def __init__(self, cost: dict[Sizes, float], each: float = 1.0) -> None:
        self.cost, self.each = cost, each
        self.work = 0.0
        self.tried: list[Sizes] = []

    def relaxed(self, sizes: Bools, enough: float, work: float) -> Relaxed | None:
        opened = tuple(np.flatnonzero(sizes).tolist())
        self.tried.append(opened)
        self.work += self.each
        if self.each > work or self.cost.get(opened, np.inf) >= enough:
            return None
        return cast(Relaxed, SimpleNamespace(estimate=self.cost[opened]))


def found_from(guesses: Guesses, *candidates: Bools) -> tuple[Bools, Relaxed | None]:
    return most_promising(PROBLEM, candidates, cast(Trials, guesses))


def marks(*sizes: int) -> Bools:
    return np.isin(np.arange(3), sizes)


def test_descent_goes_from_set_to_better_set_and_tries_none_twice() -> None:
    guesses = Guesses({(0,): 100.0, (0, 1): 90.0, (0, 2): 80.0, (2,): 70.0, (1,): 75.0})
    found, relaxed = found_from(guesses, marks(0), marks(0, 1))
    assert found.tolist() == marks(2).tolist()
    assert relaxed is not None and relaxed.estimate == 70.0
    assert guesses.tried[:3] == [(0,), (0, 1), (0, 2)]
    assert len(guesses.tried) == len(set(guesses.tried))


def test_a_hair_cheaper_is_no_reason_to_move_but_for_a_candidate() -> None:
    cost = {(0, 1): 100.0, (0, 2): 99.999}
    found, _ = found_from(Guesses(cost), marks(0, 1))
    assert found.tolist() == marks(0, 1).tolist()
    found, _ = found_from(Guesses(cost), marks(0, 1), marks(0, 2))
    assert found.tolist() == marks(0, 2).tolist()


def test_of_equal_candidates_the_first_is_taken() -> None:
    found, _ = found_from(Guesses({(0,): 1.0, (1,): 1.0}), marks(0), marks(1))
    assert found.tolist() == marks(0).tolist()


def test_all_candidates_are_tried_whatever_the_work_but_no_set_near_them_that_takes_too_much() -> None:
    guesses = Guesses({(0, 1): 95.0, (0, 2): 90.0, (2,): 1.0}, 1.1 * WORK_OF_ONE)
    found, _ = found_from(guesses, marks(0, 1), marks(0, 2))
    assert found.tolist() == marks(0, 2).tolist()
    assert guesses.tried[:2] == [(0, 1), (0, 2)]


def test_sets_near_the_best_are_tried_until_they_took_much_work() -> None:
    guesses = Guesses({(0, 1): 95.0}, 1.1 * MOST_WORK)
    found_from(guesses, marks(0, 1))
    assert len(guesses.tried) == 2


def test_without_relaxations_the_first_candidate_is_taken() -> None:
    found, relaxed = found_from(Guesses({}), marks(1), marks(2))
    assert found.tolist() == marks(1).tolist()
    assert relaxed is None
