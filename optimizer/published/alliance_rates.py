"""Cost per order in the alliance family: round figures of 2025-26 tariffs, the same for every seed.

Sources: the postal, line and warehouse figures follow the published comparison by weight (postal 6.2 USD at
0.2 kg to 24.2 at 2 kg, alliance warehouse 13.8 at 1 kg); containers from forwarders' 2025 CN-US and CN-EU
rates with an LCL break-even at 15 m³; air from the Freightos index of December 2025. The rest is assumed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.published.alliance_places import Places, distance_km

__all__ = ["Goods", "air_cost", "container_cost", "direct_costs", "sea_cost", "site_cost", "site_month_cost"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

POSTAL_CAP_KG = 2.0
ZONE_KM = np.array([240.0, 480.0, 960.0, 1600.0, 2250.0, 2900.0])
DAYS_PER_MONTH = 30.4
CAPITAL_PER_DAY = 0.10 / 365.0
CONTAINER_M3_T = np.array([[65.0, 19.0], [27.0, 17.0]])
"""Usable volume and road-legal payload of a 40HQ and a 20GP."""


@dataclass(frozen=True)
class Goods:
    """Product classes: kg, m³ and value in USD of one order, and its duty rate; shape (members, classes)."""

    weight_kg: Floats
    volume_m3: Floats
    value: Floats
    duty_rate: Floats


def draw_goods(random: np.random.Generator, members: int, classes: int) -> Goods:
    """Weights log-normal around 0.6 kg, densities 80-350 kg/m³, values 8-50 USD/kg, duties 0-12 %."""
    shape = (members, classes)
    weight = np.clip(np.exp(random.normal(np.log(0.6), 1.0, shape)), 0.05, 10.0)
    density = random.uniform(80.0, 350.0, shape)
    value = weight * random.uniform(8.0, 50.0, shape)
    return Goods(weight, weight / density, value, random.uniform(0.0, 0.12, shape))


def _duty(goods: Goods, region: Ids) -> Floats:
    """Duty on half the selling value (the export value), plus ten points in the US."""
    duty: Floats = 0.5 * goods.value[..., None] * (goods.duty_rate[..., None] + 0.10 * (region == 0))
    return duty


def direct_costs(goods: Goods, region: Ids) -> Floats:
    """Postal, express and line, per order, shape (3, members, classes, markets); `inf` where barred.

    Postal forgoes the export VAT refund (9 % of value) and loses 3 %; small parcels into Europe pay 3 EUR.
    """
    kg, value = goods.weight_kg[..., None], goods.value[..., None]
    duty = np.where(region == 0, _duty(goods, region), 3.5)
    express_kg = np.maximum(kg, goods.volume_m3[..., None] * 200.0)
    line_kg = np.maximum(kg, goods.volume_m3[..., None] * 125.0)
    farther = np.where(region == 0, 1.0, 0.92)
    postal = np.where(kg <= POSTAL_CAP_KG, 4.2 + 10.0 * kg * farther + 0.12 * value + duty, np.inf)
    express = 14.0 + 5.5 * express_kg * farther + 0.005 * value + duty
    line = 6.0 + 8.6 * line_kg * farther + 0.01 * value + duty
    return np.stack([postal, express, line])


def site_cost(goods: Goods, places: Places) -> Floats:
    """Handling, duty, loss and last mile per order, shape (members, classes, markets, sites)."""
    sites, markets = places.sites, places.markets
    zone = np.searchsorted(ZONE_KM, distance_km(markets, sites))
    kg = goods.weight_kg[..., None, None]
    last_mile = 4.4 + 0.3 * zone + (0.45 + 0.16 * zone) * kg
    origin, target = sites["country"].to_numpy(), markets["country"].to_numpy()[:, None]
    outside = np.isin(target, ["GB", "CH", "NO"]) | np.isin(origin, ["GB", "CH", "NO"])
    border = np.where(target == origin, 0.0, np.where(outside, 5.0, 2.2))
    duty = _duty(goods, markets["region"].to_numpy())[..., None]
    loss = 0.01 * goods.value[..., None, None]
    return np.asarray(1.5 + 0.3 * kg + last_mile + border + duty + loss, dtype=np.float64)


def stay_cost(goods: Goods, places: Places, days_transit: float, days_stock: float) -> Floats:
    """Storage by rent and capital, per order, shape (members, classes, sites)."""
    rent = places.sites["rent_eur_m2_month"].to_numpy(dtype=np.float64)
    storage = goods.volume_m3[..., None] * rent * 0.045 * days_stock
    cost: Floats = storage + goods.value[..., None] * CAPITAL_PER_DAY * (days_transit + days_stock)
    return cost


def sea_cost(goods: Goods, places: Places, origin_km: Floats, months_ahead: int) -> Floats:
    """Linear part of sea freight: first leg, handling at both ends, stay; shape as `stay_cost`."""
    handling = 12.0 + 20.0 + 0.10 * origin_km
    linear = goods.volume_m3 * handling[:, None]
    return linear[..., None] + stay_cost(goods, places, 45.0, 30.0 + DAYS_PER_MONTH * months_ahead)


def air_cost(goods: Goods, places: Places) -> Floats:
    """Air freight by chargeable weight (167 kg/m³) to a site, with 15 days of stock; shape as `stay_cost`."""
    chargeable = np.maximum(goods.weight_kg, goods.volume_m3 * 167.0)[..., None]
    rate = np.where(places.sites["region"].to_numpy() == 0, 6.3, 4.1) + 0.6
    return chargeable * rate + stay_cost(goods, places, 8.0, 15.0)


def container_cost(places: Places, season: float) -> Floats:
    """Cost of one 40HQ and one 20GP from a consolidation port to each site, shape (2, ports, sites).

    Sea by region, charges at the port, truck from the nearest port of entry; the southern consolidation
    port is 4 % dearer. A 20GP costs 0.58 of the sea rate of a 40HQ.
    """
    sites, ports = places.sites, places.ports
    other = sites["region"].to_numpy()[:, None] != ports["region"].to_numpy()
    km = np.where(other, np.inf, distance_km(sites, ports))
    port = np.argmin(km, axis=1)
    truck = 250.0 + 1.9 * 1.2 * km[np.arange(len(sites)), port]
    east = ports["lon"].to_numpy(dtype=np.float64)[port] > -90.0
    sea = np.where(sites["region"].to_numpy() == 1, 3400.0, np.where(east, 3900.0, 2900.0)) * season
    sea = sea * np.array([1.0, 1.04])[: len(places.consolidation), None]
    return np.stack([sea + 850.0 + truck, 0.58 * sea + 700.0 + truck])


def site_month_cost(places: Places, capacity_m3: Floats, capacity_orders: Floats) -> Floats:
    """Monthly cost of each size: 2000 to run it, rent of 1.1 m² per m³, 0.10 per order of capacity."""
    rent = places.sites["rent_eur_m2_month"].to_numpy(dtype=np.float64)[:, None]
    cost: Floats = 2000.0 + 1.1 * rent * capacity_m3 + 0.10 * capacity_orders
    return cost


def season_of_months(periods: int) -> tuple[Floats, Floats]:
    """Demand index (e-commerce by month) and sea freight index (peak August to October) of each period."""
    demand = np.array([0.94, 0.88, 0.97, 0.94, 0.97, 0.95, 0.98, 0.97, 0.96, 1.0, 1.24, 1.2])
    freight = np.array([1.05, 1.0, 0.95, 0.95, 0.98, 1.05, 1.12, 1.25, 1.25, 1.15, 1.0, 1.0])
    if periods == 1:
        return np.ones(1), np.ones(1)
    month = np.arange(periods) % 12
    return demand[month], freight[month]


def nearest(first: pd.DataFrame, second: pd.DataFrame) -> Ids:
    """Nearest of the second places to each of the first."""
    closest: Ids = np.argmin(distance_km(first, second), axis=1)
    return closest
