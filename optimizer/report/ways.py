"""The ways goods take, as lines on a map: bent apart, the short way round the globe, cut at 180 degrees."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from shapely.affinity import translate
from shapely.geometry import LineString, MultiLineString, box

__all__ = ["way_line"]

STEPS = 24
WORLD = (-180.0, -90.0, 180.0, 90.0)
Stop = tuple[float, float]


def way_line(stops: Sequence[Stop], bend: float = 0.0) -> Any:
    """Return the line through stops (latitude, longitude); a MultiLineString where it crosses 180 degrees.

    Parameters
    ----------
    stops
        Latitude and longitude in degrees of each place on the way.
    bend
        How far a leg swings out, as part of its length; 0 for straight lines.

    Examples
    --------
    >>> way_line([(30.0, 150.0), (34.0, -170.0)]).wkt
    'MULTILINESTRING ((150 30, 180 33), (-180 33, -170 34))'
    """
    near = _nearby(stops)
    points = [near[0][::-1]] if near else []
    for start, end in pairwise(near):
        points += _arc(start, end, bend)
    return _cut(LineString(points if len(points) > 1 else points * 2))


def _nearby(stops: Sequence[Stop]) -> list[Stop]:
    """Shift longitudes by whole turns, so that each stop is less than half the globe from the next."""
    kept: list[Stop] = []
    for lat, lon in reversed(stops):
        after = kept[0][1] if kept else lon
        kept.insert(0, (lat, lon + 360.0 * round((after - lon) / 360.0)))
    return kept


def _arc(start: Stop, end: Stop, bend: float) -> list[Stop]:
    """Points (longitude, latitude) after the first one of a leg that swings out to its left."""
    (lat1, lon1), (lat2, lon2) = start, end
    if not bend:
        return [(lon2, lat2)]
    middle_lat = (lat1 + lat2) / 2.0 + bend * abs(lon2 - lon1)
    middle_lon = (lon1 + lon2) / 2.0 - bend * (lat2 - lat1)
    points = []
    for step in range(1, STEPS + 1):
        s = step / STEPS
        first, both, last = (1.0 - s) ** 2, 2.0 * s * (1.0 - s), s**2
        points.append(
            (
                first * lon1 + both * middle_lon + last * lon2,
                first * lat1 + both * middle_lat + last * lat2,
            )
        )
    return points


def _cut(line: Any) -> Any:
    """Bring what lies beyond 180 degrees back into the world from its other side."""
    west, _, east, _ = line.bounds
    if west >= WORLD[0] and east <= WORLD[2]:
        return line
    parts = []
    for turn in (360.0, 0.0, -360.0):
        inside = translate(line, turn).intersection(box(*WORLD))
        parts += [one for one in getattr(inside, "geoms", [inside]) if one.length]
    return MultiLineString(parts)
