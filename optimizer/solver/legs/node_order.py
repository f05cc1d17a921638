r"""An order of the nodes in which those that share rows and resources stand near each other.

With `S` the ties between nodes (how many resources their legs may use in common, and how many rows they may
serve in common, each counted the less the more nodes share it), the order is that of the entries of the
vector that minimises

.. math:: \frac{\sum_{ab} S_{ab} (f_a - f_b)^2}{\sum_a s_a f_a^2}, \qquad \sum_a s_a f_a = 0, \quad s = S 1

(M. Fiedler, "A property of eigenvectors of nonnegative symmetric matrices", Czechoslovak Mathematical Journal
25, 1975). Nothing here knows of time; where nodes are coupled from one period to the next, this is its order.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh

from optimizer.problem.entries import owner
from optimizer.problem.legs import Leg, Legs
from optimizer.problem.problem import Problem

__all__ = ["node_order"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

SMALL = 20
"""Nodes up to which all eigenvectors are computed."""


def node_order(problem: Problem, legs: Legs) -> Ids:
    """Order all nodes; nodes that nothing ties to each other stand in blocks."""
    ties = _ties(problem, legs)
    blocks, block = connected_components(ties, directed=False)
    return np.concatenate([_along(ties, np.flatnonzero(block == at)) for at in range(blocks)])


def _ties(problem: Problem, legs: Legs) -> sparse.csr_array:
    nodes = int(legs.head.node.max()) + 1
    resource = owner(problem.resource_start)
    head, tail = _uses(legs.head, resource), _uses(legs.tail, resource)
    used = np.concatenate([head[0], tail[0]]), np.concatenate([head[1], tail[1]])
    ties = _shared(*used, (nodes, problem.n_resources))
    return sparse.csr_array(ties + _shared(legs.head.node, legs.head_row, (nodes, problem.n_rows)))


def _uses(leg: Leg, resource: Ids) -> tuple[Ids, Ids]:
    """Node and resource of everything that legs use."""
    at, place = np.nonzero(leg.measure >= 0)
    return leg.node[at], resource[leg.measure[at, place]]


def _shared(node: Ids, thing: Ids, shape: tuple[int, int]) -> sparse.csr_array:
    """Ties of nodes through things, scaled to one per node on average."""
    met = sparse.csr_array(sparse.coo_array((np.ones(len(node)), (node, thing)), shape=shape))
    met.data[:] = 1.0
    per_thing = np.maximum(met.sum(axis=0), 1.0)
    return sparse.csr_array(met @ sparse.diags_array(1.0 / per_thing) @ met.T) * (shape[0] / max(met.nnz, 1))


def _along(ties: sparse.csr_array, nodes: Ids) -> Ids:
    """Order the nodes of one block by the vector of the module docstring."""
    if len(nodes) < 3:
        return nodes
    own = ties[nodes][:, nodes]
    scale = sparse.diags_array(1.0 / np.sqrt(own.sum(axis=0)))
    scaled = scale @ own @ scale
    if len(nodes) <= SMALL:
        vector = np.linalg.eigh(scaled.toarray())[1][:, -2]
    else:
        value, vectors = eigsh(scaled, k=2, which="LA", v0=np.linspace(1.0, 2.0, len(nodes)))
        vector = vectors[:, int(np.argmin(value))]
    along = np.round(scale @ vector, 9)
    first = along[np.argmax(np.abs(along) > 0)]
    return nodes[np.argsort(along * np.sign(first), kind="stable")]
