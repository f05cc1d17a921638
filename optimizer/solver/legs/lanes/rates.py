r"""What supply costs by the unit where lanes are used as in a mean: slope scaling of their fixed costs.

A linear program that buys a tenth of a container for a tenth of its cost sends goods by every lane. At

.. math:: \pi_l = S_l(u_l) / u_l

with `u_l` what the dual method uses of lane `l` in the mean, it keeps to the lanes that are worth opening
(D. Kim, P. Pardalos, "A solution approach to the fixed charge network flow problem using a dynamic slope
scaling procedure", Operations Research Letters 24 (1999), 195-203).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.cut_out import Part
from optimizer.problem.entries import owner
from optimizer.problem.evaluate import resource_of_measure
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.lanes.supply import supply_cost
from optimizer.solver.legs.program import LegProgram

__all__ = ["SupplyRates", "excess_of_tiers", "rates_of_use", "with_rates"]

Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]

LEAST_PART = 0.3
"""Part of its smallest module, or of the start of its last tier, that a lane is taken to carry at least."""

IDLE_PART = 1e-3
"""Part of the same up to which a lane is idle."""

ROUNDING = 1e-9
"""Part of the end of a tier by which rounding may pass it."""


@dataclass(frozen=True, eq=False)
class SupplyRates:
    """Costs in the place of a problem's own.

    Attributes
    ----------
    module, tier : float64, shapes (modules,) and (tiers,)
        Cost of a module, and of a unit in a tier.
    free : bool, shape (gates,)
        Gates whose fee is part of these costs.
    idle : bool, shape (resources,)
        Lanes that are hardly used in the mean; plans do without them at first.
    """

    module: Floats
    tier: Floats
    free: Bools
    idle: Bools

    def of_part(self, part: Part) -> "SupplyRates":
        """The rates of a part of the problem."""
        return SupplyRates(
            self.module[part.module], self.tier[part.tier], self.free[part.gate], self.idle[part.resource]
        )

    @property
    def with_all_lanes(self) -> "SupplyRates":
        """The same with no lane idle."""
        return replace(self, idle=np.zeros_like(self.idle))

    def within(self, problem: Problem, option: Bools) -> Bools:
        """Options among some that use no idle lane; all of these if a row were left without one."""
        using = option.copy()
        idle = self.idle[resource_of_measure(problem)[problem.option_use_measure]]
        using[owner(problem.option_use_start)[idle]] = False
        return using if np.all(np.logical_or.reduceat(using, problem.row_start[:-1])) else option


def rates_of_use(problem: Problem, relaxation: LaneRelaxation, use: Floats) -> SupplyRates:
    """Rates of supply where lanes are used so much.

    Parameters
    ----------
    use : float64, shape (lanes,)
        At the weights of the relaxation.
    """
    lanes, weight = relaxation.lanes, relaxation.lane_weight
    pieces = relaxation.current.pieces
    module, tier = problem.module_cost.copy(), problem.tier_unit_cost.copy()
    free, idle = np.zeros(problem.n_gates, dtype=bool), np.zeros(problem.n_resources, dtype=bool)
    for lane in np.flatnonzero(lanes.resource >= 0).tolist():
        resource, gate = int(lanes.resource[lane]), int(lanes.gate[lane])
        modules = np.arange(problem.module_start[resource], problem.module_start[resource + 1])
        tiers = np.arange(problem.tier_start[resource], problem.tier_start[resource + 1])
        measures = np.arange(problem.resource_start[resource], problem.resource_start[resource + 1])
        supply = np.array([_supplied(problem, int(k), weight) for k in modules])
        unit = float(weight[measures].sum())
        last = unit * problem.tier_from[tiers].max(initial=0.0)
        whole = supply[supply > 0.0].min(initial=np.inf) if len(modules) else last
        idle[resource] = use[lane] <= (IDLE_PART * whole if np.isfinite(whole) else 0.0)
        carried = max(float(use[lane]), LEAST_PART * float(whole))
        if not 0.0 < carried < np.inf:
            continue
        fee = float(problem.gate_fee[gate]) if gate >= 0 else 0.0
        rate = (fee + supply_cost(pieces, lane, carried)) / carried
        module[modules] = np.maximum(module[modules], rate * supply)
        tier[tiers] = np.maximum(tier[tiers], rate * unit)
        free[gate if gate >= 0 else slice(0)] = True
    return SupplyRates(module, tier, free, idle)


def with_rates(program: LegProgram, rates: SupplyRates) -> LegProgram:
    """Return the program with these costs; its values are values of the program's own columns."""
    model = program.model
    cost = model.cost.copy()
    cost[model.columns["n"]] = rates.module
    cost[model.columns["u"]] = rates.tier
    gate = model.gate_column[rates.free]
    cost[gate[gate >= 0]] = 0.0
    return replace(program, model=replace(model, cost=cost))


def excess_of_tiers(program: LegProgram, rates: SupplyRates, values: Floats) -> float:
    r"""What tiers without a rate of their own cost beyond what a relaxation pays for its quantities.

    .. math::

        \sum_r \Big( S_r(u_r) - \sum_{t \in r} (f_t w_t + c_t u_t) \Big), \qquad u_r = \sum_{t \in r} u_t

    A relaxation buys every quantity at the rate of the cheapest tier within reach.

    Parameters
    ----------
    values : float64, shape (columns,)
        Of the relaxation.
    """
    problem, columns = program.smaller, program.model.columns
    resource = owner(problem.tier_start)
    active, charged = values[columns["w"]], values[columns["u"]]
    paid = sum_by(
        resource, problem.tier_fixed * active + problem.tier_unit_cost * charged, problem.n_resources
    )
    quantity = sum_by(resource, charged, problem.n_resources)
    reached = np.maximum(quantity[resource], problem.tier_from)
    within = reached <= problem.tier_to * (1.0 + ROUNDING)
    cost = np.full(problem.n_resources, np.inf)
    np.minimum.at(cost, resource[within], (problem.tier_fixed + problem.tier_unit_cost * reached)[within])
    rated = np.zeros(problem.n_resources, dtype=bool)
    rated[resource[rates.tier != problem.tier_unit_cost]] = True
    counted = np.isfinite(cost) & (quantity > 0.0) & ~rated
    return float(np.maximum(cost - paid, 0.0)[counted].sum())


def _supplied(problem: Problem, module: int, weight: Floats) -> float:
    span = slice(problem.module_supply_start[module], problem.module_supply_start[module + 1])
    return float(weight[problem.module_supply_measure[span]] @ problem.module_supply_amount[span])
