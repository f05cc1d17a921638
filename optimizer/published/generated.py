"""Instances made by published recipes, called by name: ``generated/cornuejols-1000x1000-r5-1``."""

import re
from dataclasses import dataclass

import numpy as np

from optimizer.errors import Fault, InputError
from optimizer.problem import Problem
from optimizer.problem.legs import Legs
from optimizer.published.alliance_family import ALLIANCE_SIZES, alliance_over_legs, alliance_problem
from optimizer.published.families import facility_location

__all__ = ["Generated", "beasley", "cornuejols", "find_generated"]

_NAMES = (
    "generated/alliance-<S|M|L|XL>[-<seed>], generated/cornuejols-<facilities>x<customers>-r<ratio>-<k>, "
    "generated/beasley-<facilities>x<customers>-p<open>-<seed>"
)


@dataclass(frozen=True)
class Generated:
    """An instance that is made, not read; it has no published value."""

    name: str
    best: None = None

    def load_over_legs(self) -> tuple[Problem, Legs | None]:
        """Make the instance, with the legs of its options where stock may be sent ahead.

        Without that an option has hardly more pairs than legs.
        """
        family, size, *rest = self.name.removeprefix("generated/").split("-")
        if family == "alliance" and ALLIANCE_SIZES[size].ahead:
            return alliance_over_legs(size, int(rest[0]) if rest else 0)
        return self.load(), None

    def load(self) -> Problem:
        """Make the instance."""
        family, size, *rest = self.name.removeprefix("generated/").split("-")
        if family == "alliance":
            return alliance_problem(size, int(rest[0]) if rest else 0)
        facilities, customers = (int(part) for part in size.split("x"))
        parameter, number = float(rest[0][1:]), int(rest[1])
        if family == "cornuejols":
            return cornuejols(facilities, customers, parameter, number)
        return beasley(facilities, customers, int(parameter), number)


def find_generated(names: tuple[str, ...]) -> list[Generated]:
    """Check names of generated instances.

    Raises
    ------
    InputError
        A name does not follow the pattern of its family.
    """
    sizes = "|".join(ALLIANCE_SIZES)
    pattern = re.compile(
        rf"generated/(alliance-({sizes})(-\d+)?|cornuejols-\d+x\d+-r[\d.]+-\d+|beasley-\d+x\d+-p\d+-\d+)"
    )
    faults = [
        Fault("--only", name, "no family is called like this.", f"Known patterns: {_NAMES}.")
        for name in names
        if not pattern.fullmatch(name)
    ]
    if faults:
        raise InputError(faults)
    return [Generated(name) for name in names]


def cornuejols(facilities: int, customers: int, ratio: float, number: int = 1) -> Problem:
    r"""Capacitated location by the recipe of Cornuejols, Sridharan and Thizy (1991), EJOR 50, 280-297.

    Points uniform in the unit square; demand U[5, 35]; capacity U[10, 160]; fixed cost
    `U[100, 110] √capacity + U[0, 90]`, truncated; then capacities scaled to `ratio` times the demand and
    truncated; cost `10 · distance · demand`, truncated. Seeds and order of draws as in the FrontierCO
    collection (``RandomState(42 + number - 1)``).

    Examples
    --------
    >>> cornuejols(5, 4, 2.0).size_cost.tolist()
    [855.0, 549.0, 862.0, 1162.0, 833.0]
    """
    random = np.random.RandomState(42 + number - 1)
    customer = np.column_stack([random.rand(customers), random.rand(customers)])
    facility = np.column_stack([random.rand(facilities), random.rand(facilities)])
    demand = random.randint(5, 36, size=customers).astype(np.float64)
    capacity = random.randint(10, 161, size=facilities).astype(np.float64)
    fixed = random.randint(100, 111, size=facilities) * np.sqrt(capacity)
    fixed = np.trunc(fixed + random.randint(91, size=facilities))
    capacity = np.trunc(capacity * ratio * demand.sum() / capacity.sum())
    distance = np.linalg.norm(facility[:, None] - customer[None], axis=2)
    return facility_location(fixed, np.trunc(10.0 * distance * demand), demand, capacity)


def beasley(facilities: int, customers: int, opened: int, seed: int = 0) -> Problem:
    r"""Capacitated location in the manner of Beasley's capa-capc (1988), EJOR 33, 314-325.

    Points uniform in a square of side 1000; demand U[1, 100]; cost `distance · demand · U[1, 1.25]`. The
    fixed cost is `(D₂ − D₁)/2 · U[0.75, 1.25]`, where `D₁` is the cost of assigning all to the nearest of
    `opened + 1` random sites and `D₂` the same without two of them. Equal capacities of 1.6 times the
    demand per opened site.
    """
    random = np.random.default_rng([1988, seed])
    customer, facility = random.random((customers, 2)) * 1000.0, random.random((facilities, 2)) * 1000.0
    demand = random.integers(1, 101, customers).astype(np.float64)
    distance = np.linalg.norm(facility[:, None] - customer[None], axis=2)
    cost = distance * demand * random.uniform(1.0, 1.25, distance.shape)
    chosen = random.permutation(facilities)[: opened + 1]
    first, second = cost[chosen].min(axis=0).sum(), cost[chosen[2:]].min(axis=0).sum()
    fixed = (second - first) / 2 * random.uniform(0.75, 1.25, facilities)
    return facility_location(fixed, cost, demand, np.full(facilities, 1.6 * demand.sum() / opened))
