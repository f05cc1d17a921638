"""Cost and feasibility of a plan, recomputed from the arrays alone, without any solver."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions, sum_by

__all__ = ["Evaluation", "Plan", "Violation", "evaluate", "measure_supply", "measure_use", "site_supply"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Plan(Protocol):
    """What `evaluate` reads of a plan; the solver's `Decisions` are one."""

    @property
    def option(self) -> Ids: ...  # noqa: D102
    @property
    def share(self) -> Floats: ...  # noqa: D102
    @property
    def size(self) -> Ids: ...  # noqa: D102
    @property
    def gate(self) -> Bools: ...  # noqa: D102
    @property
    def module(self) -> Ids: ...  # noqa: D102
    @property
    def tier(self) -> Ids: ...  # noqa: D102
    @property
    def tier_level(self) -> Floats: ...  # noqa: D102
    @property
    def overflow(self) -> Floats: ...  # noqa: D102


@dataclass(frozen=True)
class Violation:
    """A constraint that the plan breaks: its family, the item of the family, and by how much.

    Families: `domain`, `row`, `single_source`, `link`, `gate_site`, `supply`, `tier`, `rule`.
    """

    family: str
    item: int
    excess: float


@dataclass(frozen=True)
class Evaluation:
    """Objective, its parts (they add up to it) and every violation beyond the tolerance."""

    objective: float
    parts: dict[str, float]
    violations: tuple[Violation, ...]

    @property
    def feasible(self) -> bool:
        """True when nothing is violated beyond the tolerance."""
        return not self.violations


def evaluate(problem: Problem, plan: Plan, *, tolerance: float = 1e-6) -> Evaluation:
    r"""Recompute the cost of a plan and check every constraint family.

    Parameters
    ----------
    problem
        The canonical problem.
    plan
        Options with shares, sizes, gates, modules, tiers with levels, overflow.
    tolerance
        Largest violation that counts as none, relative to `max(1, |right-hand side|)`.

    Returns
    -------
    Evaluation
        Parts `option`, `size`, `gate`, `module`, `tier`, `overflow` and `constant`.
    """
    size, tier = plan.size[plan.size >= 0], plan.tier[plan.tier >= 0]
    parts = {
        "option": float(problem.option_cost[plan.option] @ plan.share),
        "size": float(problem.size_cost[size].sum()),
        "gate": float(problem.gate_fee[plan.gate].sum()),
        "module": float(problem.module_cost @ plan.module),
        "tier": float(
            problem.tier_fixed[tier].sum() + problem.tier_unit_cost[tier] @ plan.tier_level[plan.tier >= 0]
        ),
        "overflow": float(problem.overflow_price @ plan.overflow),
        "constant": problem.constant,
    }
    families = {
        "domain": _domain_excess(problem, plan),
        "row": _row_excess(problem, plan),
        "single_source": _single_source_excess(problem, plan),
        "link": _link_excess(problem, plan),
        "gate_site": _gate_site_excess(problem, plan),
        "supply": _supply_excess(problem, plan),
        "tier": _tier_excess(problem, plan),
        "rule": _rule_excess(problem, plan),
    }
    violations = tuple(
        Violation(family, int(item), float(excess[item]))
        for family, excess in families.items()
        for item in np.flatnonzero(~(excess <= tolerance))
    )
    return Evaluation(float(sum(parts.values())), parts, violations)


def measure_use(problem: Problem, option: Ids, share: Floats) -> Floats:
    """Use of every measure, `Σ_j a_jq x_j`, shape (measures,)."""
    where = positions(problem.option_use_start, option)
    counts = problem.option_use_start[option + 1] - problem.option_use_start[option]
    amount = problem.option_use_amount[where] * np.repeat(share, counts)
    return sum_by(problem.option_use_measure[where], amount, problem.n_measures)


def site_supply(problem: Problem, size: Ids) -> Floats:
    """Standing supply and that of open sizes, `b_q + Σ k_sq y_s`, shape (measures,)."""
    where = positions(problem.size_supply_start, size)
    measure, amount = problem.size_supply_measure[where], problem.size_supply_amount[where]
    return problem.measure_supply + sum_by(measure, amount, problem.n_measures)


def measure_supply(problem: Problem, size: Ids, module: Ids) -> Floats:
    """Supply of every measure, `b_q + Σ k_sq y_s + Σ k_kq n_k`, shape (measures,); `size` lists open ones."""
    count = np.repeat(module, np.diff(problem.module_supply_start))
    by_module = sum_by(
        problem.module_supply_measure, problem.module_supply_amount * count, problem.n_measures
    )
    return site_supply(problem, size) + by_module


def resource_of_measure(problem: Problem) -> Ids:
    """Resource of each measure, shape (measures,)."""
    return np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))


def row_of_option(problem: Problem, option: Ids) -> Ids:
    """Row of each of the given options."""
    return (np.searchsorted(problem.row_start, option, side="right") - 1).astype(np.int64)


