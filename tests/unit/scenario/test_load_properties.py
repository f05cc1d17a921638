"""What must not matter: the order of columns, the case of headers, and how rows are spread over layers."""

import csv
import io
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mini_scenario import SCENARIO, TABLES, rows_of, write_mini
from optimizer.scenario import Instance, load


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return load(write_mini(tmp_path_factory.mktemp("mini")))


def text_of(rows: list[list[str]]) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


@settings(deadline=None, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_order_of_columns_and_case_of_headers(
    mini: Instance, tmp_path_factory: pytest.TempPathFactory, random: Random
) -> None:
    def change(texts: dict[str, str]) -> None:
        for name in texts:
            header, *rows = rows_of(name)
            order = random.sample(range(len(header)), len(header))
            upper = [column.upper() if random.random() < 0.5 else column for column in header]
            texts[name] = text_of([[row[i] for i in order] for row in [upper, *rows]])

    found = load(write_mini(tmp_path_factory.mktemp("columns"), change))
    for name, frame in mini.tables.items():
        pd.testing.assert_frame_equal(found[name], frame)


@settings(deadline=None, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_rows_spread_over_layers(
    mini: Instance, tmp_path_factory: pytest.TempPathFactory, random: Random
) -> None:
    """Every row stands in some layer; rows of the first may be wrong where the second has them right."""
    folder = tmp_path_factory.mktemp("layers")
    path = write_mini(folder, scenario=SCENARIO.replace('["tables"]', '["tables", "more"]'))
    (folder / "more").mkdir()
    for name in TABLES:
        header, *rows = rows_of(name)
        later = [row for row in rows if random.random() < 0.5]
        (folder / "more" / f"{name}.csv").write_text(text_of([header, *later]))
        if name == "demand":
            stale = [[*row[:3], "99999"] if row in later else row for row in rows]
            (folder / "tables" / "demand.csv").write_text(text_of([header, *stale]))
    found = load(path)
    for name, frame in mini.tables.items():
        pd.testing.assert_frame_equal(found[name], frame)
