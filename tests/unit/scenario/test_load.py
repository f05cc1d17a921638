"""Loading: layers, inheritance, edits, filtering, provenance and determinism."""

import hashlib
import pickle
from pathlib import Path

import pandas as pd
import pytest

from mini_scenario import SCENARIO, TABLES, write_mini
from optimizer.errors import InputError
from optimizer.scenario import Instance, load
from optimizer.scenario.fields import Kind
from optimizer.scenario.tables import TABLES as DEFINITIONS

DTYPES = {Kind.NUMBER: "float64", Kind.INTEGER: "int64", Kind.FLAG: "bool", Kind.DATE: "datetime64[ns]"}


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return load(write_mini(tmp_path_factory.mktemp("mini")))


def extended(folder: Path, text: str, **tables: str) -> Path:
    """Write a scenario that extends the mini scenario with a layer of its own."""
    write_mini(folder)
    (folder / "own").mkdir(exist_ok=True)
    for name, rows in tables.items():
        (folder / "own" / f"{name}.csv").write_text(rows)
    path = folder / "own.toml"
    path.write_text(text)
    return path


def test_every_table_has_all_columns_in_order_and_type(mini: Instance) -> None:
    assert list(mini.tables) == list(DEFINITIONS)
    for name, table in DEFINITIONS.items():
        frame = mini[name]
        assert list(frame.columns) == [field.name for field in table.columns]
        assert list(frame.index) == list(range(len(frame)))
        for field in table.columns:
            assert frame[field.name].dtype == DTYPES.get(field.kind, "object"), f"{name}.{field.name}"
            if field.kind not in DTYPES:
                assert frame[field.name].map(type).isin([str]).all()


def test_defaults_fill_empty_cells_and_missing_columns(mini: Instance) -> None:
    assert mini["products"]["single_source"].tolist() == [False, False]
    assert mini["freight_lanes"]["kg_per_m3"].tolist() == [1000.0]
    assert mini["freight_lanes"]["distance_km"].isna().all()
    assert mini["lanes"]["zone"].tolist() == ["DE", "DE", "", "2"]
    assert mini["duty_rules"]["channel"].tolist() == ["*", "*"]


def test_zero_demand_and_closed_sites_are_gone_with_what_refers_to_them(mini: Instance) -> None:
    assert mini["demand"]["orders"].tolist() == [420, 510, 80, 300]
    assert mini["sites"]["site"].tolist() == ["DE-HAM"]
    assert mini["site_sizes"]["site"].tolist() == ["DE-HAM"]
    assert mini["member_sites"]["site"].tolist() == ["DE-HAM"]


def test_open_validity_ends_where_the_next_begins(mini: Instance) -> None:
    assert mini["low_value_rules"]["valid_to"].astype(str).tolist() == ["2026-06-30", "2028-06-30"]
    assert mini["duty_rules"]["valid_to"].isna().all()


def test_excluded_member_leaves_with_products_and_demand(tmp_path: Path) -> None:
    def change(texts: dict[str, str]) -> None:
        texts["members"] = texts["members"].replace("true,8,Include", "true,8,Exclude")

    instance = load(write_mini(tmp_path, change))
    assert instance.members == ("toys",)
    assert instance["products"]["product"].tolist() == ["bear"]
    assert set(instance["demand"]["product"]) == {"bear"}
    assert instance["order_mix"].empty
    assert instance["member_sites"].empty


def test_excluded_service_leaves_with_lanes_and_rates(tmp_path: Path) -> None:
    edit = "table=services; where=service == 'sea-eu'; column=status; set=Exclude"
    instance = load(write_mini(tmp_path), edits=[edit])
    assert "sea-eu" not in set(instance["services"]["service"])
    assert instance["freight_lanes"].empty
    assert instance["freight_rates"].empty
    assert instance.provenance.edits == (edit,)


def test_closing_a_site_takes_its_last_mile(tmp_path: Path) -> None:
    edit = "table=sites; column=status; set=closed"
    instance = load(write_mini(tmp_path), edits=[edit])
    assert instance["sites"].empty
    assert set(instance["lanes"]["service"]) == {"epacket"}


def test_members_may_be_chosen_in_the_file_or_by_the_caller(tmp_path: Path) -> None:
    path = write_mini(tmp_path, scenario=SCENARIO.replace("format = 1", 'members = ["toys"]'))
    assert load(path).members == ("toys",)
    assert load(path, members=["lantern"]).members == ("lantern",)


def test_row_of_a_later_layer_replaces_that_with_the_same_key(tmp_path: Path) -> None:
    text = '[scenario]\nextends = "mini.toml"\ntables = ["own"]\n'
    demand = "orders,period,market,product\n7,2026-11,DE,lamp\n9,2026-12,DE,bear\n"
    instance = load(extended(tmp_path, text, demand=demand))
    rows = instance["demand"].itertuples(index=False, name=None)
    assert list(rows) == [
        ("lamp", "DE", "2026-11", 7.0),
        ("lamp", "DE", "2026-12", 510.0),
        ("lamp", "PL", "2026-11", 80.0),
        ("bear", "DE", "2026-11", 300.0),
        ("bear", "DE", "2026-12", 9.0),
    ]


def test_settings_members_currency_and_name_are_inherited_key_by_key(tmp_path: Path) -> None:
    text = """[scenario]
extends = "mini.toml"
currency = "EUR"
members = ["toys"]
[model]
ahead_periods = 3
[solve]
seed = 7
"""
    instance = load(extended(tmp_path, text))
    assert (instance.name, instance.currency, instance.members) == ("own", "EUR", ("toys",))
    assert instance.model.ahead_periods == 3
    assert (instance.solve.gap, instance.solve.seed) == (0.001, 7)


