"""The compiled passes over supply rows do what their definitions say."""

import numpy as np
import pytest

from optimizer.solver.legs.partners import cheapest_partners, node_weights, spread


@pytest.mark.parametrize("seed", range(8))
def test_partners_are_the_rows_of_least_scaled_use(seed: int) -> None:
    random = np.random.default_rng(seed)
    tails, nodes, resource = 12, 4, np.repeat(np.arange(5), [2, 1, 3, 2, 1])
    uses = [np.sort(random.choice(9, 3, replace=False)) for _ in range(tails)]
    amount = random.uniform(0.5, 2.0, 3 * tails)
    node, wanted = random.integers(0, nodes, tails), random.choice([0.0, 1.0, 2.0], nodes)
    flowing, own = np.flatnonzero(random.random(tails) < 0.7), np.array([0, 3])
    bought, load = random.random(9) < 0.8, random.uniform(0.1, 1.0, 9)
    rows, scale = cheapest_partners(
        own, wanted, flowing, node, 3 * np.arange(tails + 1), np.concatenate(uses), amount,
        resource, bought, load,
    )  # fmt: skip
    barred = {int(resource[row]) for tail in own for row in uses[tail]}
    need: dict[int, float] = {}
    for tail in flowing:
        for k, row in enumerate(uses[tail].tolist()):
            if bought[row] and int(resource[row]) not in barred and wanted[node[tail]] > 0:
                need[row] = max(need.get(row, 0.0), wanted[node[tail]] / amount[3 * tail + k])
    best = {
        r: min((row for row in need if resource[row] == r), key=lambda row: need[row] * load[row])
        for r in {int(resource[row]) for row in need}
    }
    assert rows.tolist() == sorted(best.values())
    np.testing.assert_array_equal(scale, [need[row] for row in rows.tolist()])


def test_what_is_wanted_spreads_to_nodes_that_share_a_torn_row() -> None:
    cell_row, cell_node = np.array([0, 1, 0, 1, 2]), np.array([0, 0, 1, 1, 2])
    cell = np.array([0.4, 1.0, 0.6, 0.0, 1.0])
    wanted = np.array([3.0, 0.0, 0.0])
    more = spread(wanted, cell, np.array([0, 2, 4, 5]), cell_node, cell_row, 3, 1e-7)
    assert more.tolist() == [3.0, 3.0, 0.0]


def test_nodes_weigh_what_their_least_busy_tail_counts() -> None:
    amount, node = np.array([2.0, 1.0, 4.0, 3.0, 0.0]), np.array([0, 0, 1, 1, 2])
    busy = np.array([True, True, False, False, True])
    nodes, weight = node_weights(amount, node, 3, busy)
    assert (nodes.tolist(), weight.tolist()) == ([0, 1], [1.0, 4.0])
