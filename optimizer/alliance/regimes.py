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
        self._option_sites = _option_sites(problem)
        self._visits = _site_visits(self._option_sites, owner, width, n)
        self._greedy_cache: dict[bytes, Regime] = {}
        self._site_of_measure = _site_of_measure(problem)

    def of_plan(self, coalition: int, point: Floats) -> Regime:
        """Take a coalition's plan apart; members outside are unknown."""
        n, problem = self.participation.n, self.participation.members.problem
        inside = (coalition >> np.arange(n) & 1).astype(np.bool_)
        cost = np.where(inside, self._parts @ point, np.inf)
        load = (self._use @ point).reshape(n, problem.n_measures)
        uses = (self._visits @ point).reshape(n, problem.n_sites) > UNUSED
        return Regime(cost, load, uses)

    def over_sites(self, open_sites: Bools) -> Regime:
        """Return the regime in which each member uses the given sites as if they had room for all.

        Every row takes its cheapest option among those whose gates all stand under the given sites (or
        under none), and a member weighs its own fees by trying every subset of the sites.
        """
        chosen = np.flatnonzero(open_sites)
        best: Regime | None = None
        for subset in range(1 << len(chosen)):
            allowed = np.zeros(len(open_sites), dtype=np.bool_)
            allowed[chosen[(subset >> np.arange(len(chosen)) & 1) == 1]] = True
            regime = self._greedy(allowed)
            best = regime if best is None else cheaper(best, regime)
        return best if best is not None else self._greedy(np.zeros(len(open_sites), dtype=np.bool_))

    def _greedy(self, allowed: Bools) -> Regime:
        """Serve each row by its cheapest option over the allowed sites; cached by sites."""
        key = allowed.tobytes()
        if key not in self._greedy_cache:
            problem, model = self.participation.members.problem, self.participation.model
            blocked = (self._option_sites @ ~allowed) > 0
            cost = np.where(blocked, np.inf, problem.option_cost)
            row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
            order = np.lexsort((cost, row))
            first = order[np.searchsorted(row[order], np.arange(problem.n_rows))]
            served = np.isfinite(cost[first])
            point = np.zeros(len(model.cost))
            point[first[served]] = 1.0
            gates = np.unique(np.concatenate([np.zeros(0, np.int64), *self._gates_of(first[served])]))
            columns = model.gate_column[gates]
            point[columns[columns >= 0]] = 1.0
            regime = self.of_plan((1 << self.participation.n) - 1, point)
            unserved = np.unique(self.participation.members.member_of_row[~served])
            regime.cost[unserved] = np.inf
            self._greedy_cache[key] = regime
        return self._greedy_cache[key]

    def _gates_of(self, options: Ints) -> list[Ints]:
        problem = self.participation.members.problem
        start = problem.option_gate_start
        return [problem.option_gate[start[k] : start[k + 1]].astype(np.int64) for k in options.tolist()]

    def costs(self, regime: Regime, incidence: Floats) -> Floats:
        """Return U(S) for coalitions given as 0/1 rows, shape (rows,); inf where the regime has no room.

        Parameters
        ----------
        regime
            How members are served.
        incidence
            Shape (rows, n).
        """
        members = self.participation.members
        problem = members.problem
        known = np.isfinite(regime.cost)
        total = incidence[:, known] @ regime.cost[known] + self.participation.model.offset
        total[incidence[:, ~known].any(axis=1)] = np.inf
        need = incidence @ regime.load - problem.measure_supply
        if members.member_supply is not None:
            need += (1.0 - incidence) @ members.member_supply
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


def cheaper(one: Regime, two: Regime) -> Regime:
    """Take each member from the regime in which it pays less."""
    better = two.cost < one.cost
    return Regime(
        np.where(better, two.cost, one.cost),
        np.where(better[:, None], two.load, one.load),
        np.where(better[:, None], two.uses_site, one.uses_site),
    )


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


def _option_sites(problem: Problem) -> sparse.csr_array:
    """Return the 0/1 matrix of the sites under whose gates each option stands, (options, sites)."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    gate = problem.option_gate.astype(np.int64)
    under = np.diff(problem.gate_size_start)[gate] > 0
    option, gate = option[under], gate[under]
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    of_gate = site[problem.gate_size[problem.gate_size_start[gate]]]
    return sparse.csr_array(
        (np.ones(len(option)), (option, of_gate)), shape=(problem.n_options, problem.n_sites)
    )


def _site_visits(option_sites: sparse.csr_array, owner: Ints, width: int, n: int) -> sparse.csr_array:
    """Return the matrix that tells how much each member uses each site, (n · sites, columns)."""
    entries = option_sites.tocoo()
    option, site = entries.coords
    count = option_sites.shape[1]
    return sparse.csr_array(
        (np.ones(len(option)), (owner[option] * count + site, option)), shape=(n * count, width)
    )
