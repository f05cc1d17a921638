"""The first sheet of a workbook: the plan added up with formulas over its sheets, with native charts."""

from collections.abc import Mapping

from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.plan.plan import Plan
from optimizer.report.content import headline
from optimizer.report.language import phrases, translated
from optimizer.report.workbook_sheets import FONT, PLAN_PREFIX, letter_of, style_header
from optimizer.runs.store import Run

__all__ = ["fill_summary"]

PARTS = ("component", "member", "mode", "market", "period")
TRANSLATED = ("component", "mode")
FIRST = 16
"""Row of the first breakdown, below the headline figures."""

CHART_ROWS = 18
WIDTHS = {"A": 34, "B": 30, "C": 22, "D": 18, "E": 18}


def fill_summary(sheet: Worksheet, run: Run, language: str) -> None:
    """Write the headline figures, then cost by component, member, mode, market and period, with charts."""
    starts = _starts(run.plan)
    sheet.append(["Entrepot", phrases(language)["table.summary"]])
    for label, value, shape in _headline(run, language, starts["member"]):
        sheet.append([label, value])
        cell = sheet.cell(sheet.max_row, 2)
        cell.number_format, cell.alignment = shape, Alignment(horizontal="left")
    style_header(sheet, 1, 2)
    for part, start in starts.items():
        _add_part(sheet, run, language, part, start)
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _headline(run: Run, language: str, members_at: int) -> list[tuple[str, str | float | None, str]]:
    """Label, formula or figure, and number format of each line; sums are formulas over the sheets."""
    words, figures, plan = phrases(language), headline(run), run.plan
    money = f"#,##0.00 [${plan.currency}]"
    known = figures["alone"] is not None
    alone = f"=SUM(D{members_at + 1}:D{members_at + len(plan.cost_by('member'))})"
    return [
        (words["manifest.scenario"], plan.name, "@"),
        (words["card.cost"], _sum_of(plan, "costs", "amount"), money),
        (words["ui.alone"], alone if known else None, money),
        (words["sheet.saving"], "=B4-B3" if known else None, money),
        (words["column.orders"], _sum_of(plan, "flows", "orders"), "#,##0"),
        (words["sheet.sites"], float(plan["openings"]["site"].nunique()), "0"),
        (words["card.on_time"], _on_time(plan) if figures["promised"] else None, "0.0%"),
        (words["card.carbon"], _sum_of(plan, "carbon", "co2_kg"), '#,##0" kg CO₂e"'),
        (words["sheet.bound"], figures["bound"], money),
        (words["sheet.gap"], "=(B3-B10)/ABS(B3)" if figures["bound"] is not None else None, "0.00%"),
        (words["manifest.status"], words.get(f"status.{figures['status']}", figures["status"]), "@"),
        (words["manifest.basis"], figures["proof"], "@"),
    ]


def _starts(plan: Plan) -> dict[str, int]:
    """Row in which each breakdown starts; each leaves room for its chart."""
    starts, row = {}, FIRST
    for part in PARTS:
        starts[part] = row
        row += max(len(plan.cost_by(part)) + 3, CHART_ROWS)
    return starts


def _add_part(sheet: Worksheet, run: Run, language: str, part: str, start: int) -> None:
    """Cost by one column of the costs, summed over its sheet; members with cost alone and difference."""
    plan, words = run.plan, phrases(language)
    keys, alone = list(plan.cost_by(part)), _alone(run) if part == "member" else {}
    if part == "period":
        keys.sort()
    titles = [words[f"compare.{part}"], plan.currency, part]
    titles += [words["ui.alone"], words["sheet.saving"]] if alone else []
    for column, title in enumerate(titles, start=1):
        sheet.cell(start, column, title)
    style_header(sheet, start, len(titles))
    for row, key in enumerate(keys, start=start + 1):
        label = translated(f"t:{part}.{key}", language) if part in TRANSLATED else key or words["ui.no_flow"]
        sheet.cell(row, 1, label)
        formula = _sum_where(plan, part, f"C{row}" if key else '""')
        sheet.cell(row, 2, formula).number_format = "#,##0.00"
        sheet.cell(row, 3, key or None)
        if alone:
            sheet.cell(row, 4, alone[key]).number_format = "#,##0.00"
            sheet.cell(row, 5, f"=D{row}-B{row}").number_format = "#,##0.00"
    end = start + len(keys)
    sheet.cell(end + 1, 1, words["chart.total"]).font = Font(name=FONT, bold=True)
    for letter in "BDE" if alone else "B":
        total = sheet[f"{letter}{end + 1}"]
        total.value, total.number_format = f"=SUM({letter}{start + 1}:{letter}{end})", "#,##0.00"
    _add_chart(sheet, start, end)


def _alone(run: Run) -> Mapping[str, float | None]:
    """Cost of each member by itself, or nothing where that is not known of all."""
    alone: Mapping[str, float | None] = run.manifest["result"]["stand_alone_cost_by_member"]
    return alone if headline(run)["alone"] is not None else {}


def _add_chart(sheet: Worksheet, start: int, end: int) -> None:
    bars = BarChart()
    bars.type, bars.style, bars.legend = "bar", 10, None
    bars.title = str(sheet.cell(start, 1).value)
    bars.add_data(Reference(sheet, min_col=2, min_row=start + 1, max_row=end))
    bars.set_categories(Reference(sheet, min_col=1, min_row=start + 1, max_row=end))
    bars.y_axis.delete, bars.x_axis.delete = False, False
    bars.x_axis.scaling.orientation = "maxMin"
    bars.height, bars.width = max(7.0, 0.5 * (end - start) + 2.5), 18.0
    sheet.add_chart(bars, f"G{start}")


def _range(plan: Plan, table: str, column: str) -> str:
    """Cells of a column in the sheet of its table, without the header."""
    letter = letter_of(table, column)
    return f"{PLAN_PREFIX}{table}!${letter}$2:${letter}${len(plan[table]) + 1}"


def _sum_of(plan: Plan, table: str, column: str) -> str | float:
    """Sum over a column of a sheet, as a formula; 0 where the table has no row."""
    return f"=SUM({_range(plan, table, column)})" if len(plan[table]) else 0.0


def _sum_where(plan: Plan, part: str, key: str) -> str:
    """Sum of the costs of one key; unlike SUMIF it takes no period for a date, no name for a pattern."""
    return f"=SUMPRODUCT(({_range(plan, 'costs', part)}={key})*{_range(plan, 'costs', 'amount')})"


def _on_time(plan: Plan) -> str:
    """Expected share on time of the orders with a promise, as a formula."""
    promise, late, orders = (
        _range(plan, "market_service", name) for name in ("promise_days", "late_orders", "orders")
    )
    return f'=1-SUMIF({promise},">=0",{late})/SUMIF({promise},">=0",{orders})'
