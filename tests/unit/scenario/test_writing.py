"""What is written loads again; the template is read by our own reader; the page is current."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mini_scenario import write_mini
from optimizer.errors import InputError
from optimizer.scenario import Instance, ModelSettings, load, reference_page, write, write_template
from optimizer.scenario.tables import TABLES

FORMS = ("folder", "book.xlsx")


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return load(write_mini(tmp_path_factory.mktemp("mini")))


def assert_equal(first: Instance, second: Instance) -> None:
    """Fail unless two instances agree in everything but where they came from."""
    for name, frame in first.tables.items():
        pd.testing.assert_frame_equal(second[name], frame)
    assert (first.name, first.currency) == (second.name, second.currency)
    assert (first.model, first.solve) == (second.model, second.solve)


@pytest.mark.parametrize("form", FORMS)
def test_round_trip(form: str, mini: Instance, tmp_path: Path) -> None:
    changed = replace(mini, name='the "best" 方案', model=ModelSettings(ahead_periods=2, demand_cv=0.1))
    assert_equal(changed, load(write(changed, tmp_path / "deep" / form)))


@settings(deadline=None, max_examples=8)
@given(
    st.lists(st.floats(min_value=1e-9, max_value=1e12, allow_subnormal=False), min_size=4, max_size=4),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)
    .map(str.strip)
    .filter(bool),
)
def test_round_trip_of_any_number_and_text(
    mini: Instance, tmp_path_factory: pytest.TempPathFactory, orders: list[float], name: str
) -> None:
    demand = mini["demand"].assign(orders=np.array(orders))
    members = mini["members"].assign(name=name)
    changed = replace(mini, tables={**mini.tables, "demand": demand, "members": members})
    assert_equal(changed, load(write(changed, tmp_path_factory.mktemp("any"))))


def test_label_that_looks_like_a_formula_stays_a_label(mini: Instance, tmp_path: Path) -> None:
    members = mini["members"].assign(name=["=SUM(A1:A9)", "+1"])
    changed = replace(mini, tables={**mini.tables, "members": members})
    assert load(write(changed, tmp_path / "book.xlsx"))["members"]["name"].tolist() == ["=SUM(A1:A9)", "+1"]


@pytest.mark.parametrize("form", FORMS)
def test_same_instance_is_written_alike(form: str, mini: Instance, tmp_path: Path) -> None:
    first = load(write(mini, tmp_path / "a" / form))
    second = load(write(first, tmp_path / "b" / form))
    assert_equal(first, second)
    if form == "folder":
        for file in (tmp_path / "a" / form).iterdir():
            assert file.read_bytes() == (tmp_path / "b" / form / file.name).read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_template_is_read_as_tables_without_rows(form: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(write_template(tmp_path / form))
    needed = {name for name, table in TABLES.items() if table.required}
    found = {
        name
        for fault in caught.value.faults
        for name in needed
        if f"The table {name} is needed" in fault.rule
    }
    assert found == needed
    assert len(caught.value.faults) == len(needed)


def test_template_states_unit_meaning_rule_and_example_of_each_column(tmp_path: Path) -> None:
    write_template(tmp_path / "new")
    for name, table in TABLES.items():
        with (tmp_path / "new" / f"{name}.csv").open(newline="") as file:
            header, units, meanings, rules, examples = csv.reader(file)
        assert header == [field.name for field in table.columns]
        assert units == [f"# unit: {table.columns[0].unit}", *(field.unit for field in table.columns[1:])]
        assert meanings[1:] == [field.meaning for field in table.columns[1:]]
        assert rules[0].startswith("# rule: ")
        assert examples == [f"#{table.columns[0].example}", *(field.example for field in table.columns[1:])]


def test_example_row_counts_once_its_mark_is_removed(tmp_path: Path) -> None:
    path = write_template(tmp_path / "new")
    file = tmp_path / "new" / "emission_factors.csv"
    *remarks, example = file.read_text().splitlines()
    file.write_text("\n".join([*remarks, example.removeprefix("#").replace("WTW", "wrong")]))
    with pytest.raises(InputError, match=r"emission_factors\.csv row 5 column scope: found 'wrong'"):
        load(path)


@pytest.mark.parametrize("form", FORMS)
def test_template_overwrites_nothing(form: str, tmp_path: Path) -> None:
    write_template(tmp_path / form)
    with pytest.raises(InputError, match="overwrites nothing"):
        write_template(tmp_path / form)


def test_reference_page_is_current(scenarios_dir: Path) -> None:
    page = (scenarios_dir / "TABLES.md").read_text(encoding="utf-8")
    assert page == reference_page(), "run: python -m optimizer.scenario > scenarios/TABLES.md"


def test_reference_page_tells_of_every_column() -> None:
    page = reference_page()
    for table in TABLES.values():
        section = page.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        for field in table.fields:
            assert f"| `{field.name}`" in section
            assert field.meaning.replace("|", "\\|") in section
