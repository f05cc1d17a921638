"""Checking the merged tables: values, references, dates, steps and rules across tables, all at once."""

from collections.abc import Callable

from optimizer.errors import Fault
from optimizer.scenario.checks.dates import validity_faults
from optimizer.scenario.checks.firms import firm_faults
from optimizer.scenario.checks.horizon import horizon_faults
from optimizer.scenario.checks.keys import key_faults
from optimizer.scenario.checks.references import reference_faults
from optimizer.scenario.checks.services import service_faults
from optimizer.scenario.checks.steps import step_faults
from optimizer.scenario.checks.values import value_faults
from optimizer.scenario.faultlist import Tables

__all__ = ["check_tables"]

_CROSS: tuple[Callable[[Tables], list[Fault]], ...] = (
    key_faults,
    reference_faults,
    validity_faults,
    step_faults,
    firm_faults,
    service_faults,
)


def check_tables(tables: Tables, currency: str, unusual: set[str], broken: set[str]) -> list[Fault]:
    """Return every fault of the merged and edited tables.

    Parameters
    ----------
    tables
        Tables in work.
    currency
        Currency of the scenario.
    unusual
        Columns, as table.column, that may leave the plausible range.
    broken
        Tables with faults in headers or keys; they are checked value by value only, because whatever
        refers to them would be a fault that mends itself.
    """
    faults = value_faults(tables, unusual)
    sound = {name: frame for name, frame in tables.items() if name not in broken}
    for check in _CROSS:
        faults += check(sound)
    return faults + horizon_faults(sound, currency)
