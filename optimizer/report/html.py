"""One HTML file that shows finished runs with no network: map, charts, tables, in two languages."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from optimizer.errors import Fault, InputError
from optimizer.report.content import read_asset, run_content
from optimizer.report.language import LANGUAGES, phrases
from optimizer.report.side_by_side import comparison_content
from optimizer.report.split import split_content
from optimizer.runs.store import Run, plain
from optimizer.scenario.instance import Instance
from optimizer.study.compare import compare

__all__ = ["page", "write_html"]

STYLES = ("vendor/leaflet.css", "vendor/gridjs.css", "page/report.css")
SCRIPTS = ("vendor/leaflet.js", "vendor/gridjs.js")
MODULES = ("vendor/vega.js",)
LICENCES = ("leaflet", "gridjs", "vega", "countries")
END_OF_SCRIPT = re.compile("</script", re.IGNORECASE)
PAGE_SCRIPTS = tuple(
    f"page/{name}.js" for name in ("words", "lead", "map", "map_legend", "tables", "charts", "report")
)


def write_html(
    runs: Sequence[tuple[Run, Instance]],
    path: Path,
    language: str = "en",
    alliance: Mapping[str, Any] | None = None,
) -> None:
    """Write the report of one or more runs as one HTML file.

    Parameters
    ----------
    runs
        Finished runs, each with its stored scenario; differences are those from the first.
    path
        File to write.
    language
        Language in which it opens; the reader may switch.
    alliance
        What ``entrepot alliance --json`` printed, if the split of the cost is to be shown.

    Raises
    ------
    InputError
        The language is not known, the runs are in different currencies, or the file cannot be written.
    """
    text = page(runs, language, alliance)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        rule = f"cannot be written ({error.strerror})."
        raise InputError([Fault("-o", str(path), rule, "Name a file in a folder that exists.")]) from error


def page(
    runs: Sequence[tuple[Run, Instance]], language: str = "en", alliance: Mapping[str, Any] | None = None
) -> str:
    """Return the text of the report; see `write_html`."""
    phrases(language)
    compared = compare([run for run, _ in runs]) if len(runs) > 1 else None
    names = compared.runs if compared else (runs[0][0].plan.name,)
    data = {
        "language": language,
        "phrases": {code: phrases(code) for code in LANGUAGES},
        "runs": [run_content(run, instance, name) for (run, instance), name in zip(runs, names, strict=True)],
        "comparison": comparison_content(compared) if compared else None,
        "alliance": split_content(alliance) if alliance else None,
    }
    environment = Environment(
        loader=PackageLoader("optimizer.report", "assets/page"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html").render(
        language=language,
        words=phrases(language),
        title=" · ".join(dict.fromkeys(run.plan.name for run, _ in runs)),
        styles=[read_asset(name) for name in STYLES],
        scripts=[_as_script(read_asset(name)) for name in SCRIPTS],
        modules=[_as_script(read_asset(name)) for name in MODULES],
        page_scripts=[read_asset(name) for name in PAGE_SCRIPTS],
        countries=_as_script(read_asset("vendor/countries.json")),
        data=_as_script(json.dumps(plain(data), ensure_ascii=False)),
        licences=[read_asset(f"vendor/{name}.LICENSE") for name in LICENCES],
    )


def _as_script(text: str) -> str:
    """Make a text safe between script tags: nothing in it may end the element.

    >>> "</script" in _as_script('"</script>"')
    False
    """
    return END_OF_SCRIPT.sub(r"<\\/script", text)