def _domain_excess(problem: Problem, plan: Plan) -> Floats:
    """Shapes, index ranges and signs: one entry per kind of variable, infinite where it is unsound."""
    sizes, tiers = problem.site_start, problem.tier_start
    site_open, tiered = plan.size >= 0, plan.tier >= 0
    limit = problem.module_limit
    with np.errstate(invalid="ignore"):
        overflow_bad = np.any(
            (plan.overflow < 0) | ~(plan.overflow <= problem.overflow_limit * (1 + 1e-9) + 1e-9)
        )
    bad: list[bool | np.bool_] = [
        np.any(np.diff(plan.option) <= 0)
        or np.any(plan.option < 0)
        or np.any(plan.option >= problem.n_options),
        np.any(~(plan.share > 0.0) | (plan.share > 1.0 + 1e-9)),
        np.any(site_open & ((plan.size < sizes[:-1]) | (plan.size >= sizes[1:]))),
        len(plan.gate) != problem.n_gates,
        np.any((plan.module < 0) | (plan.module > limit)),
        np.any(tiered & ((plan.tier < tiers[:-1]) | (plan.tier >= tiers[1:]))),
        np.any(~(plan.tier_level >= 0.0) | (~tiered & (plan.tier_level != 0.0))),
        overflow_bad,
    ]
    return np.where(np.array(bad, dtype=bool), np.inf, 0.0)


def _row_excess(problem: Problem, plan: Plan) -> Floats:
    """`|Σ_j x_ij − 1|` of every row."""
    row = row_of_option(problem, plan.option)
    return np.abs(sum_by(row, plan.share, problem.n_rows) - 1.0)


def _single_source_excess(problem: Problem, plan: Plan) -> Floats:
    """Options beyond one in rows that are single sourced."""
    row = row_of_option(problem, plan.option)
    return np.where(problem.row_single, np.bincount(row, minlength=problem.n_rows) - 1.0, 0.0)


def _link_excess(problem: Problem, plan: Plan) -> Floats:
    """Largest share that passes a closed gate, per gate."""
    excess = np.zeros(problem.n_gates)
    counts = problem.option_gate_start[plan.option + 1] - problem.option_gate_start[plan.option]
    gate = problem.option_gate[positions(problem.option_gate_start, plan.option)]
    np.maximum.at(excess, gate, np.repeat(plan.share, counts))
    return np.where(plan.gate, 0.0, excess)


def _gate_site_excess(problem: Problem, plan: Plan) -> Floats:
    """1 where an open gate stands under a site and none of its sizes is open."""
    is_open = np.zeros(problem.n_sizes, dtype=bool)
    is_open[plan.size[plan.size >= 0]] = True
    gate = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
    admitted = sum_by(gate, is_open[problem.gate_size], problem.n_gates) > 0
    under_site = np.diff(problem.gate_size_start) > 0
    return np.where(plan.gate & under_site & ~admitted, 1.0, 0.0)


def _supply_excess(problem: Problem, plan: Plan) -> Floats:
    """Use beyond supply of every measure, relative to `max(1, supply)`."""
    resource = resource_of_measure(problem)
    supply = measure_supply(problem, plan.size[plan.size >= 0], plan.module)
    supply += plan.tier_level[resource] + plan.overflow[resource]
    return (measure_use(problem, plan.option, plan.share) - supply) / np.maximum(1.0, supply)


def _tier_excess(problem: Problem, plan: Plan) -> Floats:
    """Distance of the charged quantity from its tier's range, relative to `max(1, L_t)`."""
    tiered = plan.tier >= 0
    excess = np.zeros(problem.n_resources)
    tier, level = plan.tier[tiered], plan.tier_level[tiered]
    end = problem.tier_to[tier]
    excess[tiered] = np.maximum(problem.tier_from[tier] - level, level - end) / np.maximum(1.0, end)
    return excess


def _rule_excess(problem: Problem, plan: Plan) -> Floats:
    """Distance of every rule from its limits, relative to `max(1, |limit|)`."""
    is_open = np.zeros(problem.n_sizes)
    is_open[plan.size[plan.size >= 0]] = 1.0
    variable = np.concatenate([is_open, plan.gate.astype(np.float64), plan.module.astype(np.float64)])
    rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
    value = sum_by(rule, problem.rule_coefficient * variable[problem.rule_index], problem.n_rules)
    lower, upper = problem.rule_lower, problem.rule_upper
    below = np.where(np.isfinite(lower), lower - value, -np.inf) / np.maximum(1.0, _magnitude(lower))
    above = np.where(np.isfinite(upper), value - upper, -np.inf) / np.maximum(1.0, _magnitude(upper))
    return np.maximum(below, above)


def _magnitude(values: Floats) -> Floats:
    return np.where(np.isfinite(values), np.abs(values), 1.0)
