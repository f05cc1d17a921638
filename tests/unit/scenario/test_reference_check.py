"""One shipped reference folder without a fault, and one mutated copy per rule that has exactly that fault."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.scenario.reference_check import RANGED_FIGURES, reference_check
from optimizer.scenario.tables import TABLES

Rows = list[dict[str, str]]


@pytest.fixture
def edition(scenarios_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scenarios_dir / "reference" / "2026", tmp_path / "2026"))


def rewrite(folder: Path, table: str, change: Callable[[Rows], None]) -> None:
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def put(column: str, value: str, **where: str) -> Callable[[Rows], None]:
    """Set a column of the first row that matches."""

    def change(rows: Rows) -> None:
        row = next(row for row in rows if all(row[key] == wanted for key, wanted in where.items()))
        row[column] = value

    return change


def remove(**where: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows.remove(next(row for row in rows if all(row[key] == wanted for key, wanted in where.items())))

    return change


OUTSIDE = "outside its own"
EU_UNTIL = {"destination": "EU", "valid_to": "2026-06-30"}
BATTERIES = {"hs_prefix": "8507", "valid_from": "2026-04-01"}
MUTATIONS = {
    "no source": ("duty_rules", put("source", "", destination="EU"), "source"),
    "placeholder source": ("duty_rules", put("source", "TODO", destination="EU"), "Every figure needs"),
    "assumption without range": (
        "lanes", put("plausible_range", "", quality="assumption"), "An assumption carries the range",
    ),
    "malformed range": ("lanes", put("plausible_range", "20-45", quality="assumption"), "two numbers"),
    "range upside down": ("lanes", put("plausible_range", "45..20", quality="assumption"), "two numbers"),
    "outside its range": ("storage_tiers", put("amount_per_m3_day", "19", quality="assumption"), OUTSIDE),
    "break outside its range": ("rate_breaks", put("amount", "9000", quality="assumption"), OUTSIDE),
    "gap": ("low_value_rules", put("valid_to", "2026-06-29", **EU_UNTIL), "Days between this row"),
    "missing middle": ("refund_rates", remove(**BATTERIES), "Days between this row"),
    "overlap": ("low_value_rules", put("valid_to", "2026-07-01", **EU_UNTIL), "overlaps an earlier one"),
    "starts late": ("tax_rules", put("valid_from", "2026-02-01", destination="DE"), "2026-01-01"),
    "ends early": ("low_value_rules", put("valid_to", "2027-06-30", destination="GB"), "2027-12-31"),
    "grams for kilograms": ("containers", put("payload_t", "22000", container="20GP"), "another unit"),
    "percent as a share": ("surcharges", put("amount", "0.28", surcharge="fuel"), "Write percent"),
    "unknown place": ("freight_lanes", put("from_place", "CNXXX", service="sea"), "no such place"),
    "unknown zone": ("lanes", put("zone", "Q", service="dhl-express"), "no breaks for this zone"),
    "gap between weights": (
        "rate_breaks", put("weight_to_kg", "0.2", card="wanb-line-2026", zone="GB"), "leave a gap",
    ),
    "p95 below the mean": ("lanes", put("days_p95", "1", service="epacket"), "shorter than the mean"),
}  # fmt: skip


def test_shipped_edition_has_no_fault(scenarios_dir: Path) -> None:
    assert [str(fault) for fault in reference_check(scenarios_dir / "reference" / "2026")] == []


@pytest.mark.parametrize("rule", MUTATIONS)
def test_each_rule_is_enforced(edition: Path, rule: str) -> None:
    table, change, words = MUTATIONS[rule]
    rewrite(edition, table, change)
    faults = [str(fault) for fault in reference_check(edition)]
    assert faults
    assert all(fault.startswith(f"2026/{table}.csv") for fault in faults), faults
    assert any(words in fault for fault in faults), faults


def test_table_without_sources_is_no_reference(edition: Path, scenarios_dir: Path) -> None:
    shutil.copy(scenarios_dir / "quickstart" / "periods.csv", edition)
    faults = [str(fault) for fault in reference_check(edition)]
    assert len(faults) == 1
    assert "periods carries no sources" in faults[0]


def test_missing_folder_is_a_fault(tmp_path: Path) -> None:
    assert "no such folder" in str(reference_check(tmp_path / "2030")[0])


def test_folder_that_is_no_edition_needs_no_coverage(edition: Path) -> None:
    rewrite(edition, "tax_rules", put("valid_from", "2026-02-01", destination="DE"))
    assert reference_check(edition.rename(edition.with_name("contract"))) == []


def test_every_sourced_table_has_a_figure_for_its_range() -> None:
    sourced = {name for name, table in TABLES.items() if table.sourced}
    assert sourced - {"rate_breaks"} == set(RANGED_FIGURES)
    assert all(
        column in {field.name for field in TABLES[name].fields} for name, column in RANGED_FIGURES.items()
    )
