"""A question about one parcel, and the small scenario that the costing engine answers it from."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.costing.validity import missing
from optimizer.errors import Fault, InputError
from optimizer.scenario.checks.dates import effective_ends
from optimizer.scenario.faultlist import FILE, ROW
from optimizer.scenario.fields import Required
from optimizer.scenario.filtering import leave_out
from optimizer.scenario.instance import Instance, ModelSettings, Provenance, SolveSettings
from optimizer.scenario.load import load
from optimizer.scenario.readers import read_layer
from optimizer.scenario.stack import stack
from optimizer.scenario.tables import TABLES

__all__ = ["Enquiry", "enquiry_instance", "find_place", "one_row", "rate_source"]

WINDOW_DAYS = (14, 15)
"""Days before and after the day of sale that make the month in which bulk goods are shared."""

CARGO = ("general", "battery", "liquid")
EMPTY = ("order_mix", "cartons", "demand", "rules", "member_sites")


@dataclass(frozen=True)
class Enquiry:
    """What is asked.

    Parameters
    ----------
    origin
        Place the goods leave from, by key or name; empty: the member's own.
    to
        Market or country.
    weight_kg, dims_cm
        Of one packed unit.
    value
        Selling price of one unit abroad, before VAT.
    hs
        HS code; further codes of other goods in the same parcel count as tariff headings.
    date
        Day of sale.
    quantity
        Units in the order.
    currency
        Of `value` and `unit_cost`; empty: that of the rates.
    unit_cost
        Purchase or transfer price of one unit; None: taken equal to `value`.
    cargo, category
        As in the products table.
    member
        Firm whose tax status and cost of capital count; empty: a general taxpayer with invoices.
    bulk_orders
        Orders that travel together in a bulk shipment, and that the site ships in a month.
    """

    origin: str
    to: str
    weight_kg: float
    dims_cm: tuple[float, float, float]
    value: float
    hs: tuple[str, ...]
    date: np.datetime64
    quantity: int = 1
    currency: str = ""
    unit_cost: float | None = None
    cargo: str = "general"
    category: str = "*"
    member: str = ""
    bulk_orders: int = 200


def rate_source(path: str | Path, currency: str = "USD") -> Instance:
    """Return the tables of a scenario file, or of a folder or workbook of rates without members or demand.

    Parameters
    ----------
    path
        Scenario (TOML), or a folder of reference tables.
    currency
        Currency to report in, for a folder.

    Raises
    ------
    InputError
        The files are missing or hold faults.
    """
    path = Path(path)
    if path.suffix == ".toml":
        return load(path)
    layer = read_layer(path.name, path.parent, path.parent, "--rates")
    tables, faults, _ = stack([layer])
    if faults:
        raise InputError(faults)
    plain = {name: frame.drop(columns=[FILE, ROW]) for name, frame in tables.items()}
    for name, table in TABLES.items():
        if table.dated and len(plain[name]):
            plain[name]["valid_to"] = effective_ends(table, plain[name])
    provenance = Provenance(str(path), dict(layer.inputs))
    return Instance(path.name, currency, leave_out(plain), ModelSettings(), SolveSettings(), provenance)


def enquiry_instance(source: Instance, enquiry: Enquiry) -> Instance:
    """Return the source with one member, one product, one market and one order, on the day asked for.

    Raises
    ------
    InputError
        The origin, the member or the destination is unknown.
    """
    faults = _faults(source, enquiry)
    if faults:
        raise InputError(faults)
    tables = dict(source.tables)
    for name in EMPTY:
        tables[name] = source[name].iloc[:0]
    member = _member(source, enquiry)
    market = _market(source, enquiry.to)
    cost = enquiry.value if enquiry.unit_cost is None else enquiry.unit_cost
    length, width, height = enquiry.dims_cm
    day = pd.Timestamp(str(enquiry.date))
    tables["members"] = one_row(source, "members", member)
    tables["markets"] = one_row(source, "markets", market)
    tables["products"] = one_row(
        source, "products",
        {
            "product": "parcel", "member": member["member"], "name": "parcel", "category": enquiry.category,
            "hs_code": enquiry.hs[0], "weight_kg": enquiry.weight_kg, "length_cm": length, "width_cm": width,
            "height_cm": height, "retail_price": enquiry.value, "unit_cost": cost, "cargo": enquiry.cargo,
            "currency": enquiry.currency or source.currency,
        },
    )  # fmt: skip
    mix = {
        "product": "parcel",
        "units": enquiry.quantity,
        "headings": len(set(enquiry.hs)),
        "share_pct": 100.0,
    }
    tables["order_mix"] = one_row(source, "order_mix", mix)
    before, after = (pd.Timedelta(days=days) for days in WINDOW_DAYS)
    period = {"period": "quote", "start": day - before, "end": day + after}
    tables["periods"] = one_row(source, "periods", period)
    demand = {
        "product": "parcel",
        "market": market["market"],
        "period": "quote",
        "orders": float(enquiry.bulk_orders),
    }
    tables["demand"] = one_row(source, "demand", demand)
    model = replace(source.model, ahead_periods=0, discount_rate_pct=0.0)
    return replace(source, tables=tables, model=model)


def _faults(source: Instance, enquiry: Enquiry) -> list[Fault]:
    faults = []
    if enquiry.member and enquiry.member not in source.members:
        mend = f"Name one of: {', '.join(source.members) or 'none, the rates hold no members'}."
        faults.append(Fault("--member", enquiry.member, "there is no such member.", mend))
    if not enquiry.member and find_place(source, enquiry.origin) is None:
        names = list(dict.fromkeys([*source["places"]["name"], *source["places"]["place"]]))
        near = get_close_matches(enquiry.origin, names, n=3, cutoff=0.3) or names[:5]
        mend = f"Name a place by key or name, such as {', '.join(near)}."
        faults.append(Fault("--origin", enquiry.origin, "there is no such place.", mend))
    for name, value in (
        ("--weight", enquiry.weight_kg),
        ("--qty", enquiry.quantity),
        ("--value", enquiry.value),
    ):
        if not value > 0:
            faults.append(Fault(name, f"{value:g}", "must be above zero.", "Give a positive number."))
    if enquiry.cargo not in CARGO:
        faults.append(
            Fault("--cargo", enquiry.cargo, "there is no such cargo.", f"Name one of: {', '.join(CARGO)}.")
        )
    if not all(side > 0 for side in enquiry.dims_cm):
        faults.append(
            Fault("--dims", str(enquiry.dims_cm), "sides must be above zero.", "Give them as 30x20x10.")
        )
    if not all(code.isdigit() and 2 <= len(code) <= 10 for code in enquiry.hs) or not enquiry.hs:
        faults.append(
            Fault("--hs", " ".join(enquiry.hs), "an HS code has 2 to 10 digits.", "Leave out the dots.")
        )
    return faults


def find_place(source: Instance, wanted: str) -> str | None:
    """Key of a place named by key or name; of several with one name the origin counts first."""
    places = source["places"]
    text = wanted.casefold()
    hits = places[(places["place"].str.casefold() == text) | (places["name"].str.casefold() == text)]
    hits = hits.assign(rank=hits["kind"] != "origin").sort_values("rank", kind="stable")
    return str(hits["place"].iloc[0]) if len(hits) else None


def _member(source: Instance, enquiry: Enquiry) -> dict[str, object]:
    place = find_place(source, enquiry.origin)
    if enquiry.member:
        members = source["members"]
        found = members[members["member"] == enquiry.member].iloc[0]
        row = {str(key): value for key, value in found.items()}
        return {**row, "origin": place or row["origin"]}
    return {"member": "exporter", "name": "exporter", "origin": place}


def _market(source: Instance, to: str) -> dict[str, object]:
    """A market by key; else the country, at the middle of its markets, or of its people."""
    markets = source["markets"]
    exact = markets[markets["market"] == to]
    to = to if len(exact) else to.upper()
    inside = markets[markets["country"] == to]
    if len(exact) or len(inside) == 1:
        return {str(key): value for key, value in (exact if len(exact) else inside).iloc[0].items()}
    if len(inside):
        lat, lon = float(inside["lat"].mean()), float(inside["lon"].mean())
    else:
        points = pd.read_csv(
            str(files("optimizer.costing").joinpath("country_points.csv")),
            keep_default_na=False,
            index_col="country",
        )
        if to not in points.index:
            raise missing("markets", [f"destination {to}"], "Name a market, or a country by its two letters.")
        lat, lon = float(points.at[to, "lat"]), float(points.at[to, "lon"])  # type: ignore[arg-type]
    return {"market": to, "name": to, "country": to, "lat": lat, "lon": lon}


def one_row(source: Instance, table: str, row: dict[str, object]) -> pd.DataFrame:
    """A table of one row in the source's column types; what the row leaves out takes the field's default."""
    filled = {
        field.name: row.get(field.name, None if isinstance(field.default, Required) else field.default)
        for field in TABLES[table].columns
    }
    return pd.DataFrame([filled]).astype(source[table].dtypes.to_dict()).fillna({"zone": ""})
