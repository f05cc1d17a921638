r"""The linear relaxation of two-stage location with few of its ways and links at a time.

Ways come in when their reduced cost is negative, links ``x_jk ≤ d_k y_j`` when they are violated. The bound
is recomputed from the duals over all ways there are, with every column at the end of its range that suits it:

.. math:: \sum_r b_r \pi_r + \sum_c \min_{l_c \le v_c \le u_c} (c_c - \pi^T A_c) v_c ,

which holds for any duals, so neither missing ways nor tolerances of a solver can spoil it. A. Neumaier, O.
Shcherbina, "Safe bounds in linear and mixed-integer linear programming", Mathematical Programming 99 (2004).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Floats, Ints
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.pool import Pool
from optimizer.solver.legs.two_stage.ways import Ways

__all__ = ["Box", "Duals", "Relaxed", "StageProgram"]

ROUNDING = 1e-12
"""Part of the terms of a bound that may be rounding."""

PART_OF_GAP = 0.02
CLOSE, NEAR = 1e-5, 1e-3
"""Part of the objective by which a bound may be lower for missing ways not to be looked for any more, and for
links to be looked for beside them."""

MOST_SOLVES = 40


@dataclass(frozen=True, eq=False)
class Box:
    """What a node allows: bounds of openings (plants, then satellites) and of how many plants, satellites."""

    lower: Floats
    upper: Floats
    count_lower: Floats
    count_upper: Floats


@dataclass(frozen=True, eq=False)
class Duals:
    """Prices per order, by product: of customers, of bringing one into a satellite, of rooms (≥ 0)."""

    customer: Floats
    into: Floats
    plant_room: Floats
    satellite_room: Floats


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A solved relaxation.

    Attributes
    ----------
    bound : float
        Valid whatever the solver did; −inf where it was cut short.
    opening : float64, shape (plants + satellites,)
        Empty where it was cut short.
    reduced : float64, shape (plants + satellites,)
        Reduced costs of openings.
    duals : Duals or None
        What the bound was recomputed from.
    """

    bound: float
    opening: Floats
    reduced: Floats
    duals: Duals | None = None


