"""The linear relaxation over legs, held small: links and cuts come in when violated and go when slack."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.linear import (
    AT_LOWER,
    AT_UPPER,
    BASIC,
    MOST_STEPS,
    LinearAnswer,
    LinearProgram,
)
from optimizer.solver.carried import UNKNOWN, Carried
from optimizer.solver.legs.cuts import Rows, joined, no_rows
from optimizer.solver.legs.first_basis import first_basis
from optimizer.solver.legs.handover import Handover, items_of
from optimizer.solver.legs.pair_cuts import pair_cuts
from optimizer.solver.legs.program import LegProgram, incidence
from optimizer.solver.legs.reach import Reach
from optimizer.solver.legs.supply_cuts import SupplyCuts
from optimizer.solver.legs.tier_ends import by_tier_ends

__all__ = ["Relaxation"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

VIOLATED = 1e-6
SLACK = 1e-6
MOST_PAIR_CUTS = 2000
LASTING = object()
"""In the place of what a row was written from: it stays while it is slack, and is not handed over."""

FLAT_ROUNDS = 2
"""Rounds without a better bound after which the loop of cuts ends."""


class Relaxation:
    """The linear relaxation of a program over legs with its pool of links and cuts.

    Parameters
    ----------
    program
        The program.
    seconds
        Time left, asked before every solve.
    should_stop
        Polled while the simplex method runs.

    Attributes
    ----------
    steps : int
        Steps of the simplex method in all solves.
    """

    def __init__(
        self, program: LegProgram, seconds: Callable[[], float], should_stop: Callable[[], bool]
    ) -> None:
        self.program = program
        self.steps = 0
        self._seconds = seconds
        self._meets = incidence(program)
        self._supply = SupplyCuts(program, self._meets)
        model, links = program.model, program.model.rows["link"]
        self._links = sparse.csr_array(model.matrix[links])
        self._link_group = _gate_groups(self._links, self._links.shape[0])
        self._base = _with_summed_links(model, self._links, self._link_group)
        self._ends = by_tier_ends(self._base, program.smaller.tier_from, program.smaller.tier_to)
        self._lp = LinearProgram(self._ends.model, should_stop, scaled=False)
        self._first = self._lp.rows
        self._reach = Reach(program)
        self._within = np.ones(model.matrix.shape[1], dtype=bool)
        self._fresh = True
        self._whole = True
        self._tight_in_whole = np.zeros(0, dtype=np.int64)
        self._in_pool = np.zeros(self._links.shape[0], dtype=bool)
        self._pool = no_rows(model.matrix.shape[1])
        several = np.diff(program.problem.site_start) > 1
        self._size_row = np.where(several, self._base.rows["one_size"].start + np.cumsum(several) - 1, -1)

    @property
    def solver(self) -> str:
        """Name and version of the solver of linear programs."""
        return self._lp.solver

    @property
    def cuts(self) -> list[Any]:
        """What each cut of the pool was written from, links aside."""
        return [item for item in self._pool.source if not isinstance(item, int) and item is not LASTING]

    def handed_over(self) -> Carried:
        """Return the rows of the pool that are tight in the present basis, and that basis.

        The links that were tight in the whole come with them: what comes back where less is ruled out needs
        these at once.
        """
        column, row = self._lp.basis()
        tight = np.flatnonzero(row[self._first :] != BASIC)
        source = [self._pool.source[k] for k in tight.tolist()]
        links = [item for item in source if isinstance(item, int)]
        more = np.setdiff1d(self._tight_in_whole, np.array(links, dtype=np.int64))
        return self._handover().taken(source, more, column, row[: self._first])

    def take_over(self, carried: Carried) -> None:
        """Go on with the rows and the basis of the relaxation of a similar problem; nothing was added yet."""
        handover = self._handover()
        self._add_links(handover.links(carried, tight=True))
        self._add(handover.cuts(carried))
        tight = np.full(len(self._pool.upper), AT_UPPER, dtype=np.int8)
        more = handover.links(carried, tight=False)
        self._add_links(more)
        column, row = handover.status(carried)
        self._fresh = False
        self._lp.set_basis(
            np.where(column == UNKNOWN, AT_LOWER, column),
            np.concatenate(
                [np.where(row == UNKNOWN, BASIC, row), tight, np.full(len(more), BASIC, dtype=np.int8)]
            ),
        )

    def _handover(self) -> Handover:
        return Handover(self.program, self._meets, self._supply, items_of(self.program, self._link_group))

    def strong(self, enough: float = np.inf, steps: int = MOST_STEPS) -> LinearAnswer:
        """Solve with all links that matter and without cuts, or until the bound is enough.

        Parameters
        ----------
        steps
            Most steps of each solve.
        """
        while True:
            answer = self.solved(enough, steps)
            if answer.values is None:
                return answer
            found = self._violated_links(answer.values)
            if not len(found):
                return answer
            self._add_links(found)

    def with_cuts(
        self,
        rounds: int,
        flat: float,
        cutoff: float,
        between: Callable[[LinearAnswer], None] | None = None,
    ) -> LinearAnswer:
        """Solve and cut in turn until the bound stays flat or passes the cutoff.

        Parameters
        ----------
        rounds
            Most solves.
        flat
            A round that raises the bound by a smaller part of it does not count.
        cutoff
            Bound that is good enough: a solve that reaches it ends there, without values.
        between
            Told of every solution but the last, after what it violates was added; it may `restrict` further.
        """
        self._lp.leave_costs()
        last, idle = -np.inf, 0
        for turn in range(rounds):
            answer = self.solved(cutoff)
            if answer.values is None or answer.slack is None:
                return answer
            if self._whole:
                self._tight_in_whole = self._links_of(answer.slack[self._first :] <= SLACK)
            idle = idle + 1 if answer.objective - last < flat * abs(answer.objective) else 0
            last = answer.objective
            if idle == FLAT_ROUNDS or turn == rounds - 1:
                return answer
            self._drop(answer.slack)
            if not self._cut(answer.values):
                return answer
            if between is not None:
                between(answer)
        return answer

    def solved(self, enough: float = np.inf, steps: int = MOST_STEPS) -> LinearAnswer:
        """Solve as it stands, or until the bound is enough; with values of the program's own columns."""
        if self._fresh and not len(self._pool.upper):
            self._lp.set_basis(*first_basis(self.program, self._ends.model, self._within))
        self._fresh = False
        answer = self._lp.solve(self._seconds(), enough, steps)
        self.steps += self._lp.iterations
        return answer if answer.values is None else answer._replace(values=self._ends.values(answer.values))

    def reaches(self, cutoff: float, steps: int) -> tuple[bool, float]:
        """Tell whether the relaxation as it stands costs the cutoff or more, as far as some steps show.

        The objective that the steps come to comes with it.
        """
        return self._lp.reaches(cutoff, self._seconds(), steps)

    def open_beyond(self, sizes: npt.NDArray[np.bool_]) -> None:
        """Have at least one size open that is not among these, from now on.

        Parameters
        ----------
        sizes : bool, shape (sizes,)
        """
        others = self.program.model.columns["y"].start + np.flatnonzero(~sizes)
        entries = (-np.ones(len(others)), (np.zeros(len(others), dtype=np.int64), others))
        row = sparse.csr_array(entries, shape=(1, self.program.model.matrix.shape[1]))
        self._add(Rows(row, np.array([-1.0]), [LASTING]))

    def restrict(self, allowed: npt.NDArray[np.bool_], must: npt.NDArray[np.bool_]) -> None:
        """Allow only some sizes, and have some sites open, from now on.

        Parameters
        ----------
        allowed : bool, shape (sizes,)
        must : bool, shape (sites,)
        """
        self._whole = bool(allowed.all() and not must.any())
        lower, upper = self._size_bounds(allowed, must)
        sizes = self.program.model.columns["y"]
        self._lp.bound_columns(np.arange(sizes.start, sizes.stop), lower, upper)
        within = self._reach.columns(allowed)
        changed = np.flatnonzero(within != self._within)
        limit = self._ends.model.upper[changed]
        self._lp.bound_columns(changed, np.zeros(len(changed)), np.where(within[changed], limit, 0.0))
        self._within = within
        for site in np.flatnonzero(self._size_row >= 0):
            side = 1.0 if must[site] else -np.inf
            self._lp.bound_row(int(self._size_row[site]), side, 1.0)

    def hold(self, columns: Ids, values: Floats) -> None:
        """Hold columns at values, gates and modules as they are, and tiers that are closed at zero."""
        self._lp.bound_columns(columns, values, values)

    def let_go(self, columns: Ids) -> None:
        """Bound columns that were held as they were before."""
        base = self._ends.model
        self._lp.bound_columns(columns, base.lower[columns], np.where(self._within, base.upper, 0.0)[columns])

    def integer_program(self, allowed: npt.NDArray[np.bool_], must: npt.NDArray[np.bool_]) -> LinearModel:
        """Return the mixed-integer program of a part of the search, with the cuts of the pool."""
        base, sizes = self._base, self.program.model.columns["y"]
        lower, upper, row_lower = base.lower.copy(), base.upper.copy(), base.row_lower.copy()
        lower[sizes], upper[sizes] = self._size_bounds(allowed, must)
        row_lower[self._size_row[must & (self._size_row >= 0)]] = 1.0
        return replace(
            base,
            matrix=sparse.csr_array(sparse.vstack([base.matrix, self._pool.matrix], format="csr")),
            row_lower=np.concatenate([row_lower, np.full(len(self._pool.upper), -np.inf)]),
            row_upper=np.concatenate([base.row_upper, self._pool.upper]),
            lower=lower,
            upper=upper,
        )

    def _size_bounds(
        self, allowed: npt.NDArray[np.bool_], must: npt.NDArray[np.bool_]
    ) -> tuple[Floats, Floats]:
        """Bounds of the size columns; a site with one size has no row of its own to be held open by."""
        site = np.repeat(np.arange(len(must)), np.diff(self.program.problem.site_start))
        return (must & (self._size_row < 0))[site].astype(np.float64), allowed.astype(np.float64)

    def _cut(self, values: Floats) -> bool:
        """Add what the values violate; False where there is nothing."""
        found = self._violated_links(values)
        pairs = pair_cuts(self.program, self._meets, values, MOST_PAIR_CUTS)
        cuts = joined([pairs, self._supply.violated(values)])
        self._add_links(found)
        self._add(cuts)
        return bool(len(found) or len(cuts.upper))

    def _violated_links(self, values: Floats) -> Ids:
        return np.flatnonzero((self._links @ values > VIOLATED) & ~self._in_pool)

    def _add_links(self, links: Ids) -> None:
        self._in_pool[links] = True
        self._add(Rows(sparse.csr_array(self._links[links]), np.zeros(len(links)), links.tolist()))

    def _add(self, rows: Rows) -> None:
        if len(rows.upper):
            self._lp.add(self._ends.rows(rows.matrix), rows.upper)
            self._pool = joined([self._pool, rows])

    def _drop(self, slack: Floats) -> None:
        """Take slack rows out of the pool."""
        loose = slack[self._first :] > SLACK
        loose[[k for k in np.flatnonzero(loose).tolist() if self._pool.source[k] is LASTING]] = False
        self._lp.remove(self._first + np.flatnonzero(loose))
        self._in_pool[self._links_of(loose)] = False
        self._pool = self._pool.some(~loose)

    def _links_of(self, chosen: npt.NDArray[np.bool_]) -> Ids:
        """Numbers of the links among the chosen rows of the pool."""
        source = [self._pool.source[k] for k in np.flatnonzero(chosen).tolist()]
        return np.array([item for item in source if isinstance(item, int)], dtype=np.int64)


