"""Random tiny problems of the special forms: pairs of legs, location of one and of two stages."""

import numpy as np

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.legs import Leg, Legs, restrict_legs
from optimizer.published.families import facility_location, two_stage_legs, two_stage_location
from optimizer.solver.reduced import restrict_options

LEG_FEATURES = ("sizes", "fees", "measures", "modules", "tiers", "overflow", "rules", "lane gate")


def tiny_location(seed: int) -> Problem:
    """Return splittable location of up to four facilities, every third one without capacities."""
    random = np.random.default_rng([61, seed])
    fixed, cost, demand, capacity = _location(random, 4, 6)
    return (
        facility_location(fixed, cost) if seed % 3 == 0 else facility_location(fixed, cost, demand, capacity)
    )


def tiny_single_source(seed: int) -> Problem:
    """Return single-source location of up to three facilities; some have no plan."""
    random = np.random.default_rng([62, seed])
    fixed, cost, demand, capacity = _location(random, 3, 5)
    if seed % 3 == 0:
        cost, demand, capacity = cost * 0.37 - 4.0, demand * 0.73, capacity * 0.79
    return facility_location(fixed, cost, demand, capacity, single_source=True)


def tiny_two_stage(seed: int) -> tuple[Problem, Legs]:
    """Return two-stage location of up to three plants, three satellites, three customers and two products.

    Some have no plan, every third one lacks ways, some costs are below nothing in every fifth.
    """
    random = np.random.default_rng([64, seed])
    i, j, k, products = (int(random.integers(1, most + 1)) for most in (3, 3, 3, 2))
    demand = random.integers(1, 9, (k, products)).astype(float)
    plant = random.integers(4, 18, (i, products)).astype(float), random.integers(0, 60, i).astype(float)
    satellite = random.integers(3, 16, (j, products)).astype(float), random.integers(0, 40, j).astype(float)
    least = -4 if seed % 5 == 0 else 0
    first = random.integers(least, 12, (products, i, j)).astype(float)
    second = random.integers(least, 12, (products, j, k)).astype(float)
    problem = two_stage_location(demand, plant, satellite, first, second)
    legs = two_stage_legs(first, second)
    return _without_some(problem, legs, random) if seed % 3 == 0 else (problem, legs)


def _without_some(problem: Problem, legs: Legs, random: np.random.Generator) -> tuple[Problem, Legs]:
    """Leave out some tails with the options that they are part of, where each row keeps an option."""
    kept = random.random(len(legs.tail.node))[legs.option_tail] > 0.25
    smaller = restrict_options(problem, kept).problem
    some = restrict_legs(legs, np.arange(problem.n_rows), np.flatnonzero(kept))
    return (problem, legs) if some is None or np.any(np.diff(smaller.row_start) == 0) else (smaller, some)


def _location(random, most_sites, most_rows):
    m, n = int(random.integers(1, most_sites + 1)), int(random.integers(1, most_rows + 1))
    fixed = random.integers(0, 60, m).astype(float)
    cost = random.integers(0, 40, (m, n)).astype(float)
    demand = random.integers(1, 12, n).astype(float)
    capacity = random.integers(3, 5 + int(2.5 * demand.sum() / m), m).astype(float)
    return fixed, cost, demand, capacity


