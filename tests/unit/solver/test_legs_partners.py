"""The compiled passes over supply rows do what their definitions say."""

import numpy as np
import pytest

from leg_programs import SEEDS, tiny_program
from optimizer.solver.legs.partners import cheapest_partners, spread
from optimizer.solver.legs.program import Incidence, incidence
from optimizer.solver.legs.supply_kernels import tied
from optimizer.solver.legs.supply_rows import NO_NODES, NO_WEIGHTS, SupplyRows


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


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sum_of_rows_has_the_ties_of_all_nodes_with_a_tail_in_it(seed: int) -> None:
    program = tiny_program(seed)
    meets, model, random = incidence(program), program.model, np.random.default_rng(seed)
    supply = SupplyRows(program, meets)
    matrix = model.matrix[model.rows["supply"]].toarray()
    count = matrix.shape[0]
    if not count:
        pytest.skip("this random scenario has no supply")
    for rows in [np.array([q]) for q in range(count)] + [random.permutation(count)[: count // 2 + 1]]:
        scale, busy = random.uniform(0.5, 2.0, len(rows)), random.random(len(program.tail_column)) < 0.5
        dense = scale @ matrix[rows]
        np.testing.assert_allclose(supply.summed(rows, scale), dense)
        terms = tied(rows, scale, busy, False, NO_NODES, NO_WEIGHTS, supply.layout)
        weight = expected_weights(dense[program.tail_column], program.legs.tail.node, busy)
        assert dict(zip(terms.nodes.tolist(), terms.weight, strict=True)) == pytest.approx(weight)
        for tail, node in enumerate(program.legs.tail.node.tolist()):
            dense[program.tail_column[tail]] -= weight.get(node, 0.0)
        written = np.zeros(len(dense))
        written[terms.integer], written[terms.plain] = terms.integer_value, terms.plain_value
        np.testing.assert_allclose(written, dense, atol=1e-12)
        assert model.integer[terms.integer].all() and not model.integer[terms.plain].any()
        groups = expected_groups(meets, weight)
        assert dict(zip(terms.group_row.tolist(), terms.group_value, strict=True)) == pytest.approx(groups)
        assert sorted(terms.cell.tolist()) == [c for n in sorted(weight) for c in cells_of(meets, n)]
        np.testing.assert_array_equal(terms.group_row[terms.cell_group], meets.cell_row[terms.cell])
        again = tied(rows, scale, busy, True, terms.nodes, terms.weight, supply.layout)
        for name, part in again._asdict().items():
            np.testing.assert_array_equal(part, getattr(terms, name))


def expected_weights(amount: np.ndarray, node: np.ndarray, busy: np.ndarray) -> dict[int, float]:
    """The least that a busy tail of a node counts, the most of any where none is busy."""
    found = {}
    for n in np.unique(node[amount > 0.0]).tolist():
        own = (node == n) & (amount > 0.0)
        found[n] = float(amount[own & busy].min() if (own & busy).any() else amount[own].max())
    return found


def cells_of(meets: Incidence, node: int) -> list[int]:
    return list(range(int(meets.cell_start[node]), int(meets.cell_start[node + 1])))


def expected_groups(meets: Incidence, weight: dict[int, float]) -> dict[int, float]:
    """What the cells of each demand row count at least."""
    found: dict[int, float] = {}
    for node, each in weight.items():
        for cell in cells_of(meets, node):
            row, value = int(meets.cell_row[cell]), each * float(meets.cell_part[cell])
            found[row] = min(found.get(row, np.inf), value)
    return found
