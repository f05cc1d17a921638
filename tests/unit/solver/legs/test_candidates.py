"""Sets of sizes worth a look: larger sizes where prices hardly tell which is the better."""

import numpy as np
import pytest

from optimizer.solver.legs.candidates import enlarged, filled_up, neighbours, widest
from tiny_lanes import tiny_lanes

PROBLEM = tiny_lanes(0)[0]
"""One site of one size, then one of a small and a large size; no limit on sites."""


@pytest.mark.parametrize(
    ("share", "sizes", "larger"),
    [
        ([0.8, 0.4, 0.2], [1, 1, 0], [[1, 0, 1]]),
        ([0.8, 0.5, 0.2], [1, 1, 0], []),
        ([0.8, 0.3, 0.4], [1, 0, 1], []),
        ([0.8, 0.2, 0.2], [1, 0, 0], []),
    ],
)
def test_larger_sizes_stand_in_where_they_open_half_as_often(
    share: list[float], sizes: list[int], larger: list[list[int]]
) -> None:
    found = enlarged(PROBLEM, np.array(share), np.array(sizes, dtype=bool))
    assert [each.astype(int).tolist() for each in found] == larger


def test_sizes_that_prices_open_and_the_dearest_of_every_site() -> None:
    share = np.array([0.2, 0.4, 0.3])
    assert filled_up(PROBLEM, share).tolist() == [False, True, False]
    assert widest(PROBLEM, share).tolist() == [True, False, True]


def test_neighbours_open_one_site_more_or_fewer_or_a_larger_size() -> None:
    share = np.array([0.3, 0.4, 0.35])
    found = neighbours(PROBLEM, share, np.array([False, True, False]))
    assert [each.astype(int).tolist() for each in found] == [[0, 0, 1], [1, 1, 0], [0, 0, 0]]


def test_neighbours_of_all_sites_open_none_more() -> None:
    found = neighbours(PROBLEM, np.array([0.3, 0.1, 0.9]), np.array([True, False, True]))
    assert [each.astype(int).tolist() for each in found] == [[0, 0, 1]]


def test_neighbours_resize_either_way() -> None:
    found = neighbours(PROBLEM, np.array([0.9, 0.4, 0.5]), np.array([True, False, True]))
    assert [each.astype(int).tolist() for each in found] == [[1, 1, 0], [0, 0, 1]]
