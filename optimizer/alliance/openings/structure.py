r"""Problems in which members meet only at sites: what the opening search needs of them, as flat arrays.

Fix which sites are open, at which sizes, and a price per unit of every capacity: then each member decides
alone which of the open sites to use and whether to take part. That holds where

- there are no modules, tiers, overflow, rules and single-sourced rows,
- an option needs gates of one site at most, and a member pays one fee at most per site,
- gates that cost something belong to a member, and stand under every size of their site.
"""

from typing import NamedTuple

import numpy as np

from optimizer.alliance.member_problem import MemberProblem
from optimizer.problem.problem import Bools, Floats, Ints, Problem

__all__ = ["SiteStructure", "site_structure"]

MOST_SITES = 10
MOST_SIZES = 30


class SiteStructure(NamedTuple):
    """Rows by member, options by row and site, sizes by site.

    Attributes
    ----------
    row_start : int64, shape (n + 1,)
        Rows stand sorted by member.
    cell_start : int64, shape (rows · (sites + 1) + 1,)
        Options of row r that need site k: cell r · (sites + 1) + k; k = sites: that need none.
    cost : float64, shape (options,)
    use_start, use_measure, use_amount : int64, int64, float64
        CSR: what an option takes of each measure.
    fee : float64, shape (n, sites)
        What member i pays once for using site k.
    site_start : int64, shape (sites + 1,)
    size_cost : float64, shape (sizes,)
    size_supply : float64, shape (sizes, measures)
    standing : float64, shape (measures,)
        Supply that every coalition has.
    brought : float64, shape (n, measures)
        Supply that a member brings along.
    constant : float
    """

    row_start: Ints
    cell_start: Ints
    cost: Floats
    use_start: Ints
    use_measure: Ints
    use_amount: Floats
    fee: Floats
    site_start: Ints
    size_cost: Floats
    size_supply: Floats
    standing: Floats
    brought: Floats
    constant: float

    @property
    def n(self) -> int:
        """Number of members."""
        return len(self.row_start) - 1

    @property
    def n_sites(self) -> int:
        """Number of candidate sites."""
        return len(self.site_start) - 1

    @property
    def ceiling(self) -> float:
        """An amount that no sensible plan exceeds: every size, every fee, every row at its dearest."""
        cells = np.diff(self.cell_start) > 0
        dearest = np.zeros(len(cells))
        if len(self.cost):
            dearest[cells] = np.maximum.reduceat(self.cost, self.cell_start[:-1][cells])
        rows = dearest.reshape(-1, self.n_sites + 1).max(axis=1)
        most = np.maximum(rows, 0.0).sum() + self.fee.sum() + self.size_cost.sum() + self.constant
        return float(most) + 1.0


def site_structure(members: MemberProblem) -> SiteStructure | None:
    """Return the problem in this form, or None where it is of another kind.

    >>> from optimizer.alliance.siting_games import random_siting_game
    >>> structure = site_structure(random_siting_game(3, seed=1))
    >>> structure.n, structure.n_sites, structure.fee.shape
    (3, 8, (3, 8))
    """
    problem = members.problem
    if not _plain(problem) or problem.n_sites > MOST_SITES:
        return None
    if (np.diff(problem.site_start) > MOST_SIZES).any() or not _gates_fit(members):
        return None
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    owner = members.member_of_row[row]
    site = _site_of_option(problem)
    if site is None:
        return None
    fee = _fees(members, owner, site)
    if fee is None:
        return None
    sites = problem.n_sites
    by_member = np.argsort(members.member_of_row, kind="stable")
    position = np.empty(problem.n_rows, dtype=np.int64)
    position[by_member] = np.arange(problem.n_rows)
    cell = position[row] * (sites + 1) + np.where(site < 0, sites, site)
    order = np.argsort(cell, kind="stable")
    counts = np.diff(problem.option_use_start)[order]
    uses = np.repeat(problem.option_use_start[:-1][order], counts) + _within(counts)
    brought = members.member_supply
    if brought is None:
        brought = np.zeros((members.n, problem.n_measures))
    standing = problem.measure_supply - brought.sum(axis=0)
    if (standing < -1e-9 * (1.0 + problem.measure_supply)).any():
        return None
    supply = np.zeros((problem.n_sizes, problem.n_measures))
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    supply[size, problem.size_supply_measure] = problem.size_supply_amount
    return SiteStructure(
        row_start=_starts(np.bincount(members.member_of_row, minlength=members.n)),
        cell_start=_starts(np.bincount(cell, minlength=problem.n_rows * (sites + 1))),
        cost=problem.option_cost[order],
        use_start=_starts(counts),
        use_measure=problem.option_use_measure[uses].astype(np.int64),
        use_amount=problem.option_use_amount[uses],
        fee=fee,
        site_start=problem.site_start.astype(np.int64),
        size_cost=problem.size_cost.astype(np.float64),
        size_supply=supply,
        standing=np.maximum(standing, 0.0),
        brought=np.ascontiguousarray(brought, dtype=np.float64),
        constant=problem.constant,
    )


def _plain(problem: Problem) -> bool:
    shared = problem.n_modules or problem.n_tiers or problem.n_rules or (problem.overflow_limit > 0).any()
    return not (shared or problem.row_single.any())


def _gates_fit(members: MemberProblem) -> bool:
    """Gates that cost something have an owner; every gate stands under all sizes of one site."""
    problem = members.problem
    counts = np.diff(problem.gate_size_start)
    if (counts == 0).any():
        return False
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    all_sizes = np.diff(problem.site_start)[site[problem.gate_size[problem.gate_size_start[:-1]]]]
    shared: Bools = (members.member_of_gate < 0) & (problem.gate_fee > 0)
    return bool((counts == all_sizes).all()) and not shared.any()


def _site_of_option(problem: Problem) -> Ints | None:
    """Return the site that each option needs, -1 for none; None where an option needs several."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    of_gate = site[problem.gate_size[problem.gate_size_start[:-1]]][problem.option_gate]
    first = np.full(problem.n_options, -1, dtype=np.int64)
    first[option] = of_gate
    return first if (first[option] == of_gate).all() else None


def _fees(members: MemberProblem, owner: Ints, site: Ints) -> Floats | None:
    """Return the fee of each member and site; None where options of one pair differ in their gates."""
    problem = members.problem
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    costs = problem.gate_fee[problem.option_gate] > 0
    option, gate = option[costs], problem.option_gate[costs].astype(np.int64)
    if (members.member_of_gate[gate] != owner[option]).any() or len(np.unique(option)) < len(option):
        return None
    fee = np.zeros((members.n, problem.n_sites))
    of_pair = np.full((members.n, problem.n_sites), -1, dtype=np.int64)
    of_pair[owner[option], site[option]] = gate
    gate_of_option = np.full(problem.n_options, -1, dtype=np.int64)
    gate_of_option[option] = gate
    gated = site >= 0
    if (of_pair[owner[gated], site[gated]] != gate_of_option[gated]).any():
        return None
    pays = of_pair >= 0
    fee[pays] = problem.gate_fee[of_pair[pays]]
    return fee


def _starts(counts: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _within(counts: Ints) -> Ints:
    """Return 0 … c−1 for each count c, one after the other."""
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
