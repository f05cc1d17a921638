"""Map and chart files: readable, complete, and equal to the plan."""

import json

import geopandas as gpd
import pytest

from hand_made_run import finished_run
from optimizer.errors import InputError
from optimizer.report.files import part
from optimizer.report.map_files import write_map
from optimizer.report.plot import write_plot


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_map_as_a_figure(tmp_path, ending, start):
    run, instance = finished_run()
    write_map(run.plan, instance, tmp_path / f"map.{ending}")
    assert (tmp_path / f"map.{ending}").read_bytes().startswith(start)


def test_layers_for_a_gis_carry_their_attributes(tmp_path):
    run, instance = finished_run()
    write_map(run.plan, instance, tmp_path / "map.gpkg")
    sites = gpd.read_file(tmp_path / "map.gpkg", layer="sites").set_index("site")
    assert sites.loc["FR-LIL", "geometry"].coords[0] == (3.1, 50.6)
    lane = gpd.read_file(tmp_path / "map.gpkg", layer="first_leg")
    assert lane[["freight_mode", "m3", "cost"]].to_numpy().tolist() == [["sea", 2.0, 100.0]]
    assert sites.crs.to_epsg() == 4326
    write_map(run.plan, instance, tmp_path / "map.geojson")
    features = json.loads((tmp_path / "map.geojson").read_text(encoding="utf-8"))["features"]
    assert {one["properties"]["layer"] for one in features} == {
        *("sites", "markets", "first_leg", "last_mile", "direct", "catchments")
    }


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{")]
)
def test_a_chart_as_a_file(tmp_path, ending, start):
    write_plot(finished_run()[0], "cost", tmp_path / f"cost.{ending}", "zh")
    assert (tmp_path / f"cost.{ending}").read_bytes().startswith(start)
    if ending == "json":
        assert "合计" in (tmp_path / "cost.json").read_text(encoding="utf-8")


def test_wrong_names_are_refused_with_what_would_do(tmp_path):
    run, instance = finished_run()
    with pytest.raises(InputError, match="Known: cost, members"):
        write_plot(run, "pie", tmp_path / "x.svg")
    with pytest.raises(InputError, match=r"\.svg, \.png, \.pdf or \.json"):
        write_plot(run, "cost", tmp_path / "x.doc")
    with pytest.raises(InputError, match=r"\.gpkg"):
        write_map(run.plan, instance, tmp_path / "x.doc")


def test_a_missing_package_says_how_to_install_it():
    with pytest.raises(InputError, match=r"entrepot\[report\]"):
        part("no_such_part")
