"""How the options of an alliance fall apart: a head from a site to a row, a tail from a port to the site.

Heads and tails meet in a node: a class of a member at a site in a month of sale; apart for the markets that
the site serves by air as well, and for those that it does not. A head costs handling, duty, loss and last
mile and needs the member's gate at the site. A tail costs the freight and the stay, and takes all that is
used: m³ and t of the lane, orders and m³ of the site.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Leg, Legs
from optimizer.published.alliance_rates import Goods

__all__ = ["LegTable", "Supply"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Supply:
    """What tails cost and use: costs per order, shapes (members, classes, sites), and numbers of measures.

    `sea` has one table per month of sending ahead; `port` is the port of each member; `lane` has the shape
    (ports, sites, months, 2), `site` (sites, months, 2).
    """

    sea: list[Floats]
    air: Floats
    port: Ids
    lane: Indices
    site: Indices


@dataclass
class LegTable:
    """Collects the legs of all members' options, in the order in which the options are added."""

    goods: Goods
    supply: Supply
    air_sites: int
    _blocks: list[tuple[npt.NDArray[np.generic], ...]] = field(default_factory=list)
    _heads: int = 0

    def add(
        self, member: int, key: tuple[Ids, Ids, Ids], rows: Ids, site: Indices, gate: Indices, cost: Floats,
        kept: Bools,
    ) -> None:  # fmt: skip
        """Add the legs of one member's rows.

        Parameters
        ----------
        key
            Class, market and month of each row.
        site, gate, cost
            Sites of each row, nearest first, their gates, costs of heads per order; shape (rows, sites).
        kept : shape (rows, slots)
            Options there are: direct services first, then sea by months ahead, then air.
        """
        klass, _, month = key
        count, sites = site.shape
        air = np.arange(sites) < self.air_sites
        place = (member * self.goods.volume_m3.shape[1] + klass[:, None]) * len(self.supply.site) + site
        node = (place * self.supply.site.shape[1] + month[:, None]) * 2 + ~air
        head = self._heads + np.arange(count * sites).reshape(count, sites)
        kinds = len(self.supply.sea) + 1
        direct = kept.shape[1] - (kinds - 1) * sites - int(air.sum())
        none = np.full((count, direct), -1, dtype=np.int64)
        heads = np.concatenate([none, *[head] * (kinds - 1), head[:, air]], axis=1)[kept]
        by_kind = [node * kinds + kind for kind in range(kinds)]
        tails = np.concatenate([none, *by_kind[:-1], by_kind[-1][:, air]], axis=1)[kept]
        self._heads += count * sites
        self._blocks.append((heads, tails, np.repeat(rows, sites), node.ravel(), gate.ravel(), cost.ravel()))

    def legs(self) -> Legs:
        """All legs, numbered without gaps."""
        option_head, option_tail, row, node, gate, cost = (
            np.concatenate(parts) for parts in zip(*self._blocks, strict=True)
        )
        nodes = _present(node)
        kinds = len(self.supply.sea) + 1
        paired = option_tail >= 0
        tails = _present(option_tail[paired])
        number = np.full(int(tails[-1]) + 1, -1, dtype=np.int64)
        number[tails] = np.arange(len(tails))
        option_tail[paired] = number[option_tail[paired]]
        number = np.full(int(nodes[-1]) + 1, -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        none = np.zeros((len(node), 0))
        heads = Leg(number[node], cost, gate[:, None].astype(np.int64), none.astype(np.int64), none)
        return Legs(option_head, option_tail, row, heads, self._tails(number[tails // kinds], tails))

    def _tails(self, node: Ids, raw: Ids) -> Leg:
        """Cost and use per order of the tails with these raw numbers."""
        supply, kinds = self.supply, len(self.supply.sea) + 1
        kind, left = raw % kinds, raw // kinds // 2
        left, month = np.divmod(left, supply.site.shape[1])
        left, site = np.divmod(left, len(supply.site))
        member, klass = np.divmod(left, self.goods.volume_m3.shape[1])
        cost = np.stack([*supply.sea, supply.air])[kind, member, klass, site]
        volume = self.goods.volume_m3[member, klass]
        tonnes = self.goods.weight_kg[member, klass] / 1000.0
        by_air = kind == kinds - 1
        ahead = np.where(by_air, 0, kind)
        lane = supply.lane[supply.port[member], site, month - ahead]
        lane = np.where(by_air[:, None], -1, lane)
        stored = [
            np.where(ahead >= a, supply.site[site, np.maximum(month - a, 0), 0], -1) for a in range(kinds - 1)
        ]
        measure = np.column_stack([lane, supply.site[site, month, 1], *stored]).astype(np.int64)
        amount = np.column_stack([volume, tonnes, np.ones(len(raw)), *[volume] * (kinds - 1)])
        return Leg(node, cost, np.full((len(raw), 0), -1, dtype=np.int64), measure, amount)


def _present(values: Ids) -> Ids:
    """Distinct values, ascending; all are at least zero."""
    return np.flatnonzero(np.bincount(values))
