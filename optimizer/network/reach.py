"""Which demand no service can carry, by name and with the reason."""

import pandas as pd

from optimizer.network.network import Network
from optimizer.scenario.instance import Instance

__all__ = ["accepts_cargo", "unreachable"]

CARGO_WORDS = {"battery": "lithium batteries", "liquid": "liquids", "general": "general cargo"}


def accepts_cargo(services: pd.DataFrame, key: str = "service") -> pd.DataFrame:
    """Pairs (service, cargo) that may travel together, or (site, cargo) that may be stored.

    Parameters
    ----------
    services
        Columns `key`, accepts_battery, accepts_liquid.
    key
        ``service`` or ``site``.

    Examples
    --------
    >>> services = pd.DataFrame({"service": ["post"], "accepts_battery": [False], "accepts_liquid": [True]})
    >>> accepts_cargo(services)["cargo"].tolist()
    ['general', 'liquid']
    """
    pairs = [
        (getattr(row, key), cargo)
        for row in services.itertuples()
        for cargo in ("general", "battery", "liquid")
        if cargo == "general" or getattr(row, f"accepts_{cargo}")
    ]
    return pd.DataFrame(pairs, columns=[key, "cargo"])


def unreachable(instance: Instance, network: Network) -> list[str]:
    """Name the demand that neither a direct service nor a warehouse can serve.

    Only lanes and cargo are looked at; weight and size limits of parcels are found when they are priced.

    Returns
    -------
    list of str
        One sentence per product, market and run of periods, empty when everything can be reached.
    """
    demand = instance["demand"].merge(instance["products"][["product", "member", "cargo"]], on="product")
    accepted = accepts_cargo(instance["services"])
    direct = network.direct_lanes.merge(accepted, on="service")
    direct_keys = direct[["member", "cargo", "market", "period"]].drop_duplicates()
    stocked = _stocked(instance, network, accepted)
    reached = pd.concat([direct_keys, stocked], ignore_index=True).drop_duplicates()
    marked = demand.merge(reached, on=["member", "cargo", "market", "period"], how="left", indicator="how")
    missing = marked[marked["how"] == "left_only"]
    served = network.direct_lanes.merge(instance["services"][["service"]], on="service")
    served_markets = set(served["market"]) | set(network.last_mile["market"])
    return [
        _sentence(str(product), str(market), group, served_markets)
        for (product, market), group in missing.groupby(["product", "market"], sort=False)
    ]


def _stocked(instance: Instance, network: Network, accepted: pd.DataFrame) -> pd.DataFrame:
    """Rows (member, cargo, market, period) that some open site can be stocked for and deliver to."""
    routes = network.freight_routes[["member", "start", "service", "site"]].drop_duplicates()
    pooled = routes[routes["member"] == ""].drop(columns="member")
    pooled = pooled.merge(network.pickups.rename(columns={"place": "start"})[["member", "start"]], on="start")
    usable = pd.concat([routes[routes["member"] != ""], pooled], ignore_index=True).merge(
        accepted, on="service"
    )
    refused = instance["member_sites"]
    refused = refused[~refused["allowed"]][["member", "site"]]
    stock = usable[["member", "cargo", "site"]].drop_duplicates()
    stock = stock.merge(refused, on=["member", "site"], how="left", indicator="how")
    stock = stock[stock["how"] == "left_only"].drop(columns="how")
    final = network.last_mile.merge(accepted, on="service")[
        ["site", "market", "period", "cargo"]
    ].drop_duplicates()
    keys = ["member", "cargo", "market", "period"]
    return stock.merge(final, on=["site", "cargo"])[keys].drop_duplicates()


def _sentence(product: str, market: str, group: pd.DataFrame, served_markets: set[str]) -> str:
    orders, cargo = group["orders"].sum(), str(group["cargo"].iloc[0])
    periods = ", ".join(group["period"])
    if market not in served_markets:
        reason = f"no service has a lane to {market}"
    elif cargo != "general":
        reason = f"no service takes {CARGO_WORDS[cargo]} to {market}"
    else:
        member = group["member"].iloc[0]
        reason = f"no lane to {market} is valid then from {member}'s origin or a site it can stock"
    return f"{product} to {market} ({orders:,.0f} orders in {periods}): {reason}"
