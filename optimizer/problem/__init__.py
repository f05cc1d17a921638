"""The canonical options × resources problem: build, check, evaluate a plan on it, reduce, export."""

from optimizer.problem.builder import Built, ProblemBuilder
from optimizer.problem.evaluate import Evaluation, evaluate
from optimizer.problem.export import write_problem
from optimizer.problem.problem import Problem
from optimizer.problem.reduction import Reduction, reduce_problem
from optimizer.problem.validate import validate_problem

__all__ = [
    "Built",
    "Evaluation",
    "Problem",
    "ProblemBuilder",
    "Reduction",
    "evaluate",
    "reduce_problem",
    "validate_problem",
    "write_problem",
]
