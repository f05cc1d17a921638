r"""Recognise facility location in the canonical problem and lay it out by facility.

.. math:: \min \sum_i f_i y_i + \sum_{ij} d_j u_{ij} x_{ij}, \quad \sum_i x_{ij} = 1,\;
          0 \le x_{ij} \le y_i,\; \sum_j d_j x_{ij} \le Q_i y_i

Each row is a customer `j`, each site with its one size and one gate a facility `i`; each option passes one
gate and takes its row's demand from the capacity of that facility, or nothing where it has none.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.solver.transport import is_transportation

__all__ = ["Location", "as_location"]


@dataclass(frozen=True, eq=False)
class Location:
    """Facility location as dense arrays.

    Attributes
    ----------
    unit : float64, shape (facilities, customers)
        `u_ij`: cost per unit of demand; `inf` where the facility cannot serve the customer.
    demand : float64, shape (customers,)
        `d_j` > 0; all ones without capacities.
    capacity : float64, shape (facilities,)
        `Q_i`, cut to the demand that the facility can reach.
    fixed : float64, shape (facilities,)
        `f_i`.
    need : float64
        Total capacity that every plan opens: total demand, raised to what sums of capacities can be.
    option : int64, shape (facilities, customers)
        The option behind each entry of `unit`, or -1.
    measure : int64, shape (facilities,)
        The measure that is the facility's capacity, or -1.
    constant : float64
        Cost that nothing changes.
    """

    unit: Floats
    demand: Floats
    capacity: Floats
    fixed: Floats
    need: float
    option: Ints
    measure: Ints
    constant: float

    @property
    def shape(self) -> tuple[int, int]:
        """Facilities and customers."""
        return self.unit.shape[0], self.unit.shape[1]


def as_location(problem: Problem) -> Location | None:
    """Return the problem as facility location, or None where it is anything else.

    Examples
    --------
    >>> from optimizer.published.families import facility_location
    >>> location = as_location(facility_location(np.array([5.0, 1.0]), np.array([[1.0, 2.0], [4.0, 4.0]])))
    >>> location.shape, location.need
    ((2, 2), 2.0)
    """
    n_sites = problem.n_sites
    plain = (
        problem.n_rules == 0
        and problem.n_sizes == n_sites == problem.n_gates > 0
        and problem.n_rows > 0
        and bool(np.all(np.diff(problem.site_start) == 1))
        and bool(np.all(np.diff(problem.gate_size_start) == 1))
        and len(np.unique(problem.gate_size)) == n_sites
        and not problem.gate_fee.any()
        and not problem.measure_supply.any()
        and bool(np.all(np.diff(problem.option_gate_start) == 1))
        and is_transportation(problem)
    )
    if not plain:
        return None
    facility = problem.gate_size[problem.option_gate].astype(np.int64)
    measure = _capacities(problem, facility)
    if measure is None:
        return None
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    demand = np.ones(problem.n_rows)
    demand[row[np.diff(problem.option_use_start) == 1]] = problem.option_use_amount
    unit, option = _dense(problem, facility, row, demand)
    supply = np.zeros(max(problem.n_measures, 1))
    np.add.at(supply, problem.size_supply_measure, problem.size_supply_amount)
    reach = np.where(np.isfinite(unit), demand, 0.0).sum(axis=1)
    capacity = np.where(measure >= 0, np.minimum(supply[measure], reach), reach)
    need = _round_up(float(demand.sum()), capacity)
    return Location(unit, demand, capacity, problem.size_cost.copy(), need, option, measure, problem.constant)


def _capacities(problem: Problem, facility: Ints) -> Ints | None:
    """Measure of each facility (-1: uncapacitated); None where they do not match one to one."""
    uses = np.diff(problem.option_use_start) == 1
    measure = np.full(problem.n_sites, -1, dtype=np.int64)
    measure[facility[uses]] = problem.option_use_measure
    if np.any(measure[facility[uses]] != problem.option_use_measure):
        return None
    if np.any(measure[facility[~uses]] >= 0):
        return None
    used = measure[measure >= 0]
    if len(np.unique(used)) != len(used):
        return None
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    if np.any(measure[size] != problem.size_supply_measure):
        return None
    return measure


def _dense(problem: Problem, facility: Ints, row: Ints, demand: Floats) -> tuple[Floats, Ints]:
    """Cheapest cost per unit and its option, by facility and customer."""
    shape = (problem.n_sites, problem.n_rows)
    unit = np.full(shape, np.inf)
    option = np.full(shape, -1, dtype=np.int64)
    dearest_first = np.lexsort((-problem.option_cost,))
    where = (facility[dearest_first], row[dearest_first])
    unit[where] = problem.option_cost[dearest_first] / demand[row[dearest_first]]
    option[where] = dearest_first
    return unit, option


def _round_up(need: float, capacity: Floats) -> float:
    """Raise a need to a multiple of the capacities' common divisor, of which every sum is a multiple.

    >>> _round_up(58_268.0, np.array([8_000.0, 8_000.0]))
    64000.0
    """
    positive: Bools = capacity > 0.0
    values = np.unique(capacity[positive])
    if len(values) == 0 or values[-1] > 1e9 or np.any(values != np.rint(values)):
        return need
    step = float(np.gcd.reduce(values.astype(np.int64)))
    return max(need, step * float(np.ceil(need / step - 1e-9)))