def test_edits_run_in_order_the_extended_file_first_the_caller_last(tmp_path: Path) -> None:
    write_mini(tmp_path, scenario=SCENARIO + '[[edit]]\ntable = "demand"\ncolumn = "orders"\nadd = 10\n')
    path = tmp_path / "own.toml"
    path.write_text(
        '[scenario]\nextends = "mini.toml"\n[[edit]]\ntable = "demand"\ncolumn = "orders"\nmultiply = 2\n'
    )
    instance = load(path, edits=["table=demand; where=market == 'PL'; column=orders; set=1"])
    assert instance["demand"]["orders"].tolist() == [860, 1040, 1, 620, 1]
    assert instance.provenance.edits == (
        "table=demand; column=orders; add=10",
        "table=demand; column=orders; multiply=2",
        "table=demand; where=market == 'PL'; column=orders; set=1",
    )


def test_edit_deletes_rows_and_sets_every_kind(tmp_path: Path) -> None:
    edits = [
        "table=demand; where=market == 'PL'; delete=true",
        "table=periods; where=period == '2026-12'; column=end; set=2026-12-24",
        "table=members; where=member == 'toys'; column=vat_invoice; set=true",
        "table=order_mix; where=units == 2; column=units; add=1",
        "table=markets; where=market == 'DE'; column=late_order_amount; set=",
        'table=members; where=member == "toys"; column=name; set="Toys; and more"',
    ]
    instance = load(write_mini(tmp_path), edits=edits)
    assert set(instance["demand"]["market"]) == {"DE"}
    assert instance["periods"]["end"].iloc[1] == pd.Timestamp("2026-12-24")
    assert instance["members"]["vat_invoice"].all()
    assert instance["order_mix"]["units"].tolist() == [1, 3]
    assert instance["order_mix"]["units"].dtype == "int64"
    assert instance["markets"]["late_order_amount"].isna().all()
    assert instance["members"]["name"].iloc[1] == "Toys; and more"


def test_text_form_and_file_form_of_an_edit_are_one(tmp_path: Path) -> None:
    text = "table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35"
    first = load(write_mini(tmp_path), edits=[text])
    edit = (
        '[[edit]]\ntable = "freight_rates"\nwhere = "mode == \'sea\'"\ncolumn = "amount"\nmultiply = 1.35\n'
    )
    second = load(write_mini(tmp_path, scenario=SCENARIO + edit))
    pd.testing.assert_frame_equal(first["freight_rates"], second["freight_rates"])
    assert first.provenance.edits == second.provenance.edits == (text,)
    assert first["freight_rates"]["amount"].tolist() == [2450 * 1.35, 60 * 1.35]


def test_periods_are_put_in_order_of_time(tmp_path: Path) -> None:
    def change(texts: dict[str, str]) -> None:
        header, first, second = texts["periods"].splitlines()
        texts["periods"] = "\n".join([header, second, first])

    assert load(write_mini(tmp_path, change))["periods"]["period"].tolist() == ["2026-11", "2026-12"]


def test_provenance_names_every_file_with_its_hash(tmp_path: Path) -> None:
    path = write_mini(tmp_path)
    inputs = load(path).provenance.inputs
    assert set(inputs) == {"mini.toml", *(f"tables/{name}.csv" for name in TABLES)}
    for name, digest in inputs.items():
        assert digest == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    write_mini(tmp_path / "base")
    (tmp_path / "what-if").mkdir()
    path = tmp_path / "what-if" / "cheap.toml"
    path.write_text('[scenario]\nextends = "../base/mini.toml"\n')
    inputs = load(path).provenance.inputs
    assert {"cheap.toml", "../base/mini.toml", "../base/tables/demand.csv"} <= set(inputs)


def test_same_files_give_the_same_instance(tmp_path: Path) -> None:
    first = load(write_mini(tmp_path / "a"))
    second = load(write_mini(tmp_path / "b"))
    for name, frame in first.tables.items():
        pd.testing.assert_frame_equal(second[name], frame)
    assert first.provenance.inputs == second.provenance.inputs


def test_unusual_value_may_be_allowed_by_name(tmp_path: Path) -> None:
    def change(texts: dict[str, str]) -> None:
        texts["products"] = texts["products"].replace("940521,0.9,28", "940521,85,280")

    with pytest.raises(InputError, match="as if it were in another unit"):
        load(write_mini(tmp_path, change))
    scenario = SCENARIO.replace("format = 1", 'unusual = ["products.weight_kg"]')
    assert load(write_mini(tmp_path, change, scenario))["products"]["weight_kg"].tolist() == [85.0, 0.4]


def test_pascal_case_headers_are_read(tmp_path: Path) -> None:
    def change(texts: dict[str, str]) -> None:
        header = "ProductName,MemberName,Name,Category,HSCode,UnitWeight,Length,Width,Height"
        _, *rows = texts["products"].splitlines()
        texts["products"] = "\n".join([f"{header},RetailPrice,UnitCost,Currency,Cargo", *rows])

    instance = load(write_mini(tmp_path, change))
    assert instance["products"]["weight_kg"].tolist() == [0.9, 0.4]
    assert instance["products"]["length_cm"].tolist() == [28.0, 30.0]


def test_instance_travels_to_another_process(mini: Instance) -> None:
    copy = pickle.loads(pickle.dumps(mini))
    for name, frame in mini.tables.items():
        pd.testing.assert_frame_equal(copy[name], frame)
    assert (copy.name, copy.model, copy.solve, copy.provenance) == (
        mini.name,
        mini.model,
        mini.solve,
        mini.provenance,
    )
    with pytest.raises(TypeError):
        copy.tables["demand"] = mini["demand"]
