"""Readers of the file formats in which location instances are published.

Two traps are handled here: costs are for the WHOLE demand in the OR-Library, Holmberg, Diaz-Fernandez,
Yang and Cornuejols files but per UNIT in TBED1 and the two-stage files; Diaz-Fernandez and TBED1 name the
customers first.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from optimizer.errors import Fault, InputError
from optimizer.problem import Problem
from optimizer.problem.legs import Legs
from optimizer.published.families import facility_location, two_stage_legs, two_stage_location

__all__ = ["FORMATS", "Reading", "detect_format", "read_over_legs", "read_problem", "read_tokens"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """How a file is to be read.

    Parameters
    ----------
    single_source
        True: every customer is served by one facility.
    uncapacitated
        True: capacities are ignored.
    capacity
        Stands for the word "capacity" in the OR-Library's capa, capb and capc.
    """

    single_source: bool = False
    uncapacitated: bool = False
    capacity: float | None = None


def read_tokens(path: Path) -> list[str]:
    """Split a text file, gzipped or not, at white space."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return data.decode("ascii", errors="replace").split()


def read_problem(path: Path, form: str, reading: Reading | None = None) -> Problem:
    """Read one instance.

    Parameters
    ----------
    path
        File, gzipped or not.
    form
        A name in `FORMATS`.
    reading
        Variant to read.

    Raises
    ------
    InputError
        The file does not hold the numbers that its header announces.
    """
    reading = reading or Reading()
    with _numbers(path, form, reading) as numbers:
        return FORMATS[form](numbers, reading)


def read_over_legs(path: Path, form: str, reading: Reading | None = None) -> tuple[Problem, Legs | None]:
    """Read one instance with the legs that its options fall apart into, where they do; see `read_problem`."""
    if form not in LEG_COUNTS:
        return read_problem(path, form, reading), None
    with _numbers(path, form, reading or Reading()) as numbers:
        stages = _stages(numbers, numbers.counts(LEG_COUNTS[form]))
    return two_stage_location(*stages), two_stage_legs(*stages[-2:])


@contextmanager
def _numbers(path: Path, form: str, reading: Reading) -> Iterator["_Numbers"]:
    """The numbers of a file, of which none may be left over."""
    words = read_tokens(path)
    if reading.capacity is not None:
        words = [str(reading.capacity) if word == "capacity" else word for word in words]
    try:
        numbers = _Numbers(np.array(words, dtype=np.float64))
        yield numbers
        numbers.finish()
    except ValueError as error:
        rule = f"the file must hold an instance in the format {form!r}"
        raise InputError([Fault(str(path), str(error), rule, "Check the file and its format.")]) from error


class _Numbers:
    """Takes numbers off a flat array, in the order in which a format lists them."""

    def __init__(self, values: Floats) -> None:
        self.values, self.position = values, 0

    def take(self, *shape: int) -> Floats:
        """Take the next ``prod(shape)`` numbers."""
        count = int(np.prod(shape))
        if self.position + count > len(self.values):
            raise ValueError(f"{len(self.values)} numbers, at least {self.position + count} announced")
        self.position += count
        return self.values[self.position - count : self.position].reshape(shape)

    def counts(self, how_many: int) -> Iterator[int]:
        """Take sizes."""
        return (int(value) for value in self.take(how_many))

    def finish(self) -> None:
        """Make sure that nothing is left."""
        if self.position != len(self.values):
            raise ValueError(f"{len(self.values)} numbers, {self.position} announced")


def _orlib(numbers: _Numbers, reading: Reading) -> Problem:
    """OR-Library: m n; m × (capacity, fixed cost); per customer its demand and m costs."""
    m, n = numbers.counts(2)
    facilities, customers = numbers.take(m, 2), numbers.take(n, m + 1)
    capacity = None if reading.uncapacitated else facilities[:, 0]
    demand, cost = customers[:, 0], customers[:, 1:].T
    return facility_location(facilities[:, 1], cost, demand, capacity, single_source=reading.single_source)


def _uflib(numbers: _Numbers, reading: Reading) -> Problem:
    """UflLib "simple" in the OR-Library's shape, where capacities and demands mean nothing."""
    m, n = numbers.counts(2)
    facilities, customers = numbers.take(m, 2), numbers.take(n, m + 1)
    return facility_location(facilities[:, 1], customers[:, 1:].T)


