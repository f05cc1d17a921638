"""Cheap plans for all coalitions at once: members' parts of known plans, put together again.

A regime is one way for each member to be served, with what it costs the member and what it takes of
every measure. Any coalition can follow a regime: it pays its members' parts and opens at each site the
cheapest size with room enough. That is a plan, so its cost is an upper bound of c(S), computed for
thousands of coalitions in one pass.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.alliance.participation import Participation
from optimizer.problem.problem import Bools, Floats, Ints, Problem

__all__ = ["Regime", "RegimeBuilder"]

ROOM_SLACK = 1e-9
UNUSED = 1e-9


@dataclass(frozen=True, eq=False)
class Regime:
    """How each member is served.

    Attributes
    ----------
    cost : float64, shape (n,)
        Σ c x plus the fees of its own gates; inf for members that the regime does not know.
    load : float64, shape (n, measures)
    uses_site : bool, shape (n, sites)
    """

    cost: Floats
    load: Floats
    uses_site: Bools


class RegimeBuilder:
    """Takes plans apart by member and costs coalitions that follow a regime.

    Only problems whose shared costs are all of sites with their sizes are taken (`applies`): no modules,
    tiers, overflow, rules or shared gates with fees, and every measure supplied by one site at most.
    """

    def __init__(self, participation: Participation) -> None:
        self.participation = participation
        members = participation.members
        problem = members.problem
        self.applies = _all_shared_cost_is_of_sites(problem, members.member_of_gate)
        if not self.applies:
            return
        n, model = participation.n, participation.model
        row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
        owner = members.member_of_row[row]
        option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
        width = len(model.cost)
        self._parts = sparse.csr_array(
            (problem.option_cost, (owner, np.arange(problem.n_options))), shape=(n, width)
        )
        fees = np.flatnonzero((model.gate_column >= 0) & (members.member_of_gate >= 0))
        self._parts = self._parts + sparse.csr_array(
            (problem.gate_fee[fees], (members.member_of_gate[fees], model.gate_column[fees])),
            shape=(n, width),
        )
        self._use = sparse.csr_array(
            (
                problem.option_use_amount,
                (owner[option] * problem.n_measures + problem.option_use_measure, option),
            ),
            shape=(n * problem.n_measures, width),
        )
        self._visits = _site_visits(problem, owner, width, n)
        self._site_of_measure = _site_of_measure(problem)

    def of_plan(self, coalition: int, point: Floats) -> Regime:
        """Take a coalition's plan apart; members outside are unknown."""
        n, problem = self.participation.n, self.participation.members.problem
        inside = (coalition >> np.arange(n) & 1).astype(np.bool_)
        cost = np.where(inside, self._parts @ point, np.inf)
        load = (self._use @ point).reshape(n, problem.n_measures)
        uses = (self._visits @ point).reshape(n, problem.n_sites) > UNUSED
        return Regime(cost, load, uses)

    def with_sizes(self, sizes: Bools) -> Regime:
        """Return the regime in which each member uses open sites as if they were free and empty."""
        problem = self.participation.members.problem
        site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
        open_site = np.zeros(problem.n_sites, dtype=np.bool_)
        open_site[site[sizes]] = True
        n = self.participation.n
        single = [self.participation.cost_of(1 << i, open_site[site], sizes_free=True) for i in range(n)]
        known = [
            self.of_plan(1 << i, answer.point) for i, answer in enumerate(single) if answer.point is not None
        ]
        return merged(known)

    def costs(self, regime: Regime, incidence: Floats) -> Floats:
        """Return U(S) for coalitions given as 0/1 rows, shape (rows,); inf where the regime has no room.

        Parameters
        ----------
        regime
            How members are served.
        incidence
            Shape (rows, n).
        """
        problem = self.participation.members.problem
        known = np.isfinite(regime.cost)
        total = incidence[:, known] @ regime.cost[known] + self.participation.model.offset
        total[incidence[:, ~known].any(axis=1)] = np.inf
        need = incidence @ regime.load - problem.measure_supply
        owner = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
        for site in range(problem.n_sites):
            used = incidence[:, regime.uses_site[:, site]].any(axis=1)
            measures = np.flatnonzero(self._site_of_measure == site)
            first, last = problem.site_start[site], problem.site_start[site + 1]
            cheapest = np.where(used | (need[:, measures] > ROOM_SLACK).any(axis=1), np.inf, 0.0)
            for size in range(first, last):
                room = np.zeros(len(measures))
                entries = np.flatnonzero(owner == size)
                where = np.searchsorted(measures, problem.size_supply_measure[entries])
                room[where] = problem.size_supply_amount[entries]
                fits = (need[:, measures] <= room + ROOM_SLACK * (1 + room)).all(axis=1)
                cheapest = np.where(fits, np.minimum(cheapest, problem.size_cost[size]), cheapest)
            total += cheapest
        standing = np.flatnonzero(self._site_of_measure < 0)
        total[(need[:, standing] > ROOM_SLACK).any(axis=1)] = np.inf
        return np.asarray(total, dtype=np.float64)


def merged(regimes: list[Regime]) -> Regime:
    """Put regimes of different members together; the first that knows a member counts."""
    cost, load, uses = regimes[0].cost.copy(), regimes[0].load.copy(), regimes[0].uses_site.copy()
    for regime in regimes[1:]:
        new = ~np.isfinite(cost) & np.isfinite(regime.cost)
        cost[new], load[new], uses[new] = regime.cost[new], regime.load[new], regime.uses_site[new]
    return Regime(cost, load, uses)


def _site_of_measure(problem: Problem) -> Ints:
    """Return the one site whose sizes supply each measure, or -1 where none does."""
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    result = np.full(problem.n_measures, -1, dtype=np.int64)
    result[problem.size_supply_measure] = site[size]
    return result


def _all_shared_cost_is_of_sites(problem: Problem, member_of_gate: Ints) -> bool:
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    one_site = bool((_site_of_measure(problem)[problem.size_supply_measure] == site[size]).all())
    counts = np.diff(problem.gate_size_start)
    under = np.flatnonzero(counts)
    any_size = bool(
        (
            counts[under]
            == np.diff(problem.site_start)[site[problem.gate_size[problem.gate_size_start[under]]]]
        ).all()
    )
    plain = not (
        problem.n_modules or problem.n_tiers or problem.n_rules or (problem.overflow_limit > 0).any()
    )
    own_fees = bool((problem.gate_fee[member_of_gate < 0] == 0).all())
    return plain and one_site and any_size and own_fees and not problem.row_single.any()


def _site_visits(problem: Problem, owner: Ints, width: int, n: int) -> sparse.csr_array:
    """Return the matrix that tells how much each member uses each site through gates."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    gate = problem.option_gate.astype(np.int64)
    under = np.diff(problem.gate_size_start)[gate] > 0
    option, gate = option[under], gate[under]
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    of_gate = site[problem.gate_size[problem.gate_size_start[gate]]]
    return sparse.csr_array(
        (np.ones(len(option)), (owner[option] * problem.n_sites + of_gate, option)),
        shape=(n * problem.n_sites, width),
    )
