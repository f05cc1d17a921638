"""A part of a problem as a problem of its own: its items numbered anew, and the numbers they had."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Leg, Legs
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start, positions, take

__all__ = ["Part", "PartOf", "cut_out", "whole_part"]

Ids = npt.NDArray[np.int64]
Arrays = dict[str, Any]


@dataclass(frozen=True, eq=False)
class PartOf:
    """Part of every row, gate, site, resource, node of legs and rule; −1 for what is in none."""

    row: Ids
    gate: Ids
    site: Ids
    resource: Ids
    node: Ids
    rule: Ids


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a problem; the other fields are the numbers that its items have in the whole, ascending.

    The constant of the whole is in no part.
    """

    problem: Problem
    legs: Legs
    row: Ids
    option: Ids
    gate: Ids
    site: Ids
    size: Ids
    resource: Ids
    measure: Ids
    module: Ids
    tier: Ids
    rule: Ids
    node: Ids


def cut_out(problem: Problem, legs: Legs, parts: PartOf, part: int) -> Part:
    """Number the items of a part anew.

    Parameters
    ----------
    problem, legs
        The whole, and how its options fall apart.
    parts
        Part of every item; what an item of the part names is in it as well.
    part
        The part wanted. Its nodes are those of them that have heads.
    """
    row, gate, site, resource, rule = (
        np.flatnonzero(label == part)
        for label in (parts.row, parts.gate, parts.site, parts.resource, parts.rule)
    )
    node = np.unique(legs.head.node[parts.node[legs.head.node] == part])
    option, size = positions(problem.row_start, row), positions(problem.site_start, site)
    measure, module, tier = (
        positions(start, resource)
        for start in (problem.resource_start, problem.module_start, problem.tier_start)
    )
    new_gate, new_size = _numbers(gate, problem.n_gates), _numbers(size, problem.n_sizes)
    new_measure, new_module = _numbers(measure, problem.n_measures), _numbers(module, problem.n_modules)
    named = np.concatenate([new_size, len(size) + new_gate, len(size) + len(gate) + new_module])
    smaller = Problem(
        **_rows(problem, row),
        **_options(problem, option, new_gate, new_measure),
        **_sites(problem, gate, site, size, new_size, new_measure),
        **_resources(problem, resource, measure),
        **_supply(problem, resource, module, tier, new_measure),
        **_rules(problem, rule, named),
    )
    own = _legs(legs, row, option, node, (new_gate, new_measure))
    return Part(smaller, own, row, option, gate, site, size, resource, measure, module, tier, rule, node)


def whole_part(problem: Problem, legs: Legs) -> Part:
    """The problem itself as its only part."""
    counts = (
        problem.n_rows, problem.n_options, problem.n_gates, problem.n_sites, problem.n_sizes,
        problem.n_resources, problem.n_measures, problem.n_modules, problem.n_tiers, problem.n_rules,
        int(legs.head.node.max()) + 1,
    )  # fmt: skip
    return Part(problem, legs, *map(np.arange, counts))


def _numbers(kept: Ids, count: int) -> Ids:
    """New number of every item, −1 for those that are not kept."""
    new = np.full(count, -1, dtype=np.int64)
    new[kept] = np.arange(len(kept))
    return new


def _lengths(start: Ids, items: Ids) -> Ids:
    """CSR start of these items only."""
    return counts_to_start(np.diff(start)[items])


def _rows(problem: Problem, row: Ids) -> Arrays:
    return {
        "row_start": _lengths(problem.row_start, row),
        "row_demand": problem.row_demand[row],
        "row_single": problem.row_single[row],
    }


def _options(problem: Problem, option: Ids, new_gate: Ids, new_measure: Ids) -> Arrays:
    gate_start, (gate,) = take((problem.option_gate_start, (problem.option_gate,)), option)
    use_start, (measure, amount) = take(
        (problem.option_use_start, (problem.option_use_measure, problem.option_use_amount)), option
    )
    return {
        "option_cost": problem.option_cost[option],
        "option_gate_start": gate_start,
        "option_gate": new_gate[gate].astype(np.int32),
        "option_use_start": use_start,
        "option_use_measure": new_measure[measure].astype(np.int32),
        "option_use_amount": amount,
    }


