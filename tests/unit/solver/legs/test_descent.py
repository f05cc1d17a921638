"""The sizes that promise the cheapest plan: all candidates, then from the best of them on."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import numpy as np

from optimizer.problem.problem import Bools
from optimizer.solver.legs.core import Relaxed
from optimizer.solver.legs.descent import TRIED_COLUMNS, most_promising
from tiny_lanes import tiny_lanes

PROBLEM = tiny_lanes(0)[0]
"""One site of one size, then one of a small and a large size."""

Sizes = tuple[int, ...]


def relaxing(cost: dict[Sizes, float], columns: int, tried: list[Sizes]) -> Callable[[Bools], Relaxed | None]:
    """A relaxation that knows what some sizes cost, and no others."""

    def relax(sizes: Bools) -> Relaxed | None:
        opened = tuple(np.flatnonzero(sizes).tolist())
        tried.append(opened)
        if opened not in cost:
            return None
        model = SimpleNamespace(matrix=np.zeros((0, columns)))
        return cast(
            Relaxed, SimpleNamespace(estimate=cost[opened], program=SimpleNamespace(model=model), of=opened)
        )

    return relax


def marks(*sizes: int) -> Bools:
    return np.isin(np.arange(3), sizes)


def test_descent_goes_from_set_to_better_set_and_tries_none_twice() -> None:
    tried: list[Sizes] = []
    cost = {(0,): 100.0, (0, 1): 90.0, (0, 2): 80.0, (2,): 70.0, (1,): 75.0}
    found, relaxed = most_promising(PROBLEM, [marks(0), marks(0, 1)], relaxing(cost, 10, tried))
    assert found.tolist() == marks(2).tolist()
    assert relaxed is not None and relaxed.estimate == 70.0
    assert tried[:3] == [(0,), (0, 1), (0, 2)]
    assert len(tried) == len(set(tried))


def test_a_hair_cheaper_is_no_reason_to_move_but_for_a_candidate() -> None:
    cost = {(0, 1): 100.0, (0, 2): 99.999}
    found, _ = most_promising(PROBLEM, [marks(0, 1)], relaxing(cost, 10, []))
    assert found.tolist() == marks(0, 1).tolist()
    found, _ = most_promising(PROBLEM, [marks(0, 1), marks(0, 2)], relaxing(cost, 10, []))
    assert found.tolist() == marks(0, 2).tolist()


def test_of_equal_candidates_the_first_is_taken() -> None:
    found, _ = most_promising(PROBLEM, [marks(0), marks(1)], relaxing({(0,): 1.0, (1,): 1.0}, 10, []))
    assert found.tolist() == marks(0).tolist()


def test_large_relaxations_are_made_of_candidates_only() -> None:
    tried: list[Sizes] = []
    cost = {(0, 1): 90.0, (0, 2): 95.0, (1,): 1.0}
    found, _ = most_promising(PROBLEM, [marks(0, 1), marks(0, 2)], relaxing(cost, TRIED_COLUMNS, tried))
    assert found.tolist() == marks(0, 1).tolist()
    assert tried == [(0, 1), (0, 2)]


def test_without_relaxations_the_first_candidate_is_taken() -> None:
    found, relaxed = most_promising(PROBLEM, [marks(1), marks(2)], relaxing({}, 10, []))
    assert found.tolist() == marks(1).tolist()
    assert relaxed is None
