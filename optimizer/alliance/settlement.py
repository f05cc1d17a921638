"""True-up: planned shares and actual volumes become amounts that sum to the invoice to the cent."""

from decimal import ROUND_FLOOR, Decimal

import numpy as np
import pandas as pd

from optimizer.errors import Fault, InputError

__all__ = ["round_to_total", "settle"]


def round_to_total(
    amounts: "list[float] | pd.Series[float]", total: Decimal, places: int = 2
) -> list[Decimal]:
    """Round amounts so that they sum to the total exactly, by the largest remainder.

    Each amount is rounded down, and the units left over go to the largest remainders (ties: the first).

    Parameters
    ----------
    amounts
        Amounts that sum to the total, up to rounding of floats.
    total
        A multiple of the unit.
    places
        Decimals of the currency: 2, or 0 for the yen.

    >>> [str(amount) for amount in round_to_total([33.335, 33.335, 33.33], Decimal("100.00"))]
    ['33.34', '33.33', '33.33']
    """
    unit = Decimal(1).scaleb(-places)
    if total != total.quantize(unit):
        raise InputError([Fault("invoice", str(total), f"the total has {places} decimals.", "Round it.")])
    exact = [Decimal(repr(float(amount))) for amount in amounts]
    floors = [(amount / unit).to_integral_value(ROUND_FLOOR) for amount in exact]
    left = int(total / unit) - int(sum(floors, Decimal(0)))
    if not 0 <= left <= len(exact):
        left_over = f"{float(sum(exact, Decimal(0)))} against {total}"
        raise InputError([Fault("amounts", left_over, "amounts sum to the total.", "Scale them first.")])
    remainder = [amount / unit - floor for amount, floor in zip(exact, floors, strict=True)]
    order = sorted(range(len(exact)), key=lambda i: (-remainder[i], i))
    for i in order[:left]:
        floors[i] += 1
    return [(floor * unit).quantize(unit) for floor in floors]


def settle(
    shares: dict[str, float],
    planned_volume: dict[str, float],
    actual_volume: dict[str, float],
    invoice: Decimal,
    *,
    fixed_part: float = 0.0,
    places: int = 2,
) -> pd.DataFrame:
    r"""Return the settlement sheet under the agreed split.

    A part φ of each planned share is owed whatever the volume (reserved space); the rest moves with
    volume. The sum is scaled to the invoice:

    .. math:: a_i = \varphi x_i + (1 - \varphi)\, x_i \frac{q_i}{p_i}, \qquad
              y_i = \text{invoice} \cdot a_i / \textstyle\sum_j a_j

    and rounded by the largest remainder. Whoever planned nothing but shipped pays the alliance's mean
    planned cost per unit.

    Parameters
    ----------
    shares
        Planned share x_i of each member under the agreed rule.
    planned_volume, actual_volume
        p_i and q_i ≥ 0 in one unit (orders, m³, kg).
    invoice
        What is to be paid in all, in the currency's unit.
    fixed_part
        φ in [0, 1].
    places
        Decimals of the currency.

    Returns
    -------
    pandas.DataFrame
        `member`, `planned_share`, `planned_volume`, `actual_volume`, `before_scaling`, `amount` (Decimal),
        `true_up` (amount − planned share as rounded, Decimal): to pay if positive, to receive if negative.

    >>> sheet = settle({"a": 60.0, "b": 40.0}, {"a": 6, "b": 4}, {"a": 6, "b": 6}, Decimal("119.99"))
    >>> [str(amount) for amount in sheet["amount"]]
    ['60.00', '59.99']
    """
    members = list(shares)
    faults = _faults(members, planned_volume, actual_volume, fixed_part)
    if faults:
        raise InputError(faults)
    share = np.array([shares[name] for name in members])
    planned = np.array([float(planned_volume[name]) for name in members])
    actual = np.array([float(actual_volume[name]) for name in members])
    mean = float(share.sum() / planned.sum()) if planned.sum() else 0.0
    moving = np.where(planned > 0, share * actual / np.where(planned > 0, planned, 1.0), mean * actual)
    owed = np.where(planned > 0, fixed_part * share + (1 - fixed_part) * moving, moving)
    if owed.sum() <= 0:
        raise InputError([Fault("volumes", str(actual.tolist()), "someone shipped.", "Check the volumes.")])
    amounts = round_to_total((owed * (float(invoice) / owed.sum())).tolist(), invoice, places)
    planned_total = Decimal(repr(round(float(share.sum()), places))).quantize(Decimal(1).scaleb(-places))
    rounded = round_to_total(share.tolist(), planned_total, places)
    return pd.DataFrame(
        {
            "member": members,
            "planned_share": rounded,
            "planned_volume": planned,
            "actual_volume": actual,
            "before_scaling": owed,
            "amount": amounts,
            "true_up": [amount - before for amount, before in zip(amounts, rounded, strict=True)],
        }
    )


def _faults(
    members: list[str], planned: dict[str, float], actual: dict[str, float], fixed_part: float
) -> list[Fault]:
    faults = []
    for name, volumes in (("planned volumes", planned), ("actual volumes", actual)):
        missing = [member for member in members if member not in volumes]
        unknown = [member for member in volumes if member not in members]
        negative = [member for member, volume in volumes.items() if not volume >= 0]
        if missing:
            faults.append(Fault(name, ", ".join(missing), "every member has a volume.", "Add 0 if none."))
        if unknown:
            faults.append(Fault(name, ", ".join(unknown), "only members have volumes.", "Remove them."))
        if negative:
            faults.append(Fault(name, ", ".join(negative), "volumes are ≥ 0.", "Mend them."))
    if not 0 <= fixed_part <= 1:
        faults.append(Fault("fixed part", str(fixed_part), "it lies between 0 and 1.", "Mend it."))
    return faults
