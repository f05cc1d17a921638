"""The shipped scenarios load, tell the stories they promise, and rest on rates of the right size."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.costing.validity import rows_on
from optimizer.network import build, unreachable
from optimizer.scenario import Instance, load

STORIES = (
    "quickstart", "eu_alliance", "eu_us_alliance", "peak_season", "port_congestion", "us_duty_shift",
    "no_sharing", "single_exporter",
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> dict[str, Instance]:
    folder = Path(__file__).resolve().parents[2] / "scenarios"
    return {name: load(folder / f"{name}.toml") for name in STORIES}


def test_every_scenario_file_is_a_story(scenarios_dir: Path) -> None:
    assert sorted(path.stem for path in scenarios_dir.glob("*.toml")) == sorted(STORIES)


@pytest.mark.parametrize("name", STORIES)
def test_every_order_can_be_served(shipped: dict[str, Instance], name: str) -> None:
    instance = shipped[name]
    assert unreachable(instance, build(instance)) == []


@pytest.mark.parametrize(
    ("name", "members", "classes", "markets", "sites", "periods"),
    [
        ("quickstart", 3, 2, 2, 6, 1),
        ("eu_alliance", 5, 3, 30, 10, 4),
        ("eu_us_alliance", 8, 5, 106, 20, 12),
        ("single_exporter", 1, 5, 106, 20, 12),
    ],
)
def test_size_of_the_story(
    shipped: dict[str, Instance],
    name: str,
    members: int,
    classes: int,
    markets: int,
    sites: int,
    periods: int,
) -> None:
    instance = shipped[name]
    assert len(instance.members) == members
    assert set(instance["products"]["member"].value_counts()) == {classes}
    assert (len(instance["sites"]), len(instance["periods"])) == (sites, periods)
    assert instance["demand"]["market"].nunique() <= markets == len(instance["markets"])


def test_large_scenario_is_sparse_and_peaks_before_christmas(shipped: dict[str, Instance]) -> None:
    instance = shipped["eu_us_alliance"]
    demand = instance["demand"]
    assert 28_000 <= len(demand) <= 36_000
    by_month = demand.groupby("period")["orders"].sum()
    assert set(by_month.nlargest(2).index) == {"2026-11", "2026-12"}
    firms = demand.merge(instance["products"], on="product").groupby("member")["orders"].sum() / 12
    assert firms.between(500, 10_000).all()


def test_every_mode_of_the_design_is_offered(shipped: dict[str, Instance]) -> None:
    modes = set(shipped["eu_us_alliance"]["services"]["mode"])
    assert modes == {"postal", "express", "line", "sea", "air", "rail", "truck", "last_mile"}
    assert {"20GP", "40GP", "40HQ", "lcl", "kg"} == set(shipped["eu_us_alliance"]["freight_rates"]["unit"])
    assert {"lease", "3pl"} == set(shipped["eu_us_alliance"]["site_sizes"]["model"])


def ratio(shipped: dict[str, Instance], name: str, table: str, column: str, key: list[str]) -> pd.DataFrame:
    """Rows of a what-if beside the scenario it extends, with the factor between them."""
    both = shipped["eu_us_alliance"][table].merge(shipped[name][table], on=key, suffixes=("_base", ""))
    return both.assign(factor=both[column] / both[f"{column}_base"])


def test_peak_season_sells_two_fifths_more_in_two_months(shipped: dict[str, Instance]) -> None:
    rows = ratio(shipped, "peak_season", "demand", "orders", ["product", "market", "period"])
    peak = rows["period"].isin(["2026-11", "2026-12"])
    np.testing.assert_allclose(rows["factor"], np.where(peak, 1.4, 1.0))


def test_port_congestion_touches_the_sea_alone(shipped: dict[str, Instance]) -> None:
    lane = ["service", "from_place", "to_place", "valid_from"]
    rates = ratio(shipped, "port_congestion", "freight_rates", "amount", [*lane, "unit", "break_from_kg"])
    np.testing.assert_allclose(rates["factor"], np.where(rates["mode"] == "sea", 1.35, 1.0))
    for column in ("days_mean", "days_p95"):
        days = ratio(shipped, "port_congestion", "freight_lanes", column, lane)
        np.testing.assert_allclose(days["factor"], np.where(days["service"].str.startswith("sea"), 1.4, 1.0))


def test_duty_shift_raises_the_open_surcharge(shipped: dict[str, Instance]) -> None:
    rules = shipped["us_duty_shift"]["duty_rules"]
    held = rows_on(
        rules, ["destination", "origin", "hs_prefix", "rule", "channel"], np.datetime64("2026-11-01")
    )
    held = held[(held["destination"] == "US") & (held["rule"] == "surcharge")]
    assert held["rate_pct"].tolist() == [15.0]


def test_no_sharing_is_the_same_demand_without_an_alliance(shipped: dict[str, Instance]) -> None:
    assert not shipped["no_sharing"].model.sharing
    assert shipped["eu_alliance"].model.sharing
    pd.testing.assert_frame_equal(shipped["no_sharing"]["demand"], shipped["eu_alliance"]["demand"])


def test_law_of_the_flat_duty_is_dated(shipped: dict[str, Instance]) -> None:
    rules = shipped["eu_alliance"]["low_value_rules"]
    seen = {}
    for day in ("2026-06-30", "2026-07-01", "2028-06-30", "2028-07-01"):
        rule = rows_on(
            rules[rules["destination"] == "EU"], ["destination", "channel"], np.datetime64(day)
        ).iloc[0]
        seen[day] = (rule["threshold"], rule["treatment"], rule["amount"])
    assert seen == {
        "2026-06-30": (150.0, "exempt", 0.0),
        "2026-07-01": (150.0, "per_heading", 3.0),
        "2028-06-30": (150.0, "per_heading", 3.0),
        "2028-07-01": (0.0, "exempt", 0.0),
    }


QUOTED = {
    "ePacket (EUB)": "epacket", "e-EMS (ETK)": "e-ems", "YunExpress general": "yun-line",
    "HK DHL": "dhl-express", "UPS HK-5000": "ups-express",
}  # fmt: skip


def parcel_price(instance: Instance, service: str, country: str, kg: float) -> float | None:
    """Price in the card's currency of a small parcel in a quiet month, straight from the tables."""
    lanes = instance["lanes"]
    lane = lanes[(lanes["service"] == service) & (lanes["destination"] == country)]
    if lane.empty:
        return None
    zone = lane["zone"].iloc[0]
    name = instance["services"].set_index("service").loc[service, "rate_card"]
    step = instance["rate_cards"].set_index("card").loc[name, "step_kg"]
    weight = np.ceil(round(kg / step, 9)) * step
    breaks = instance["rate_breaks"]
    band = breaks[(breaks["card"] == name) & (breaks["zone"] == zone) & (breaks["weight_from_kg"] <= weight)]
    row = band.loc[band["weight_from_kg"].idxmax()]
    base = row["amount"] + row["amount_per_kg"] * weight
    quiet = rows_on(instance["surcharges"], ["card", "surcharge", "zone"], np.datetime64("2026-03-02"))
    mine = (quiet["card"] == name) & quiet["zone"].isin(["*", zone]) & (quiet["condition"] == "always")
    factor = quiet["basis"].map({"pct_of_base": base / 100, "parcel": 1.0, "kg": weight})
    return float(base + (quiet["amount"] * factor)[mine].sum())