def tiny_legs(seed: int) -> tuple[Problem, Legs]:
    """Return a random problem whose gated options are all pairs of heads and tails, and those legs.

    A node stands behind each site; heads use the site's space, tails a lane that the nodes share. A few
    have no plan at all.
    """
    random = np.random.default_rng([63, seed])
    on = {name: bool(random.random() < 0.5) for name in LEG_FEATURES}
    builder = ProblemBuilder(constant=float(random.integers(0, 20)))
    n_rows, n_sites = int(random.integers(1, 5)), int(random.integers(1, 3))
    demand = random.integers(1, 8, n_rows).astype(float)
    rows = builder.add_rows(demand)
    sites = builder.add_sites(n_sites)
    per_site = random.integers(1, 3, n_sites) if on["sizes"] else np.ones(n_sites, dtype=int)
    sizes = builder.add_sizes(np.repeat(sites, per_site), random.integers(0, 25, per_site.sum()))
    gates = builder.add_gates(random.integers(0, 6, n_sites) if on["fees"] else 0.0, sites)
    lane_gate = int(builder.add_gates(float(random.integers(0, 8)))[0]) if on["lane gate"] else -1
    space = _space(builder, random, on, np.repeat(sites, per_site), sizes)
    lane = _lane(builder, random, on)
    head_row, head = _heads(random, n_rows, gates, space)
    tail = _tails(random, n_sites, lane, lane_gate)
    if on["rules"]:
        builder.add_rule(0.0, float(random.integers(1, n_sites + 1)), sizes=sizes)
    whole = rows[random.random(n_rows) < 0.6]
    builder.add_options(whole, random.integers(20, 90, len(whole)))
    by_head, by_tail = np.nonzero(head.node[:, None] == tail.node[None, :])
    orders = demand[head_row[by_head]]
    builder.add_options(
        head_row[by_head],
        (head.cost[by_head] + tail.cost[by_tail]) * orders,
        gates=np.concatenate([head.gate[by_head], tail.gate[by_tail]], axis=1),
        measures=np.concatenate([head.measure[by_head], tail.measure[by_tail]], axis=1),
        amounts=np.concatenate([head.amount[by_head], tail.amount[by_tail]], axis=1) * orders[:, None],
    )
    built = builder.build()
    of_head = np.r_[np.full(len(whole), -1), by_head][built.option_order]
    of_tail = np.r_[np.full(len(whole), -1), by_tail][built.option_order]
    return built.problem, Legs(of_head, of_tail, head_row, head, tail)


def _space(builder, random, on, owner, sizes):
    """Space of each site, in one or two measures, some of it with overflow."""
    count = int(owner.max()) + 1
    overflow = on["overflow"] & (random.random(count) < 0.5)
    resources = builder.add_resources(
        count,
        overflow_price=random.integers(1, 5, count),
        overflow_limit=np.where(overflow, random.choice([3.0, np.inf], count), 0.0),
    )
    per_site = 2 if on["measures"] else 1
    space = builder.add_measures(np.repeat(resources, per_site), 0.0).reshape(count, per_site)
    for k in range(per_site):
        builder.add_size_supply(sizes, space[owner, k], random.integers(6, 40, len(sizes)))
    return space


def _lane(builder, random, on):
    """The lane's measures, supplied by modules, tiers, overflow or nothing but a limit."""
    pooled = on["modules"] or on["tiers"] or on["overflow"]
    limit = float(random.choice([6.0, np.inf])) if on["overflow"] else 0.0
    lane = builder.add_resources(1, overflow_price=float(random.integers(1, 6)), overflow_limit=limit)
    lanes = np.repeat(lane, 2 if on["measures"] else 1)
    measures = builder.add_measures(lanes, 0.0 if pooled else random.integers(5, 40, len(lanes)))
    if on["modules"]:
        modules = builder.add_modules(np.repeat(lane, 2), [4.0, 7.0], random.integers(1, 4, 2))
        for measure in measures:
            builder.add_module_supply(modules, measure, random.integers(4, 16, 2))
    if on["tiers"]:
        middle, end = float(random.integers(4, 10)), float(random.integers(12, 50))
        builder.add_tiers(lane, [0.0, middle], [middle, end], random.integers(0, 5, 2), [2.0, 1.0])
    return measures


def _heads(random, n_rows, gates, space):
    """Rows and heads: from every site to the first row and to most others, by its gate and its space."""
    reached = random.random((n_rows, len(gates))) < 0.8
    reached[0] = True
    row, node = np.nonzero(reached)
    amount = random.integers(1, 4, (len(row), space.shape[1])).astype(float)
    cost = random.integers(0, 6, len(row)).astype(float)
    return row, Leg(node, cost, gates[node][:, None], space[node], amount)


def _tails(random, n_nodes, lane, lane_gate):
    """Two tails into each node: one that needs nothing, one by the lane (and its gate), cheaper or not."""
    node = np.repeat(np.arange(n_nodes), 2)
    pooled = np.tile([False, True], n_nodes)[:, None]
    cost = np.where(pooled[:, 0], random.integers(-2, 4, len(node)), random.integers(0, 8, len(node)))
    amount = np.where(pooled, random.integers(0, 4, (len(node), len(lane))), 0).astype(float)
    return Leg(node, cost.astype(float), np.where(pooled, lane_gate, -1), np.where(pooled, lane, -1), amount)
