"""A workbook of a finished run: summary, tables of plan and scenario, totals as formulas, native charts."""

from dataclasses import asdict
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.errors import Fault, InputError
from optimizer.plan.columns import PLAN_TABLES
from optimizer.report.language import phrases
from optimizer.report.workbook_sheets import PLAN_PREFIX, add_plan_table, add_scenario_table, style_header
from optimizer.report.workbook_summary import fill_summary
from optimizer.runs.store import Run
from optimizer.scenario.instance import Instance
from optimizer.scenario.tables import TABLES
from optimizer.scenario.writing import scenario_text

__all__ = ["write_workbook"]


def write_workbook(run: Run, instance: Instance, path: Path, language: str = "en") -> None:
    """Write a run as an Excel workbook that is a layer of a scenario as well.

    The first sheet, ``summary``, adds the plan up with formulas. Sheets ``plan_<table>`` hold the plan's
    tables under their own column names. Then come the tables of the scenario, each under its own name: change
    them and name the workbook as a layer, and the next plan is made from them; ``notes`` says how. Layers are
    read without ``summary``, ``notes`` and the sheets of the plan.

    Parameters
    ----------
    run, instance
        A finished run and its stored scenario.
    path
        File to write, ``.xlsx``.
    language
        Language of the summary; table and column names stay as they are.

    Raises
    ------
    InputError
        The language is not known or the file cannot be written.
    """
    book = Workbook()
    summary = book.active
    assert isinstance(summary, Worksheet)
    summary.title = "summary"
    fill_summary(summary, run, language)
    for name in PLAN_TABLES:
        add_plan_table(book.create_sheet(f"{PLAN_PREFIX}{name}"), run.plan, name)
    for name, frame in instance.tables.items():
        if len(frame):
            add_scenario_table(book.create_sheet(name), frame, TABLES[name])
    _add_notes(book.create_sheet("notes"), instance, path, language)
    try:
        book.save(path)
    except OSError as error:
        rule = f"cannot be written ({error.strerror})."
        raise InputError(
            [Fault("--xlsx", str(path), rule, "Name a file in a folder that exists.")]
        ) from error


def _add_notes(sheet: Worksheet, instance: Instance, path: Path, language: str) -> None:
    """How to solve again from this workbook: the text of the scenario file that names it as a layer."""
    sheet.append([phrases(language)["ui.workbook_note"]])
    settings = {"model": asdict(instance.model), "solve": asdict(instance.solve)}
    for line in scenario_text(instance.name, instance.currency, path.name, settings).splitlines():
        sheet.append([line])
    style_header(sheet, 1, 1)
    sheet.column_dimensions["A"].width = 110
