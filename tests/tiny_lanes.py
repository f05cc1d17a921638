"""Random tiny problems over legs whose tails buy by lanes, and their optima by another solver."""

from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.evaluate import evaluate
from optimizer.problem.legs import Leg, Legs
from optimizer.problem.matrix import linear_model
from optimizer.solver.legs.lanes.kept import lane_start_of
from optimizer.solver.solution import Solution
from optimizer.solver.warm import Warm, warm_from

NONE = -1


def tiny_lanes(seed: int) -> tuple[Problem, Legs]:
    """Return a random problem over legs with lanes of every kind.

    Lanes lead to one site or to all, with modules, tiers, overflow, supply that is there anyway, and gates
    with fees; some tails have none, some need a hub or a carrier besides; heads need a gate of their site,
    with a fee or without, or none where the tails of their node need one; most pay by a tariff of their site,
    a row's heads alike but for a few. Some problems have no plan at all.
    """
    random = np.random.default_rng([65, seed])
    builder = ProblemBuilder(constant=float(random.integers(0, 20)))
    n_rows, n_sites = int(random.integers(1, 6)), int(random.integers(1, 3))
    demand = random.integers(1, 9, n_rows).astype(float)
    rows, sites = builder.add_rows(demand), builder.add_sites(n_sites)
    owner = np.repeat(sites, random.integers(1, 4, n_sites))
    sizes = builder.add_sizes(owner, random.integers(0, 30, len(owner)))
    door = builder.add_gates(np.zeros(n_sites), sites)
    joining = builder.add_gates(random.integers(1, 9, n_sites), sites)
    node_site = np.repeat(sites, random.integers(1, 3, n_sites))
    space = _space(builder, random, owner, sizes)
    by_tail = random.random(len(node_site)) < 0.3
    head_row, head = _heads(random, n_rows, node_site, by_tail, door, joining, space)
    head = _with_tariffs(builder, np.random.default_rng([66, seed]), head_row, head, node_site)
    tail = _tails(builder, random, node_site, by_tail, door)
    if random.random() < 0.4:
        builder.add_rule(0.0, float(random.integers(1, n_sites + 1)), sizes=sizes)
    if random.random() < 0.3:
        builder.add_rule(1.0, np.inf, sizes=sizes, coefficients=random.integers(0, 3, len(sizes)))
    whole = rows[(random.random(n_rows) < 0.7) | ~np.isin(rows, head_row)]
    builder.add_options(whole, random.integers(20, 90, len(whole)))
    at_head, at_tail = np.nonzero(head.node[:, None] == tail.node[None, :])
    orders = demand[head_row[at_head]]
    builder.add_options(
        head_row[at_head],
        (head.cost[at_head] + tail.cost[at_tail]) * orders,
        gates=np.concatenate([head.gate[at_head], tail.gate[at_tail]], axis=1),
        measures=np.concatenate([head.measure[at_head], tail.measure[at_tail]], axis=1),
        amounts=np.concatenate([head.amount[at_head], tail.amount[at_tail]], axis=1) * orders[:, None],
    )
    built = builder.build()
    of_head = np.r_[np.full(len(whole), NONE), at_head][built.option_order]
    of_tail = np.r_[np.full(len(whole), NONE), at_tail][built.option_order]
    return built.problem, Legs(of_head, of_tail, head_row, head, tail)


def lane_resource(builder: ProblemBuilder, random: np.random.Generator) -> np.ndarray:
    """Add a resource with modules, tiers or both, perhaps overflow; returns its one or two measures."""
    limit = float(random.choice([0.0, 0.0, 4.0, np.inf]))
    lane = builder.add_resources(1, overflow_price=float(random.integers(1, 7)), overflow_limit=limit)
    count = int(random.integers(1, 3))
    base = float(random.integers(1, 6)) if random.random() < 0.3 else 0.0
    measures = builder.add_measures(np.repeat(lane, count), base)
    kind = random.random()
    if kind < 0.7:
        kinds = int(random.integers(1, 3))
        cost = random.integers(3, 12, kinds).astype(float)
        modules = builder.add_modules(np.repeat(lane, kinds), cost, random.integers(1, 4, kinds))
        for measure in measures:
            builder.add_module_supply(modules, measure, random.integers(3, 16, kinds))
    if kind > 0.4:
        start, middle, end = random.integers(0, 4), random.integers(4, 10), random.integers(12, 50)
        low, high = [float(start), float(middle)], [float(middle), float(end)]
        builder.add_tiers(
            np.repeat(lane, 2), low, high, random.integers(0, 6, 2), np.sort(random.integers(1, 6, 2))[::-1]
        )
    return measures


def optimum_of(problem: Problem) -> float:
    """Cost of the cheapest plan, `inf` where there is none."""
    model = linear_model(problem)
    answer = milp(
        model.cost,
        integrality=model.integer,
        bounds=Bounds(model.lower, model.upper),
        constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
        options={"mip_rel_gap": 0.0},
    )
    assert answer.status in (0, 2), answer.message
    return np.inf if answer.x is None else float(answer.fun) + model.offset


