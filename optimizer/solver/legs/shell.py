"""What is left of a problem over legs without their pairs, and what legs use, in numbers split by size."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.legs import Leg, Legs, whole_options
from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import counts_to_start
from optimizer.solver.reduced import restrict_options
from optimizer.solver.sizes import split_sizes

__all__ = ["Shell", "copies_of_measures", "shell_of", "uses_of"]

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shell:
    """A problem, or the same split by size, of which only the whole options are left.

    Attributes
    ----------
    problem : Problem
    gates : int64, shape (gates,)
        Gate of the original that each gate is a copy of, ascending.
    number : int64, shape (measures of the original, sizes)
        Number of each measure's copy for every size.
    use : float64, shape (measures,)
        The most that a plan can use.
    split : bool
        Whether it is split by size.
    """

    problem: Problem
    gates: Ids
    number: Ids
    use: Floats
    split: bool


def shell_of(problem: Problem, legs: Legs, use: Floats, *, split: bool) -> Shell:
    """Take the pairs of legs out of the problem, or of the same split by size.

    Parameters
    ----------
    use : float64, shape (measures,)
        `largest_use` of the problem.
    """
    keep = np.zeros(problem.n_options, dtype=bool)
    keep[whole_options(legs)] = True
    paired = np.flatnonzero(legs.option_tail >= 0)[::-1]
    for of_option, count in ((legs.option_tail, len(legs.tail.node)), (legs.option_head, len(legs.head_row))):
        first = np.full(count, -1, dtype=np.int64)
        first[of_option[paired]] = paired
        keep[first[first >= 0]] = True
    sample = restrict_options(problem, keep)
    gates, resources = np.arange(problem.n_gates), np.arange(problem.n_resources)
    restriction = split_sizes(sample.problem) if split else None
    shell, option = sample.problem, sample.option
    if restriction is not None and restriction.gate is not None and restriction.resource is not None:
        shell, option = restriction.problem, sample.option[restriction.option]
        gates, resources = restriction.gate, restriction.resource
    number = copies_of_measures(problem, shell, resources, int(np.bincount(gates).max()))
    most = np.zeros(shell.n_measures)
    most[number] = use[:, None]
    whole = restrict_options(shell, legs.option_head[option] < 0).problem
    return Shell(whole, gates, number, most, restriction is not None)


def copies_of_measures(problem: Problem, split: Problem, resources: Ids, sizes: int) -> Ids:
    """Number of each measure's copy for every size, in a problem split by size.

    Parameters
    ----------
    resources : int64, shape (resources of the split problem,)
        Resource of the problem that each is a copy of.
    sizes : int
        Most sizes of a site; where a measure has fewer copies its last stands for the rest.

    Returns
    -------
    int64, shape (measures, sizes)
    """
    first = np.searchsorted(resources, np.arange(problem.n_resources))
    copies = np.bincount(resources, minlength=problem.n_resources)
    of = owner(problem.resource_start)
    within = np.arange(problem.n_measures) - problem.resource_start[of]
    rank = np.minimum(np.arange(sizes), copies[of][:, None] - 1)
    number: Ids = split.resource_start[first[of][:, None] + rank] + within[:, None]
    return number


def uses_of(leg: Leg, apart: Bools | None = None) -> tuple[Ints, npt.NDArray[np.int32], Floats]:
    """CSR of what each leg uses of the measures, but for those that are set apart."""
    has = (leg.measure >= 0) & (leg.amount != 0.0)
    if apart is not None:
        has &= ~apart[np.maximum(leg.measure, 0)]
    return counts_to_start(has.sum(axis=1)), leg.measure[has].astype(np.int32), leg.amount[has]
