r"""The alliance family S, M, L, XL: shared warehouses with mode choice, on real places.

Recipe (``numpy.random.default_rng([2026, seed])``, draws in this order: goods, monthly orders of members,
shares of classes, share of the US, orders of each row, fees of member gates):

- rows: member × class × market × period with Poisson orders > 0; a member sends U(8000, 32000) orders a
  month, split over its classes by Dirichlet(4), to the US with share U(0.3, 0.8), over markets by population;
  the one period of S, M and L is a year, the twelve of XL are months with their season;
- options of a row: postal (≤ 2 kg), express, line; every site of the market's region by pooled sea freight,
  sent in the period itself or up to `ahead` months before; the `air_sites` nearest of them by air;
- gates: one per member and site, with a fee, under the site; a site has three sizes, 8, 20 and 45 % of its
  region's volume and orders of a mean period; its capacity per period is a resource with two measures, m³
  (for every month in which stock lies there) and orders;
- freight: one resource per consolidation port, site and period, with measures m³ and t; modules 40HQ and
  20GP, and LCL by W/M as overflow at 1/15 of a 20GP per m³ or t. A member ships from its nearest port.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.legs import Legs
from optimizer.published.alliance_legs import LegTable, Supply
from optimizer.published.alliance_places import Places, distance_km, places
from optimizer.published.alliance_rates import (
    CONTAINER_M3_T,
    Goods,
    air_cost,
    container_cost,
    direct_costs,
    draw_goods,
    nearest,
    sea_cost,
    season_of_months,
    site_cost,
    site_month_cost,
)

__all__ = ["ALLIANCE_SIZES", "AllianceSize", "alliance_over_legs", "alliance_problem"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
SIZE_SHARES = np.array([0.08, 0.20, 0.45])


@dataclass(frozen=True)
class AllianceSize:
    """Dimensions of one member of the family."""

    members: int
    classes: int
    markets: int
    sites: int
    periods: int
    air_sites: int
    ahead: int = 0
    months_per_period: int = 12

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return self.periods * self.months_per_period


ALLIANCE_SIZES = {
    "S": AllianceSize(members=3, classes=4, markets=30, sites=8, periods=1, air_sites=2),
    "M": AllianceSize(members=8, classes=5, markets=60, sites=20, periods=1, air_sites=8),
    "L": AllianceSize(members=10, classes=10, markets=200, sites=40, periods=1, air_sites=12),
    "XL": AllianceSize(
        members=10, classes=10, markets=200, sites=40, periods=12, air_sites=8, ahead=2, months_per_period=1
    ),
}


def alliance_problem(size: str | AllianceSize, seed: int = 0) -> Problem:
    """Generate one alliance; see the module docstring for the recipe.

    Parameters
    ----------
    size
        "S", "M", "L", "XL" or other dimensions.
    seed
        Seed of the draw.

    Examples
    --------
    >>> problem = alliance_problem("S")
    >>> problem.n_rows, problem.n_sites, problem.n_sizes, problem.n_gates
    (360, 8, 24, 24)
    """
    return _generated(size, seed, None)


def alliance_over_legs(size: str | AllianceSize, seed: int = 0) -> tuple[Problem, Legs]:
    """Generate one alliance with the legs that its options fall apart into; see `alliance_legs`.

    Examples
    --------
    >>> problem, legs = alliance_over_legs("S")
    >>> problem.n_options, legs.count
    (3210, 1728)
    """
    tables: list[LegTable] = []
    problem = _generated(size, seed, tables)
    return problem, tables[0].legs()


def _generated(size: str | AllianceSize, seed: int, tables: list[LegTable] | None) -> Problem:
    """Make the alliance; a table of its legs is put into `tables` where there is such a list."""
    size = ALLIANCE_SIZES[size] if isinstance(size, str) else size
    random = np.random.default_rng([2026, seed])
    where = places(size.markets, size.sites)
    goods = draw_goods(random, size.members, size.classes)
    orders = _draw_orders(random, size, where)
    builder = ProblemBuilder()
    frame = _add_resources(builder, random, size, where, goods, orders)
    costs = _Costs(size, where, goods)
    supply = Supply(costs.sea, costs.air, costs.port, frame.lane, frame.site)
    table = None if tables is None else LegTable(goods, supply, size.air_sites)
    for member in range(size.members):
        _add_member(builder, size, where, goods, costs, frame, orders, member, table)
    if tables is not None and table is not None:
        tables.append(table)
    return builder.build().problem


def _draw_orders(random: np.random.Generator, size: AllianceSize, where: Places) -> npt.NDArray[np.int64]:
    """Orders per member, class, market and period."""
    monthly = random.uniform(8000.0, 32000.0, size.members)
    shares = random.dirichlet(np.full(size.classes, 4.0), size.members)
    to_us = random.uniform(0.3, 0.8, size.members)
    region = where.markets["region"].to_numpy()
    people = where.markets["population"].to_numpy(dtype=np.float64)
    within = people / np.bincount(region, weights=people)[region]
    by_market = np.where(region == 0, to_us[:, None], 1.0 - to_us[:, None]) * within
    season = season_of_months(size.periods)[0]
    mean = (
        (monthly[:, None] * shares)[:, :, None, None]
        * by_market[:, None, :, None]
        * season
        * size.months_per_period
    )
    orders: npt.NDArray[np.int64] = random.poisson(mean)
    return orders


@dataclass(frozen=True, eq=False)
class _Frame:
    """Numbers of gates (member, site) and of measures, with a trailing axis for the measure."""

    gate: npt.NDArray[np.int32]
    lane: npt.NDArray[np.int32]
    site: npt.NDArray[np.int32]


def _add_resources(
    builder: ProblemBuilder,
    random: np.random.Generator,
    size: AllianceSize,
    where: Places,
    goods: Goods,
    orders: npt.NDArray[np.int64],
) -> _Frame:
    sites = builder.add_sites(size.sites)
    capacity = _size_capacity(size, where, goods, orders)
    cost = _cost_of_sizes(size, where, capacity)
    sizes = builder.add_sizes(np.repeat(sites, len(SIZE_SHARES)), cost.ravel()).reshape(cost.shape)
    fee = random.uniform(150.0, 400.0, (size.members, size.sites)) * size.months
    gate = builder.add_gates(fee.ravel(), np.tile(sites, size.members)).reshape(fee.shape)
    months = builder.add_resources(size.sites * size.periods)
    site = builder.add_measures(np.repeat(months, 2), 0.0).reshape(size.sites, size.periods, 2)
    shape = (size.sites, len(SIZE_SHARES), size.periods, 2)
    builder.add_size_supply(
        np.broadcast_to(sizes[:, :, None, None], shape).ravel(),
        np.broadcast_to(site[:, None], shape).ravel(),
        np.broadcast_to(capacity[:, :, None, :], shape).ravel(),
    )
    return _Frame(
        gate.astype(np.int32), _add_lanes(builder, size, where).astype(np.int32), site.astype(np.int32)
    )


def _cost_of_sizes(size: AllianceSize, where: Places, capacity: Floats) -> Floats:
    """Cost over the horizon, shape (sites, sizes)."""
    monthly = capacity / size.months_per_period
    return site_month_cost(where, monthly[..., 0], monthly[..., 1]) * size.months


def _size_capacity(size: AllianceSize, where: Places, goods: Goods, orders: npt.NDArray[np.int64]) -> Floats:
    """Capacity in m³ and orders per period, shape (sites, sizes, 2)."""
    region = where.markets["region"].to_numpy()
    by_market = orders.sum(axis=3) / size.periods
    volume = np.bincount(region, weights=(by_market * goods.volume_m3[..., None]).sum(axis=(0, 1)))
    count = np.bincount(region, weights=by_market.sum(axis=(0, 1)))
    total = np.column_stack([volume, count])[where.sites["region"].to_numpy()]
    capacity: Floats = np.ceil(total[:, None, :] * SIZE_SHARES[:, None])
    return capacity


def _add_lanes(builder: ProblemBuilder, size: AllianceSize, where: Places) -> Ids:
    """Freight resources of each consolidation port, site and month: measures m³ and t."""
    season = season_of_months(size.periods)[1]
    cost = np.stack([container_cost(where, index) for index in season], axis=-1)
    shape = cost.shape[1:]
    lanes = builder.add_resources(
        int(np.prod(shape)), overflow_price=cost[1].ravel() / 15.0, overflow_limit=np.inf
    )
    measures = builder.add_measures(np.repeat(lanes, 2), 0.0).reshape(*shape, 2)
    for kind in range(2):
        modules = builder.add_modules(lanes, cost[kind].ravel(), 2000)
        for measure in range(2):
            builder.add_module_supply(modules, measures[..., measure].ravel(), CONTAINER_M3_T[kind, measure])
    return measures


class _Costs:
    """Cost per order of direct services and, by site, of sea and air; sites ranked for each market."""

    def __init__(self, size: AllianceSize, where: Places, goods: Goods) -> None:
        self.direct = direct_costs(goods, where.markets["region"].to_numpy())
        self.at_site = site_cost(goods, where)
        port = nearest(where.origins, where.consolidation)
        origin_km = distance_km(where.origins, where.consolidation)[np.arange(len(port)), port]
        member_origin = np.arange(size.members) % len(where.origins)
        self.port = port[member_origin]
        self.sea = [sea_cost(goods, where, origin_km[member_origin], a) for a in range(size.ahead + 1)]
        self.air = air_cost(goods, where)
        far = distance_km(where.markets, where.sites)
        other = where.markets["region"].to_numpy()[:, None] != where.sites["region"].to_numpy()
        ranked = np.argsort(np.where(other, np.inf, far), axis=1, kind="stable")
        self.sites = ranked[:, : size.sites // 2].astype(np.int32)


def _add_member(
    builder: ProblemBuilder,
    size: AllianceSize,
    where: Places,
    goods: Goods,
    costs: _Costs,
    frame: _Frame,
    orders: npt.NDArray[np.int64],
    member: int,
    table: LegTable | None,
) -> None:
    """Add the rows of one member and their options: a table (rows, slots), barred slots taken out."""
    klass, market, month = np.nonzero(orders[member])
    count = orders[member][klass, market, month].astype(np.float64)
    rows = builder.add_rows(count)
    volume, tonnes = goods.volume_m3[member, klass] * count, goods.weight_kg[member, klass] * count / 1000.0
    key = (klass, market, month)
    by_sea = [_sea_slots(costs, frame, member, key, ahead) for ahead in range(size.ahead + 1)]
    by_air = _air_slots(costs, frame, size.air_sites, member, key)
    slots = [_direct_slots(costs, member, klass, market), *by_sea, by_air]
    width = 3 + size.ahead + 1
    per_order = np.concatenate([slot[0] for slot in slots], axis=1)
    gate = np.concatenate([slot[1] for slot in slots], axis=1)
    measures = np.concatenate([_widen(slot[2], width) for slot in slots], axis=1)
    kept = np.isfinite(per_order)
    row = np.broadcast_to(np.arange(len(rows))[:, None], kept.shape)[kept]
    amounts = np.column_stack([volume, tonnes, count, *[volume] * (size.ahead + 1)])
    builder.add_options(
        rows[row],
        per_order[kept] * count[row],
        gates=gate[kept],
        measures=measures[kept],
        amounts=amounts[row],
    )
    if table is not None:
        site = costs.sites[market]
        cost = costs.at_site[member, klass[:, None], market[:, None], site]
        table.add(member, key, rows, site, frame.gate[member, site], cost, kept)


Slots = tuple[Floats, npt.NDArray[np.int32], npt.NDArray[np.int32]]
"""Cost per order, gate, and measures in the order m³ of the lane, t of the lane, orders, m³ by month."""


def _direct_slots(costs: _Costs, member: int, klass: Ids, market: Ids) -> Slots:
    cost = costs.direct[:, member, klass, market].T
    return cost, np.full(cost.shape, -1, np.int32), np.full((*cost.shape, 3), -1, np.int32)


def _sea_slots(costs: _Costs, frame: _Frame, member: int, key: tuple[Ids, Ids, Ids], ahead: int) -> Slots:
    klass, market, month = key
    site, sent = costs.sites[market], np.maximum(month - ahead, 0)[:, None]
    cost = costs.at_site[member, klass[:, None], market[:, None], site]
    cost = cost + costs.sea[ahead][member, klass[:, None], site]
    cost[month < ahead] = np.inf
    lane = frame.lane[costs.port[member], site, sent]
    stored = [frame.site[site, np.maximum(month - a, 0)[:, None], 0] for a in range(ahead + 1)]
    measures = np.stack([lane[..., 0], lane[..., 1], frame.site[site, month[:, None], 1], *stored], axis=-1)
    return cost, frame.gate[member, site], measures


def _air_slots(costs: _Costs, frame: _Frame, air_sites: int, member: int, key: tuple[Ids, Ids, Ids]) -> Slots:
    klass, market, month = key
    site = costs.sites[market][:, :air_sites]
    cost = costs.at_site[member, klass[:, None], market[:, None], site]
    cost = cost + costs.air[member, klass[:, None], site]
    at_site = frame.site[site, month[:, None]]
    none = np.full(site.shape, -1, np.int32)
    measures = np.stack([none, none, at_site[..., 1], at_site[..., 0]], axis=-1)
    return cost, frame.gate[member, site], measures


def _widen(measures: npt.NDArray[np.int32], width: int) -> npt.NDArray[np.int32]:
    missing = width - measures.shape[-1]
    return np.pad(measures, ((0, 0), (0, 0), (0, missing)), constant_values=-1)