def _holmberg(numbers: _Numbers, reading: Reading) -> Problem:
    """Holmberg, Yang, Cornuejols: m n; m × (capacity, fixed cost); n demands; m × n costs."""
    m, n = numbers.counts(2)
    facilities, demand, cost = numbers.take(m, 2), numbers.take(n), numbers.take(m, n)
    capacity = None if reading.uncapacitated else facilities[:, 0]
    return facility_location(facilities[:, 1], cost, demand, capacity, single_source=reading.single_source)


def _diaz(numbers: _Numbers, reading: Reading) -> Problem:
    """Diaz-Fernandez: n m; n × m costs; n demands; m fixed costs; m capacities."""
    n, m = numbers.counts(2)
    cost, demand, fixed, capacity = numbers.take(n, m).T, numbers.take(n), numbers.take(m), numbers.take(m)
    return facility_location(fixed, cost, demand, capacity, single_source=reading.single_source)


def _tbed1(numbers: _Numbers, reading: Reading) -> Problem:
    """TBED1: n m; n demands; m capacities; m fixed costs; m × n UNIT costs."""
    n, m = numbers.counts(2)
    demand, capacity, fixed, unit_cost = numbers.take(n), numbers.take(m), numbers.take(m), numbers.take(m, n)
    return facility_location(fixed, unit_cost * demand, demand, capacity, single_source=reading.single_source)


def _two_stage(numbers: _Numbers, reading: Reading) -> Problem:
    """Fernandes: I J K; K demands; I × (capacity, fixed); I × J; J × (capacity, fixed); J × K unit costs."""
    return two_stage_location(*_stages(numbers, numbers.counts(3)))


def _multi_product(numbers: _Numbers, reading: Reading) -> Problem:
    """Mauri: I J K L; K × L demands; I × (L capacities, fixed); L × I × J; J × (L, fixed); L × J × K."""
    return two_stage_location(*_stages(numbers, numbers.counts(4)))


def _stages(
    numbers: _Numbers, counts: Iterable[int]
) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats], Floats, Floats]:
    i, j, k, products = (*counts, 1)[:WITH_PRODUCTS]
    demand, plants, first = (
        numbers.take(k, products),
        numbers.take(i, products + 1),
        numbers.take(products, i, j),
    )
    satellites, second = numbers.take(j, products + 1), numbers.take(products, j, k)
    return demand, (plants[:, :-1], plants[:, -1]), (satellites[:, :-1], satellites[:, -1]), first, second


FORMATS: dict[str, Callable[[_Numbers, Reading], Problem]] = {
    "orlib": _orlib,
    "uflib": _uflib,
    "holmberg": _holmberg,
    "diaz": _diaz,
    "tbed1": _tbed1,
    "two_stage": _two_stage,
    "multi_product": _multi_product,
}
"""Format names and their readers."""

WITH_PRODUCTS = 4
"""Counts that a two-stage file begins with where it has products."""

LEG_COUNTS = {"two_stage": 3, "multi_product": 4}
"""Formats whose options fall apart into legs, and how many counts a file begins with."""


def detect_format(path: Path) -> str:
    """Tell the format from what a file holds, where its folder does not say.

    Raises
    ------
    InputError
        No format, or more than one that would read the same numbers differently, fits.
    """
    words = read_tokens(path)
    first = [int(float(word)) for word in words[:4]]
    fitting = [name for name, count in _expected_counts(first).items() if count == len(words)]
    if len(fitting) > 1:
        fitting = [name for name in fitting if name != "uflib" and _capacity_suffices(path, name)]
    if len(fitting) == 1:
        return fitting[0]
    rule = f"several formats fit: {', '.join(fitting)}." if fitting else "no known format fits."
    mend = "Put the file into a folder named after its set (orlib, uflib, holmberg, diaz, tbed1, …)."
    raise InputError([Fault(str(path), f"{len(words)} numbers", rule, mend)])


def _capacity_suffices(path: Path, form: str) -> bool:
    """Tell whether the total capacity covers the total demand when the file is read in this format."""
    problem = read_problem(path, form)
    return float(problem.size_supply_amount.sum()) >= float(problem.row_demand.sum())


def _expected_counts(first: list[int]) -> dict[str, int]:
    a, b, c, d = first
    return {
        "orlib": 2 + 2 * a + b * (a + 1),
        "uflib": 2 + 2 * a + b * (a + 1),
        "holmberg": 2 + 2 * a + b + a * b,
        "diaz": 2 + a * b + a + 2 * b,
        "tbed1": 2 + a * b + a + 2 * b,
        "two_stage": 3 + c + 2 * a + a * b + 2 * b + b * c,
        "multi_product": 4 + c * d + a * (d + 1) + d * a * b + b * (d + 1) + d * b * c,
    }
