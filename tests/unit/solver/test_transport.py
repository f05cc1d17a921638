"""Exact shares for fixed openings, and the prices that prove them."""

import numpy as np
import pytest

from optimizer.published.families import facility_location
from optimizer.solver.transport import transport


def proved(demand, cost, capacity) -> tuple[float, float]:
    """Cost of the shares, and the value of the prices as a dual solution."""
    problem = facility_location(np.zeros(len(capacity)), cost, demand, capacity)
    found = transport(problem, np.ones(problem.n_options, dtype=bool), capacity)
    assert found is not None
    share, row_price, measure_price = found
    assert np.all(measure_price >= 0.0)
    return float(share @ problem.option_cost), float(row_price.sum() - measure_price @ capacity)


def test_prices_prove_the_shares_where_nothing_has_room_left() -> None:
    """Two of each: both rows want the first, which holds one of them; the dearer move is 10 - 1."""
    cost, bound = proved(np.ones(2), np.array([[1.0, 2.0], [10.0, 30.0]]), np.ones(2))
    assert cost == pytest.approx(12.0)
    assert bound == pytest.approx(12.0)


@pytest.mark.parametrize("seed", range(30))
def test_prices_prove_the_shares_of_tight_locations(seed: int) -> None:
    random = np.random.default_rng([11, seed])
    m, n = int(random.integers(2, 6)), int(random.integers(2, 8))
    demand = random.integers(1, 9, n).astype(float)
    parts = np.sort(random.integers(0, int(demand.sum()) + 1, m - 1)).astype(float)
    capacity = np.diff(np.r_[0.0, parts, demand.sum()])
    cost, bound = proved(demand, random.integers(0, 40, (m, n)).astype(float), capacity)
    assert bound == pytest.approx(cost, rel=1e-9, abs=1e-9)