def _space(builder, random, owner, sizes):
    """One measure of space per site, some of it with overflow."""
    count = int(owner.max()) + 1
    limit = random.choice([0.0, 3.0, np.inf], count)
    space = builder.add_resources(count, overflow_price=random.integers(1, 5, count), overflow_limit=limit)
    measure = builder.add_measures(space, 0.0)
    builder.add_size_supply(sizes, measure[owner], random.integers(6, 40, len(sizes)))
    return measure


def _heads(random, n_rows, node_site, by_tail, door, joining, space):
    """Heads from every node to the first row and to most others; by a gate where tails need none."""
    reached = random.random((n_rows, len(node_site))) < 0.7
    reached[0] = True
    row, node = np.nonzero(reached)
    twice = random.random(len(row)) < 0.2
    row, node = np.concatenate([row, row[twice]]), np.concatenate([node, node[twice]])
    site = node_site[node]
    joins = random.random(len(row)) < 0.4
    gate = np.column_stack([door[site], np.where(joins, joining[site], NONE)])
    gate[by_tail[node]] = NONE
    amount = random.integers(0, 4, (len(row), 1)).astype(float)
    return row, Leg(node, random.integers(0, 8, len(row)).astype(float), gate, space[site][:, None], amount)


def _with_tariffs(builder, random, head_row, head, node_site):
    """Let most heads pay by tiers of their site, cheaper the more orders there are."""
    site = node_site[head.node]
    bought = builder.add_resources(int(site.max()) + 1)
    measure = builder.add_measures(bought, 0.0)
    first, second = sorted(random.integers(4, 20, 2).tolist())
    tiers = random.random(len(bought)) < 0.8
    for resource in bought[tiers]:
        rate = np.sort(random.integers(1, 9, 3))[::-1].astype(float)
        starts, ends = [0.0, first, second + 1.0], [first, second + 1.0, 400.0]
        builder.add_tiers(np.full(3, resource), starts, ends, random.integers(0, 3, 3), rate)
    alike = random.integers(1, 4, int(head_row.max()) + 1)[head_row].astype(float)
    own = np.where(random.random(len(site)) < 0.05, random.integers(1, 4, len(site)), alike)
    pays = tiers[site]
    return Leg(
        head.node, head.cost, head.gate,
        np.column_stack([head.measure, np.where(pays, measure[site], NONE)]),
        np.column_stack([head.amount, np.where(pays, own, 0.0)]),
    )  # fmt: skip


def _tails(builder, random, node_site, by_tail, door):
    """Tails by lanes to one site and by one to all; one without a lane into most nodes."""
    n_sites = int(node_site.max()) + 1
    hub = int(builder.add_gates(float(random.integers(1, 8)))[0])
    carrier = builder.add_resources(1, overflow_price=2.0, overflow_limit=float(random.choice([0.0, np.inf])))
    room = int(builder.add_measures(carrier, float(random.integers(4, 20)))[0])
    lanes = [(site, lane) for site in [*range(n_sites), NONE] for lane in range(int(random.integers(0, 3)))]
    nodes, cost, gates, measures, amounts = [], [], [], [], []
    for site, _ in lanes:
        bought = lane_resource(builder, random)
        fee, under = random.integers(1, 9), site if random.random() < 0.5 else NONE
        own = int(builder.add_gates(float(fee), under)[0]) if random.random() < 0.6 else NONE
        for node in np.flatnonzero(node_site == site) if site >= 0 else np.arange(len(node_site)):
            nodes.append(node)
            cost.append(random.integers(-2, 6))
            first = door[node_site[node]] if by_tail[node] else NONE
            gates.append([first, own, hub if random.random() < 0.3 else NONE])
            uses = random.integers(1, 5, len(bought))
            uses[1:] = random.integers(0, 5, len(bought) - 1)
            measures.append([*bought, *[NONE] * (2 - len(bought)), room if random.random() < 0.3 else NONE])
            amounts.append([*uses, *[0] * (2 - len(bought)), random.integers(0, 3)])
    for node in range(len(node_site)):
        if random.random() < 0.6 or node not in nodes:
            nodes.append(node)
            cost.append(random.integers(2, 12))
            first = door[node_site[node]] if by_tail[node] else NONE
            gates.append([first, NONE, hub if random.random() < 0.3 else NONE])
            measures.append([NONE, NONE, room])
            amounts.append([0, 0, random.integers(0, 3)])
    return Leg(
        np.array(nodes), np.array(cost, dtype=float), np.array(gates), np.array(measures),
        np.array(amounts, dtype=float),
    )  # fmt: skip


def warm_with_lanes(problem: Problem, legs: Legs, solution: Solution) -> Warm:
    """What a solution leaves to the next solve, its prices with whole lanes among it."""
    assert solution.prices is not None
    lanes = lane_start_of(problem, legs, solution.prices, solution.bound)
    return replace(warm_from(problem, solution), lanes=lanes)


def assert_near_optimum(problem: Problem, found: Solution) -> None:
    """A plan that holds, within 1 % of the optimum, and a bound no higher than that."""
    optimum = optimum_of(problem)
    assert found.decisions is not None
    assert evaluate(problem, found.decisions).feasible
    assert found.bound <= optimum * (1.0 + 1e-9) <= found.objective * (1.0 + 2e-9)
    assert found.objective <= optimum * 1.01
