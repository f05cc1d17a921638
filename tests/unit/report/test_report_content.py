"""What the reports say equals the plan tables: page, charts and map layers."""

import json
import re
from dataclasses import replace

import pytest

from hand_made_run import finished_run
from optimizer.report.charts import CHARTS, chart
from optimizer.report.content import headline, read_asset, run_content
from optimizer.report.html import page
from optimizer.report.map_layers import map_layers
from optimizer.report.markets import lane_summary, market_summary

ALONE = {"anna": 70.0, "bela": 40.0}


def data_of(text):
    """The data as the page carries it."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found.group(1))


def column(table, key):
    position = [one["key"] for one in table["columns"]].index(key)
    return [row[position] for row in table["rows"]]


def test_headline_by_hand():
    figures = headline(finished_run()[0])
    assert (figures["cost"], figures["alone"], figures["saving"]) == (100.0, 110.0, 10.0)
    assert figures["saving_pct"] == pytest.approx(100 * 10 / 110)
    assert figures["on_time_pct"] == 90.0  # DE: 1 of 10 late; FR has no promise
    assert figures["orders"] == 20.0
    assert figures["gap_pct"] == 1.23


def test_the_saving_is_known_only_as_far_as_what_members_cost_alone():
    run, _ = finished_run()
    assert headline(run)["saving_least"] is None
    result = dict(run.manifest["result"]) | {"stand_alone_bound_by_member": {"anna": 66.0, "bela": 40.0}}
    known = replace(run, manifest=dict(run.manifest) | {"result": result})
    assert headline(known)["saving_least"] == 6.0


@pytest.mark.parametrize(("gap", "shown"), [(0.00031, 0.04), (0.0, 0.0), (1e-4, 0.01), (None, None)])
def test_the_gap_shown_never_promises_too_much(gap, shown):
    assert headline(finished_run(gap=gap)[0])["gap_pct"] == shown


def test_tables_of_the_page_equal_the_plan():
    run, instance = finished_run()
    tables = data_of(page([(run, instance)]))["runs"][0]["tables"]
    assert sum(column(tables["markets"], "cost")) == pytest.approx(run.plan.cost)
    assert dict(zip(column(tables["markets"], "market"), column(tables["markets"], "cost"), strict=True)) == {
        "DE": 40.0,
        "FR": 60.0,
    }
    components = [one["key"] for one in tables["markets"]["columns"] if one["component"]]
    for name in components:
        assert sum(column(tables["markets"], name)) == pytest.approx(run.plan.cost_by("component")[name])
    assert column(tables["lanes"], "cost") == [100.0]
    assert column(tables["lanes"], "lane") == ["CN-YIW → CN-SHA → FR-LEH → FR-LIL"]
    by_component = dict(
        zip(column(tables["members"], "component"), column(tables["members"], "total"), strict=True)
    )
    assert by_component == run.plan.cost_by("component") | {"total": run.plan.cost}
    assert column(tables["members"], "anna")[-1] == run.plan.cost_by("member")["anna"]


def test_the_page_is_whole_and_asks_for_nothing():
    text = page([finished_run()], "zh")
    assert '<html lang="zh">' in text
    bare = re.sub(r"<script[^>]*>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r'<(?:img|link)[^>]+(?:src|href)="(?!data:)|<script[^>]+src=', bare)
    assert data_of(text)["runs"][0]["headline"]["proof"] == "by hand </script><b>"


def test_two_runs_side_by_side_show_the_change():
    compared = data_of(page([finished_run("base"), finished_run("dear", last_mile=45.0)]))["comparison"]
    assert compared["runs"] == ["base", "dear"]
    assert column(compared["tables"]["totals"], "change") == [0.0, 15.0]
    by_component = dict(
        zip(*(column(compared["tables"]["component"], k) for k in ("component", "change")), strict=True)
    )
    assert by_component["last_mile"] == 15.0


def test_each_of_three_runs_has_its_own_change_against_the_first():
    runs = [finished_run("base"), finished_run("dear", last_mile=45.0), finished_run("cheap", last_mile=10.0)]
    by_mode = data_of(page(runs))["comparison"]["tables"]["mode"]
    assert [one.get("run") for one in by_mode["columns"]] == [None, "base", "dear", "dear", "cheap", "cheap"]
    warehouse = next(row for row in by_mode["rows"] if row[0] == "warehouse")
    assert warehouse[1:] == [60.0, 75.0, 15.0, 40.0, -20.0]


def test_the_split_of_an_alliance_is_shown():
    split = {
        "grand_coalition_cost": 100.0,
        "stand_alone_cost": {"anna": 70.0, "bela": 40.0},
        "saving": [10.0, 10.0],
        "core_nonempty": True,
        "allocations": {"shapley": {"anna": 65.0, "bela": 35.0}},
        "stability": {"shapley": {"in_core": True}},
    }
    shown = data_of(page([finished_run()], alliance=split))["alliance"]
    assert shown["table"]["rows"] == [[None, 70.0, 40.0, None], ["shapley", 65.0, 35.0, "true"]]
    assert shown["objections"]["rows"] == []


def test_groups_that_gain_by_leaving_are_listed():
    objection = {"members": ["anna", "bela"], "pays": 80.0, "alone": [60.0, 75.0], "gain": [5.0, 20.0]}
    doubt = {"members": ["bela"], "pays": 35.0, "alone": [34.0, 40.0], "gain": [-5.0, 1.0]}
    split = {
        "grand_coalition_cost": 100.0,
        "stand_alone_cost": {"anna": 70.0, "bela": 40.0},
        "saving": [10.0, 10.0],
        "core_nonempty": None,
        "allocations": {"shapley": {"anna": 65.0, "bela": 35.0}},
        "stability": {"shapley": {"in_core": False, "blocking": [objection], "doubtful": [doubt]}},
        "coalitions": [
            {"members": ["anna"], "cost": [66.0, 70.0]},
            {"members": ["bela"], "cost": [40.0, 40.0]},
        ],
    }
    shown = data_of(page([finished_run()], alliance=split))["alliance"]
    assert shown["table"]["rows"][:2] == [[None, 70.0, 40.0, None], ["alone_at_least", 66.0, 40.0, None]]
    assert shown["objections"]["rows"] == [
        ["shapley", "anna + bela", 80.0, 60.0, 75.0, 5.0, 20.0, "true"],
        ["shapley", "bela", 35.0, 34.0, 40.0, -5.0, 1.0, "false"],
    ]


def test_map_layers_by_hand():
    layers = map_layers(finished_run()[0].plan, finished_run()[1])
    assert layers.sites.set_index("site")["open"].to_dict() == {"FR-LIL": True, "BE-LGG": False}
    assert layers.first_leg["stops"].tolist() == [["CN-YIW", "CN-SHA", "FR-LEH", "FR-LIL"]]
    assert layers.last_mile[["site", "market", "orders"]].to_numpy().tolist() == [["FR-LIL", "FR", 10.0]]
    assert layers.direct[["start", "market", "mode", "orders"]].to_numpy().tolist() == [
        ["CN-YIW", "DE", "postal", 10.0]
    ]
    reached = layers.catchments[["site", "markets", "orders"]].to_numpy().tolist()
    assert reached == [["FR-LIL", 1, 10.0]]


def test_markets_and_lanes_by_hand():
    plan = finished_run()[0].plan
    markets = market_summary(plan).set_index("market")
    assert markets.loc["DE", ["cost", "cost_per_order", "on_time_pct"]].tolist() == [40.0, 4.0, 90.0]
    assert markets["mode"].to_dict() == {"DE": "postal", "FR": "warehouse"}
    assert lane_summary(plan)["cost"].tolist() == [100.0]


@pytest.mark.parametrize("kind", CHARTS)
def test_every_chart_is_made_and_carries_the_plan(kind):
    plan = finished_run()[0].plan
    spec = chart(kind, plan, ALONE)
    assert spec["autosize"]["type"] == "fit-x"
    data = [row for rows in spec["datasets"].values() for row in rows]
    if kind == "cost":
        assert data[-1]["amount"] == plan.cost
        assert sum(row["amount"] for row in data[:-1]) == pytest.approx(plan.cost)
    if kind == "members":
        assert sum(row["amount"] for row in data if row["kind"] == "t:kind.together") == plan.cost
    if kind == "throughput":
        assert sum(row["orders"] for row in data if "mode" in row) == 20.0
        assert [row["orders"] for row in data if "mode" not in row] == [20.0]  # the peak


def test_content_says_only_what_json_can():
    run, instance = finished_run()
    json.dumps(run_content(run, instance, "x"), allow_nan=False)


def test_the_page_draws_with_the_vega_lite_that_charts_are_written_for():
    made_for = chart("cost", finished_run()[0].plan, ALONE)["$schema"]
    written = re.search(r"/v(\d+\.\d+)\.\d+\.json", made_for).group(1)
    assert f"Vega-Lite {written}" in read_asset("vendor/README.md")
    assert f'="{written}.' in read_asset("vendor/vega.js")
