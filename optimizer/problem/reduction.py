"""A smaller problem with the same optimum, and the way back for plans and prices.

In order: measures that are never short, or whose overflow is a plain price, leave the options; dominated
options go; rows whose options are the same per order become one row. Sites, sizes, gates, resources, modules
and rules keep their numbers.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from optimizer.problem.dominance import undominated_options
from optimizer.problem.evaluate import measure_use, resource_of_measure
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions, sum_by, take
from optimizer.problem.usage import largest_use

__all__ = ["Reduction", "reduce_problem"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class _Choice(Protocol):
    """The parts of a plan that a reduction changes; the rest is passed on as it is."""

    @property
    def option(self) -> Ids: ...
    @property
    def share(self) -> Floats: ...
    @property
    def overflow(self) -> Floats: ...


AnyPlan = TypeVar("AnyPlan", bound=_Choice)


@dataclass(frozen=True, eq=False)
class Reduction:
    """A reduced problem and its relation to the original.

    Attributes
    ----------
    problem, original : Problem
    kept : int64, shape (options that survive,)
        Original number of each undominated option, in the rows before merging.
    kept_start : int64, shape (original rows + 1,)
        Range of each original row in `kept`.
    merged_row : int64, shape (original rows,)
        Row of the reduced problem that each original row became part of.
    priced_measure : bool, shape (measures,)
        Measures folded into the cost: one unit of use costs one unit of overflow.
    """

    problem: Problem
    original: Problem
    kept: Ids
    kept_start: Ids
    merged_row: Ids
    priced_measure: Bools

    def expand(self, plan: AnyPlan) -> AnyPlan:
        """Turn a plan of the reduced problem into the plan of the original with the same cost."""
        reduced_row = np.searchsorted(self.problem.row_start, plan.option, side="right") - 1
        place = plan.option - self.problem.row_start[reduced_row]
        start = np.searchsorted(reduced_row, np.arange(self.problem.n_rows + 1))
        counts = np.diff(start)[self.merged_row]
        chosen = positions(start.astype(np.int64), self.merged_row)
        row = np.repeat(np.arange(len(self.merged_row)), counts)
        option, share = self.kept[self.kept_start[row] + place[chosen]], plan.share[chosen]
        order = np.argsort(option)
        option, share = option[order], share[order]
        use = measure_use(self.original, option, share)
        overflow = plan.overflow.copy()
        bought = np.zeros(len(overflow))
        owner = resource_of_measure(self.original)
        np.maximum.at(bought, owner[self.priced_measure], use[self.priced_measure])
        folded = np.zeros(len(overflow), dtype=bool)
        folded[owner[self.priced_measure]] = True
        overflow[folded] = bought[folded]
        changed: dict[str, Any] = {"option": option, "share": share, "overflow": overflow}
        return replace(plan, **changed)  # type: ignore[type-var]

    def expand_row_prices(self, price: Floats) -> Floats:
        """Split the price of each merged row by the demand of its parts."""
        total = sum_by(self.merged_row, self.original.row_demand, self.problem.n_rows)
        shares: Floats = price[self.merged_row] * self.original.row_demand / total[self.merged_row]
        return shares

    def expand_link_prices(self, row: Ids, gate: Ids, price: Floats) -> tuple[Ids, Ids, Floats]:
        """Split prices on links (row, gate) in the same way; returns original rows, gates and prices."""
        total = sum_by(self.merged_row, self.original.row_demand, self.problem.n_rows)
        by_row = np.argsort(self.merged_row, kind="stable")
        start = np.searchsorted(self.merged_row[by_row], np.arange(self.problem.n_rows + 1)).astype(np.int64)
        counts = np.diff(start)[row]
        part = by_row[positions(start, row)]
        share = self.original.row_demand[part] / total[self.merged_row[part]]
        return part, np.repeat(gate, counts), np.repeat(price, counts) * share

    def expand_measure_prices(self, price: Floats) -> Floats:
        """Add the prices of folded measures: those of their overflow."""
        owner = resource_of_measure(self.original)
        return np.where(self.priced_measure, self.original.overflow_price[owner], price)


def reduce_problem(problem: Problem) -> Reduction:
    """Reduce a problem; its optimum and that of the original are the same.

    Parameters
    ----------
    problem
        The canonical problem; it is not changed.
    """
    folded, priced = _fold_measures(problem)
    kept = np.flatnonzero(undominated_options(folded))
    thinned = _keep_options(folded, kept)
    merged, merged_row = _merge_rows(thinned)
    return Reduction(merged, problem, kept, thinned.row_start, merged_row, priced)


def _fold_measures(problem: Problem) -> tuple[Problem, Bools]:
    """Take out of the options what measures that never bind, or only have a price, would count.

    A resource that has nothing but unlimited overflow, and one measure of which every option uses at least as
    much as of any other, costs `o_r a_jq x_j`: part of the cost. A measure whose supply covers the largest
    possible use never binds.
    """
    owner = resource_of_measure(problem)
    supplied = problem.measure_supply > 0
    supplied[problem.size_supply_measure] = True
    supplied[problem.module_supply_measure] = True
    bare = np.isinf(problem.overflow_limit) & (np.diff(problem.tier_start) == 0)
    bare[owner[supplied]] = False
    leading = _leading_measure(problem, bare)
    priced = np.zeros(problem.n_measures, dtype=bool)
    priced[leading[leading >= 0]] = True
    gone = (leading >= 0)[owner] | (largest_use(problem) <= problem.measure_supply)
    if not gone.any():
        return problem, priced
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    measure, amount = problem.option_use_measure, problem.option_use_amount
    charge = np.where(priced[measure], problem.overflow_price[owner[measure]] * amount, 0.0)
    stays = ~gone[measure]
    count = np.bincount(option[stays], minlength=problem.n_options)
    folded = replace(
        problem,
        option_cost=problem.option_cost + sum_by(option, charge, problem.n_options),
        option_use_start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        option_use_measure=measure[stays],
        option_use_amount=amount[stays],
    )
    return folded, priced


def _leading_measure(problem: Problem, bare: Bools) -> Ids:
    """For each bare resource the measure that leads in every option, or -1."""
    owner = resource_of_measure(problem)
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    of_bare = bare[owner[problem.option_use_measure]]
    option, measure = option[of_bare], problem.option_use_measure[of_bare]
    amount = problem.option_use_amount[of_bare]
    order = np.lexsort((-amount, owner[measure], option))
    key = option[order] * max(problem.n_resources, 1) + owner[measure[order]]
    pair, first = np.unique(key, return_index=True)
    greatest = amount[order][first]
    reaches = amount[order] >= np.repeat(greatest, np.diff([*first, len(key)]))
    leads = sum_by(measure[order], reaches, problem.n_measures)
    visits = sum_by(pair % max(problem.n_resources, 1), np.ones(len(pair)), problem.n_resources)
    leading = np.full(problem.n_resources, -1, dtype=np.int64)
    candidates = np.flatnonzero(bare[owner] & (visits[owner] > 0) & (leads == visits[owner]))
    leading[owner[candidates]] = candidates
    return leading


def _keep_options(problem: Problem, kept: Ids) -> Problem:
    if len(kept) == problem.n_options:
        return problem
    gate_start, (gate,) = take((problem.option_gate_start, (problem.option_gate,)), kept)
    use_start, (measure, amount) = take(
        (problem.option_use_start, (problem.option_use_measure, problem.option_use_amount)), kept
    )
    return replace(
        problem,
        row_start=np.searchsorted(kept, problem.row_start).astype(np.int64),
        option_cost=problem.option_cost[kept],
        option_gate_start=gate_start,
        option_gate=gate,
        option_use_start=use_start,
        option_use_measure=measure,
        option_use_amount=amount,
    )


def _merge_rows(problem: Problem) -> tuple[Problem, Ids]:
    """Make one row of all splittable rows whose options are the same per order."""
    group = _alike(problem)
    first = np.unique(group, return_index=True)[1]
    if len(first) == problem.n_rows:
        return problem, np.arange(problem.n_rows)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    merged_row, leaders = number[group].astype(np.int64), np.sort(first)
    total = sum_by(merged_row, problem.row_demand, len(leaders))
    factor = total / problem.row_demand[leaders]
    options = positions(problem.row_start, leaders.astype(np.int64))
    scale = np.repeat(factor, np.diff(problem.row_start)[leaders])
    thinned = _keep_options(problem, options)
    counts = np.diff(thinned.option_use_start)
    merged = replace(
        thinned,
        row_start=np.concatenate([[0], np.cumsum(np.diff(problem.row_start)[leaders])]).astype(np.int64),
        row_demand=total,
        row_single=problem.row_single[leaders],
        option_cost=thinned.option_cost * scale,
        option_use_amount=thinned.option_use_amount * np.repeat(scale, counts),
    )
    return merged, merged_row


def _alike(problem: Problem) -> Ids:
    """Number rows so that alike rows have the same number; single-sourced rows are alike to none."""
    counts = np.diff(problem.row_start)
    demand = np.repeat(problem.row_demand, counts)
    place = np.arange(problem.n_options) - np.repeat(problem.row_start[:-1], counts)
    unit_use = problem.option_use_amount / np.repeat(demand, np.diff(problem.option_use_start))
    uses = _mix(_digits(unit_use) ^ _mix(problem.option_use_measure.astype(np.uint64) + np.uint64(77)))
    gates = _mix(problem.option_gate.astype(np.uint64) + np.uint64(1))
    digest = _mix(_digits(problem.option_cost / demand))
    digest = digest + _sums(problem.option_gate_start, gates) + _sums(problem.option_use_start, uses)
    row_digest = _sums(problem.row_start, _mix(digest ^ _mix(place.astype(np.uint64))))
    single = np.flatnonzero(problem.row_single)
    _, group = np.unique(row_digest, return_inverse=True)
    group = group.astype(np.int64)
    group[single] = problem.n_rows + single
    return group


def _digits(values: Floats) -> npt.NDArray[np.uint64]:
    """Round to twelve significant digits and return the bits."""
    with np.errstate(divide="ignore"):
        power = np.where(values == 0.0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (11.0 - power)
    rounded = np.round(values * scale) / scale + 0.0
    return rounded.astype(np.float64).view(np.uint64)


def _sums(start: Ids, values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Sum each CSR range modulo 2⁶⁴."""
    running = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values, out=running[1:])
    return running[start[1:]] - running[start[:-1]]


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter 64 bits (the finaliser of SplitMix64); overflow is meant."""
    mixed = values.copy()
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
