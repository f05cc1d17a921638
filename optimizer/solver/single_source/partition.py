"""The linear program over packings: every row in one, one per site; columns and cuts come when needed."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.backends.linear import LinearAnswer, LinearProgram
from optimizer.solver.single_source.arrays import Data
from optimizer.solver.single_source.triples import coefficients

__all__ = ["Partition", "packing_costs"]


class Partition:
    """Packings in a linear program; a dear column per row and site stands for what they leave unserved.

    Attributes
    ----------
    packed : bool, shape (packings, rows)
    site : int64, shape (packings,)
        Position of the packing's site among `sites`.
    triple : int64, shape (cuts, 3)

    Parameters
    ----------
    data
        The problem.
    sites
        Sites that are open.
    dear
        Cost of leaving a row or a site out.
    should_stop
        Polled while the simplex method runs.
    """

    def __init__(self, data: Data, sites: Ints, dear: float, should_stop: Callable[[], bool]) -> None:
        self._data, self._sites = data, sites
        self.rows, self.n_sites = data.cost.shape[1], len(sites)
        self.packed = np.zeros((0, self.rows), dtype=bool)
        self.site = np.zeros(0, dtype=np.int64)
        self.triple = np.zeros((0, 3), dtype=np.int64)
        both = self.rows + self.n_sites
        self._dear = both
        matrix = sparse.csr_array(sparse.eye_array(both, format="csr"))
        self._program = LinearProgram(_model(np.full(both, dear), matrix), should_stop)

    def add_packings(self, packed: Bools, site: Ints) -> None:
        """Add packings as columns."""
        blocks = [_incidence(packed, site, self.n_sites), coefficients(packed, self.triple)]
        matrix = sparse.csc_array(np.concatenate(blocks, axis=1).T)
        self._program.add_columns(packing_costs(self._data, self._sites, packed, site), matrix)
        self.packed = np.concatenate([self.packed, packed])
        self.site = np.concatenate([self.site, site])

    def add_cuts(self, triple: Ints) -> None:
        """Add cuts on triples of rows."""
        held = coefficients(self.packed, triple).T
        matrix = sparse.csr_array(np.concatenate([np.zeros((len(triple), self._dear)), held], axis=1))
        self._program.add(matrix, np.ones(len(triple)))
        self.triple = np.concatenate([self.triple, triple])

    def solve(self, seconds: float) -> LinearAnswer:
        """Solve over the packings so far; the values are those of the packings only."""
        answer = self._program.solve(seconds)
        values = None if answer.values is None else answer.values[self._dear :]
        return answer._replace(values=values)


def packing_costs(data: Data, sites: Ints, packed: Bools, site: Ints) -> Floats:
    """Fixed cost and costs of service of packings, shape (packings,)."""
    services = np.where(packed, data.cost[sites[site]], 0.0).sum(axis=1)
    return np.asarray(data.fixed[sites[site]] + services, dtype=np.float64)


def _incidence(packed: Bools, site: Ints, n_sites: int) -> Floats:
    """Rows and site of each packing, shape (packings, rows + sites)."""
    own = (site[:, None] == np.arange(n_sites)).astype(np.float64)
    return np.concatenate([packed.astype(np.float64), own], axis=1)


def _model(cost: Floats, matrix: sparse.csr_array) -> LinearModel:
    """Return the program ``min cost·v : matrix·v = 1, v ≥ 0``."""
    n, side = len(cost), np.ones(matrix.shape[0])
    return LinearModel(
        cost, 0.0, np.zeros(n), np.full(n, np.inf), np.zeros(n, dtype=bool), matrix, side, side.copy(),
        {}, {}, np.zeros(0, dtype=np.int64),
    )  # fmt: skip
