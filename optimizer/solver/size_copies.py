"""What is split by the size of its site: which options, and the copies of gates and resources."""

from dataclasses import dataclass

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.evaluate import resource_of_measure
from optimizer.problem.gate_sites import site_of_gates
from optimizer.problem.problem import Bools, Ints, Problem

__all__ = ["NO_SITE", "SizeCopies", "size_copies"]

NO_SITE = -1


@dataclass(frozen=True, eq=False)
class SizeCopies:
    """What becomes of options, gates and resources.

    Attributes
    ----------
    gate_site : int64, shape (gates,)
        See `optimizer.problem.gate_sites.site_of_gates`.
    option_site : int64, shape (options,)
        Site whose sizes each option is split by, or -1.
    divided : bool, shape (gates,)
        Gates with a copy for every size that admits them.
    capacity_site : int64, shape (resources,)
        Site of whose sizes each gets a copy of the resource, or -1.
    gate, resource : int64, shapes (copies of gates,) and (copies of resources,)
        The original of every copy, in order.
    """

    gate_site: Ints
    option_site: Ints
    divided: Bools
    capacity_site: Ints
    gate: Ints
    resource: Ints


def size_copies(problem: Problem) -> SizeCopies | None:
    """Find what is split by size; None where no site has several sizes that share options."""
    n_sizes = np.diff(problem.site_start)
    if not np.any(n_sizes > 1):
        return None
    gate_site = site_of_gates(problem)
    option_site, splits = _sites_to_split(problem, gate_site, n_sizes > 1)
    if not splits.any():
        return None
    divided = (gate_site != NO_SITE) & splits[gate_site]
    capacity_site = _capacity_site(problem, option_site, splits)
    gates = np.where(divided, np.diff(problem.gate_size_start), 1)
    resources = np.where(capacity_site == NO_SITE, 1, n_sizes[capacity_site])
    return SizeCopies(
        gate_site,
        option_site,
        divided,
        capacity_site,
        np.repeat(np.arange(problem.n_gates), gates),
        np.repeat(np.arange(problem.n_resources), resources),
    )


def _sites_to_split(problem: Problem, gate_site: Ints, several: Bools) -> tuple[Ints, Bools]:
    """Site that splits each option (or -1), and the sites that are split.

    An option is split by one site only; a site that is an option's second one stays whole.
    """
    option, entry_site = owner(problem.option_gate_start), gate_site[problem.option_gate]
    counts = (entry_site != NO_SITE) & several[entry_site]
    option, entry_site = option[counts], entry_site[counts]
    option_site = np.full(problem.n_options, NO_SITE, dtype=np.int64)
    option_site[option[::-1]] = entry_site[::-1]
    splits = np.zeros(problem.n_sites, dtype=bool)
    splits[entry_site] = True
    splits[entry_site[option_site[option] != entry_site]] = False
    option_site[(option_site != NO_SITE) & ~splits[option_site]] = NO_SITE
    return option_site, splits


def _capacity_site(problem: Problem, option_site: Ints, splits: Bools) -> Ints:
    """Site whose sizes alone supply a resource that only options split by that site use, or -1."""
    resource = resource_of_measure(problem)
    supplier = owner(problem.site_start)[owner(problem.size_supply_start)]
    site = np.full(problem.n_resources, NO_SITE, dtype=np.int64)
    supplied = resource[problem.size_supply_measure]
    site[supplied] = supplier
    mixed = np.zeros(problem.n_resources, dtype=bool)
    mixed[supplied[site[supplied] != supplier]] = True
    used = resource[problem.option_use_measure]
    mixed[used[site[used] != option_site[owner(problem.option_use_start)]]] = True
    mixed[resource[problem.measure_supply > 0.0]] = True
    mixed |= (problem.overflow_limit > 0.0) | (np.diff(problem.module_start) > 0)
    mixed |= np.diff(problem.tier_start) > 0
    return np.where(mixed | (site == NO_SITE) | ~splits[site], NO_SITE, site)