def _gate_groups(links: sparse.csr_array, count: int) -> Ids:
    """Number of the gate that each link is for: links alike in what stands for the gate are of one."""
    negative = sparse.csr_array(links.minimum(0))
    negative.sort_indices()
    known: dict[bytes, int] = {}
    keys = (negative.indices[negative.indptr[k] : negative.indptr[k + 1]].tobytes() for k in range(count))
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)


def _with_summed_links(model: LinearModel, links: sparse.csr_array, group: Ids) -> LinearModel:
    """Put one link per gate, their sum, in the place of one per row and gate; those sums come last."""
    count = links.shape[0]
    groups = int(group.max(initial=-1)) + 1
    sums = sparse.csr_array((np.ones(count), (group, np.arange(count))), shape=(groups, count)) @ links
    kept = np.ones(model.matrix.shape[0], dtype=bool)
    kept[model.rows["link"]] = False
    end = model.rows["link"].stop
    rows = {
        name: slice(place.start - count, place.stop - count) if place.start >= end else place
        for name, place in model.rows.items()
        if name != "link"
    }
    return replace(
        model,
        rows=rows,
        matrix=sparse.csr_array(sparse.vstack([model.matrix[kept], sums], format="csr")),
        row_lower=np.concatenate([model.row_lower[kept], np.full(groups, -np.inf)]),
        row_upper=np.concatenate([model.row_upper[kept], np.zeros(groups)]),
    )
