"""The exception tree. Everything Entrepot raises on purpose descends from `EntrepotError`.

::

    EntrepotError
    ├── InputError            bad scenario, table or argument; carries every `Fault` found
    ├── InfeasibleError       no plan exists; carries the diagnosis in business words
    ├── NoPlanError           no plan was found within the limits
    ├── SolverError           a solver crashed, was killed or answered something unmapped
    └── CheckError            a plan or a certificate does not hold
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "CheckError",
    "EntrepotError",
    "Fault",
    "InfeasibleError",
    "InputError",
    "NoPlanError",
    "SolverError",
]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input, with everything needed to mend it.

    Parameters
    ----------
    where
        File, and inside it the place: ``demand.csv row 12 column orders``.
    what
        The offending value, as the user wrote it.
    rule
        The rule it breaks, as a sentence.
    mend
        What to do about it, as an imperative sentence.
    """

    where: str
    what: str
    rule: str
    mend: str

    def __str__(self) -> str:
        """Return the fault on one line."""
        found = f" found {self.what!r}:" if self.what else ""
        return f"{self.where}:{found} {self.rule} {self.mend}".rstrip()


class EntrepotError(Exception):
    """Base of all errors raised on purpose."""


class InputError(EntrepotError):
    """A scenario, table or argument is wrong; `faults` lists every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InfeasibleError(EntrepotError):
    """No plan can satisfy the scenario; `reasons` says why, in business words with numbers."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons: tuple[str, ...] = tuple(reasons)
        super().__init__("\n".join(self.reasons) or "no plan satisfies the scenario")


class NoPlanError(EntrepotError):
    """No plan was found within the time or work limit, though one may exist."""


class SolverError(EntrepotError):
    """A solver crashed, was killed or gave an answer that cannot be mapped."""


class CheckError(EntrepotError):
    """A plan, a cost or a certificate does not survive recomputation; `failures` lists each."""

    def __init__(self, failures: Sequence[str]) -> None:
        self.failures: tuple[str, ...] = tuple(failures)
        super().__init__("\n".join(self.failures))
