"""Checks of zones: what lanes, surcharges and distances name must be priced on the rate card."""

from collections.abc import Callable

from optimizer.errors import Fault
from optimizer.scenario.faultlist import Tables, cell_faults, suggestion

__all__ = ["zone_faults"]

_UNPRICED = "The rate card has no breaks for this zone."


def zone_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each zone that is not on its card, and for each lane that cannot find its zone."""
    if any(name not in tables for name in ("rate_cards", "rate_breaks")):
        return []
    zones: dict[str, set[str]] = {card: set() for card in tables["rate_cards"]["card"]}
    for card, zone in zip(tables["rate_breaks"]["card"], tables["rate_breaks"]["zone"], strict=True):
        zones.setdefault(card, set()).add(zone)
    faults = _lane_faults(tables, zones) if {"lanes", "services", "distance_zones"} <= tables.keys() else []
    for name in ("surcharges", "distance_zones"):
        if name in tables:
            frame = tables[name]
            pairs = list(zip(frame["card"], frame["zone"], strict=True))
            bad = [
                zone not in {"*", ""} and card in zones and zone not in zones[card] for card, zone in pairs
            ]
            faults += cell_faults(frame, "zone", bad, _UNPRICED, _nearest_zone(pairs, zones))
    return faults


def _lane_faults(tables: Tables, zones: dict[str, set[str]]) -> list[Fault]:
    """Return a fault for each lane whose zone is not on its card, or whose card has no zones by distance."""
    lanes = tables["lanes"]
    cards = dict(zip(tables["services"]["service"], tables["services"]["rate_card"], strict=True))
    pairs = [(cards.get(name, ""), zone) for name, zone in zip(lanes["service"], lanes["zone"], strict=True)]
    by_distance = set(tables["distance_zones"]["card"])
    unpriced = [card in zones and zone != "" and zone not in zones[card] for card, zone in pairs]
    unknown = [card in zones and zone == "" and card not in by_distance for card, zone in pairs]
    return cell_faults(lanes, "zone", unpriced, _UNPRICED, _nearest_zone(pairs, zones)) + cell_faults(
        lanes,
        "zone",
        unknown,
        "The zone is empty, but distance_zones has no rows for the card.",
        lambda index: f"Name a zone, or add distance_zones for the card {pairs[index][0]}.",
    )


def _nearest_zone(pairs: list[tuple[str, str]], zones: dict[str, set[str]]) -> Callable[[int], str]:
    """Return the sentence that names the nearest zone of a card."""

    def mend(index: int) -> str:
        card, zone = pairs[index]
        return suggestion(zone, zones[card]) if zones[card] else f"Add the card {card} to rate_breaks."

    return mend
