"""`entrepot template`: every table with its header, and each column's unit, meaning, rule and example."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from optimizer.errors import Fault, InputError
from optimizer.scenario.describe import column_rule
from optimizer.scenario.fields import Table
from optimizer.scenario.tables import TABLES
from optimizer.scenario.writing import scenario_text

__all__ = ["template_rows", "write_template"]

_README = (
    "One sheet per table. Fill in the rows below the header; sheets you do not need may stay empty or go.",
    "Rows whose first cell starts with # are remarks: unit, meaning, rule and an example of each column.",
    "To use the example row, remove its #.",
)


def write_template(path: str | Path) -> Path:
    """Write every table without data, ready to be filled in, and a scenario file that names it.

    Remarks stand below the header in rows that start with ``#``, which the readers pass over.

    Parameters
    ----------
    path
        A folder, for CSV files and ``scenario.toml``; or a file ending in ``.xlsx``.

    Returns
    -------
    pathlib.Path
        The scenario file.

    Raises
    ------
    InputError
        If a file of the template is there already: nothing is overwritten.
    """
    path = Path(path)
    workbook = path.suffix.lower() == ".xlsx"
    scenario = path.with_suffix(".toml") if workbook else path / "scenario.toml"
    targets = [scenario, path] if workbook else [scenario, *(path / f"{name}.csv" for name in TABLES)]
    taken = [target for target in targets if target.exists()]
    if taken:
        rule = "The file is there already, and a template overwrites nothing."
        raise InputError([Fault(str(target), "", rule, "Choose another place.") for target in taken])
    scenario.parent.mkdir(parents=True, exist_ok=True)
    if workbook:
        _write_workbook(path)
    else:
        for name, table in TABLES.items():
            lines = [",".join(map(_quoted, row)) for row in template_rows(table)]
            (path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    scenario.write_text(scenario_text("my-scenario", "USD", path.name if workbook else "."), encoding="utf-8")
    return scenario


def template_rows(table: Table) -> list[list[str]]:
    """Return the rows of a table's template: header, then unit, meaning, rule and example as remarks."""
    fields = table.columns
    rows = [
        [field.name for field in fields],
        [field.unit for field in fields],
        [field.meaning for field in fields],
        [column_rule(field) for field in fields],
        [field.example for field in fields],
    ]
    for row, title in zip(rows[1:], ("# unit: ", "# meaning: ", "# rule: ", "#"), strict=True):
        row[0] = f"{title}{row[0]}"
    return rows


def _quoted(cell: str) -> str:
    """Return a cell of a CSV file, in quotes where it holds a comma or a quote."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n') else cell


def _write_workbook(path: Path) -> None:
    """Write the template as a workbook with a README sheet."""
    book = Workbook()
    readme = book.active
    readme.title = "README"
    for text in _README:
        readme.append([text])
    for name, table in TABLES.items():
        sheet = book.create_sheet(name)
        for row in template_rows(table):
            sheet.append(row)
        sheet.freeze_panes = "A2"
        for number, field in enumerate(table.columns, start=1):
            sheet.cell(1, number).font = Font(bold=True)
            for remark in range(2, 6):
                sheet.cell(remark, number).font = Font(italic=True, color="808080")
            sheet.column_dimensions[get_column_letter(number)].width = max(12, len(field.name) + 2)
    book.save(path)
