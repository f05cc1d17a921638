"""Colours, axes, legends and tooltips that every chart shares.

Colours are those of Okabe and Ito (2008), distinct under the common forms of colour blindness.
"""

import altair as alt
import pandas as pd

__all__ = [
    "FREIGHT_COLOURS",
    "KIND_COLOURS",
    "MODE_COLOURS",
    "SITE_COLOURS",
    "amount_axis",
    "colours",
    "legend",
    "tip",
]

MODE_COLOURS = {"postal": "#E69F00", "express": "#D55E00", "line": "#56B4E9", "warehouse": "#009E73"}
FREIGHT_COLOURS = {"sea": "#0072B2", "rail": "#CC79A7", "air": "#D55E00", "truck": "#666666"}
SITE_COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#666666"]
KIND_COLOURS = {
    **{"cost": "#0072B2", "refund": "#009E73", "total": "#444444"},
    **{"together": "#0072B2", "alone": "#B4BCC6"},
    **{"kept": "#0072B2", "missed": "#D55E00", "no_target": "#9AA5B1"},
}


def colours(field: str, palette: dict[str, str], section: str, rows: pd.DataFrame, columns: int) -> alt.Color:
    """Colours by kind: the same for the same kind in every chart, of those that occur."""
    occur = set(rows[field])
    pairs = [(f"t:{section}.{kind}", colour) for kind, colour in palette.items()]
    shown = [(kind, colour) for kind, colour in pairs if kind in occur]
    scale = alt.Scale(domain=[kind for kind, _ in shown], range=[colour for _, colour in shown])
    return alt.Color(f"{field}:N", scale=scale, legend=legend(columns))


def legend(columns: int) -> alt.Legend:
    """Legend above the chart, in as many columns as fit a phone."""
    return alt.Legend(orient="top", title=None, columns=columns)


def amount_axis() -> alt.Axis:
    """Axis of money or of counts, in short: 1.2M."""
    return alt.Axis(format="~s", tickCount=5)


def tip(field: str, column: str, shape: str = ",.2f") -> alt.Tooltip:
    """Line of a tooltip, called by the phrase of a column."""
    title = f"t:column.{column}"
    if field.endswith(":Q"):
        return alt.Tooltip(field, title=title, format=shape)
    return alt.Tooltip(field, title=title)
