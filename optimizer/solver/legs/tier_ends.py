r"""Tiers by their ends, for linear programs: two columns per tier, and none of the rows that tie them.

In a linear relaxation, :math:`l_t w_t \le u_t \le L_t w_t` is the cone of a tier charged at its lower end and
one charged at its upper end. With :math:`p_t, q_t \ge 0` for these two,

.. math:: w_t = p_t + q_t, \qquad u_t = l_t p_t + L_t q_t

says the same without the two rows of every tier: nearly half of the rows of a program over legs.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.matrix import LinearModel

__all__ = ["TierEnds", "by_tier_ends"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TierEnds:
    """A linear relaxation over ends of tiers, and the way between its columns and those of the program.

    Attributes
    ----------
    model
        The relaxation: `p_t` stands in the place of `w_t`, `q_t` in that of `u_t`.
    columns : sparse, shape (columns, columns)
        `T` in ``v = T v'``, where `v` are columns of the program and `v'` those of the relaxation.
    """

    model: LinearModel
    columns: sparse.csr_array

    def values(self, found: Floats) -> Floats:
        """Values of the program's columns."""
        values: Floats = self.columns @ found
        return values

    def rows(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """Rows over the program's columns as rows over those of the relaxation."""
        return sparse.csr_array(matrix @ self.columns)


def by_tier_ends(model: LinearModel, tier_from: Floats, tier_to: Floats) -> TierEnds:
    """Write a model's linear relaxation over the ends of its tiers.

    Parameters
    ----------
    model
        With the families of rows that `optimizer.problem.matrix.linear_model` writes.
    tier_from, tier_to : float64, shape (tiers,)
        `l_t` and `L_t`.
    """
    charged, width = model.columns["u"], model.matrix.shape[1]
    active = np.arange(model.columns["w"].start, model.columns["w"].stop)
    at_upper = active + len(active)
    diagonal = np.ones(width)
    diagonal[charged] = tier_to
    across = (np.concatenate([active, at_upper]), np.concatenate([at_upper, active]))
    others = sparse.csr_array(
        (np.concatenate([np.ones(len(active)), tier_from]), across), shape=(width, width)
    )
    columns = sparse.csr_array(sparse.diags_array(diagonal) + others)
    kept = np.ones(model.matrix.shape[0], dtype=bool)
    for family in ("tier_from", "tier_to"):
        kept[model.rows[family]] = False
    upper = model.upper.copy()
    upper[charged] = 1.0
    relaxed = replace(
        model,
        cost=columns.T @ model.cost,
        upper=upper,
        integer=np.zeros(width, dtype=bool),
        matrix=sparse.csr_array(model.matrix[kept] @ columns),
        row_lower=model.row_lower[kept],
        row_upper=model.row_upper[kept],
    )
    return TierEnds(relaxed, columns)
