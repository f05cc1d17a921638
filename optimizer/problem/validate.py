"""Is a `Problem` sound? Every fault is named at once, none is mended."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Problem

__all__ = ["validate_problem"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def validate_problem(problem: Problem) -> list[str]:
    """Return what is wrong with a problem, one sentence per fault; an empty list when it is sound.

    Checked are: CSR ranges, index ranges, lengths, signs and finiteness, gates whose sizes belong to
    one site, measures of modules that belong to the module's resource, no gate or measure twice per
    option, and tiers with from ≤ to.
    """
    faults = [fault for check in (_ranges, _indices) for fault in check(problem)]
    if faults:
        return faults
    checks: tuple[Callable[[Problem], Iterator[str]], ...] = (_values, _owners, _duplicates, _order)
    return [fault for check in checks for fault in check(problem)]


def _ranges(problem: Problem) -> Iterator[str]:
    for name, (size, values) in _csr_arrays(problem).items():
        start: Ids = getattr(problem, name)
        if len(start) != size + 1:
            yield f"{name} has {len(start)} entries instead of {size + 1}"
        elif start[0] != 0 or start[-1] != values or np.any(np.diff(start) < 0):
            yield f"{name} is no CSR range from 0 to {values}"
    for name, size in _lengths(problem).items():
        if len(getattr(problem, name)) != size:
            yield f"{name} has {len(getattr(problem, name))} entries instead of {size}"


def _csr_arrays(problem: Problem) -> dict[str, tuple[int, int]]:
    """Each CSR start array with its number of items and of values."""
    p = problem
    return {
        "row_start": (len(p.row_demand), p.n_options),
        "option_gate_start": (p.n_options, len(p.option_gate)),
        "option_use_start": (p.n_options, len(p.option_use_measure)),
        "gate_size_start": (p.n_gates, len(p.gate_size)),
        "site_start": (p.n_sites, p.n_sizes),
        "size_supply_start": (p.n_sizes, len(p.size_supply_measure)),
        "resource_start": (len(p.overflow_price), p.n_measures),
        "module_start": (p.n_resources, p.n_modules),
        "module_supply_start": (p.n_modules, len(p.module_supply_measure)),
        "tier_start": (p.n_resources, p.n_tiers),
        "rule_start": (p.n_rules, len(p.rule_index)),
    }


def _lengths(problem: Problem) -> dict[str, int]:
    p = problem
    return {
        "row_single": len(p.row_demand),
        "option_use_amount": len(p.option_use_measure),
        "size_supply_amount": len(p.size_supply_measure),
        "overflow_limit": len(p.overflow_price),
        "module_limit": p.n_modules,
        "module_supply_amount": len(p.module_supply_measure),
        "tier_to": p.n_tiers,
        "tier_fixed": p.n_tiers,
        "tier_unit_cost": p.n_tiers,
        "rule_coefficient": len(p.rule_index),
        "rule_upper": p.n_rules,
    }


def _indices(problem: Problem) -> Iterator[str]:
    limits = {
        "option_gate": problem.n_gates,
        "option_use_measure": problem.n_measures,
        "gate_size": problem.n_sizes,
        "size_supply_measure": problem.n_measures,
        "module_supply_measure": problem.n_measures,
        "rule_index": problem.n_sizes + problem.n_gates + problem.n_modules,
    }
    for name, limit in limits.items():
        values: Ids = getattr(problem, name)
        if len(values) and (values.min() < 0 or values.max() >= limit):
            yield f"{name} points outside 0..{limit - 1}: {values.min()}..{values.max()}"


_DOMAINS: dict[str, tuple[float, bool]] = {
    "row_demand": (np.nextafter(0.0, 1.0), True),
    "option_cost": (-np.inf, True),
    "option_use_amount": (0.0, True),
    "gate_fee": (0.0, True),
    "size_cost": (0.0, True),
    "size_supply_amount": (0.0, True),
    "measure_supply": (0.0, True),
    "overflow_price": (0.0, True),
    "overflow_limit": (0.0, False),
    "module_cost": (0.0, True),
    "module_limit": (0.0, True),
    "module_supply_amount": (0.0, True),
    "tier_from": (0.0, True),
    "tier_to": (0.0, True),
    "tier_fixed": (0.0, True),
    "tier_unit_cost": (0.0, True),
    "rule_coefficient": (-np.inf, True),
}
"""Least value, and whether it must be finite."""


def _values(problem: Problem) -> Iterator[str]:
    for name, (least, finite) in _DOMAINS.items():
        values: Floats = getattr(problem, name)
        wrong = ~(values >= least) & ~(np.isneginf(least) & ~np.isnan(values))
        wrong |= np.isinf(values) if finite else np.zeros(len(values), dtype=bool)
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            yield f"{name}[{first}] = {values[first]} is out of range ({int(wrong.sum())} such)"
    crossed = ~(problem.rule_lower <= problem.rule_upper)
    if crossed.any():
        yield f"rule {int(np.flatnonzero(crossed)[0])} has its lower above its upper limit"
    inverted = problem.tier_from > problem.tier_to
    if inverted.any():
        yield f"tier {int(np.flatnonzero(inverted)[0])} begins after its end"
    if not np.isfinite(problem.constant):
        yield f"constant = {problem.constant} is not finite"


def _owners(problem: Problem) -> Iterator[str]:
    site_of_size = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    gate = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
    site = site_of_size[problem.gate_size]
    first = site[problem.gate_size_start[gate]] if len(gate) else site
    if np.any(site != first):
        yield f"gate {int(gate[np.flatnonzero(site != first)[0]])} names sizes of more than one site"
    resource_of_measure = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    resource_of_module = np.repeat(np.arange(problem.n_resources), np.diff(problem.module_start))
    module = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    foreign = resource_of_measure[problem.module_supply_measure] != resource_of_module[module]
    if foreign.any():
        yield f"module {int(module[np.flatnonzero(foreign)[0]])} supplies a measure of another resource"


def _duplicates(problem: Problem) -> Iterator[str]:
    pairs = {
        "option_gate": (problem.option_gate_start, problem.option_gate, problem.n_gates),
        "option_use_measure": (problem.option_use_start, problem.option_use_measure, problem.n_measures),
    }
    for name, (start, index, limit) in pairs.items():
        owner = np.repeat(np.arange(len(start) - 1), np.diff(start))
        key = np.sort(owner * limit + index)
        twice = np.flatnonzero(key[1:] == key[:-1])
        if len(twice):
            yield f"option {int(key[twice[0]] // limit)} names an entry of {name} twice"


def _order(problem: Problem) -> Iterator[str]:
    empty = np.flatnonzero(np.diff(problem.row_start) == 0)
    if len(empty):
        yield f"row {int(empty[0])} has no option ({len(empty)} such)"
