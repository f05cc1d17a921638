"""Parcel transport for whole scenarios: packing, base charge and surcharges of every order at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Dates, Floats, Ints, ragged
from optimizer.costing.money import Exchange
from optimizer.costing.orders import Pieces, pieces, profile
from optimizer.costing.rate_cards import MG_PER_KG, RateBook, base_charge, chargeable_mg, rate_book
from optimizer.costing.surcharges import SurchargeBook, Traits, surcharge, surcharge_book
from optimizer.costing.validity import day, missing
from optimizer.scenario.instance import Instance

__all__ = ["ParcelTariffs", "parcel_tariffs", "price_parcels", "quote_parcels"]


@dataclass(frozen=True, eq=False)
class ParcelTariffs:
    """Everything that prices parcels of an instance on given dates, brought into arrays once.

    Parameters
    ----------
    instance
        The scenario.
    dates
        Ascending, distinct pricing dates.
    profiles
        Order profiles (`optimizer.costing.orders.profile`).
    pieces
        Their packing per service.
    rates, surcharges
        Cards and surcharges on `dates`.
    """

    instance: Instance
    dates: Dates
    profiles: pd.DataFrame
    pieces: Pieces
    rates: RateBook
    surcharges: SurchargeBook

    @cached_property
    def card_of_service(self) -> Ints:
        """Position of each service's card in the rate book, by position in `pieces.services`."""
        services = self.instance["services"].set_index("service")
        codes: Ints = self.rates.cards.get_indexer(services.loc[self.pieces.services, "rate_card"]).astype(
            np.int64
        )
        return codes

    @cached_property
    def carton_cost(self) -> Floats:
        """Price of each piece kind's carton in scenario currency, per date."""
        codes, names = pd.factorize(self.pieces.carton_currency)
        factors = Exchange(self.instance).table([str(name) for name in names], self.dates)
        cost: Floats = self.pieces.carton_amount[:, None] * factors[codes]
        return cost


def parcel_tariffs(instance: Instance, dates: Dates) -> ParcelTariffs:
    """Prepare the parcel tariffs of an instance for pricing on `dates`.

    Raises
    ------
    InputError
        Bands overlap or leave gaps, or an exchange rate is missing.
    """
    known = np.unique(np.asarray(dates).astype("datetime64[D]"))
    profiles = profile(instance)
    rates = rate_book(instance, known)
    return ParcelTariffs(
        instance, known, profiles, pieces(instance, profiles), rates, surcharge_book(instance, rates)
    )


def quote_parcels(
    rates: RateBook,
    surcharges: SurchargeBook,
    card: Ints,
    zone: Ints,
    date: Ints,
    weight_kg: Floats,
    volume_cm3: Floats,
    traits: Traits,
) -> pd.DataFrame:
    """Price parcels one by one.

    Parameters
    ----------
    card, zone, date
        Positions in the books; shape (n,).
    weight_kg, volume_cm3
        Gross weight and L·W·H.
    traits
        Remote market, battery, longest side.

    Returns
    -------
    pandas.DataFrame
        kg (chargeable), base and surcharges in scenario currency, offered.
    """
    weight_mg = chargeable_mg(rates, card, weight_kg, volume_cm3)
    base, offered = base_charge(rates, card, zone, date, weight_mg)
    base = base * rates.factor[card, date]
    extra = surcharge(surcharges, card, zone, date, weight_mg, base, traits)
    return pd.DataFrame({"kg": weight_mg / MG_PER_KG, "base": base, "surcharges": extra, "offered": offered})


