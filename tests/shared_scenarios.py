"""Tiny scenarios with four firms that share freight and warehouses, and their cost games by brute force."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.alliance.game import CostGame
from optimizer.alliance.member_problem import MemberProblem, coalition_problem
from optimizer.pipeline import build
from optimizer.problem.matrix import linear_model
from optimizer.problem.problem import Problem
from optimizer.scenario.instance import Instance
from optimizer.study.alliance import member_problem
from tiny_instances import tiny_instance

OWN = {"members": "member", "products": "member", "member_sites": "member"}


def four_firms(seed: int, features: frozenset[str], freight: float = 1.0) -> MemberProblem:
    """Return the members' problem of a random tiny scenario in which each firm has a double of other size.

    `freight` multiplies freight rates; dear freight makes parcels, and so promises of days, matter.
    """
    instance = tiny_instance(seed, features)
    rates = instance["freight_rates"]
    dearer = {"freight_rates": rates.assign(amount=rates["amount"] * freight)}
    instance = replace(instance, tables=dict(instance.tables) | dearer)
    random = np.random.default_rng([5, seed])
    return member_problem(build(_doubled(instance, random)))


def _doubled(instance: Instance, random: np.random.Generator) -> Instance:
    tables = dict(instance.tables)
    for name, column in OWN.items():
        table = tables[name]
        again = table.assign(**{column: table[column] + "-2"})
        if name == "products":
            again["product"] += "-2"
        tables[name] = pd.concat([table, again], ignore_index=True)
    for name in ("demand", "order_mix"):
        again = tables[name].assign(product=tables[name]["product"] + "-2")
        if name == "demand":
            again["orders"] = np.round(again["orders"] * random.uniform(0.3, 1.5, len(again)))
        tables[name] = pd.concat([tables[name], again], ignore_index=True)
    return replace(instance, tables=tables)


def game_by_brute_force(members: MemberProblem) -> CostGame:
    """Solve every coalition's own problem to the end."""
    coalitions = range(1, 1 << members.n)
    costs = [optimum(coalition_problem(members, mask).problem) for mask in coalitions]
    return CostGame.from_values([0.0, *costs], members.players)


def optimum(problem: Problem) -> float:
    """Return the optimum of a problem by a plain solve of its whole program, inf where there is no plan."""
    model = linear_model(problem)
    found = milp(
        model.cost,
        constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
        bounds=Bounds(model.lower, model.upper),
        integrality=model.integer.astype(int),
        options={"mip_rel_gap": 1e-9},
    )
    assert found.status in (0, 2), found.message
    return float(found.fun + model.offset) if found.status == 0 else float("inf")
