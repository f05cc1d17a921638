"""Checks across services, lanes, rates, sites and the planner's rules."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.faultlist import Tables, cell_faults

__all__ = ["FREIGHT_MODES", "PARCEL_MODES", "service_faults"]

PARCEL_MODES = ("postal", "express", "line", "last_mile")
FREIGHT_MODES = ("sea", "air", "rail", "truck")
_SINGLE_SITE_RULES = ("at_most_one", "requires")
_FREIGHT_LANE = ["service", "from_place", "to_place"]


def service_faults(tables: Tables) -> list[Fault]:
    """Return the faults of services, lanes, freight, surcharges, sites and rules."""
    checks: tuple[tuple[tuple[str, ...], Callable[..., list[Fault]]], ...] = (
        (("services",), _card_faults),
        (("lanes",), _lead_time_faults),
        (("freight_lanes",), _lead_time_faults),
        (("lanes", "services"), _parcel_lane_faults),
        (("freight_lanes", "services"), _freight_lane_faults),
        (("freight_lanes", "freight_rates", "services"), _unpriced_faults),
        (("freight_rates", "services"), _mode_faults),
        (("freight_rates", "containers"), _container_faults),
        (("surcharges",), _surcharge_faults),
        (("sites", "site_sizes"), _size_faults),
        (("rules",), _rule_faults),
    )
    return [
        fault
        for names, check in checks
        if all(name in tables for name in names) and len(tables[names[0]])
        for fault in check(*(tables[name] for name in names))
    ]


def _card_faults(services: pd.DataFrame) -> list[Fault]:
    """Return a fault for each parcel service without a rate card and each export without a regime."""
    parcels = services["mode"].isin(PARCEL_MODES)
    exports = services["mode"] != "last_mile"
    faults = cell_faults(
        services,
        "rate_card",
        parcels & (services["rate_card"] == ""),
        "A parcel or last-mile service needs a rate card.",
        "Name a card of rate_cards.",
    )
    return faults + cell_faults(
        services,
        "regime",
        exports & (services["mode"] != "") & (services["regime"] == ""),
        "A service that leaves the country needs an export regime.",
        "Name a regime of export_regimes.",
    )


def _lead_time_faults(lanes: pd.DataFrame) -> list[Fault]:
    """Return a fault for each lane whose 95th percentile lies below the mean, or stands alone."""
    bad = lanes["days_p95"] < lanes["days_mean"]
    faults = cell_faults(
        lanes,
        "days_p95",
        bad,
        "The time that 95 % keep cannot be shorter than the mean.",
        lambda index: f"Write at least {lanes['days_mean'].iat[index]:g}, or exchange the two.",
    )
    alone = lanes["days_p95"].notna() & lanes["days_mean"].isna()
    return faults + cell_faults(
        lanes,
        "days_p95",
        alone & (lanes["#file"] != ""),
        "days_p95 is given without days_mean.",
        "Give days_mean too.",
    )


def _mode_of(frame: pd.DataFrame, services: pd.DataFrame) -> np.ndarray:
    """Return the mode of each row's service, empty where it is unknown."""
    modes = dict(zip(services["service"], services["mode"], strict=False))
    return frame["service"].map(modes).fillna("").to_numpy()


def _parcel_lane_faults(lanes: pd.DataFrame, services: pd.DataFrame) -> list[Fault]:
    """Return a fault for each lane of parcels whose service carries freight."""
    bad = np.isin(_mode_of(lanes, services), FREIGHT_MODES)
    return cell_faults(
        lanes,
        "service",
        bad,
        "lanes holds parcel and last-mile services, this one carries freight.",
        "Move the row to freight_lanes, or name a parcel service.",
    )


def _freight_lane_faults(lanes: pd.DataFrame, services: pd.DataFrame) -> list[Fault]:
    """Return a fault for each freight lane whose service carries parcels."""
    bad = np.isin(_mode_of(lanes, services), PARCEL_MODES)
    return cell_faults(
        lanes,
        "service",
        bad,
        "freight_lanes holds freight services, this one carries parcels.",
        "Move the row to lanes, or name a service of mode sea, air, rail or truck.",
    )