def price_parcels(tariffs: ParcelTariffs, requests: pd.DataFrame) -> pd.DataFrame:
    r"""Price the mean order of a product on parcel services.

    .. math:: c = \sum_p \text{share}_p \sum_k n_{pk}\, c_{pk}

    over order profiles p and their kinds of pieces k, each piece priced by itself.

    Parameters
    ----------
    tariffs
        From `parcel_tariffs`, with every date asked for.
    requests
        Columns product, service, zone, remote (bool) and date (day); one row per question, any index.

    Returns
    -------
    pandas.DataFrame
        Same index: kg (chargeable), gross_kg, pieces, base, surcharges, packing (scenario currency per
        order), offered, and reason (why not offered, empty where it is).

    Raises
    ------
    InputError
        A lane's zone has no rate on its date, naming service, zone, date and table.
    """
    columns = ["kg", "gross_kg", "pieces", "base", "surcharges", "packing"]
    asked = _positions(tariffs, requests)
    owner, at = _profiles_of(tariffs, asked["product"])
    profiles = tariffs.profiles
    kinds = tariffs.pieces
    service = asked["service"][owner]
    refused = kinds.count[service, at] == 0
    reason = np.full(len(requests), "", dtype=object)
    reason[owner[refused][::-1]] = kinds.refusal[service, at][refused][::-1]
    cargo_reason = _cargo(tariffs, asked)
    reason = np.where(cargo_reason != "", cargo_reason, reason)
    entry, piece = ragged(
        kinds.start[service, at], np.where(reason[owner] == "", kinds.count[service, at], 0)
    )
    request = owner[entry]
    date = asked["date"][request]
    _check_zones(tariffs, requests, asked, np.unique(request))
    card = tariffs.card_of_service[asked["service"][request]]
    traits = Traits(asked["remote"][request] == 1, asked["battery"][request] == 1, kinds.side_cm[piece])
    priced = quote_parcels(
        tariffs.rates, tariffs.surcharges, card, asked["zone"][request], date,
        kinds.weight_kg[piece], kinds.volume_cm3[piece], traits,
    )  # fmt: skip
    beyond = request[~priced["offered"].to_numpy()]
    reason[beyond] = "no rate for its weight on the card"
    priced["gross_kg"], priced["pieces"] = kinds.weight_kg[piece], 1.0
    priced["packing"] = tariffs.carton_cost[piece, date]
    share = profiles["share"].to_numpy()[at][entry] * kinds.number[piece]
    sums = {
        column: np.bincount(request, weights=share * priced[column].to_numpy(), minlength=len(requests))
        for column in columns
    }
    offered = reason == ""
    frame = pd.DataFrame(sums, index=requests.index).where(pd.Series(offered, index=requests.index))
    return frame.assign(offered=offered, reason=reason)


def _check_zones(tariffs: ParcelTariffs, requests: pd.DataFrame, asked: dict[str, Ints], at: Ints) -> None:
    """Raise unless every lane to be priced has rates for its zone on its date."""
    rates = tariffs.rates
    card, zone, date = tariffs.card_of_service[asked["service"][at]], asked["zone"][at], asked["date"][at]
    known = (zone >= 0) & (rates.block[card, zone, rates.epoch[date]] >= 0)
    if known.all():
        return
    absent = requests.iloc[at[~known]].drop_duplicates(["service", "zone", "date"]).head(20)
    names = [
        f"service {service} zone {zone} on {day(date)}"
        for service, zone, date in zip(
            absent["service"], absent["zone"], absent["date"].to_numpy(), strict=True
        )
    ]
    mend = "Add breaks of its card that hold on that date, or end the lanes that use the zone."
    raise missing("rate_breaks", names, mend)


def _positions(tariffs: ParcelTariffs, requests: pd.DataFrame) -> dict[str, Ints]:
    """Columns of the requests as positions in the tariffs."""
    products = tariffs.instance["products"]
    product = pd.Index(products["product"]).get_indexer(pd.Index(requests["product"]))
    battery = (products["cargo"] == "battery").to_numpy()[product]
    date = np.searchsorted(tariffs.dates, requests["date"].to_numpy().astype("datetime64[D]"))
    return {
        "product": product.astype(np.int64),
        "service": tariffs.pieces.services.get_indexer(pd.Index(requests["service"])).astype(np.int64),
        "zone": tariffs.rates.zones.get_indexer(pd.Index(requests["zone"])).astype(np.int64),
        "date": date.astype(np.int64),
        "remote": requests["remote"].to_numpy().astype(np.int64),
        "battery": battery.astype(np.int64),
    }


def _profiles_of(tariffs: ParcelTariffs, product: Ints) -> tuple[Ints, Ints]:
    """For each request the profiles of its product: owner request and position in the profiles."""
    number = tariffs.profiles["product_number"].to_numpy()
    counts = np.bincount(number, minlength=len(tariffs.instance["products"]))
    starts = np.cumsum(counts) - counts
    return ragged(starts[product], counts[product])


def _cargo(tariffs: ParcelTariffs, asked: dict[str, Ints]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Why a service refuses the kind of goods, or the empty text."""
    services = tariffs.instance["services"].set_index("service").loc[tariffs.pieces.services]
    cargo = tariffs.instance["products"]["cargo"].to_numpy()[asked["product"]]
    battery = (cargo == "battery") & ~services["accepts_battery"].to_numpy()[asked["service"]]
    liquid = (cargo == "liquid") & ~services["accepts_liquid"].to_numpy()[asked["service"]]
    reasons: np.ndarray[tuple[int], np.dtype[np.object_]] = np.select(
        [battery, liquid], ["does not take lithium batteries", "does not take liquids"], default=""
    ).astype(object)
    return reasons
