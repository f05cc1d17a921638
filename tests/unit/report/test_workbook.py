"""The workbook: its sheets are the plan's tables, its sums recalculate to the plan's, and it is a layer."""

import math
import shutil
import subprocess

import openpyxl
import pandas as pd
import pytest

from hand_made_run import finished_run
from optimizer import scenario
from optimizer.errors import InputError
from optimizer.plan.columns import PLAN_TABLES
from optimizer.report.workbook import write_workbook
from optimizer.runs.store import read_run

PARTS = ("component", "member", "mode", "market", "period")


@pytest.fixture(scope="module")
def solved(quickstart_run):
    run = read_run(quickstart_run)
    return run, scenario.load(run.scenario)


@pytest.fixture(scope="module")
def workbook(solved, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "plan.xlsx"
    write_workbook(*solved, path)
    return path


@pytest.fixture(scope="module")
def recalculated(workbook, tmp_path_factory):
    """The workbook as LibreOffice saves it, every formula computed."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("needs LibreOffice (Debian package libreoffice-calc)")
    folder = tmp_path_factory.mktemp("recalculated")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    ask = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder, workbook]
    subprocess.run([soffice, profile, *ask], check=True, capture_output=True, timeout=300)
    return folder / workbook.name


def kept(value):
    """What a workbook keeps of a number: 16 digits."""
    return float(f"{value:.16g}") if isinstance(value, float) else value


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def test_sheets_of_the_plan_hold_its_tables_cell_by_cell(solved, workbook):
    book, plan = openpyxl.load_workbook(workbook), solved[0].plan
    for name in PLAN_TABLES:
        sheet, frame = book[f"plan_{name}"], plan[name]
        header, *rows = sheet.iter_rows(values_only=True)
        assert list(header) == list(frame.columns)
        blank = frame.astype(object).where(frame.notna() & (frame != ""), None)
        for found, given in zip(rows, blank.to_numpy().tolist(), strict=True):
            assert list(found) == [kept(value) for value in given]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(sheet.cell(1, column).comment for column in range(1, len(frame.columns) + 1))
    assert book["plan_costs"]["G2"].number_format == "#,##0.00 [$USD]"
    assert book["plan_flows"]["W2"].number_format == '#,##0.0" kg"'


def test_totals_are_formulas_and_breakdowns_have_native_charts(workbook):
    sheet = openpyxl.load_workbook(workbook)["summary"]
    assert sheet["B3"].value.startswith("=SUM(plan_costs!$G$2:")
    assert sheet["B5"].value == "=B4-B3"
    sums = [cell.value for cell in sheet["B"][14:] if isinstance(cell.value, str) and cell.value != "USD"]
    assert sums
    assert all(formula.startswith(("=SUMPRODUCT(", "=SUM(")) for formula in sums)
    assert len(sheet._charts) == len(PARTS)


def test_libreoffice_recalculates_every_total_to_that_of_the_plan(solved, recalculated):
    sheet, run = openpyxl.load_workbook(recalculated, data_only=True)["summary"], solved[0]
    plan, alone = run.plan, run.manifest["result"]["stand_alone_cost_by_member"]
    service = plan["market_service"].dropna(subset="promise_days")
    shown = [sheet.cell(row, 2).value for row in range(2, 12)]
    assert shown[0] == plan.name
    assert shown[1:] == near(
        [
            plan.cost,
            sum(alone.values()),
            sum(alone.values()) - plan.cost,
            plan["flows"]["orders"].sum(),
            plan["openings"]["site"].nunique(),
            1.0 - service["late_orders"].sum() / service["orders"].sum(),
            plan["carbon"]["co2_kg"].sum(),
            run.manifest["result"]["bound"],
            max(0.0, 1.0 - run.manifest["result"]["bound"] / plan.cost),
        ]
    )
    found = read_breakdowns(sheet)
    for part in PARTS:
        *keys, total = found[part]
        assert {key: amounts[0] for key, *amounts in keys} == near(plan.cost_by(part))
        assert total[1] == near(plan.cost)
    *members, total = found["member"]
    assert {key: (cost, saving) for key, _, cost, saving in members} == {
        member: near((cost, cost - plan.cost_by("member")[member])) for member, cost in alone.items()
    }
    assert total[2:] == near([sum(alone.values()), sum(alone.values()) - plan.cost])


def read_breakdowns(sheet):
    """Lines of each breakdown by its name: key and figures; the last one is its total."""
    found, part = {}, ""
    for label, amount, key, *others in sheet.iter_rows(min_row=14, max_col=5, values_only=True):
        if key in PARTS:
            part = key
            found[part] = []
        elif label is None:
            part = ""
        elif part:
            found[part].append([key or "", amount, *(value for value in others if value is not None)])
    return found


def test_an_error_of_a_formula_would_be_seen(recalculated):
    book = openpyxl.load_workbook(recalculated, data_only=True)
    texts = {str(cell.value) for row in book["summary"].iter_rows() for cell in row}
    assert not [text for text in texts if text.startswith("#") or "Err:" in text]


@pytest.mark.parametrize("saved_by", ["us", "LibreOffice"])
def test_the_workbook_is_a_layer_that_gives_the_same_scenario(solved, workbook, saved_by, request, tmp_path):
    path = workbook if saved_by == "us" else request.getfixturevalue("recalculated")
    instance = solved[1]
    notes = openpyxl.load_workbook(workbook)["notes"].iter_rows(min_row=2, values_only=True)
    shutil.copy(path, tmp_path / workbook.name)
    (tmp_path / "again.toml").write_text("\n".join(row[0] or "" for row in notes), encoding="utf-8")
    again = scenario.load(tmp_path / "again.toml")
    assert (again.name, again.currency) == (instance.name, instance.currency)
    assert (again.model, again.solve) == (instance.model, instance.solve)
    for name, frame in instance.tables.items():
        pd.testing.assert_frame_equal(again[name], frame, rtol=1e-14)


def test_a_number_changed_in_the_workbook_changes_the_scenario(solved, workbook, tmp_path):
    book = openpyxl.load_workbook(workbook)
    sheet = book["demand"]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(2, headers.index("orders") + 1).value = 9999
    book.save(tmp_path / "changed.xlsx")
    text = '[scenario]\nname = "changed"\nformat = 1\ncurrency = "USD"\ntables = ["changed.xlsx"]\n'
    (tmp_path / "changed.toml").write_text(text, encoding="utf-8")
    orders = scenario.load(tmp_path / "changed.toml")["demand"]["orders"]
    assert orders.sum() == solved[1]["demand"]["orders"].sum() - solved[1]["demand"]["orders"].iloc[0] + 9999


def test_a_run_whose_members_were_not_solved_alone_shows_no_saving(tmp_path):
    run, instance = finished_run()
    result = dict(run.manifest["result"]) | {"stand_alone_cost_by_member": {}, "bound": None, "gap": None}
    bare = type(run)(run.folder, dict(run.manifest) | {"result": result}, run.plan, None, None)
    write_workbook(bare, instance, tmp_path / "bare.xlsx", "zh")
    sheet = openpyxl.load_workbook(tmp_path / "bare.xlsx")["summary"]
    assert [sheet[cell].value for cell in ("B4", "B5", "B10", "B11")] == [None] * 4
    assert sheet["A3"].value == "落地总成本"
    assert math.isclose(run.plan.cost, 100.0)


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_workbook(*finished_run(), tmp_path / "no" / "x.xlsx")
