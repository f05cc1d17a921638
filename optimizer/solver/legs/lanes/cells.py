"""Cells (a row at a node, by the best of its heads) and links (a row and a gate that has a fee)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import counts_to_start, positions
from optimizer.solver.legs.lanes.form import Lanes
from optimizer.solver.legs.lanes.tariffs import Tariffs

__all__ = ["Cells", "Links", "cells_of", "heads_below", "links_of"]

Ids = npt.NDArray[np.int64]


def heads_below(problem: Problem, legs: Legs, ceiling: Floats) -> Legs:
    """Only the heads that cost less than a ceiling on their row's price with their node's cheapest tail.

    At no prices below these ceilings do others gain. They are sorted by node and row, as cells are; the pairs
    of legs are left out.

    Parameters
    ----------
    ceiling : float64, shape (rows,)
    """
    least = np.full(int(legs.tail.node.max()) + 1, np.inf)
    np.minimum.at(least, legs.tail.node, legs.tail.cost)
    cost = (legs.head.cost + least[legs.head.node]) * problem.row_demand[legs.head_row]
    head = np.flatnonzero(cost < ceiling[legs.head_row])
    head = head[np.lexsort((legs.head_row[head], legs.head.node[head]))]
    none = np.zeros(0, dtype=np.int64)
    return Legs(none, none, legs.head_row[head], legs.head.taken(head), legs.tail)


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows at nodes, sorted by node.

    Attributes
    ----------
    row : int64, shape (cells,)
    head_start, head
        CSR: heads of each cell.
    node_start : int64, shape (nodes + 1,)
        CSR range of each node's cells.
    orders : float64, shape (nodes,)
        Demand of all rows at each node.
    """

    row: Ids
    head_start: Ids
    head: Ids
    node_start: Ids
    orders: Floats


def cells_of(problem: Problem, legs: Legs) -> Cells:
    """Group the heads of a problem by node and row."""
    key, cell = np.unique(legs.head.node * problem.n_rows + legs.head_row, return_inverse=True)
    node, row = np.divmod(key, problem.n_rows)
    nodes = int(legs.tail.node.max()) + 1
    return Cells(
        row=row,
        head_start=counts_to_start(np.bincount(cell, minlength=len(key))),
        head=np.argsort(cell, kind="stable"),
        node_start=np.searchsorted(node, np.arange(nodes + 1)),
        orders=np.bincount(node, problem.row_demand[row], nodes).astype(np.float64),
    )


@dataclass(frozen=True, eq=False)
class Links:
    """Distinct rows and gates of their heads, and gates with a fee of tails besides that of their lane.

    A head with several gates counts by that with a fee. Claims on tariffs are links as well, the last ones.

    Attributes
    ----------
    start : int64, shape (links + 1,)
        CSR range of the copies of each link: one for every copy of its gate.
    row, gate : int64, shape (copies,)
        Row of each copy of a link, and the copy of the gate that it is for.
    first_claim : int
        Number of the first copy that is a claim.
    claim_of_head : int64, shape (heads,)
        Copy of a link that is the claim of each head, −1 for none.
    of_head : int64, shape (heads,)
        Link of each head, −1 for none.
    tail_start : int64, shape (tails,)
        Where the links of a tail stand in `of_tail`, one for every cell of its node; −1 for none.
    of_tail : int64
    """

    start: Ids
    row: Ids
    gate: Ids
    first_claim: int
    claim_of_head: Ids
    of_head: Ids
    tail_start: Ids
    of_tail: Ids


def links_of(
    problem: Problem,
    legs: Legs,
    lanes: Lanes,
    cells: Cells,
    copies: Ids,
    tariffs: Tariffs,
    first_tariff: int,
) -> Links:
    """Number the links of a problem over legs.

    Parameters
    ----------
    copies : int64, shape (copies of gates,)
        Gate that each is a copy of, ascending.
    first_tariff
        Gate of the first tariff.
    """
    head_gate = _priced(problem, legs.head.gate, np.full(len(legs.head_row), -1))
    head_gate = np.where(head_gate >= 0, head_gate, legs.head.gate.max(axis=1, initial=-1))
    tail_gate = _priced(problem, legs.tail.gate, lanes.gate[lanes.of_tail])
    heads, tails = np.flatnonzero(head_gate >= 0), np.flatnonzero(tail_gate >= 0)
    node = legs.tail.node[tails]
    count = np.diff(cells.node_start)[node]
    row = np.concatenate([legs.head_row[heads], cells.row[positions(cells.node_start, node)]])
    gate = np.concatenate([head_gate[heads], np.repeat(tail_gate[tails], count)])
    key, link = np.unique(row * problem.n_gates + gate, return_inverse=True)
    of_head = np.full(len(legs.head_row), -1, dtype=np.int64)
    of_head[heads] = link[: len(heads)]
    tail_start = np.full(len(legs.tail.node), -1, dtype=np.int64)
    tail_start[tails] = np.cumsum(count) - count
    rows, gates = np.divmod(key, problem.n_gates)
    of_gate = counts_to_start(np.bincount(copies, minlength=problem.n_gates))
    count = np.diff(of_gate)[gates]
    claims, first_claim = len(tariffs.row), int(count.sum())
    return Links(
        start=counts_to_start(np.concatenate([count, np.ones(claims, dtype=np.int64)])),
        row=np.concatenate([np.repeat(rows, count), tariffs.row]),
        gate=np.concatenate([positions(of_gate, gates), first_tariff + owner(tariffs.start)]),
        first_claim=first_claim,
        claim_of_head=np.where(tariffs.of_head >= 0, first_claim + tariffs.of_head, -1),
        of_head=of_head,
        tail_start=tail_start,
        of_tail=link[len(heads) :].astype(np.int64),
    )


def _priced(problem: Problem, gate: Ids, apart: Ids) -> Ids:
    """The gate with a fee that each leg needs besides one, −1 for none."""
    priced = (gate >= 0) & (problem.gate_fee[np.maximum(gate, 0)] > 0.0) & (gate != apart[:, None])
    return np.asarray(np.where(priced, gate, -1).max(axis=1, initial=-1), dtype=np.int64)