def _unpriced_faults(lanes: pd.DataFrame, rates: pd.DataFrame, services: pd.DataFrame) -> list[Fault]:
    """Return a fault for each freight lane without any rate."""
    priced = set(zip(*(rates[column] for column in _FREIGHT_LANE), strict=True))
    keys = list(zip(*(lanes[column] for column in _FREIGHT_LANE), strict=True))
    return cell_faults(
        lanes,
        "service",
        np.isin(_mode_of(lanes, services), FREIGHT_MODES) & [key not in priced for key in keys],
        "freight_rates has no rate for this lane.",
        lambda index: f"Add a row for {' / '.join(keys[index])} to freight_rates, or remove the lane.",
        lambda index: " / ".join(keys[index]),
    )


def _mode_faults(rates: pd.DataFrame, services: pd.DataFrame) -> list[Fault]:
    """Return a fault for each freight rate whose mode is not that of its service."""
    modes = _mode_of(rates, services)
    bad = (modes != "") & (rates["mode"].to_numpy() != modes) & (rates["mode"].to_numpy() != "")
    return cell_faults(
        rates,
        "mode",
        bad,
        "The mode differs from that of the service.",
        lambda index: f"Write {modes[index]}, or name another service.",
    )


def _container_faults(rates: pd.DataFrame, containers: pd.DataFrame) -> list[Fault]:
    """Return a fault for each container rate whose container type is not described."""
    bad = ~rates["unit"].isin({*containers["container"], "lcl", "kg", ""})
    return cell_faults(
        rates, "unit", bad, "The table containers does not describe this container.", "Add it to containers."
    )


def _surcharge_faults(surcharges: pd.DataFrame) -> list[Fault]:
    """Return a fault for each surcharge without the threshold it needs, or with a share for a percentage."""
    needs = surcharges["condition"].isin(("side_over_cm", "weight_from_kg"))
    faults = cell_faults(
        surcharges,
        "threshold",
        needs & surcharges["threshold"].isna(),
        "The condition needs a threshold.",
        "Give the side in cm or the weight in kg.",
        lambda index: str(surcharges["condition"].iat[index]),
    )
    percent = surcharges["basis"] == "pct_of_base"
    odd = percent & (surcharges["amount"] > 0) & ((surcharges["amount"] < 0.5) | (surcharges["amount"] > 500))
    return faults + cell_faults(
        surcharges,
        "amount",
        odd,
        "A surcharge in percent lies between 0.5 and 500.",
        "Write percent: 28 percent is 28, not 0.28.",
    )


def _size_faults(sites: pd.DataFrame, sizes: pd.DataFrame) -> list[Fault]:
    """Return a fault for each site that could open but has no size."""
    bad = (sites["status"] != "Closed") & ~sites["site"].isin(set(sizes["site"])) & (sites["site"] != "")
    return cell_faults(
        sites,
        "site",
        bad,
        "The site has no row in site_sizes, so it cannot open.",
        "Add a size, or set its status to Closed.",
    )


def _rule_faults(rules: pd.DataFrame) -> list[Fault]:
    """Return a fault for each planner's rule without the value or the sites it needs."""
    needs_value = ~rules["kind"].isin((*_SINGLE_SITE_RULES, ""))
    faults = cell_faults(
        rules,
        "value",
        needs_value & rules["value"].isna(),
        "A rule of this kind needs a value.",
        "Give the number of sites, the money, the kg or the orders.",
        lambda index: str(rules["kind"].iat[index]),
    )
    count = np.array([len(str(text).split()) for text in rules["sites"]], dtype=int)
    few = (rules["kind"] == "requires") & (count < 2) | (rules["kind"] == "at_most_one") & (count == 1)
    return faults + cell_faults(
        rules,
        "sites",
        few,
        "requires takes two or more sites, at_most_one two or more (or all).",
        "Write the keys of the sites, separated by spaces.",
    )
