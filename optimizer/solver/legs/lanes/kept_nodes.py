"""Nodes of trees over sites as a start for another solve: how far their prices are from the first."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag

from optimizer.problem.cut_out import Part
from optimizer.problem.entries import owner
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.solver.lane_start import LaneStart, SiteNodes
from optimizer.solver.legs.lanes.kept import (
    Places,
    gates_of_copies,
    in_proportion,
    start_of_part,
    started_again,
    vector_at,
)
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.prices import PriceVector

__all__ = ["Half", "KeptNode", "KeptTree", "leave_nothing_out", "nodes_of_part", "site_nodes"]

Ids = npt.NDArray[np.int64]

Half = tuple[Bools, Bools]
"""Sizes that may open, and sites that have to."""

DIGITS = 12
"""Binary digits of what is kept of the prices of nodes: they are only a start."""


class KeptNode(NamedTuple):
    """A node with its prices and weights of lanes.

    Attributes
    ----------
    share : float64, shape (sizes,), or None
        How often each size was open in the mean of the dual method, if that is known.
    """

    half: Half
    prices: PriceVector
    weight: Floats
    share: Floats | None = None


class KeptTree(NamedTuple):
    """What trees over sites of a part left for every number of its sites; `root` is where they began."""

    part: Part
    relaxation: LaneRelaxation
    root: PriceVector
    nodes: Sequence[Sequence[KeptNode]]


def site_nodes(problem: Problem, trees: Sequence[KeptTree]) -> SiteNodes | None:
    """Keep the nodes of the trees of all parts of a problem; None where there are none."""
    kept = [_of_tree(problem, tree) for tree in trees if any(tree.nodes)]
    if not kept:
        return None
    shifts = [nodes.shift for nodes in kept]
    shift = LaneStart(
        **_joined(shifts, ("row", "measure", "weight", "rule"), axis=-1),
        **_joined(shifts, ("link_row", "link_gate", "link_size", "claim_row", "claim_measure"), axis=0),
        link_price=block_diag(*(each.link_price for each in shifts)),
        claim_price=block_diag(*(each.claim_price for each in shifts)),
        demand=problem.row_demand,
        proved=np.nan,
    )
    return SiteNodes(**_joined(kept, ("count", "region", "allowed", "must", "share"), axis=-1), shift=shift)


def nodes_of_part(
    start: LaneStart, nodes: SiteNodes, part: Part, relaxation: LaneRelaxation
) -> dict[int, list[KeptNode]]:
    """Take up the nodes of a part for each number of its sites, as far as they leave no choice out.

    Parameters
    ----------
    start
        Prices of the whole that were kept with the nodes.
    """
    problem = part.problem
    own, shift = (in_proportion(start_of_part(k, part), problem.row_demand) for k in (start, nodes.shift))
    places, root = Places.of(relaxation, shift), started_again(relaxation, own)
    inside = _spread(np.ones(len(part.size), dtype=bool), part.size, len(nodes.region))
    found: dict[int, list[KeptNode]] = {}
    for at in np.flatnonzero((nodes.region == inside[:, None]).all(axis=0)).tolist():
        half = nodes.allowed[part.size, at], sites_with(problem, nodes.must[part.size, at])
        moved = vector_at(relaxation, _at_node(shift, at), places).flat + root.flat
        prices = relaxation.project(PriceVector(moved, root.ends))
        weight = np.where(np.isfinite(shift.weight[:, at]), shift.weight[:, at], relaxation.lane_weight)
        share = nodes.share[part.size, at]
        node = KeptNode(half, prices, weight, None if np.any(np.isnan(share)) else share)
        found.setdefault(int(nodes.count[at]), []).append(node)
    return {
        count: those for count, those in found.items() if leave_nothing_out(problem, [n.half for n in those])
    }


def _of_tree(problem: Problem, tree: KeptTree) -> SiteNodes:
    """Keep the nodes of one part, in the numbers of the whole."""
    part = tree.part
    count = np.repeat(np.arange(len(tree.nodes)), [len(those) for those in tree.nodes])
    nodes = [node for those in tree.nodes for node in those]
    must = np.array([node.half[1][owner(part.problem.site_start)] for node in nodes]).T
    allowed = np.array([node.half[0] for node in nodes]).T
    unknown = np.full(len(part.size), np.nan)
    share = np.array([unknown if node.share is None else node.share for node in nodes]).T

    def of_sizes(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return _spread(values, part.size, problem.n_sizes)

    return SiteNodes(
        count=count,
        region=of_sizes(np.ones_like(allowed)),
        allowed=of_sizes(allowed),
        must=of_sizes(must),
        share=of_sizes(share),
        shift=_shift(problem, tree, nodes),
    )


def _shift(problem: Problem, tree: KeptTree, nodes: Sequence[KeptNode]) -> LaneStart:
    """How far the prices of nodes are from those that their tree began with, and their weights."""
    part, relaxation, ends = tree.part, tree.relaxation, tree.root.ends
    moved = _rounded([node.prices.flat - tree.root.flat for node in nodes])
    row, measure, link, rule = np.split(moved, ends)
    weight = _rounded([node.weight for node in nodes])
    number = relaxation.shell.number
    sizes = np.minimum(np.arange(np.diff(problem.site_start).max()), number.shape[1] - 1)
    links = relaxation.links
    has, first = np.flatnonzero(np.any(link != 0.0, axis=1)), links.first_claim
    near, claim = has[has < first], has[has >= first]
    gate, size = gates_of_copies(relaxation.shell.gates, links.gate[near])
    return LaneStart(
        row=_spread(row, part.row, problem.n_rows),
        measure=_spread(measure[number[:, sizes]], part.measure, problem.n_measures),
        weight=_spread(weight, part.measure, problem.n_measures),
        link_row=part.row[links.row[near]],
        link_gate=part.gate[gate],
        link_size=size,
        link_price=link[near],
        rule=_spread(rule[: len(part.rule)], part.rule, problem.n_rules),
        claim_row=part.row[links.row[claim]],
        claim_measure=part.measure[relaxation.claim_measure[claim - first]],
        claim_price=link[claim],
        demand=problem.row_demand,
        proved=np.nan,
    )


def _rounded(columns: Sequence[Floats]) -> Floats:
    """Values of nodes side by side, each to so many binary digits that a file needs a quarter of the room."""
    fraction, exponent = np.frexp(np.array(columns).T)
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, DIGITS)), exponent - DIGITS))


def _spread(values: npt.NDArray[Any], at: Ids, length: int) -> npt.NDArray[Any]:
    """Values of a part at their numbers in the whole, zero elsewhere."""
    whole = np.zeros((length, *values.shape[1:]), dtype=values.dtype)
    whole[at] = values
    return whole


def _joined(those: Sequence[Any], names: Sequence[str], axis: int) -> dict[str, Any]:
    """Arrays of all of these by name, one after the other."""
    return {name: np.concatenate([getattr(each, name) for each in those], axis=axis) for name in names}


def _at_node(shift: LaneStart, node: int) -> LaneStart:
    """What is kept of one node."""
    return replace(
        shift,
        row=shift.row[:, node],
        measure=shift.measure[..., node],
        link_price=shift.link_price[:, node],
        rule=shift.rule[:, node],
        claim_price=shift.claim_price[:, node],
    )


def leave_nothing_out(problem: Problem, halves: Sequence[Half]) -> bool:
    """Tell whether every choice of a size or none for each site is in one of some parts of a search.

    No two of them share one, and their numbers add up.
    """
    site, sizes = owner(problem.site_start), np.diff(problem.site_start)
    total = sum(prod((_counts(site, half) + ~half[1]).tolist()) for half in halves)
    return total == prod((sizes + 1).tolist()) and all(
        _share_nothing(site, a, b) for a, b in combinations(halves, 2)
    )


def _counts(site: Ids, half: Half) -> Ids:
    """How many sizes of each site may open."""
    allowed, must = half
    return np.bincount(site[allowed], minlength=len(must))


def _share_nothing(site: Ids, a: Half, b: Half) -> bool:
    """Tell whether some site has no choice that both allow."""
    both = a[0] & b[0], a[1] | b[1]
    return bool(np.any(both[1] & (_counts(site, both) == 0)))
