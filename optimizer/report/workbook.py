"""A workbook of a finished run: summary, one sheet per plan table, totals as formulas, native charts."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.errors import Fault, InputError
from optimizer.plan.columns import PLAN_TABLES, Column, Type
from optimizer.plan.plan import Plan
from optimizer.report.content import headline
from optimizer.report.language import phrases, translated
from optimizer.runs.store import Run

__all__ = ["write_workbook"]

HEADER = PatternFill("solid", fgColor="00558C")
WIDEST = 28
Line = tuple[str, str | float | None, str]


def write_workbook(run: Run, path: Path, language: str = "en") -> None:
    """Write the plan of a run as an Excel workbook.

    Sheets are called by the names of the plan tables and hold their columns under their own names, so that
    each can be read back; the first sheet adds them up with formulas.

    Parameters
    ----------
    run
        A finished run.
    path
        File to write, ``.xlsx``.
    language
        Language of the summary; table and column names stay as they are.

    Raises
    ------
    InputError
        The language is not known or the file cannot be written.
    """
    book, plan = Workbook(), run.plan
    summary = book.active
    assert isinstance(summary, Worksheet)
    summary.title = "summary"
    for name, columns in PLAN_TABLES.items():
        _add_table(book.create_sheet(name), plan, name, columns)
    end = _add_summary(summary, run, language)
    _add_breakdown(summary, plan, language, end + 2)
    try:
        book.save(path)
    except OSError as error:
        rule = f"cannot be written ({error.strerror})."
        raise InputError(
            [Fault("--xlsx", str(path), rule, "Name a file in a folder that exists.")]
        ) from error


def _add_table(sheet: Worksheet, plan: Plan, name: str, columns: tuple[Column, ...]) -> None:
    """Header with meanings as comments in the summary's style, rows, filter, formats with units."""
    frame = plan[name]
    sheet.append([column.name for column in columns])
    for row in frame.astype(object).where(frame.notna(), "").itertuples(index=False):
        sheet.append([None if value == "" else value for value in row])
    _style_header(sheet, 1, len(columns))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(frame) + 1}"
    for position, column in enumerate(columns, start=1):
        letter = get_column_letter(position)
        longest = (
            frame[column.name].astype(str).str.len().max() if len(frame) and column.type is Type.TEXT else 0
        )
        sheet.column_dimensions[letter].width = min(WIDEST, max(len(column.name), int(longest)) + 3)
        for cell in sheet[letter][1:]:
            cell.number_format = _number_format(column, plan.currency)


def _number_format(column: Column, currency: str) -> str:
    """Excel format of a column, its unit included.

    >>> _number_format(PLAN_TABLES["carbon"][-1], "USD"), _number_format(PLAN_TABLES["costs"][-1], "USD")
    ('#,##0.0" kg CO₂e"', '#,##0.00 [$USD]')
    """
    if column.type is Type.TEXT:
        return "@"
    if column.unit == "money":
        return f"#,##0.00 [${currency}]"
    shape = "#,##0" if column.type is Type.COUNT else "0.0000" if column.unit.startswith("of ") else "#,##0.0"
    return f'{shape}" {column.unit}"' if column.unit else shape


def _add_summary(sheet: Worksheet, run: Run, language: str) -> int:
    """Headline figures, as formulas over the sheets where they are sums; returns the last row."""
    words, figures, currency = phrases(language), headline(run), run.plan.currency
    money = f"#,##0.00 [${currency}]"
    alone = figures["alone"]
    lines: list[Line] = [
        (words["manifest.scenario"], run.plan.name, "@"),
        (words["card.cost"], _sum_of(run.plan, "costs", "amount"), money),
        (words["ui.alone"], alone, money),
        (words["card.saving"], "=B4-B3" if alone is not None else None, money),
        (words["column.orders"], _sum_of(run.plan, "flows", "orders"), "#,##0"),
        (words["card.sites"], float(run.plan["openings"]["site"].nunique()), "0"),
        (words["card.on_time"], _on_time(figures["on_time_pct"]), "0.0%"),
        (words["card.carbon"], _sum_of(run.plan, "carbon", "co2_kg"), '#,##0" kg CO₂e"'),
        (words["card.gap"], run.manifest["result"]["gap"], "0.00%"),
        (words["manifest.status"], words.get(f"status.{figures['status']}", figures["status"]), "@"),
        (words["manifest.basis"], figures["proof"], "@"),
    ]
    sheet.append(["Entrepot", words["table.summary"]])
    for label, value, shape in lines:
        sheet.append([label, value])
        cell = sheet.cell(sheet.max_row, 2)
        cell.number_format = shape
        cell.alignment = Alignment(horizontal="left")
    _style_header(sheet, 1, 2)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 30
    sheet.freeze_panes = "A2"
    return int(sheet.max_row)


def _add_breakdown(sheet: Worksheet, plan: Plan, language: str, start: int) -> None:
    """Cost by component, member and mode as SUMIF over the costs sheet, each with a chart."""
    last = len(plan["costs"]) + 1
    names = [column.name for column in PLAN_TABLES["costs"]]
    amounts = f"costs!${_letter(names, 'amount')}$2:${_letter(names, 'amount')}${last}"
    row = start
    for part in ("component", "member", "mode"):
        keys = list(plan.cost_by(part))
        letter = _letter(names, part)
        sheet.cell(row, 1, phrases(language)[f"compare.{part}"])
        sheet.cell(row, 2, plan.currency)
        sheet.cell(row, 3, part)
        _style_header(sheet, row, 3)
        for step, key in enumerate(keys, start=1):
            label = key if part == "member" else translated(f"t:{part}.{key}", language)
            sheet.cell(row + step, 1, label)
            formula = f"=SUMIF(costs!${letter}$2:${letter}${last},C{row + step},{amounts})"
            sheet.cell(row + step, 2, formula).number_format = "#,##0.00"
            sheet.cell(row + step, 3, key)
        end = row + len(keys)
        sheet.cell(end + 1, 1, phrases(language)["chart.total"]).font = Font(bold=True)
        sheet.cell(end + 1, 2, f"=SUM(B{row + 1}:B{end})").number_format = "#,##0.00"
        _add_chart(sheet, row, end)
        row = max(end + 3, row + 18)
    sheet.column_dimensions["C"].width = 22


def _add_chart(sheet: Worksheet, row: int, end: int) -> None:
    bars = BarChart()
    bars.type, bars.style, bars.legend = "bar", 10, None
    bars.title = str(sheet.cell(row, 1).value)
    bars.add_data(Reference(sheet, min_col=2, min_row=row + 1, max_row=end))
    bars.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=end))
    bars.y_axis.delete, bars.x_axis.delete = False, False
    bars.x_axis.scaling.orientation = "maxMin"
    bars.height, bars.width = max(7.0, 0.55 * (end - row) + 2.5), 18.0
    sheet.add_chart(bars, f"E{row}")


def _sum_of(plan: Plan, table: str, column: str) -> str | float:
    """Sum over a whole column of a sheet, as a formula."""
    letter = _letter([one.name for one in PLAN_TABLES[table]], column)
    return f"=SUM({table}!{letter}2:{letter}{len(plan[table]) + 1})"


def _letter(names: list[str], name: str) -> str:
    return str(get_column_letter(names.index(name) + 1))


def _on_time(percent: float | None) -> float | None:
    return None if percent is None else percent / 100.0


def _style_header(sheet: Worksheet, row: int, width: int) -> None:
    for position in range(1, width + 1):
        cell = sheet.cell(row, position)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEADER
        cell.alignment = Alignment(wrap_text=True, vertical="top")