def test_rates_are_of_the_size_that_a_forwarder_quotes(
    shipped: dict[str, Instance], realdata_dir: Path
) -> None:
    """At least four of five quotes that we can build too are met within a quarter."""
    with (realdata_dir / "postal_quotes_1p2kg.csv").open(encoding="utf-8", newline="") as file:
        quotes = [row for row in csv.DictReader(file) if row["service"] in QUOTED]
    built = [
        (parcel_price(shipped["quickstart"], QUOTED[row["service"]], row["dest"], 1.2), float(row["price"]))
        for row in quotes
    ]
    errors = [abs(price / quote - 1) for price, quote in built if price is not None]
    assert len(errors) >= 20
    assert sum(error <= 0.25 for error in errors) / len(errors) >= 0.8


@pytest.mark.parametrize(("kg", "usd"), [(0.2, 6.2), (0.5, 9.2), (1.0, 14.2), (2.0, 24.2)])
def test_postal_to_the_united_states_costs_what_it_is_known_to(
    shipped: dict[str, Instance], kg: float, usd: float
) -> None:
    """30.45 + 72.45 × kg CNY at 7.25 CNY per USD, the rate the tariff itself uses."""
    price = parcel_price(shipped["quickstart"], "cainiao-standard", "US", kg)
    assert price is not None
    assert round(price / 7.25, 1) == usd
