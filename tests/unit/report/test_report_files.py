"""Map and chart files: readable, complete, and equal to the plan."""

import json

import geopandas as gpd
import pytest

from hand_made_run import finished_run
from optimizer.errors import InputError
from optimizer.report import map_files
from optimizer.report.files import part
from optimizer.report.map_figure import map_figure
from optimizer.report.map_files import geographic_layers, write_map
from optimizer.report.map_layers import map_layers
from optimizer.report.plot import figure, write_plot
from optimizer.report.ways import way_line


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_map_as_a_figure(tmp_path, ending, start):
    run, instance = finished_run()
    write_map(run.plan, instance, tmp_path / f"map.{ending}")
    assert (tmp_path / f"map.{ending}").read_bytes().startswith(start)


def test_fonts_that_are_not_installed_are_not_asked_for(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(map_files, "get_font_names", lambda: ["DejaVu Sans"])
    monkeypatch.setattr(map_files, "FONTS", ("No Such Font", "DejaVu Sans"))
    run, instance = finished_run()
    write_map(run.plan, instance, tmp_path / "map.svg")
    assert "font" not in caplog.text.lower()


def test_layers_for_a_gis_carry_their_attributes(tmp_path):
    run, instance = finished_run()
    write_map(run.plan, instance, tmp_path / "map.gpkg")
    sites = gpd.read_file(tmp_path / "map.gpkg", layer="sites").set_index("site")
    assert sites.loc["FR-LIL", "geometry"].coords[0] == (3.1, 50.6)
    lane = gpd.read_file(tmp_path / "map.gpkg", layer="first_leg")
    assert lane[["freight_mode", "m3", "cost"]].to_numpy().tolist() == [["sea", 2.0, 100.0]]
    assert sites.crs.to_epsg() == 4326
    catchments = gpd.read_file(tmp_path / "map.gpkg", layer="catchments")
    assert list(catchments.geometry.geom_type) == ["Polygon"]
    assert catchments.covers(sites.loc["FR-LIL", "geometry"]).tolist() == [True]
    write_map(run.plan, instance, tmp_path / "map.geojson")
    features = json.loads((tmp_path / "map.geojson").read_text(encoding="utf-8"))["features"]
    assert {one["properties"]["layer"] for one in features} == {
        *("sites", "markets", "first_leg", "last_mile", "direct", "catchments")
    }


def test_ways_over_the_pacific_take_the_short_side_and_are_cut_at_180_degrees():
    west, east = way_line([(31.0, 121.0), (34.0, -118.0)], bend=0.1).geoms
    assert west.bounds[2] == 180.0
    assert east.bounds[0] == -180.0
    assert west.coords[0] == (121.0, 31.0)
    assert east.coords[-1] == (-118.0, 34.0)
    assert way_line([(31.0, 121.0), (53.0, 10.0)]).geom_type == "LineString"


def test_the_figure_shows_catchments_and_the_name_of_the_open_site():
    run, instance = finished_run()
    drawn = map_figure(geographic_layers(map_layers(run.plan, instance)))
    legend = [text.get_text() for text in drawn.axes[0].get_legend().get_texts()]
    assert {"Catchments", "Sea freight", "Postal parcel", "Open warehouses"} <= set(legend)
    assert [text.get_text() for text in drawn.axes[0].texts] == ["Lille"]


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{")]
)
def test_a_chart_as_a_file(tmp_path, ending, start):
    write_plot(finished_run()[0], "cost", tmp_path / f"cost.{ending}", "zh")
    assert (tmp_path / f"cost.{ending}").read_bytes().startswith(start)
    if ending == "json":
        assert "合计" in (tmp_path / "cost.json").read_text(encoding="utf-8")


def test_a_chart_as_an_object_has_its_words_in_place():
    drawn = figure(finished_run()[0].plan, "members", "zh", {"anna": 70.0, "bela": 40.0})
    rows = [row for rows in drawn.to_dict()["datasets"].values() for row in rows]
    assert {row["kind"] for row in rows} == {"共享", "单干"}
    assert next(row["change"] for row in rows if row["member"] == "bela") == 36.0 / 40.0 - 1.0


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
