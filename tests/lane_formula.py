"""The value of prices with whole lanes, straight from its formula, and supply costs by enumeration."""

from collections.abc import Collection
from itertools import pairwise, product

import numpy as np

from optimizer.problem import Problem
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.prices import PriceVector

CLOSE = 1e-9


def bought(problem: Problem, resource: int) -> list[tuple[list[float], float, tuple]]:
    """Every set of modules of a resource: its supply per measure, its cost, and what tiers may add."""
    p, r = problem, resource
    measures = range(p.resource_start[r], p.resource_start[r + 1])
    modules = range(p.module_start[r], p.module_start[r + 1])
    tiers = [None, *range(p.tier_start[r], p.tier_start[r + 1])]
    found = []
    for counts in product(*[range(int(p.module_limit[k]) + 1) for k in modules]):
        supply = [float(p.measure_supply[q]) for q in measures]
        for k, count in zip(modules, counts, strict=True):
            for at in range(p.module_supply_start[k], p.module_supply_start[k + 1]):
                supply[p.module_supply_measure[at] - measures.start] += count * p.module_supply_amount[at]
        cost = sum(p.module_cost[k] * count for k, count in zip(modules, counts, strict=True))
        found += [(supply, cost, tier) for tier in tiers]
    return found


def supply_cost(problem: Problem, resource: int, weight: np.ndarray, use: float) -> float:
    """Least cost of supply whose weighted sum over the measures of a resource is at least `use`."""
    p = problem
    own = weight[p.resource_start[resource] : p.resource_start[resource + 1]]
    unit, limit = own.sum(), p.overflow_limit[resource]
    best = np.inf
    for supply, cost, tier in bought(p, resource):
        rest = use - float(own @ supply)
        low, high = (0.0, 0.0) if tier is None else (p.tier_from[tier], p.tier_to[tier])
        fixed, rate = (0.0, 0.0) if tier is None else (p.tier_fixed[tier], p.tier_unit_cost[tier])
        for level in {low, high, *np.clip([rest / unit, rest / unit - limit], low, high)}:
            over = max(0.0, rest / unit - level)
            over = 0.0 if over <= CLOSE else over
            if over <= limit + CLOSE:
                extra = p.overflow_price[resource] * over if over else 0.0
                best = min(best, cost + fixed + rate * level + extra)
    return best


def breaks(problem: Problem, resource: int, weight: np.ndarray) -> set[float]:
    """Quantities at which that cost may jump or bend."""
    p = problem
    own = weight[p.resource_start[resource] : p.resource_start[resource + 1]]
    unit, limit = own.sum(), p.overflow_limit[resource]
    limit = limit if np.isfinite(limit) else 0.0
    found = {0.0}
    for supply, _, tier in bought(p, resource):
        ends = (0.0,) if tier is None else (0.0, p.tier_from[tier], p.tier_to[tier])
        found |= {
            max(0.0, float(own @ supply) + unit * (end + over)) for end in ends for over in (0.0, limit)
        }
    return found


def lane_value(
    problem: Problem, resource: int, weight: np.ndarray, items: list[tuple[float, float]]
) -> float:
    """Least ``S(u) − B(u)`` of a lane over its items (gain, use)."""
    items = sorted((item for item in items if item[0] > 0.0), key=lambda item: item[1] / item[0])
    if resource < 0:
        return -sum(gain for gain, _ in items)
    sums = np.cumsum([0.0, *(use for _, use in items)])
    gains = np.cumsum([0.0, *(gain for gain, _ in items)])
    last = dict(zip(sums.tolist(), gains.tolist(), strict=True))
    at, gained = np.array(list(last)), np.array(list(last.values()))
    points = {min(u, at[-1]) for u in breaks(problem, resource, weight)} | set(last)
    return min(supply_cost(problem, resource, weight, u) - np.interp(u, at, gained) for u in points)


