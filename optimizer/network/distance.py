"""Distances and travel times between places: great circle, road, sea.

Figures here are conventions of the model, not prices: they fill in what `freight_lanes` leaves empty
and measure truck legs. A lane's own `distance_km` and days always win.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import searoute

__all__ = [
    "EARTH_RADIUS_KM",
    "LANDMASSES",
    "P95_FACTOR",
    "ROAD_FACTOR",
    "TRUCK_KM_PER_DAY",
    "TRUCK_REACH_KM",
    "great_circle_km",
    "road_km",
    "same_landmass",
    "sea_km",
    "transit_days",
]

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
ROAD_FACTOR = 1.3
"""Road kilometres per kilometre of great circle (assumption, 1.2 to 1.4 in Europe and North America)."""
TRUCK_KM_PER_DAY = 500.0
"""Kilometres a truck covers per day under driving-time rules (assumption)."""
TRUCK_REACH_KM = 5500.0
"""Longest truck leg in road kilometres: coast to coast in North America."""
P95_FACTOR = 1.25
"""95 % travel time over the mean where a lane does not state it (assumption)."""
SPEED_KM_PER_DAY = {"sea": 13 * 1.852 * 24, "rail": 1000.0, "truck": TRUCK_KM_PER_DAY}
"""Sea: 13 knots with port calls; rail: 1000 km a day (assumptions)."""
AIR_DAYS = 3.0
"""Airport to airport with handling at both ends (assumption)."""
SEA_FALLBACK_FACTOR = 1.4
"""Sea over great-circle distance where the sea network gives no path."""

LANDMASSES: tuple[frozenset[str], ...] = (
    frozenset(
        (
            *("AD", "AL", "AT", "BA", "BE", "BG", "BY", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB"),
            *("GR", "HR", "HU", "IE", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "NL", "NO", "PL"),
            *("PT", "RO", "RS", "RU", "SE", "SI", "SK", "SM", "TR", "UA", "VA", "XK"),
        )
    ),
    frozenset(("US", "CA", "MX")),
    frozenset(("CN", "HK", "MO")),
    frozenset(("VN", "LA", "KH", "TH", "MY", "SG")),
    frozenset(("AR", "BR", "CL", "PE", "UY", "PY", "BO", "CO", "EC")),
    frozenset(("AE", "SA", "OM", "QA", "KW", "BH", "JO")),
)
"""Countries between which trucks run; a country of none of them is reached by truck from itself only."""


def great_circle_km(
    lat_a: npt.ArrayLike, lon_a: npt.ArrayLike, lat_b: npt.ArrayLike, lon_b: npt.ArrayLike
) -> Floats:
    r"""Great-circle distance by the haversine formula.

    .. math:: d = 2R \arcsin\sqrt{\sin^2\tfrac{\Delta\varphi}{2}
              + \cos\varphi_a\cos\varphi_b\sin^2\tfrac{\Delta\lambda}{2}}

    Parameters
    ----------
    lat_a, lon_a, lat_b, lon_b
        Degrees; shapes that broadcast.

    Examples
    --------
    A quarter of the equator:

    >>> round(float(great_circle_km(0, 0, 0, 90)))
    10008
    """
    phi_a, phi_b = np.radians(np.asarray(lat_a, float)), np.radians(np.asarray(lat_b, float))
    half_phi = (phi_b - phi_a) / 2
    half_lambda = np.radians(np.asarray(lon_b, float) - np.asarray(lon_a, float)) / 2
    haversine = np.sin(half_phi) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    distance: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, haversine)))
    return distance


def road_km(lat_a: npt.ArrayLike, lon_a: npt.ArrayLike, lat_b: npt.ArrayLike, lon_b: npt.ArrayLike) -> Floats:
    """Road distance: great circle × `ROAD_FACTOR`."""
    return ROAD_FACTOR * great_circle_km(lat_a, lon_a, lat_b, lon_b)


def same_landmass(country_a: str, country_b: str) -> bool:
    """Whether trucks run between two countries.

    >>> same_landmass("NL", "PL"), same_landmass("CN", "DE"), same_landmass("JP", "JP")
    (True, False, True)
    """
    return country_a == country_b or any(country_a in land and country_b in land for land in LANDMASSES)


@lru_cache(maxsize=4096)
def sea_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Sea distance on searoute's offline network, in km."""
    path = searoute.searoute([lon_a, lat_a], [lon_b, lat_b], units="km")
    length = float(path.properties["length"])
    return length if length > 0 else SEA_FALLBACK_FACTOR * float(great_circle_km(lat_a, lon_a, lat_b, lon_b))


def transit_days(mode: str, distance_km: float) -> float:
    """Mean days of a main leg whose lane states none.

    >>> round(transit_days("sea", 19868), 1)
    34.4
    >>> transit_days("air", 9000)
    3.0
    """
    return AIR_DAYS if mode == "air" else distance_km / SPEED_KM_PER_DAY[mode]
