"""An independent PuLP formulation of the whole decision: the oracle of the canonical problem."""

from optimizer.reference.formulation import build_reference, solve_reference
from optimizer.reference.result import ReferenceResult, ReferenceStatus

__all__ = ["ReferenceResult", "ReferenceStatus", "build_reference", "solve_reference"]
