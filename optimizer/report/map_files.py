"""The map of a plan as a figure for papers or as layers for a geographic information system."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from shapely.geometry import LineString

from optimizer.errors import Fault, InputError
from optimizer.plan.plan import Plan
from optimizer.report.content import read_asset
from optimizer.report.language import phrases
from optimizer.report.map_layers import MapLayers, map_layers
from optimizer.report.palette import FREIGHT_COLOURS, MODE_COLOURS
from optimizer.scenario.instance import Instance

__all__ = ["geographic_layers", "map_figure", "write_map"]

WGS84 = "EPSG:4326"
FIGURES = (".svg", ".png", ".pdf")
FONTS = ["Noto Sans CJK SC", "Noto Sans CJK JP", "DejaVu Sans"]


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
    layers = geographic_layers(map_layers(plan, instance))
    try:
        if path.suffix.lower() in FIGURES:
            style: Any = {"font.family": FONTS, "svg.hashsalt": plan.name}
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


def geographic_layers(layers: MapLayers) -> dict[str, Any]:
    """Return the layers as GeoDataFrames in WGS 84: points for sites and markets, lines for what moves.

    ``catchments`` joins each warehouse with every market it serves: the hull of these points.
    """
    point = layers.places
    found: dict[str, Any] = {
        name: gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=WGS84)
        for name, frame in (("sites", layers.sites), ("markets", layers.markets))
    }
    legs = layers.first_leg
    found["first_leg"] = _lines(
        legs.drop(columns="stops").assign(lane=legs["stops"].map(" → ".join)), list(legs["stops"]), point
    )
    for name, start in (("last_mile", "site"), ("direct", "start")):
        frame: pd.DataFrame = getattr(layers, name)
        ends = frame[[start, "market"]].to_numpy(object).tolist()
        found[name] = _lines(frame, ends, point)
    found["catchments"] = (
        found["last_mile"].dissolve("site", aggfunc={"orders": "sum", "kg": "sum"}).reset_index()
    )
    found["catchments"]["geometry"] = found["catchments"].geometry.convex_hull
    return found


def map_figure(layers: dict[str, Any], language: str = "en") -> Figure:
    """Return the figure: outlines, first leg and last mile, markets by their main mode, sites."""
    words = phrases(language)
    figure = Figure(figsize=(9.0, 5.6), layout="constrained")
    axes = figure.add_subplot()
    world = gpd.GeoDataFrame.from_features(json.loads(read_asset("vendor/countries.json")), crs=WGS84)
    world.plot(ax=axes, color="#f3f3ee", edgecolor="#b4bcc6", linewidth=0.4)
    for mode, legs in layers["first_leg"].groupby("freight_mode"):
        label = words[f"freight_mode.{mode}"]
        legs.plot(ax=axes, color=FREIGHT_COLOURS[str(mode)], linewidth=1.6, label=label, zorder=2)
    if len(layers["last_mile"]):
        layers["last_mile"].plot(ax=axes, color=MODE_COLOURS["warehouse"], linewidth=0.7, alpha=0.8, zorder=3)
    markets = layers["markets"]
    most = float(markets["orders"].max())
    for mode, those in markets.groupby("mode"):
        label = words["ui.market_mostly"].format(mode=words[f"mode.{mode}"])
        sizes = 12.0 + 110.0 * those["orders"].to_numpy() / most
        those.plot(
            ax=axes,
            color=MODE_COLOURS[str(mode)],
            edgecolor="#1c2430",
            markersize=sizes,
            label=label,
            zorder=4,
        )
    _plot_sites(axes, layers["sites"], words)
    _frame_view(axes, pd.concat([markets.geometry, layers["sites"].geometry]))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=3, frameon=False, fontsize=8)
    axes.set_axis_off()
    return figure


def _plot_sites(axes: Any, sites: Any, words: Any) -> None:
    for is_open, colour, size, key in (
        (False, "white", 18, "candidates"),
        (True, "#1c2430", 60, "open_sites"),
    ):
        those = sites[sites["open"] == is_open]
        if len(those):
            label = words[f"layer.{key}"]
            those.plot(
                ax=axes, marker="s", color=colour, edgecolor="#1c2430", markersize=size, label=label, zorder=5
            )
    for row in sites[sites["open"]].itertuples():
        box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.85}
        offset = {"xytext": (7, 5), "textcoords": "offset points"}
        axes.annotate(row.name, (row.lon, row.lat), fontsize=8, bbox=box, zorder=6, **offset)


def _frame_view(axes: Any, points: Any) -> None:
    """Show the markets and sites with some room around them."""
    west, south, east, north = points.total_bounds
    room_x, room_y = max(4.0, 0.08 * (east - west)), max(3.0, 0.1 * (north - south))
    axes.set_xlim(west - room_x, east + room_x)
    axes.set_ylim(south - room_y, north + room_y)


def _lines(frame: pd.DataFrame, ways: list[list[str]], point: dict[str, tuple[float, float]]) -> Any:
    """Frame with straight lines through the stops of each way."""
    lines = [LineString([point[stop][::-1] for stop in way if stop in point]) for way in ways]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, crs=WGS84), crs=WGS84)


def _as_geojson(layers: dict[str, Any]) -> str:
    parts = []
    for name, layer in layers.items():
        part = json.loads(layer.assign(layer=name).to_json(ensure_ascii=False))
        parts += part["features"]
    collection = {"type": "FeatureCollection", "features": parts}
    return json.dumps(collection, ensure_ascii=False)
