"""A problem that falls apart: rows that share no gate, site or resource with others are one of their own.

Parts are the connected components of what rows, nodes of legs, gates, sites and resources touch each other.
The cost of a plan is the sum over the parts, and their optima together are that of the whole. A rule that
names items of several parts couples them: the problem stays one. But a limit on how many sites may open in
all can be shared out: for every number of sites each part is a problem of its own.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from optimizer.problem.cut_out import Part, PartOf, cut_out
from optimizer.problem.entries import owner
from optimizer.problem.evaluate import resource_of_measure
from optimizer.problem.legs import Legs, node_demand, whole_options
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import take
from optimizer.problem.site_limits import limited_sites

__all__ = ["Division", "Part", "divide"]

Ids = npt.NDArray[np.int64]

LEAST_LEGS = 200
"""Legs below which a component is no part of its own: all of these are one part together."""


@dataclass(frozen=True, eq=False)
class Division:
    """A problem in parts.

    Attributes
    ----------
    parts
        Those with the fewest legs first.
    alone : int64, shape (rows in no part,)
        Cheapest option of every row whose options need and use nothing.
    shared : int or None
        Rule that limits how many sites may open in all parts together. The last rule of each part is what it
        says of the sites there.
    """

    parts: tuple[Part, ...]
    alone: Ids
    shared: int | None = None


def divide(problem: Problem, legs: Legs, *, share: bool = False) -> Division | None:
    """Divide a problem into parts; None where it is one, or a rule couples its parts.

    Parameters
    ----------
    problem, legs
        The problem, whose rows have an option each, and how its options fall apart.
    share
        Whether one limit on the number of sites may couple the parts.
    """
    nodes = len(node_demand(problem, legs))
    ends = np.cumsum([problem.n_rows, problem.n_gates, problem.n_sites, problem.n_resources, nodes])
    a, b = _touches(problem, legs, ends)
    graph = sparse.coo_array((np.ones(len(a), dtype=np.int32), (a, b)), shape=(ends[-1], ends[-1]))
    count, component = connected_components(graph, directed=False)
    weight = _legs_by_component(legs, component, ends, count)
    large = np.flatnonzero(weight >= LEAST_LEGS)
    small = int(np.any((weight > 0) & (weight < LEAST_LEGS)))
    if len(large) + small < 2:
        return None
    order = large[np.argsort(weight[large], kind="stable")]
    part = np.zeros(count, dtype=np.int64)
    part[order] = small + np.arange(len(order))
    lonely = np.bincount(component, minlength=count) == 1
    row, gate, site, resource, node = np.split(part[component], ends[:-1])
    row = np.where(lonely[component[: problem.n_rows]], -1, row)
    rule = _part_of_rules(problem, gate, site, resource)
    coupling = np.flatnonzero(rule < 0)
    shared = int(coupling[0]) if share and len(coupling) == 1 else None
    limited = limited_sites(problem, shared) if shared is not None else coupling
    if len(coupling) > int(shared is not None and len(limited) > 0):
        return None
    parts = PartOf(row, gate, site, resource, node, rule)
    cut = [cut_out(problem, legs, parts, k) for k in range(len(order) + small)]
    if shared is not None:
        cut = [_with_limit(part, limited, float(problem.rule_upper[shared])) for part in cut]
    return Division(tuple(cut), _cheapest(problem, np.flatnonzero(row < 0)), shared)


def _with_limit(part: Part, sites: Ids, most: float) -> Part:
    """The part with a last rule that no more of these sites of the whole may open."""
    problem = part.problem
    sizes = np.flatnonzero(np.isin(part.site, sites)[owner(problem.site_start)])
    limited = replace(
        problem,
        rule_start=np.append(problem.rule_start, problem.rule_start[-1] + len(sizes)),
        rule_index=np.append(problem.rule_index, sizes.astype(problem.rule_index.dtype)),
        rule_coefficient=np.append(problem.rule_coefficient, np.ones(len(sizes))),
        rule_lower=np.append(problem.rule_lower, -np.inf),
        rule_upper=np.append(problem.rule_upper, most),
    )
    return replace(part, problem=limited)


def _touches(problem: Problem, legs: Legs, ends: Ids) -> tuple[Ids, Ids]:
    """Pairs of items of one part; rows, gates, sites, resources and nodes have numbers in this order."""
    gate_at, site_at, resource_at, node_at = ends[:-1].tolist()
    resource = resource_of_measure(problem)
    whole, row = whole_options(legs), owner(problem.row_start)
    gate_start, (gate,) = take((problem.option_gate_start, (problem.option_gate,)), whole)
    use_start, (used,) = take((problem.option_use_start, (problem.option_use_measure,)), whole)
    site = owner(problem.site_start)
    pairs = [
        (row[whole][owner(gate_start)], gate_at + gate),
        (row[whole][owner(use_start)], resource_at + resource[used]),
        (legs.head_row, node_at + legs.head.node),
        (gate_at + owner(problem.gate_size_start), site_at + site[problem.gate_size]),
        (
            site_at + site[owner(problem.size_supply_start)],
            resource_at + resource[problem.size_supply_measure],
        ),
    ]
    for leg in (legs.head, legs.tail):
        at, place = np.nonzero(leg.gate >= 0)
        pairs.append((node_at + leg.node[at], gate_at + leg.gate[at, place]))
        at, place = np.nonzero(leg.measure >= 0)
        pairs.append((node_at + leg.node[at], resource_at + resource[leg.measure[at, place]]))
    first, second = zip(*pairs, strict=True)
    return np.concatenate(first), np.concatenate(second)


def _legs_by_component(legs: Legs, component: Ids, ends: Ids, count: int) -> Ids:
    of_node = component[ends[-2] :]
    heads = np.bincount(of_node[legs.head.node], minlength=count)
    weight: Ids = heads + np.where(heads > 0, np.bincount(of_node[legs.tail.node], minlength=count), 0)
    return weight


def _part_of_rules(problem: Problem, gate: Ids, site: Ids, resource: Ids) -> Ids:
    """Part of every rule, −1 where it names items of several."""
    item = np.concatenate([site[owner(problem.site_start)], gate, resource[owner(problem.module_start)]])
    named, rule = item[problem.rule_index], owner(problem.rule_start)
    least = np.full(problem.n_rules, len(item), dtype=np.int64)
    most = np.zeros(problem.n_rules, dtype=np.int64)
    np.minimum.at(least, rule, named)
    np.maximum.at(most, rule, named)
    return np.where(np.diff(problem.rule_start) == 0, 0, np.where(least == most, most, -1))


def _cheapest(problem: Problem, row: Ids) -> Ids:
    """Cheapest option of each of the rows."""
    starts = problem.row_start[row].tolist()
    costs = (problem.option_cost[problem.row_start[i] : problem.row_start[i + 1]] for i in row.tolist())
    return np.array(
        [first + int(np.argmin(cost)) for first, cost in zip(starts, costs, strict=True)], dtype=np.int64
    )