def formula_value(
    problem: Problem, relaxation: LaneRelaxation, prices: PriceVector, closed: Collection[int] = ()
) -> float:
    """Value of the relaxation at prices inside their domain, item by item; some sizes may not open."""
    p, shell = relaxation.problem, relaxation.shell.problem
    charge = np.zeros(p.n_sizes)
    value = p.constant + prices.row.sum() - prices.measure @ p.measure_supply
    for rule, price in enumerate(prices.rule):
        at = slice(p.rule_start[rule], p.rule_start[rule + 1])
        np.subtract.at(charge, p.rule_index[at], price * p.rule_coefficient[at])
        value += price * (p.rule_lower[rule] if price > 0 else p.rule_upper[rule]) if price else 0.0
    for r in range(p.n_resources):
        price = prices.measure[p.resource_start[r] : p.resource_start[r + 1]].sum()
        limit = relaxation.overflow_limit[r]
        value += min(0.0, p.overflow_price[r] - price) * limit if limit else 0.0
        value += min([0.0, *(
            p.tier_fixed[t] + (p.tier_unit_cost[t] - price) * level
            for t in range(p.tier_start[r], p.tier_start[r + 1]) for level in (p.tier_from[t], p.tier_to[t])
        )])  # fmt: skip
    value += sum(_whole(p, row, prices) for row in range(p.n_rows))
    first = relaxation.links.first_claim
    worth = shell.gate_fee - np.bincount(relaxation.links.gate[:first], prices.link[:first], shell.n_gates)
    gates = [(min(0.0, worth[g]), _sizes(shell, g)) for g in range(shell.n_gates)]
    gates += _lane_gates(problem, relaxation, prices, closed)
    gates += _tariff_gates(problem, relaxation, prices)
    value += sum(gain for gain, sizes in gates if not len(sizes))
    size_worth = p.size_cost + charge
    for size in range(p.n_sizes):
        for at in range(p.size_supply_start[size], p.size_supply_start[size + 1]):
            size_worth[size] -= p.size_supply_amount[at] * prices.measure[p.size_supply_measure[at]]
        size_worth[size] += sum(gain for gain, sizes in gates if size in sizes)
    return value + _cheapest_sizes(p, relaxation.choice.rules.tolist(), size_worth, closed)


def _cheapest_sizes(p, rules, worth, closed):
    """The cheapest of all choices of sizes, one per site at most, that keep some rules."""
    sizes = [[None, *_free(a, b, closed)] for a, b in pairwise(p.site_start.tolist())]
    found = []
    for choice in product(*sizes):
        opened = np.isin(np.arange(p.n_sizes), [s for s in choice if s is not None])
        done = [p.rule_coefficient[_span(p, r)] @ opened[p.rule_index[_span(p, r)]] for r in rules]
        if all(d <= p.rule_upper[r] for r, d in zip(rules, done, strict=True)):
            found.append(sum(worth[s] for s in np.flatnonzero(opened)))
    return min(found)


def _free(first, last, closed):
    return [size for size in range(first, last) if size not in closed]


def _span(p, rule):
    return slice(p.rule_start[rule], p.rule_start[rule + 1])


def _sizes(problem, gate):
    return problem.gate_size[problem.gate_size_start[gate] : problem.gate_size_start[gate + 1]].tolist()


def _whole(p, row, prices):
    """What a row gains by its best option without a gate (whole options need none here)."""
    gains = [0.0]
    for j in range(p.row_start[row], p.row_start[row + 1]):
        assert p.option_gate_start[j] == p.option_gate_start[j + 1]
        use = slice(p.option_use_start[j], p.option_use_start[j + 1])
        paid = p.option_use_amount[use] @ prices.measure[p.option_use_measure[use]]
        gains.append(p.option_cost[j] + paid - prices.row[row])
    return min(gains)


def _lane_gates(problem, relaxation, prices, closed):
    """Gain of every lane at every size, and the sizes that admit it.

    A lane to several sites serves a row by any size of the node's site that may open.
    """
    lanes = relaxation.lanes
    found = []
    for lane, resource in enumerate(lanes.resource):
        fee = problem.gate_fee[lanes.gate[lane]] if lanes.gate[lane] >= 0 else 0.0
        site = lanes.site[lane]
        options = [[]] if site < 0 else [[s] for s in range(*problem.site_start[site : site + 2])]
        for sizes in options:
            items = _items(problem, relaxation, prices, lane, sizes, closed)
            found.append(
                (min(0.0, fee + lane_value(problem, int(resource), relaxation.lane_weight, items)), sizes)
            )
    return found


