"""The small scenario that answers a question about one bulk shipment: one firm, one good, one consignment."""

from dataclasses import replace

import pandas as pd

from optimizer.costing.enquiry import Enquiry, enquiry_instance, find_place, one_row
from optimizer.costing.horizon import horizon
from optimizer.scenario.instance import Instance

__all__ = ["bulk_instance"]


def bulk_instance(source: Instance, enquiry: Enquiry) -> Instance:
    """Return the source with one member, one product and one consignment of `quantity` units.

    The shipment goes to a site, to a place, or to the sites of a country (of a market's country); a country
    without candidate sites is reached at a door in its middle, without warehouse charges. The firm ships by
    itself from its origin, in one consignment, so that fees per shipment count once.

    Raises
    ------
    InputError
        The origin, the member or the destination is unknown, or a figure is not above zero.
    """
    sites, places = source["sites"], source["places"]
    named = sites[sites["site"] == enquiry.to]
    place = None if len(named) or _is_market(source, enquiry.to) else find_place(source, enquiry.to)
    door = places[places["place"] == place]
    country = str(pd.concat([named["country"], door["country"]]).iloc[0]) if len(named) + len(door) else ""
    one = replace(enquiry, to=country or enquiry.to, quantity=1, bulk_orders=enquiry.quantity)
    instance = enquiry_instance(source, one)
    market = instance["markets"].iloc[0]
    if len(door):
        chosen = _door(source, door.iloc[0], enquiry.to)
    else:
        chosen = named if len(named) else sites[sites["country"] == market["country"]]
        chosen = chosen if len(chosen) else _door(source, market, str(market["market"]))
    months = float(horizon(instance)["months"].iloc[0])
    tables = dict(instance.tables)
    tables["sites"] = chosen.reset_index(drop=True)
    tables["freight_lanes"] = source["freight_lanes"].assign(shipments_per_month=1 / months)
    model = replace(instance.model, sharing=True, own_freight=True, pooling=False)
    return replace(instance, tables=tables, model=model)


def _is_market(source: Instance, to: str) -> bool:
    return bool((source["markets"]["market"] == to).any()) or (len(to) == 2 and to.isalpha())


def _door(source: Instance, at: pd.Series, name: str) -> pd.DataFrame:
    """A site that charges nothing, where a point is."""
    row = {"site": name, "name": name, "country": at["country"], "lat": at["lat"], "lon": at["lon"]}
    return one_row(source, "sites", {**row, "provider": ""})
