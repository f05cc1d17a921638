"""Charts for papers: one chart of a run as SVG, PNG, PDF or as its Vega-Lite specification."""

import json
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from optimizer.errors import Fault, InputError
from optimizer.plan.plan import Plan
from optimizer.report.charts import CHARTS, Alone, chart
from optimizer.report.language import phrases, translated
from optimizer.runs.store import Run, plain

__all__ = ["figure", "write_plot"]

WIDTH = 560
SCALE = 3.0


def figure(plan: Plan, kind: str, language: str = "en", alone: Alone | None = None) -> Any:
    """Return a chart of a plan's tables, with words in place.

    Parameters
    ----------
    plan
        The plan tables.
    kind
        One of `optimizer.report.charts.CHARTS`.
    language
        Language of the words.
    alone
        Cost of each member by itself, for the kind ``members``.

    Returns
    -------
    altair.Chart or altair.LayerChart
        It shows itself in a notebook; `write_plot` makes files of it.

    Raises
    ------
    InputError
        There is no chart of this kind, or no table of this language.
    """
    return alt.Chart.from_dict(_specification(plan, kind, language, alone or {}))


def _specification(plan: Plan, kind: str, language: str, alone: Alone) -> dict[str, Any]:
    phrases(language)
    if kind not in CHARTS:
        raise InputError([Fault("KIND", kind, "is no kind of chart.", f"Known: {', '.join(CHARTS)}.")])
    spec = dict(plain(translated(chart(kind, plan, alone), language)))
    return spec | {"width": WIDTH, "background": "white"}


def write_plot(run: Run, kind: str, path: Path, language: str = "en") -> None:
    """Write a chart; the ending of the file says how: .svg, .png, .pdf or .json.

    Raises
    ------
    InputError
        The kind, the language or the ending is not known, or the file cannot be written.
    """
    alone = run.manifest["result"]["stand_alone_cost_by_member"]
    spec = _specification(run.plan, kind, language, alone)
    ending = path.suffix.lower()
    if ending == ".svg":
        content = vl_convert.vegalite_to_svg(spec).encode()
    elif ending == ".png":
        content = vl_convert.vegalite_to_png(spec, scale=SCALE)
    elif ending == ".pdf":
        content = vl_convert.vegalite_to_pdf(spec)
    elif ending == ".json":
        content = json.dumps(spec, ensure_ascii=False, indent=1).encode()
    else:
        raise InputError(
            [Fault("-o", str(path), "is no format of charts.", "Use .svg, .png, .pdf or .json.")]
        )
    try:
        path.write_bytes(content)
    except OSError as error:
        rule = f"cannot be written ({error.strerror})."
        raise InputError([Fault("-o", str(path), rule, "Name a file in a folder that exists.")]) from error