def _tariff_gates(problem, relaxation, prices):
    """Gain of every tariff by the claims that rows pay for, and the sizes of its site."""
    found = []
    for tariff, resource in enumerate(relaxation.lanes.tariff):
        items, (measure,) = {}, range(*problem.resource_start[resource : resource + 2])
        heads, place = np.nonzero(
            (relaxation.legs.head.measure == measure) & (relaxation.legs.head.amount > 0)
        )
        for head, at in zip(heads, place, strict=True):
            row, used = relaxation.legs.head_row[head], relaxation.legs.head.amount[head, at]
            items[row] = (_claimed(relaxation, row, tariff, prices), used * problem.row_demand[row])
        site = relaxation.lanes.node_site[relaxation.legs.head.node[heads[0]]]
        value = lane_value(problem, int(resource), np.ones(problem.n_measures), list(items.values()))
        found.append((min(0.0, value), list(range(*problem.site_start[site : site + 2]))))
    return found


def _claim(problem, relaxation, head, prices):
    """Price of the claim of a head's row on its tariff."""
    row, measures = relaxation.legs.head_row[head], relaxation.legs.head.measure[head]
    used = measures[(measures >= 0) & (relaxation.legs.head.amount[head] > 0)]
    of = np.searchsorted(problem.resource_start, used, side="right") - 1
    tariffs = np.flatnonzero(np.isin(relaxation.lanes.tariff, of))
    return sum(_claimed(relaxation, row, tariff, prices) for tariff in tariffs)


def _claimed(relaxation, row, tariff, prices):
    links = relaxation.links
    last = np.arange(len(links.gate)) >= links.first_claim
    gate = relaxation._first_tariff + tariff
    (place,) = np.flatnonzero(last & (links.row == row) & (links.gate == gate))
    return prices.link[place]


def _items(problem, relaxation, prices, lane, sizes, closed):
    """Gain and use of every row at every tail of a lane, by its best head at the best of some sizes."""
    legs, lanes, start = relaxation.legs, relaxation.lanes, problem.site_start
    own, resource = lanes.gate[lane], lanes.resource[lane]
    items = []
    for tail in np.flatnonzero(lanes.of_tail == lane):
        site = lanes.node_site[legs.tail.node[tail]]
        last = relaxation.shell.number.shape[1] - 1
        rank_of = [min(s - start[site], last) for s in sizes or _free(start[site], start[site + 1], closed)]
        if not rank_of:
            continue
        heads = np.flatnonzero(legs.head.node == legs.tail.node[tail])
        use = _weighed(problem, relaxation, tail, resource)
        for row in np.unique(legs.head_row[heads]):
            orders = problem.row_demand[row]
            costs = [
                orders * (_paid(problem, relaxation, legs.head, head, prices, rank, resource)
                          + _paid(problem, relaxation, legs.tail, tail, prices, rank, resource))
                + _linked(relaxation, row, _charged(problem, legs.head.gate[head]), prices, rank)
                + _claim(problem, relaxation, head, prices)
                + _linked(relaxation, row, _other(problem, legs.tail.gate[tail], own), prices, rank)
                for head in heads[legs.head_row[heads] == row]
                for rank in rank_of
            ]  # fmt: skip
            items.append((prices.row[row] - min(costs), orders * use))
    return items


def _weighed(p, relaxation, tail, resource):
    leg, weight = relaxation.legs.tail, relaxation.lane_weight
    own = range(p.resource_start[resource], p.resource_start[resource + 1]) if resource >= 0 else ()
    return sum(
        weight[q] * a for q, a in zip(leg.measure[tail], leg.amount[tail], strict=True) if q >= 0 and q in own
    )


def _paid(p, relaxation, leg, at, prices, rank, resource):
    own = range(p.resource_start[resource], p.resource_start[resource + 1]) if resource >= 0 else ()
    return leg.cost[at] + sum(
        a * prices.measure[relaxation.shell.number[q, rank]]
        for q, a in zip(leg.measure[at], leg.amount[at], strict=True)
        if q >= 0 and q not in own
    )


def _charged(problem, gates):
    """The gate of a head whose link has a price: that with a fee, or the last."""
    fees = [g for g in gates if g >= 0 and problem.gate_fee[g] > 0.0]
    return fees[0] if fees else max(gates)


def _other(problem, gates, own):
    fees = [g for g in gates if g >= 0 and problem.gate_fee[g] > 0.0 and g != own]
    return fees[0] if fees else -1


def _linked(relaxation, row, gate, prices, rank):
    """Price of the link of a row and a gate at a size."""
    if gate < 0:
        return 0.0
    copies = np.flatnonzero(relaxation.shell.gates == gate)
    copy = copies[rank] if len(copies) > 1 else copies[0]
    links = relaxation.links
    (place,) = np.flatnonzero((links.row == row) & (links.gate == copy))
    return prices.link[place]