class StageProgram:
    """The relaxation; `restrict` it to a node, then `solve`.

    Parameters
    ----------
    stage
        The problem.
    supplied, served
        Flows of a plan, whose ways are there from the beginning.
    seconds, should_stop
        Time left, asked before every solve; polled while the solver runs.
    gap
        Gap that the bound is for.
    """

    def __init__(
        self,
        stage: TwoStage,
        flows: tuple[Floats, Floats],
        seconds: Callable[[], float],
        should_stop: Callable[[], bool],
        gap: float,
    ) -> None:
        self.stage, self._seconds = stage, seconds
        self._close = min(CLOSE, PART_OF_GAP * gap)
        self.ways = Ways(stage, flows)
        self.sites = len(stage.plant) + len(stage.satellite)
        self._load_room = np.concatenate([stage.plant_room.ravel(), stage.satellite_room.ravel()])
        self.width = self.sites + len(self._load_room)
        self._small, self._lower, self._upper = self._rows()
        self.cost = np.concatenate([stage.plant_cost, stage.satellite_cost, np.zeros(len(self._load_room))])
        self.box = Box(
            np.zeros(self.sites), np.ones(self.sites), np.zeros(2),
            np.array([len(stage.plant), len(stage.satellite)], dtype=np.float64),
        )  # fmt: skip
        self._program = LinearProgram(self._model(), should_stop, interior=True)
        self._count_row = self._small.shape[0] - 2
        self.pool = Pool(stage, self._program.rows, self.width)
        self._add_ways(self.ways.first())

    @property
    def solver(self) -> str:
        """Name and version of the solver of linear programs."""
        return self._program.solver

    def restrict(self, box: Box) -> None:
        """Allow what a node allows."""
        changed = np.flatnonzero((box.lower != self.box.lower) | (box.upper != self.box.upper))
        self._program.bound_columns(changed, box.lower[changed], box.upper[changed])
        for k in range(2):
            self._program.bound_row(self._count_row + k, float(box.count_lower[k]), float(box.count_upper[k]))
        self.box = box

    def solve(self, enough: float, flat: float, *, links: bool = True) -> Relaxed:
        """Solve, and bring in ways and links that are missing, until none is or the bound is enough.

        Parameters
        ----------
        enough
            Bound that will do.
        flat
            Part of the bound by which links must raise it for more of them.
        links
            Whether to bring in links.
        """
        best = Relaxed(-np.inf, np.zeros(0), np.zeros(0))
        linked = -np.inf
        for _ in range(MOST_SOLVES):
            answer = self._program.solve(self._seconds())
            if answer.values is None or answer.duals is None:
                break
            duals = self._signed(answer.duals)
            head, tail = self._reduced_ways(duals)
            bound, reduced = self._bound(duals, head, tail)
            if bound > best.bound:
                opening = answer.values[: self.sites]
                best = Relaxed(bound, opening, reduced[: self.sites], self._told(duals))
            if best.bound >= enough:
                break
            missing = self.ways.missing(head, tail)
            off = answer.objective + self.stage.constant - best.bound
            if off > self._close * abs(best.bound) and len(missing):
                self._add_ways(missing)
                if not links or off > NEAR * abs(best.bound):
                    continue
            elif not links or best.bound - linked <= flat * abs(best.bound):
                break
            linked = best.bound
            amount, opening = answer.values[self.width :], answer.values[: self.sites]
            rows = self.pool.violated_links(self.ways, amount, opening, head)
            if rows:
                self.pool.add(rows, self.ways, self._program)
            elif not len(missing):
                break
        return best

    def _add_ways(self, ways: Ints) -> None:
        cost, matrix = self.ways.columns(ways, self._program.rows)
        self._program.add_columns(cost, matrix)
        self.ways.enter(ways, self.width)

    def _rows(self) -> tuple[sparse.csr_array, Floats, Floats]:
        """Base rows over openings, loads: demand, out of, into satellites, out of plants, rooms, counts."""
        stage = self.stage
        products, plants, satellites = stage.first.shape
        demand = stage.demand.size
        out, into = demand, demand + products * satellites
        plant = into + products * satellites
        room = plant + products * plants
        loads = products * (plants + satellites)
        count = room + loads
        load = self.sites + np.arange(loads)
        of_plant, of_satellite = load[: products * plants], load[products * plants :]
        site = np.concatenate(
            [np.tile(np.arange(plants), products), plants + np.tile(np.arange(satellites), products)]
        )
        each = np.arange(products * satellites)
        row = np.concatenate(
            [out + each, into + each, plant + np.arange(products * plants), room + np.arange(loads),
             room + np.arange(loads), np.full(plants, count), np.full(satellites, count + 1)]
        )  # fmt: skip
        column = np.concatenate(
            [
                of_satellite,
                of_satellite,
                of_plant,
                load,
                site,
                np.arange(plants),
                plants + np.arange(satellites),
            ]
        )
        ones = np.ones(len(each))
        value = np.concatenate(
            [-ones, -ones, -np.ones(products * plants), np.ones(loads), -self._load_room,
             np.ones(plants), np.ones(satellites)]
        )  # fmt: skip
        lower, upper = np.zeros(count + 2), np.zeros(count + 2)
        lower[:demand] = upper[:demand] = stage.demand.ravel()
        lower[room:count] = -np.inf
        upper[count:] = plants, satellites
        small = sparse.csr_array((value, (row, column)), shape=(count + 2, self.width))
        return small, lower, upper

    def _model(self) -> LinearModel:
        return LinearModel(
            cost=self.cost,
            offset=0.0,
            lower=np.zeros(self.width),
            upper=np.concatenate([np.ones(self.sites), self._load_room]),
            integer=np.zeros(self.width, dtype=np.bool_),
            matrix=self._small,
            row_lower=self._lower,
            row_upper=self._upper,
            columns={},
            rows={},
            gate_column=np.zeros(0, dtype=np.int64),
        )

    def _signed(self, duals: Floats) -> Floats:
        """Duals without those that rounding gave the wrong sign."""
        signed = duals.copy()
        base = len(self._lower)
        signed[:base] = np.where(np.isneginf(self._lower), np.minimum(signed[:base], 0.0), signed[:base])
        signed[base:] = np.minimum(signed[base:], 0.0)
        return signed

    def _told(self, duals: Floats) -> Duals:
        """The prices that duals of base rows stand for: a room's is what its site adds to an order."""
        stage = self.stage
        products, plants, satellites = stage.first.shape
        ends = np.cumsum([stage.demand.size, *[products * satellites] * 2, products * plants])
        customer, out, into, plant, _ = np.split(duals, ends)
        return Duals(
            customer.reshape(products, -1),
            into.reshape(products, satellites),
            np.maximum(-plant, 0.0).reshape(products, plants),
            np.maximum(-out - into, 0.0).reshape(products, satellites),
        )

    def _reduced_ways(self, duals: Floats) -> tuple[Floats, Floats]:
        """Reduced costs of all ways, whether they are there or not."""
        head, tail = self.ways.reduced(duals)
        self.pool.charge_links(duals, head, tail)
        return head, tail

    def _bound(self, duals: Floats, head: Floats, tail: Floats) -> tuple[float, Floats]:
        """The bound that duals prove within the box, and the reduced costs of openings and loads."""
        base, box, stage = len(self._lower), self.box, self.stage
        reduced = self.cost - self._small.T @ duals[:base] - self.pool.small().T @ duals[base:]
        lower, upper = self._lower.copy(), self._upper.copy()
        lower[self._count_row :], upper[self._count_row :] = box.count_lower, box.count_upper
        side = np.where(duals[:base] > 0.0, np.where(np.isneginf(lower), 0.0, lower), upper)
        low = np.concatenate([box.lower, np.zeros(len(self._load_room))])
        high = np.concatenate([box.upper, self._load_room])
        terms = [
            side * duals[:base],
            self.pool.upper * duals[base:],
            np.where(reduced > 0.0, low, high) * reduced,
            self.ways.least(head, tail),
        ]
        total = sum(float(term.sum()) for term in terms)
        magnitude = sum(float(np.abs(term).sum()) for term in terms)
        return total + stage.constant - ROUNDING * magnitude, reduced
