"""Problems and programs over legs for tests, and their optima by a solver that knows nothing of legs."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.costing.options import price
from optimizer.network import build
from optimizer.problem.assemble import assemble
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.matrix import LinearModel
from optimizer.scenario.instance import Instance
from optimizer.solver.legs.program import LegProgram, write_program
from tiny_instances import tiny_instance

SEEDS = (0, 2, 5, 7, 10, 14)
"""Random scenarios that have a plan and legs: warehouses in reach, no single sourcing."""


def labelled_of(instance: Instance) -> LabelledProblem:
    """The problem of a scenario, priced over its network."""
    return assemble(instance, price(instance, build(instance)))


def program_of(labelled: LabelledProblem) -> LegProgram:
    """The program over the legs of a problem that has some."""
    assert labelled.legs is not None
    return write_program(labelled.problem, labelled.legs)


def tiny_program(seed: int) -> LegProgram:
    """The program of a random tiny scenario."""
    return program_of(labelled_of(tiny_instance(seed)))


def cheapest(model: LinearModel, tilt: np.ndarray | float = 1.0) -> np.ndarray | None:
    """Column values of a model's optimum under tilted costs, None where it has no solution."""
    answer = milp(
        model.cost * tilt,
        integrality=model.integer,
        bounds=Bounds(model.lower, model.upper),
        constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
    )
    assert answer.status in (0, 2), answer.message
    return answer.x
