"""Pack the units of an order into cartons, or bundle them, within the limits of a service."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from math import ceil, floor, inf

__all__ = ["NO_LIMITS", "Carton", "Limits", "Piece", "Unit", "chargeable", "grid_count", "pack", "refusal"]

EPSILON = 1e-9


@dataclass(frozen=True)
class Unit:
    """One packed unit: weight in kg, sides in cm."""

    weight_kg: float
    sides_cm: tuple[float, float, float]


@dataclass(frozen=True)
class Carton:
    """One carton of the catalogue: inner sides in cm, tare and heaviest content in kg, price."""

    key: str
    sides_cm: tuple[float, float, float]
    tare_kg: float
    max_weight_kg: float
    amount: float
    currency: str


@dataclass(frozen=True)
class Limits:
    """What a service carries in one piece: kg, longest side and sum of sides; and its divisor."""

    weight_kg: float = inf
    side_cm: float = inf
    sides_sum_cm: float = inf
    divisor: float = 0.0


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Piece:
    """One kind of piece of an order.

    Parameters
    ----------
    count
        Equal pieces of this kind in the order.
    units
        Units in each.
    weight_kg, sides_cm
        Gross weight and outer sides; a carton's wall is neglected.
    carton
        Key of the carton, empty for a bundle without one.
    amount, currency
        Price of the carton.
    """

    count: int
    units: int
    weight_kg: float
    sides_cm: tuple[float, float, float]
    carton: str = ""
    amount: float = 0.0
    currency: str = ""

    @property
    def volume_cm3(self) -> float:
        """Outer volume of one piece."""
        return self.sides_cm[0] * self.sides_cm[1] * self.sides_cm[2]


def chargeable(weight_kg: float, sides_cm: tuple[float, float, float], divisor: float) -> float:
    """Return max(actual, L·W·H / divisor) in kg, before rounding; divisor 0 counts the actual weight only.

    Examples
    --------
    >>> chargeable(0.8, (30.0, 20.0, 10.0), 5000.0)
    1.2
    """
    length, width, height = sides_cm
    return max(weight_kg, length * width * height / divisor) if divisor else weight_kg


@lru_cache(maxsize=65536)
def grid_count(box: tuple[float, float, float], sides: tuple[float, float, float]) -> int:
    """Return how many equal units fit a box in one upright grid, over the six ways to turn them.

    ``max over turns of ⌊L/l⌋ · ⌊W/w⌋ · ⌊H/h⌋``: a true lower bound on the best packing, exact for
    layers without mixed turns.

    Examples
    --------
    >>> grid_count((30.0, 20.0, 20.0), (20.0, 10.0, 15.0))
    4
    """
    return max(
        floor(box[0] / a + EPSILON) * floor(box[1] / b + EPSILON) * floor(box[2] / c + EPSILON)
        for a, b, c in set(permutations(sides))
    )


def refusal(weight_kg: float, sides_cm: tuple[float, float, float], limits: Limits) -> str:
    """Return why a service refuses a piece, or the empty text; limits themselves are included.

    Examples
    --------
    >>> refusal(2.1, (30.0, 20.0, 10.0), Limits(weight_kg=2.0))
    'over 2 kg'
    """
    if weight_kg > limits.weight_kg + EPSILON:
        return f"over {limits.weight_kg:.4g} kg"
    if max(sides_cm) > limits.side_cm + EPSILON:
        return f"a side over {limits.side_cm:g} cm"
    if sum(sides_cm) > limits.sides_sum_cm + EPSILON:
        return f"length + width + height over {limits.sides_sum_cm:g} cm"
    return ""


def pack(
    units: int, unit: Unit, cartons: tuple[Carton, ...], limits: Limits = NO_LIMITS
) -> tuple[Piece, ...] | str:
    """Return the pieces of an order, or the reason why the service cannot carry it.

    One carton if one can hold the order: that of the smallest chargeable weight under the service's
    divisor, then of the lowest price. Otherwise as few pieces as possible: full pieces of the roomiest
    carton, and the rest in the best carton for it. Without a carton that takes a unit, units travel
    in their own packing, bundled.

    Parameters
    ----------
    units
        Units in the order, ≥ 1.
    unit
        Weight and sides of one.
    cartons
        The catalogue; empty: bundles.
    limits
        Of the service.
    """
    rooms = _rooms(unit, cartons, limits)
    largest = max(rooms.values(), default=0)
    if largest == 0:
        return _bundles(units, unit, limits)
    full, rest = divmod(units, largest)
    pieces = []
    if full:
        pieces.append(_best(full, largest, unit, rooms, limits))
    if rest:
        pieces.append(_best(1, rest, unit, rooms, limits))
    return tuple(pieces)


@lru_cache(maxsize=65536)
def _rooms(unit: Unit, cartons: tuple[Carton, ...], limits: Limits) -> dict[Carton, int]:
    """Units of a kind that each carton holds; the same for every size of order."""
    return {carton: _room(unit, carton, limits) for carton in cartons}


def _room(unit: Unit, carton: Carton, limits: Limits) -> int:
    """Units of a kind that a carton holds under the limits of a service."""
    if refusal(0.0, carton.sides_cm, limits):
        return 0
    heaviest = min(carton.max_weight_kg, limits.weight_kg - carton.tare_kg)
    by_weight = floor(heaviest / unit.weight_kg + EPSILON) if heaviest < inf else 10**9
    return max(0, min(by_weight, grid_count(carton.sides_cm, unit.sides_cm)))


def _best(count: int, units: int, unit: Unit, rooms: dict[Carton, int], limits: Limits) -> Piece:
    """Best carton for a given number of units."""

    def merit(carton: Carton) -> tuple[float, float, str]:
        weight = units * unit.weight_kg + carton.tare_kg
        return (chargeable(weight, carton.sides_cm, limits.divisor), carton.amount, carton.key)

    best = min((carton for carton, room in rooms.items() if room >= units), key=merit)
    weight = units * unit.weight_kg + best.tare_kg
    return Piece(count, units, weight, best.sides_cm, best.key, best.amount, best.currency)


def _bundles(units: int, unit: Unit, limits: Limits) -> tuple[Piece, ...] | str:
    """Pieces without cartons: as many units in each as the limits allow, in their smallest block."""
    single = refusal(unit.weight_kg, unit.sides_cm, limits)
    if single:
        return single
    size = min(units, floor(limits.weight_kg / unit.weight_kg + EPSILON) if limits.weight_kg < inf else units)
    while (largest := _block(size, unit, limits)) is None:
        size -= 1
    full, rest = divmod(units, size)
    pieces = [Piece(full, size, size * unit.weight_kg, largest)]
    last = _block(rest, unit, limits) if rest else None
    if last is not None:
        pieces.append(Piece(1, rest, rest * unit.weight_kg, last))
    return tuple(pieces)


def _block(units: int, unit: Unit, limits: Limits) -> tuple[float, float, float] | None:
    """Sides of the grid for equal units with the least volume, then the least sum, if any is allowed.

    What holds more units holds fewer too, so that the rest of an order always fits where a full piece does.
    """
    blocks = []
    for along in range(1, units + 1):
        for across in range(1, ceil(units / along) + 1):
            up = ceil(units / (along * across))
            block = (along * unit.sides_cm[0], across * unit.sides_cm[1], up * unit.sides_cm[2])
            if not refusal(units * unit.weight_kg, block, limits):
                blocks.append(block)
    return min(blocks, key=lambda block: (block[0] * block[1] * block[2], sum(block)), default=None)
