"""The map of a plan as a figure for papers."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from optimizer.report.content import read_asset
from optimizer.report.language import phrases
from optimizer.report.markets import MODES
from optimizer.report.palette import FREIGHT_COLOURS, MODE_COLOURS, SITE_COLOURS

__all__ = ["WGS84", "map_figure"]

WGS84 = "EPSG:4326"
INK, SEA, LAND, BORDER = "#1c2430", "#e3ecf3", "#f7f7f2", "#b4bcc6"
WIDTH_IN = 9.0
LEAST_ASPECT = 1.4
"""Width of a map by its height, at least."""

LABEL_AT = {"right": (1, 0), "left": (-1, 0), "top": (0, 1), "bottom": (0, -1)}


def map_figure(layers: dict[str, Any], language: str = "en") -> Figure:
    """Return the figure: outlines, catchments, first leg, last mile, markets cut by mode, sites with names.

    Parameters
    ----------
    layers
        GeoDataFrames by name, see `optimizer.report.map_files.geographic_layers`.
    language
        Language of the legend.
    """
    words, markets, sites = phrases(language), layers["markets"], layers["sites"]
    west, south, east, north = _view(pd.concat([markets.geometry, sites[sites["open"]].geometry]))
    stretch = float(1.0 / np.cos(np.radians((south + north) / 2.0)))
    missing = max(0.0, LEAST_ASPECT * (north - south) * stretch - (east - west))
    west, east = west - missing / 2.0, east + missing / 2.0
    height = WIDTH_IN * (north - south) / (east - west) * stretch
    figure = Figure(figsize=(WIDTH_IN, height + 0.9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor(SEA)
    world = gpd.GeoDataFrame.from_features(json.loads(read_asset("vendor/countries.json")), crs=WGS84)
    seen = world.clip((west, south, east, north))
    seen.plot(ax=axes, color=LAND, edgecolor=BORDER, linewidth=0.4, aspect=None)
    keys = _plot_catchments(axes, layers["catchments"], words)
    keys += _plot_ways(axes, layers, words)
    keys += _plot_markets(axes, markets, words)
    keys += _plot_sites(axes, sites, words)
    axes.set(
        xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], xlabel="", ylabel="", aspect=stretch
    )
    axes.spines[:].set_color(BORDER)
    axes.legend(
        handles=keys, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=4, frameon=False, fontsize=8
    )
    _name_sites(figure, axes, sites[sites["open"]].sort_values("orders", ascending=False))
    return figure


def _view(points: Any) -> tuple[float, float, float, float]:
    """Bounds of markets and open sites with some room around them."""
    west, south, east, north = points.total_bounds
    room_x, room_y = max(4.0, 0.08 * (east - west)), max(3.0, 0.1 * (north - south))
    return west - room_x, south - room_y, east + room_x, north + room_y


def _plot_catchments(axes: Any, catchments: Any, words: Any) -> list[Any]:
    for position, colour in zip(range(len(catchments)), SITE_COLOURS * len(catchments), strict=False):
        one = catchments.iloc[[position]]
        one.plot(ax=axes, color=colour, alpha=0.10, zorder=1, aspect=None)
        one.boundary.plot(ax=axes, color=colour, linestyle=(0, (4, 3)), linewidth=0.9, zorder=1, aspect=None)
    key = Patch(facecolor="#0072B21A", edgecolor="#0072B2", linestyle="--", label=words["layer.catchments"])
    return [key] if len(catchments) else []


def _plot_ways(axes: Any, layers: dict[str, Any], words: Any) -> list[Any]:
    """First leg by mode of freight, then last mile; the thicker, the more is moved."""
    keys = []
    legs, miles = layers["first_leg"], layers["last_mile"]
    for mode, those in legs.groupby("freight_mode"):
        colour, label = FREIGHT_COLOURS[str(mode)], words[f"freight_mode.{mode}"]
        those.plot(
            ax=axes, color=colour, linewidth=_scaled(those["m3"], legs["m3"], 0.7, 3.0), zorder=2, aspect=None
        )
        keys.append(Line2D([], [], color=colour, linewidth=2, label=label))
    if len(miles):
        colour, width = MODE_COLOURS["warehouse"], _scaled(miles["orders"], miles["orders"], 0.4, 2.2)
        miles.plot(ax=axes, color=colour, linewidth=width, alpha=0.75, zorder=3, aspect=None)
        keys.append(Line2D([], [], color=colour, linewidth=1.4, label=words["layer.last_mile"]))
    return keys


def _plot_markets(axes: Any, markets: Any, words: Any) -> list[Any]:
    """Circles sized by orders, cut into the shares of the modes."""
    sizes = _scaled(markets["orders"], markets["orders"], 3.0, 13.0) ** 2
    for row, size in zip(markets.to_dict("records"), sizes, strict=True):
        place, turn = ([row["lon"]], [row["lat"]]), 0.0
        axes.scatter(*place, s=1.12 * size, color=INK, zorder=4, linewidths=0)
        for mode in MODES:
            share = row[f"{mode}_pct"] / 100.0
            if share > 0.005:
                axes.scatter(
                    *place,
                    s=size * _reach(turn, share),
                    marker=_slice(turn, share),
                    color=MODE_COLOURS[mode],
                    zorder=4.1,
                    linewidths=0,
                )
            turn += share
    used = [mode for mode in MODES if markets[f"{mode}_pct"].gt(0.0).any()]
    dot: dict[str, Any] = {"linestyle": "", "marker": "o", "markeredgecolor": INK, "markersize": 7}
    return [Line2D([], [], color=MODE_COLOURS[mode], label=words[f"mode.{mode}"], **dot) for mode in used]


def _slice(turn: float, share: float) -> Any:
    """Corners of a slice of a circle of radius 1, clockwise from the top."""
    angles = 2.0 * np.pi * np.linspace(turn, turn + share, max(3, int(48 * share)))
    rim = np.column_stack([np.sin(angles), np.cos(angles)])
    return rim if share > 0.995 else np.vstack([[0.0, 0.0], rim, [0.0, 0.0]])


def _reach(turn: float, share: float) -> float:
    """Square of the farthest coordinate of a slice: Matplotlib scales a marker until that is 1."""
    return float(np.abs(_slice(turn, share)).max() ** 2)


def _scaled(values: Any, all_values: Any, least: float, most: float) -> Any:
    """Sizes whose excess over the least grows with the root of the values."""
    largest = float(all_values.max()) or 1.0
    return least + (most - least) * np.sqrt(values.to_numpy(float) / largest)


def _plot_sites(axes: Any, sites: Any, words: Any) -> list[Any]:
    keys = []
    for is_open, colour, size, key in ((False, "white", 14, "candidates"), (True, INK, 60, "open_sites")):
        those = sites[sites["open"] == is_open]
        if len(those):
            edge = "white" if is_open else INK
            axes.scatter(
                those["lon"], those["lat"], marker="s", s=size, color=colour, edgecolor=edge, zorder=5
            )
            keys.append(
                Line2D(
                    [],
                    [],
                    linestyle="",
                    marker="s",
                    color=colour,
                    markeredgecolor=INK,
                    label=words[f"layer.{key}"],
                )
            )
    return keys


def _name_sites(figure: Figure, axes: Any, sites: Any) -> None:
    """Write the names of open sites where they hide each other least; the busiest chooses first."""
    figure.draw_without_rendering()
    spots = axes.transData.transform(sites[["lon", "lat"]].to_numpy(float))
    taken = [Bbox.from_bounds(x - 9, y - 9, 18, 18) for x, y in spots]
    for row in sites.itertuples():
        tried = []
        for right, up in LABEL_AT.values():
            name = axes.annotate(
                row.name,
                (row.lon, row.lat),
                xytext=(8 * right, 8 * up),
                textcoords="offset points",
                ha={1: "left", 0: "center", -1: "right"}[right],
                va={1: "bottom", 0: "center", -1: "top"}[up],
                fontsize=8,
                bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.88},
                zorder=6,
            )
            extent = name.get_window_extent()
            tried.append((_hidden(extent, taken) + _outside(extent, axes.bbox), name, extent))
        best = min(tried, key=lambda one: one[0])
        taken.append(best[2])
        for one in tried:
            if one is not best:
                one[1].remove()


def _hidden(extent: Any, taken: list[Any]) -> float:
    """Area that a label shares with what is there already."""
    shared = [Bbox.intersection(extent, other) for other in taken]
    return sum(abs(one.width * one.height) for one in shared if one is not None)


def _outside(extent: Any, frame: Any) -> float:
    """Area of a label that falls out of the map."""
    shown = Bbox.intersection(extent, frame)
    return float(extent.width * extent.height - (shown.width * shown.height if shown is not None else 0.0))
