"""Random tiny problems with every feature of the canonical form, and their optimum by enumeration."""

from itertools import product

import numpy as np
from scipy.optimize import linprog

from optimizer.problem import Problem, ProblemBuilder

FEATURES = (
    "single",
    "sizes",
    "fees",
    "pairs",
    "measures",
    "modules",
    "tiers",
    "overflow",
    "rules",
    "negative",
)


def tiny_problem(seed: int, features: tuple[str, ...] | None = None) -> Problem:
    """Return a random problem small enough for `brute_force`; without `features`, a random set of them.

    A few have no plan at all.
    """
    random = np.random.default_rng([20260, seed])
    on = {name: (random.random() < 0.5 if features is None else name in features) for name in FEATURES}
    builder = ProblemBuilder(constant=float(random.integers(0, 20)))
    n_rows, n_sites = int(random.integers(1, 6)), int(random.integers(1, 4))
    single = random.random(n_rows) < 0.5 if on["single"] else False
    rows = builder.add_rows(random.integers(1, 10, n_rows), single=single)
    sites = builder.add_sites(n_sites)
    per_site = random.integers(1, 3, n_sites) if on["sizes"] else np.ones(n_sites, dtype=int)
    sizes = builder.add_sizes(np.repeat(sites, per_site), random.integers(0, 25, per_site.sum()))
    gates = builder.add_gates(random.integers(0, 6, n_sites) if on["fees"] else 0.0, sites)
    free_gate = builder.add_gates(random.integers(0, 10)) if on["pairs"] else gates[:0]
    if on["sizes"] and random.random() < 0.5 and per_site[0] == 2:
        builder.restrict_gates(gates[:1], sizes[1:2])
    space = _add_site_space(builder, random, on, sites, sizes, per_site)
    lane = _add_lane(builder, random, on)
    _add_options(builder, random, on, rows, gates, free_gate, space, lane)
    if on["rules"]:
        builder.add_rule(0.0, float(random.integers(1, n_sites + 1)), sizes=sizes)
        if random.random() < 0.4:
            builder.add_rule(1.0, np.inf, gates=gates, sizes=sizes[:1], coefficients=1.0)
    return builder.build().problem


def _add_site_space(builder, random, on, sites, sizes, per_site):
    overflow = random.random(len(sites)) < 0.5 if on["overflow"] else np.zeros(len(sites), dtype=bool)
    resources = builder.add_resources(
        len(sites),
        overflow_price=random.integers(1, 5, len(sites)),
        overflow_limit=np.where(overflow, random.choice([3.0, np.inf], len(sites)), 0.0),
    )
    n_measures = 2 if on["measures"] else 1
    space = np.stack([builder.add_measures(resources, 0.0) for _ in range(n_measures)], axis=1)
    owner = np.repeat(sites, per_site)
    for k in range(n_measures):
        builder.add_size_supply(sizes, space[owner, k], random.integers(4, 25, len(sizes)))
    return space


def _add_lane(builder, random, on):
    """One pooled lane with modules, tiers or a plain limit; two measures when asked."""
    n_measures = 2 if on["measures"] else 1
    overflow = on["overflow"] and random.random() < 0.7
    limit = float(random.choice([4.0, np.inf])) if overflow else 0.0
    lane = builder.add_resources(1, overflow_price=float(random.integers(1, 6)), overflow_limit=limit)
    plain = not (on["modules"] or on["tiers"] or overflow)
    measures = builder.add_measures(np.repeat(lane, n_measures), random.integers(5, 30) if plain else 0.0)
    if on["modules"]:
        modules = builder.add_modules(np.repeat(lane, 2), [4.0, 7.0], random.integers(1, 4, 2))
        for measure in measures:
            builder.add_module_supply(modules, measure, random.integers(3, 12, 2))
    if on["tiers"]:
        middle, end = float(random.integers(3, 8)), float(random.integers(10, 40))
        builder.add_tiers(lane, [0.0, middle], [middle, end], random.integers(0, 5, 2), [2.0, 1.0])
    return measures


def _add_options(builder, random, on, rows, gates, free_gate, space, lane):
    low = -5 if on["negative"] else 0
    n_rows, n_sites = len(rows), len(gates)
    builder.add_options(
        rows[random.random(n_rows) < 0.5], random.integers(20, 40)
    )  # direct, ungated; a row without it may end up without a plan
    for site in range(n_sites):
        used = rows[random.random(n_rows) < 0.8] if site else rows
        amounts = random.integers(1, 10, (len(used), space.shape[1])).astype(float)
        builder.add_options(
            used,
            random.integers(low, 15, len(used)),
            gates=gates[site],
            measures=space[[site]],
            amounts=amounts,
        )
        pooled = rows[random.random(n_rows) < 0.6]
        second = free_gate[0] if len(free_gate) else -1
        measures = np.concatenate([space[site], lane])[None, :]
        builder.add_options(
            pooled,
            random.integers(low, 12, len(pooled)),
            gates=np.array([[gates[site], second]]),
            measures=measures,
            amounts=random.integers(0, 8, (len(pooled), measures.shape[1])).astype(float),
        )


