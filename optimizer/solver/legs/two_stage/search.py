"""Search among openings: close, open and swap sites as long as that pays, then shake and search again."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.legs.two_stage.network import CLOSE, OPEN, PLANT, SATELLITE, Network, Openings

__all__ = ["OpeningSearch"]

GAIN = 1e-9
"""Part of its cost that a better plan must save."""

KINDS = (SATELLITE, PLANT)

PLANT_SHARE = 0.3
"""Part of the shaken swaps that are of plants."""

LESS = 0.3
"""How often a shake closes one site more than it opens."""


class OpeningSearch:
    """Local search over openings with exact costs.

    Parameters
    ----------
    network
        Its openings are changed.
    over
        Asked between changes whether to stop.
    random
        Order of changes, and what is shaken.

    Attributes
    ----------
    best : Openings
    cost : float
        The best openings met, and what they cost.
    """

    def __init__(self, network: Network, over: Callable[[], bool], random: np.random.Generator) -> None:
        self.network, self.over, self.random = network, over, random
        self.best, self.cost = network.openings, network.cost if network.served else np.inf
        self._weight: dict[int, Floats] = {}
        self._swaps_only = True

    def start_from(self, openings: Openings) -> None:
        """Go on from these openings."""
        self.network.turn_to(openings)
        self._note()

    def weigh(self, plant: Floats, satellite: Floats) -> None:
        """Tell how likely each site is open; those with no weight are not opened."""
        self._weight = {PLANT: plant, SATELLITE: satellite}

    def descend(self) -> None:
        """Change openings as long as that saves: by swaps of two of a kind, then by single changes too."""
        for self._swaps_only in (True, False):
            idle, turn = 0, 0
            while idle < len(KINDS) and not self.over():
                idle = 0 if self._improve(KINDS[turn % len(KINDS)]) else idle + 1
                turn += 1
        self._note()

    def shake(self, swaps: int) -> None:
        """From the best openings, swap sites at random."""
        self.network.turn_to(self.best)
        for _ in range(swaps):
            kind = PLANT if self.random.random() < PLANT_SHARE else SATELLITE
            opened, closed = self.network.sites(kind, True), self._closed(kind)
            if len(opened) and len(closed):
                self.network.change(
                    kind, OPEN, int(self.random.choice(closed, p=self._chances(kind, closed)))
                )
                self.network.change(kind, CLOSE, int(self.random.choice(opened)))
        if self.random.random() < LESS:
            kind = PLANT if self.random.random() < 0.5 else SATELLITE
            self.network.change(kind, CLOSE, int(self.random.choice(self.network.sites(kind, True))))

    def _improve(self, kind: int) -> bool:
        """Try all changes of one kind of sites, and take each that saves."""
        network, gained = self.network, False
        if not self._swaps_only:
            sites = self._closed(kind)
            saved = network.most_saved(kind, sites).sum(axis=0) - network.price(kind)[sites]
            for site in sites[saved > 0.0]:
                if self.over():
                    return gained
                gained |= self._try(kind, OPEN, int(site))
        gain = self._most_gained(kind)
        for site in self.random.permutation(network.sites(kind, True)):
            if self.over():
                return gained
            if self._swap(kind, int(site), gain):
                gained, gain = True, self._most_gained(kind)
        return gained

    def _most_gained(self, kind: int) -> tuple[Floats, Floats]:
        """What opening and what closing each site can save at most, also both at once."""
        network = self.network
        opening, closing = np.full((2, len(self.network.price(kind))), -np.inf)
        closed, opened = self._closed(kind), network.sites(kind, True)
        opening[closed] = network.most_saved(kind, closed).sum(axis=0) - network.price(kind)[closed]
        closing[opened] = network.price(kind)[opened] - network.least_lost(kind, opened)
        return opening, closing

    def _try(self, kind: int, action: int, site: int) -> bool:
        network = self.network
        before = network.cost
        network.keep()
        if network.change(kind, action, site, before) < before * (1.0 - GAIN):
            network.drop_kept()
            return True
        network.put_back()
        return False

    def _swap(self, kind: int, closed: int, gain: tuple[Floats, Floats]) -> bool:
        """Close a site, for good or for another; `gain` is what these can save at most."""
        network, target = self.network, self.network.cost * (1.0 - GAIN)
        before = network.cost
        if before - gain[1][closed] - max(float(gain[0].max(initial=0.0)), 0.0) >= target:
            return False
        network.keep()
        if network.change(kind, CLOSE, closed) < target and not self._swaps_only:
            network.drop_kept()
            return True
        network.keep()
        sites = self._closed(kind)
        sites = sites[before - gain[1][closed] - gain[0][sites] < target]
        sites = sites[sites != closed]
        saved = network.most_saved(kind, sites)
        least = network.cost + network.price(kind)[sites] - saved.sum(axis=0)
        least = np.maximum(least, before - gain[1][closed] - gain[0][sites])
        for at in np.argsort(least, kind="stable"):
            if least[at] >= target:
                break
            if network.change(kind, OPEN, int(sites[at]), target, saved[:, at].copy()) < target:
                network.drop_kept()
                network.drop_kept()
                return True
            network.put_back(forget=False)
        network.drop_kept()
        network.put_back()
        return False

    def _closed(self, kind: int) -> Ints:
        closed = self.network.sites(kind, False)
        weight = self._weight.get(kind)
        return closed if weight is None else closed[weight[closed] > 0.0]

    def _chances(self, kind: int, closed: Ints) -> npt.NDArray[np.float64] | None:
        weight = self._weight.get(kind)
        return None if weight is None else weight[closed] / weight[closed].sum()

    def _note(self) -> None:
        if self.network.cost < self.cost * (1.0 - GAIN) and self.network.served:
            self.best, self.cost = self.network.openings, self.network.cost
