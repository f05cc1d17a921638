"""Random siting games of one class: capacitated sites of several sizes, shared by members."""

import numpy as np

from optimizer.alliance.member_problem import MemberProblem
from optimizer.problem.builder import ProblemBuilder

__all__ = ["random_siting_game"]


def random_siting_game(
    members: int, seed: int, sites: int = 8, sizes: int = 3, markets: int = 12
) -> MemberProblem:
    """Return a random siting game: every market of every member is one row.

    A row is served directly (dear), or through an open site with room; a member that uses a site pays
    an onboarding fee. Larger sizes cost less per unit; the largest holds most, but not all, of what
    everybody needs together.

    Parameters
    ----------
    members, seed
        Number of members; seed of the draw.
    sites, sizes, markets
        Candidate sites, sizes of each, markets; by default the class on which row generation was tried.

    >>> game = random_siting_game(3, seed=1)
    >>> game.problem.n_rows, game.problem.n_options, game.problem.n_sizes, game.problem.n_gates
    (36, 324, 24, 24)
    """
    random = np.random.default_rng([members, seed])
    market_place, site_place = random.random((markets, 2)), random.random((sites, 2))
    distance = np.linalg.norm(market_place[:, None] - site_place[None, :], axis=2)
    demand = random.lognormal(5.0, 0.6, (members, 1)) * random.dirichlet(np.ones(markets), members)
    demand = np.maximum(demand, 0.5)
    builder = ProblemBuilder()
    rows = builder.add_rows(demand.ravel()).reshape(members, markets)
    site = builder.add_sites(sites)
    part = np.geomspace(0.15, 0.8, sizes)
    capacity = demand.sum() * part[None, :] * random.uniform(0.8, 1.2, (sites, 1))
    cost = 8.0 * capacity**0.75 * random.uniform(0.8, 1.3, (sites, 1)) * (demand.sum() / members) ** 0.25 / 2
    size = builder.add_sizes(np.repeat(site, sizes), cost.ravel())
    space = builder.add_measures(builder.add_resources(sites), np.zeros(sites))
    builder.add_size_supply(size, np.repeat(space, sizes), capacity.ravel())
    fee = random.uniform(0.3, 1.0, (members, sites)) * demand.sum(axis=1).mean()
    gates = builder.add_gates(fee.ravel(), np.tile(site, members)).reshape(members, sites)
    direct = random.uniform(9.0, 14.0, (1, markets)) * demand
    builder.add_options(rows.ravel(), direct.ravel())
    shipped = demand[:, :, None] * (3.0 + 9.0 * distance[None, :, :])
    for k in range(sites):
        builder.add_options(
            rows.ravel(),
            shipped[:, :, k].ravel(),
            gates=np.repeat(gates[:, k], markets),
            measures=np.full(rows.size, space[k]),
            amounts=demand.ravel(),
        )
    built = builder.build()
    owner = np.repeat(np.arange(members), markets)
    names = tuple(f"member {i + 1}" for i in range(members))
    return MemberProblem(built.problem, names, owner, np.repeat(np.arange(members), sites))
