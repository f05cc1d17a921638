"""The map of a plan as a figure for papers or as layers for a geographic information system."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
from matplotlib.font_manager import get_font_names
from shapely.geometry import MultiPoint

from optimizer.errors import Fault, InputError
from optimizer.plan.plan import Plan
from optimizer.report.language import phrases
from optimizer.report.map_figure import WGS84, map_figure
from optimizer.report.map_layers import MapLayers, map_layers
from optimizer.report.ways import way_line
from optimizer.scenario.instance import Instance

__all__ = ["geographic_layers", "write_map"]

BEND = 0.1
FIGURES = (".svg", ".png", ".pdf")
Stop = tuple[float, float]
FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "DejaVu Sans")
"""Those that are installed are used; the last one always is."""


def write_map(plan: Plan, instance: Instance, path: Path, language: str = "en") -> None:
    """Write the map of a plan; the ending of the file says how.

    ``.svg``, ``.png`` and ``.pdf`` are figures, ``.gpkg`` holds one layer per kind of thing, ``.geojson`` all
    of them with a column ``layer``.

    Raises
    ------
    InputError
        The ending or the language is not known, or the file cannot be written.
    """
    phrases(language)
    figure = path.suffix.lower() in FIGURES
    layers = geographic_layers(map_layers(plan, instance), BEND if figure else 0.0)
    try:
        if figure:
            installed = get_font_names()
            style: Any = {
                "font.family": [font for font in FONTS if font in installed],
                "svg.hashsalt": plan.name,
            }
            with mpl.rc_context(style):
                map_figure(layers, language).savefig(path, bbox_inches="tight", dpi=200)
        elif path.suffix.lower() == ".gpkg":
            path.unlink(missing_ok=True)
            for name, layer in layers.items():
                layer.to_file(path, layer=name, driver="GPKG")
        elif path.suffix.lower() == ".geojson":
            path.write_text(_as_geojson(layers), encoding="utf-8")
        else:
            known = f"Use {', '.join(FIGURES)}, .geojson or .gpkg."
            raise InputError([Fault("-o", str(path), "is no format of maps.", known)])
    except OSError as error:
        rule = f"cannot be written ({error})."
        raise InputError([Fault("-o", str(path), rule, "Name a file in a folder that exists.")]) from error


def geographic_layers(layers: MapLayers, bend: float = 0.0) -> dict[str, Any]:
    """Return the layers as GeoDataFrames in WGS 84: points for sites and markets, lines for what moves.

    ``catchments`` are the hulls of each open site and the markets that it serves more than any other does.

    Parameters
    ----------
    layers
        What the map shows.
    bend
        How far lines swing out, as part of their length; 0 for straight ones.
    """
    point = layers.places
    found: dict[str, Any] = {
        name: gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=WGS84)
        for name, frame in (("sites", layers.sites), ("markets", layers.markets))
    }
    legs = layers.first_leg
    named = legs.drop(columns="stops").assign(lane=legs["stops"].map(" → ".join))
    found["first_leg"] = _lines(named, list(legs["stops"]), point, bend)
    for name, start in (("last_mile", "site"), ("direct", "start")):
        frame: pd.DataFrame = getattr(layers, name)
        found[name] = _lines(frame, frame[[start, "market"]].to_numpy(object).tolist(), point, bend)
    hulls = [
        MultiPoint([corner[::-1] for corner in outline]).convex_hull
        for outline in layers.catchments["outline"]
    ]
    found["catchments"] = gpd.GeoDataFrame(
        layers.catchments.drop(columns="outline"), geometry=gpd.GeoSeries(hulls, crs=WGS84), crs=WGS84
    )
    return found


def _lines(frame: pd.DataFrame, ways: list[list[str]], point: Mapping[str, Stop], bend: float) -> Any:
    """Frame with lines through the stops of each way."""
    lines = [way_line([point[stop] for stop in way if stop in point], bend) for way in ways]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, crs=WGS84), crs=WGS84)


def _as_geojson(layers: dict[str, Any]) -> str:
    parts = []
    for name, layer in layers.items():
        part = json.loads(layer.assign(layer=name).to_json(ensure_ascii=False))
        parts += part["features"]
    collection = {"type": "FeatureCollection", "features": parts}
    return json.dumps(collection, ensure_ascii=False)
