r"""Cuts that say for legs what strong links say for pairs.

A pair of head `h` and tail `t` has a share of at most `m_g` where its tail needs gate `g`. The program over
legs knows no pairs; its shares split into pairs that respect every `m_g` only if for every node `n`, gate `g`
and set `S` of its cells

.. math:: \sum_{i \in S} \frac{d_i}{D_n} (a_i - m_g) \le \sum_{t \in n,\, g \notin G(t)} f_t :

what goes to `S` beyond `m_g` of each cell came in without the gate. The worst set is that of the cells with
:math:`a_i > m_g`. (It is one cut of the transportation problem between the node's tails and cells, with room
:math:`d_i m_g` from the tails that need `g` to cell `i`.)
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import owner as owners
from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.legs.cuts import Rows, no_rows
from optimizer.solver.legs.program import Incidence, LegProgram

__all__ = ["PairCut", "pair_cut_rows", "pair_cuts"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

VIOLATED = 1e-6


class PairCut(NamedTuple):
    """A cut of a pair of node and gate with a set of the node's cells."""

    pair: int
    cells: Ids


def pair_cuts(program: LegProgram, meets: Incidence, values: Floats, most: int) -> Rows:
    """Return the cuts that the values of the columns violate, the most violated first, `most` at most."""
    cell = sum_by(meets.head_cell, values[program.head_column], len(meets.cell_part))
    into = values[program.tail_column]
    opening = np.minimum(meets.gate_columns @ values, 1.0)
    by_gate = sum_by(owners(meets.pair_tail_start), into[meets.pair_tail], len(meets.pair_gate))
    worth = np.flatnonzero((by_gate > VIOLATED) & (opening[meets.pair_gate] < 1.0 - VIOLATED))
    if not len(worth):
        return no_rows(program.model.matrix.shape[1])
    cells, owner = _cells_of(meets, worth)
    beyond = cell[cells] - opening[meets.pair_gate[worth]][owner]
    above = np.bincount(owner, meets.cell_part[cells] * np.maximum(beyond, 0.0), len(worth))
    total = sum_by(program.legs.tail.node, into, len(meets.tail_start) - 1)
    violation = above - (total[meets.pair_node] - by_gate)[worth]
    bad = np.flatnonzero(violation > VIOLATED)
    bad = bad[np.argsort(-violation[bad], kind="stable")[:most]]
    pairs = worth[bad]
    cells, owner = _cells_of(meets, pairs)
    chosen = cell[cells] > opening[meets.pair_gate[pairs]][owner]
    return pair_cut_rows(program, meets, pairs, cells[chosen], owner[chosen])


def _cells_of(meets: Incidence, pairs: Ids) -> tuple[Ids, Ids]:
    """Cells of the pairs' nodes, and the position of the pair that each is listed for."""
    node = meets.pair_node[pairs]
    return positions(meets.cell_start, node), np.repeat(
        np.arange(len(pairs)), np.diff(meets.cell_start)[node]
    )


def pair_cut_rows(program: LegProgram, meets: Incidence, pairs: Ids, cells: Ids, owner: Ids) -> Rows:
    """Write the cut of each pair for a set of cells, scaled to 1 for the gate.

    Parameters
    ----------
    cells, owner : int64, shape (k,)
        Cells of the sets, and the position of the pair that each is of, ascending; every pair has some.
    """
    size = np.bincount(owner, meets.cell_part[cells], len(pairs))
    heads = np.diff(meets.cell_head_start)[cells]
    node = meets.pair_node[pairs]
    tails = positions(meets.tail_start, node)
    tail_owner = np.repeat(np.arange(len(pairs)), np.diff(meets.tail_start)[node])
    tail = meets.tail[tails]
    mine = positions(meets.pair_tail_start, pairs)
    mine_owner = np.repeat(np.arange(len(pairs)), np.diff(meets.pair_tail_start)[pairs])
    count = len(program.tail_column)
    other = ~np.isin(tail_owner * count + tail, mine_owner * count + meets.pair_tail[mine])
    gates = meets.gate_columns[meets.pair_gate[pairs]].tocoo()
    row = np.concatenate([np.repeat(owner, heads), tail_owner[other], gates.row])
    column = np.concatenate(
        [
            meets.cell_head[positions(meets.cell_head_start, cells)],
            program.tail_column[tail[other]],
            gates.col,
        ]
    )
    value = np.concatenate(
        [
            np.repeat(meets.cell_part[cells] / size[owner], heads),
            -1.0 / size[tail_owner[other]],
            -np.ones(len(gates.row)),
        ]
    )
    shape = (len(pairs), program.model.matrix.shape[1])
    sets = np.split(cells, np.searchsorted(owner, np.arange(1, len(pairs) + 1)))[:-1]
    source = [PairCut(pair, chosen) for pair, chosen in zip(pairs.tolist(), sets, strict=True)]
    return Rows(sparse.csr_array((value, (row, column)), shape=shape), np.zeros(len(pairs)), source)
