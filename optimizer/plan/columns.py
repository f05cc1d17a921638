"""Every column of the plan tables: name, type, unit and meaning, defined once."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

__all__ = ["PLAN_TABLES", "Column", "Type", "conform"]


class Type(StrEnum):
    """How a column is stored."""

    TEXT = "text"
    NUMBER = "number"
    COUNT = "count"


@dataclass(frozen=True)
class Column:
    """One column of a plan table.

    Parameters
    ----------
    name, type, unit, meaning
        As users read them; an empty unit is a pure label.
    key
        Whether the column is part of the table's order (and of its identity).
    """

    name: str
    type: Type
    unit: str
    meaning: str
    key: bool = False


def _text(name: str, meaning: str, *, key: bool = False) -> Column:
    return Column(name, Type.TEXT, "", meaning, key)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, Type.NUMBER, unit, meaning)


def _count(name: str, unit: str, meaning: str, *, key: bool = False) -> Column:
    return Column(name, Type.COUNT, unit, meaning, key)


MEMBER = _text("member", "Firm.", key=True)
MARKET = _text("market", "Market.", key=True)
PERIOD = _text("period", "Period of sale.", key=True)
MODE = _text("mode", "postal, express, line or warehouse.", key=True)
SITE = _text("site", "Warehouse; empty for direct parcels.", key=True)

OWNER = _text("site_owner", "Whose own it is where nothing is shared; empty: shared.", key=True)

_OPENINGS = (
    _text("site", "Warehouse that opens.", key=True),
    OWNER,
    _text("size", "Size at which it opens.", key=True),
    _text("name", "Name to print."),
    _text("country", "Country."),
    _text("provider", "Whose tariff applies."),
    _text("model", "lease or 3pl."),
    _text("from_period", "First period in which it is open."),
    _number("capacity_m3", "m³", "Stock it holds at a time."),
    _number("capacity_orders_per_month", "orders/month", "Orders it can ship."),
    _number("peak_m3", "m³", "Largest average stock of a period."),
    _number("peak_orders_per_month", "orders/month", "Largest monthly rate of orders."),
    _number("orders", "orders", "Orders shipped over the horizon."),
    _count("members", "", "Members that use it."),
    _number("cost", "money", "Rent, labour and start-up over the horizon."),
)
_MEMBER_USE = (
    MEMBER,
    _text("site", "Warehouse the firm uses.", key=True),
    _number("orders", "orders", "Orders shipped from it for the firm."),
    _number("m3", "m³", "Volume of the goods sold through it."),
    _number("cost", "money", "Joining fee."),
)
_FLOWS = (
    MEMBER,
    _text("product", "Product class.", key=True),
    MARKET,
    PERIOD,
    MODE,
    _text("service", "Parcel service, or last-mile service from the warehouse.", key=True),
    SITE,
    _text("arrival_period", "Period in which the goods arrived at the warehouse.", key=True),
    _count("route", "", "Freight route in this run; -1 for direct parcels.", key=True),
    _text("freight_service", "Freight service of the main leg."),
    _text("freight_mode", "sea, air, rail or truck."),
    _text("owner", "Who ships the freight; empty: pooled by the alliance."),
    _text("start", "Origin, or the consolidation point where freight is pooled."),
    _text("load_place", "Place of loading."),
    _text("discharge_place", "Place of discharge."),
    _text("hub", "Transshipment hub, if any."),
    _number("orders", "orders", "Orders served in this way."),
    _number("share", "of the row", "Their share of the orders of product, market and period."),
    _number("days_mean", "days", "Mean delivery time to the buyer."),
    _number("late_share", "of orders", "Expected share that misses the promise."),
    _number("m3", "m³", "Volume moved by freight (0 for direct parcels)."),
    _number("t", "t", "Weight moved by freight (0 for direct parcels)."),
    _number("kg", "kg", "Chargeable weight of the parcels."),
    _number("co2_kg", "kg CO₂e", "Greenhouse gas."),
    _number("cost", "money", "Cost of these orders without their part of joint costs."),
)
_SHIPMENTS = (
    _text("freight_service", "Freight service.", key=True),
    _text("load_place", "Place of loading.", key=True),
    _text("discharge_place", "Place of discharge.", key=True),
    _text("hub", "Transshipment hub, if any.", key=True),
    _text("site", "Warehouse it goes to; empty where the lane ends at a hub.", key=True),
    _text("owner", "Who ships; empty: pooled by the alliance.", key=True),
    _text("start", "Where the goods come together.", key=True),
    _text("arrival_period", "Period of arrival.", key=True),
    _text("freight_mode", "sea, air, rail or truck."),
    _number("orders", "orders", "Orders whose goods are on board."),
    _number("m3", "m³", "Volume."),
    _number("t", "t", "Weight."),
    _count("containers_20gp", "containers", "Full 20-foot containers."),
    _count("containers_40gp", "containers", "Full 40-foot containers."),
    _count("containers_40hq", "containers", "Full 40-foot high-cube containers."),
    _number("lcl_revenue_t", "revenue tons", "Charged as part load, the larger of m³ and tonnes (W/M)."),
    _number("chargeable_kg", "kg", "Charged by weight (air)."),
    _number("cost_containers", "money", "Containers."),
    _number("cost_lcl", "money", "Part loads."),
    _number("cost_air", "money", "Freight by weight."),
    _number("cost_fees", "money", "Fees per shipment."),
)
_STOCK = (
    _text("site", "Warehouse.", key=True),
    MEMBER,
    _text("period", "Period.", key=True),
    _number("arrived_m3", "m³", "Volume that arrives in the period."),
    _number("m3", "m³", "Average stock in the period."),
    _number("orders", "orders", "Orders shipped in the period."),
)
_SITE_PERIODS = (
    _text("site", "Warehouse that is open.", key=True),
    OWNER,
    _text("period", "Period.", key=True),
    _number("m3", "m³", "Average stock."),
    _number("capacity_m3", "m³", "Stock it holds."),
    _number("orders", "orders", "Orders shipped."),
    _number("capacity_orders", "orders", "Orders it can ship in the period."),
    _number("charged_orders", "orders", "Orders the fee schedule counts, at least those shipped."),
    _number("cost_order_fees", "money", "Fees per order at the tier reached together."),
    _number(
        "provider_charges", "money", "Handling, storage and other charges that count towards the minimum."
    ),
    _number("provider_minimum", "money", "Least total of these charges."),
    _number("cost_provider_minimum", "money", "What is paid on top to reach the minimum."),
)
_HUBS = (
    _text("hub", "Transshipment hub in use.", key=True),
    OWNER,
    _text("period", "Period of arrival.", key=True),
    _number("m3", "m³", "Volume that passes."),
    _number("cost", "money", "Contract fee."),
)
_MARKET_SERVICE = (
    MARKET,
    PERIOD,
    _text("name", "Name to print."),
    _text("country", "Country."),
    _number("orders", "orders", "Orders delivered."),
    _number("late_orders", "orders", "Expected orders that miss the promise."),
    _number("charged_late_orders", "orders", "Late orders beyond the tolerated share, which are paid for."),
    _number("cost_late_orders", "money", "Price of these."),
    _number("on_time_pct", "%", "Expected share within the promise; empty where none is made."),
    _number("promise_days", "days", "Promised delivery time; empty: none."),
    _number("promise_share_pct", "%", "Share that must arrive within it."),
    _number("days_mean", "days", "Mean delivery time."),
    _number("postal_pct", "% of orders", "Served by postal parcel."),
    _number("express_pct", "% of orders", "Served by international express."),
    _number("line_pct", "% of orders", "Served by dedicated line."),
    _number("warehouse_pct", "% of orders", "Served from a warehouse."),
)
_COSTS = (
    _text("stage", "direct, inbound, holding, outbound or joint.", key=True),
    _text("component", "Component of landed cost.", key=True),
    MEMBER,
    _text("market", "Market; empty where no flow caused the cost.", key=True),
    _text("mode", "postal, express, line or warehouse.", key=True),
    _text("period", "Period of sale; empty where no flow caused the cost.", key=True),
    _number("amount", "money", "Cost over the horizon; refunds are negative."),
)
_CARBON = (MEMBER, MARKET, MODE, PERIOD, _number("co2_kg", "kg CO₂e", "Greenhouse gas."))

PLAN_TABLES: dict[str, tuple[Column, ...]] = {
    "openings": _OPENINGS,
    "member_use": _MEMBER_USE,
    "flows": _FLOWS,
    "shipments": _SHIPMENTS,
    "stock": _STOCK,
    "site_periods": _SITE_PERIODS,
    "hubs": _HUBS,
    "market_service": _MARKET_SERVICE,
    "costs": _COSTS,
    "carbon": _CARBON,
}


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with exactly the columns, types and row order of plan table `name`.

    >>> conform("carbon", pd.DataFrame({"member": ["b", "a"], "market": "DE", "mode": "line",
    ...     "period": "2026-11", "co2_kg": [1, 2]}))["member"].tolist()
    ['a', 'b']
    """
    columns = PLAN_TABLES[name]
    typed = {
        column.name: _typed(frame[column.name] if len(frame) else None, column.type) for column in columns
    }
    keys = [column.name for column in columns if column.key]
    return pd.DataFrame(typed).sort_values(keys, kind="stable", ignore_index=True)


def _typed(values: "pd.Series[Any] | None", kind: Type) -> "pd.Series[Any]":
    given = pd.Series(dtype="object") if values is None else values
    if kind is Type.NUMBER:
        return given.astype("float64")
    return given.astype("int64") if kind is Type.COUNT else given.astype("object")
