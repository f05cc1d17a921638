"""What was decided beside the flows: openings, containers, and what is charged beyond them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.problem.labels import LabelledProblem
from optimizer.solver.solution import Decisions

__all__ = ["Readout", "read_decisions"]

CONTAINERS = {"20GP": "containers_20gp", "40GP": "containers_40gp", "40HQ": "containers_40hq"}


@dataclass(frozen=True, eq=False)
class Readout:
    """Decisions in the words of the business.

    Attributes
    ----------
    openings
        site, owner, size, opens and the other columns of `Supply.openings`.
    containers
        Index lane_period; a count per container type, and ``cost_containers``.
    charges
        One line per resource: its labels, ``charged`` (quantity in the active tier or bought as overflow) and
        ``charge`` (money).
    """

    openings: pd.DataFrame
    containers: pd.DataFrame
    charges: pd.DataFrame


def read_decisions(labelled: LabelledProblem, decisions: Decisions) -> Readout:
    """Read openings, containers and charges from the decisions of a solve."""
    problem, labels = labelled.problem, labelled.labels
    opened = decisions.size[decisions.size >= 0]
    tier = np.maximum(decisions.tier, 0)
    tiered = decisions.tier >= 0
    charge = problem.overflow_price * decisions.overflow
    if problem.n_tiers:
        charge += tiered * (problem.tier_fixed[tier] + problem.tier_unit_cost[tier] * decisions.tier_level)
    charged = decisions.overflow + np.where(tiered, decisions.tier_level, 0.0)
    return Readout(
        openings=labels.sizes.iloc[opened].reset_index(drop=True),
        containers=_containers(labels.modules, decisions.module, problem.module_cost),
        charges=labels.resources.assign(charged=charged, charge=charge),
    )


def _containers(
    modules: pd.DataFrame, count: npt.NDArray[np.int64], cost: npt.NDArray[np.float64]
) -> pd.DataFrame:
    used = modules.assign(count=count, cost_containers=cost * count)
    table = pd.DataFrame({"cost_containers": used.groupby("lane_period")["cost_containers"].sum()})
    for container, column in CONTAINERS.items():
        table[column] = used[used["container"] == container].groupby("lane_period")["count"].sum()
    return table.fillna(0.0)