def _sites(problem: Problem, gate: Ids, site: Ids, size: Ids, new_size: Ids, new_measure: Ids) -> Arrays:
    under_start, (under,) = take((problem.gate_size_start, (problem.gate_size,)), gate)
    start, (measure, amount) = take(
        (problem.size_supply_start, (problem.size_supply_measure, problem.size_supply_amount)), size
    )
    return {
        "gate_fee": problem.gate_fee[gate],
        "gate_size_start": under_start,
        "gate_size": new_size[under].astype(np.int32),
        "site_start": _lengths(problem.site_start, site),
        "size_cost": problem.size_cost[size],
        "size_supply_start": start,
        "size_supply_measure": new_measure[measure].astype(np.int32),
        "size_supply_amount": amount,
    }


def _resources(problem: Problem, resource: Ids, measure: Ids) -> Arrays:
    return {
        "resource_start": _lengths(problem.resource_start, resource),
        "measure_supply": problem.measure_supply[measure],
        "overflow_price": problem.overflow_price[resource],
        "overflow_limit": problem.overflow_limit[resource],
        "module_start": _lengths(problem.module_start, resource),
        "tier_start": _lengths(problem.tier_start, resource),
    }


def _supply(problem: Problem, resource: Ids, module: Ids, tier: Ids, new_measure: Ids) -> Arrays:
    start, (measure, amount) = take(
        (problem.module_supply_start, (problem.module_supply_measure, problem.module_supply_amount)), module
    )
    return {
        "module_cost": problem.module_cost[module],
        "module_limit": problem.module_limit[module],
        "module_supply_start": start,
        "module_supply_measure": new_measure[measure].astype(np.int32),
        "module_supply_amount": amount,
        "tier_from": problem.tier_from[tier],
        "tier_to": problem.tier_to[tier],
        "tier_fixed": problem.tier_fixed[tier],
        "tier_unit_cost": problem.tier_unit_cost[tier],
    }


def _rules(problem: Problem, rule: Ids, new: Ids) -> Arrays:
    """Rules with new numbers of sizes, gates and modules, which stand one after the other."""
    start, (named, coefficient) = take(
        (problem.rule_start, (problem.rule_index, problem.rule_coefficient)), rule
    )
    return {
        "rule_start": start,
        "rule_index": new[named].astype(np.int32),
        "rule_coefficient": coefficient,
        "rule_lower": problem.rule_lower[rule],
        "rule_upper": problem.rule_upper[rule],
    }


def _legs(legs: Legs, row: Ids, option: Ids, node: Ids, new: tuple[Ids, Ids]) -> Legs:
    """All heads of the rows and all tails into their nodes, whether options are made of them or not."""
    new_row = _numbers(row, int(max(row.max(initial=-1), legs.head_row.max(initial=-1))) + 1)
    nodes = int(max(legs.head.node.max(), legs.tail.node.max(initial=-1))) + 1
    new_node = _numbers(node, nodes)
    head, tail = np.flatnonzero(new_row[legs.head_row] >= 0), np.flatnonzero(new_node[legs.tail.node] >= 0)
    new_head, new_tail = _numbers(head, len(legs.head_row)), _numbers(tail, len(legs.tail.node))
    of_head, of_tail = legs.option_head[option], legs.option_tail[option]
    return Legs(
        option_head=np.where(of_head >= 0, new_head[of_head], -1),
        option_tail=np.where(of_tail >= 0, new_tail[of_tail], -1),
        head_row=new_row[legs.head_row[head]],
        head=_some(legs.head, head, new_node, *new),
        tail=_some(legs.tail, tail, new_node, *new),
    )


def _some(leg: Leg, keep: Ids, new_node: Ids, new_gate: Ids, new_measure: Ids) -> Leg:
    gate, measure = leg.gate[keep], leg.measure[keep]
    return Leg(
        new_node[leg.node[keep]],
        leg.cost[keep],
        np.where(gate >= 0, np.r_[new_gate, -1][gate], -1),
        np.where(measure >= 0, np.r_[new_measure, -1][measure], -1),
        leg.amount[keep],
    )