def brute_force(problem: Problem) -> float:
    """Return the optimum by enumerating sizes, gates, modules and tiers; `inf` when there is no plan.

    For each integer choice the shares, levels and overflow are a small linear program (branching on
    single-sourced rows). Choices whose fixed cost plus the cheapest allowed option per row already
    reach the best plan are passed over. Shares no code with `optimizer`.
    """
    p = problem
    site_choices = [[-1, *range(p.site_start[w], p.site_start[w + 1])] for w in range(p.n_sites)]
    tier_choices = [[-1, *range(p.tier_start[r], p.tier_start[r + 1])] for r in range(p.n_resources)]
    module_choices = [range(int(limit) + 1) for limit in p.module_limit]
    candidates = []
    for chosen in product(*site_choices):
        opened = {s for s in chosen if s >= 0}
        for gates in product(*[_gate_choices(p, g, opened) for g in range(p.n_gates)]):
            base = sum(p.size_cost[s] for s in opened) + float(p.gate_fee @ np.array(gates, dtype=float))
            floor = _cheapest(p, gates)
            if np.isfinite(floor):
                candidates.append((base + floor, base, opened, gates))
    best = np.inf
    for bound, base, opened, gates in sorted(candidates, key=lambda item: item[0]):
        if bound + p.constant >= best - 1e-9:
            break
        for modules in product(*module_choices):
            for tiers in product(*tier_choices):
                fixed = base + float(p.module_cost @ np.array(modules, dtype=float))
                fixed += sum(p.tier_fixed[t] for t in tiers if t >= 0)
                if fixed + bound - base + p.constant >= best - 1e-9 or not _rules_hold(
                    p, opened, gates, modules
                ):
                    continue
                best = min(best, p.constant + fixed + _cheapest_shares(p, opened, gates, modules, tiers))
    return float(best)


def _gate_choices(p, gate, opened):
    sizes = p.gate_size[p.gate_size_start[gate] : p.gate_size_start[gate + 1]]
    return (0, 1) if len(sizes) == 0 or opened & set(sizes.tolist()) else (0,)


def _allowed(p, gates):
    return [
        all(gates[g] for g in p.option_gate[p.option_gate_start[j] : p.option_gate_start[j + 1]])
        for j in range(p.n_options)
    ]


def _cheapest(p, gates):
    cost = np.where(_allowed(p, gates), p.option_cost, np.inf)
    return sum(cost[p.row_start[i] : p.row_start[i + 1]].min(initial=np.inf) for i in range(p.n_rows))


def _rules_hold(p, opened, gates, modules):
    values = [float(s in opened) for s in range(p.n_sizes)] + [*gates] + [*modules]
    for k in range(p.n_rules):
        here = slice(p.rule_start[k], p.rule_start[k + 1])
        total = sum(c * values[i] for c, i in zip(p.rule_coefficient[here], p.rule_index[here], strict=True))
        if not p.rule_lower[k] - 1e-9 <= total <= p.rule_upper[k] + 1e-9:
            return False
    return True


def _cheapest_shares(p, opened, gates, modules, tiers):
    n, r = p.n_options, p.n_resources
    cost = np.concatenate(
        [p.option_cost, [p.tier_unit_cost[t] if t >= 0 else 0.0 for t in tiers], p.overflow_price]
    )
    bounds = [(0.0, 1.0 if allowed else 0.0) for allowed in _allowed(p, gates)]
    bounds += [(p.tier_from[t], p.tier_to[t]) if t >= 0 else (0.0, 0.0) for t in tiers]
    bounds += [(0.0, None if np.isinf(limit) else limit) for limit in p.overflow_limit]
    rows = np.zeros((p.n_rows, n + 2 * r))
    for i in range(p.n_rows):
        rows[i, p.row_start[i] : p.row_start[i + 1]] = 1.0
    use, supply = np.zeros((p.n_measures, n + 2 * r)), p.measure_supply.copy()
    for j in range(n):
        for k in range(p.option_use_start[j], p.option_use_start[j + 1]):
            use[p.option_use_measure[k], j] += p.option_use_amount[k]
    for resource in range(r):
        for q in range(p.resource_start[resource], p.resource_start[resource + 1]):
            use[q, n + resource] = use[q, n + r + resource] = -1.0
    for s in opened:
        for k in range(p.size_supply_start[s], p.size_supply_start[s + 1]):
            supply[p.size_supply_measure[k]] += p.size_supply_amount[k]
    for m, count in enumerate(modules):
        for k in range(p.module_supply_start[m], p.module_supply_start[m + 1]):
            supply[p.module_supply_measure[k]] += count * p.module_supply_amount[k]
    return _branch(p, cost, rows, use, supply, bounds, np.inf)


def _branch(p, cost, rows, use, supply, bounds, best):
    result = linprog(cost, use, supply, rows, np.ones(p.n_rows), bounds)
    if result.status == 2 or result.fun >= best - 1e-9:
        return best
    assert result.status == 0, result.message
    for i in np.flatnonzero(p.row_single):
        for j in range(p.row_start[i], p.row_start[i + 1]):
            if 1e-7 < result.x[j] < 1 - 1e-7:
                for side in ((0.0, 0.0), (1.0, 1.0)):
                    best = _branch(p, cost, rows, use, supply, [*bounds[:j], side, *bounds[j + 1 :]], best)
                return best
    return float(result.fun)
