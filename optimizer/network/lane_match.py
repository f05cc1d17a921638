"""Match parcel and last-mile lanes to starts and markets: the most specific valid row wins."""

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["distance_zone", "match_lanes", "middle_days", "valid_on"]


def middle_days(periods: pd.DataFrame) -> pd.Series:
    """Middle day of each period, the earlier of two: the day whose rows count for the period.

    >>> november = {"start": pd.to_datetime(["2026-11-01"]), "end": pd.to_datetime(["2026-11-30"])}
    >>> middle_days(pd.DataFrame(november)).dt.day.tolist()
    [15]
    """
    return periods["start"] + pd.to_timedelta((periods["end"] - periods["start"]).dt.days // 2, unit="D")


def valid_on(table: pd.DataFrame, date: pd.Series) -> pd.Series:
    """Whether each row of a dated table holds on a date; both ends of the validity are included."""
    started = table["valid_from"].isna() | (table["valid_from"] <= date)
    return started & (table["valid_to"].isna() | (table["valid_to"] >= date))


def match_lanes(
    lanes: pd.DataFrame, starts: pd.DataFrame, markets: pd.DataFrame, periods: pd.DataFrame
) -> pd.DataFrame:
    """Find the lane row that serves each service, start, market and period.

    A lane names its origin by place, site or country and its destination by market or country. Among
    the rows valid on the period's middle day the most specific wins: a named market counts before a
    named start, so (start, market) beats (country, market) beats (start, country) beats countries.

    Parameters
    ----------
    lanes
        Rows of the `lanes` table.
    starts
        Columns start, country.
    markets, periods
        Tables of the instance.

    Returns
    -------
    pd.DataFrame
        Columns service, start, market, period, lane (row number in `lanes`).
    """
    rows = (
        lanes[["service", "origin", "destination", "valid_from", "valid_to"]]
        .rename_axis("lane")
        .reset_index()
    )
    by_start = _either(rows, "origin", starts.rename(columns={"start": "key"}), "start")
    by_market = _either(
        by_start, "destination", markets[["market", "country"]].rename(columns={"market": "key"}), "market"
    )
    dated = by_market.merge(periods[["period"]].assign(date=middle_days(periods)), how="cross")
    dated = dated[valid_on(dated, dated["date"])]
    dated = dated.assign(rank=2 * dated["market_named"] + dated["start_named"])
    order = dated.sort_values(["service", "start", "market", "date", "rank", "valid_from"], kind="stable")
    best = order.drop_duplicates(["service", "start", "market", "period"], keep="last")
    return best[["service", "start", "market", "period", "lane"]].reset_index(drop=True)


def _either(rows: pd.DataFrame, column: str, places: pd.DataFrame, name: str) -> pd.DataFrame:
    named = rows.merge(places[["key"]], left_on=column, right_on="key")
    by_country = rows.merge(places[["key", "country"]], left_on=column, right_on="country").drop(
        columns="country"
    )
    both = pd.concat([named.assign(flag=1), by_country.assign(flag=0)], ignore_index=True)
    return both.rename(columns={"key": name, "flag": f"{name}_named"})


def distance_zone(zones: pd.DataFrame, card: pd.Series, distance_km: pd.Series) -> pd.Series:
    """Zone of a card by distance, for from ≤ km < to; empty text beyond the card's reach.

    Examples
    --------
    >>> zones = pd.DataFrame({"card": ["us"] * 2, "from_km": [0.0, 241.0], "to_km": [241.0, 500.0],
    ...                       "zone": ["1-2", "3"]})
    >>> distance_zone(zones, pd.Series(["us"] * 3), pd.Series([240.9, 241.0, 500.0])).tolist()
    ['1-2', '3', '']
    """
    found = np.full(len(card), "", dtype=object)
    row: Any
    for row in zones.itertuples():
        inside = (card == row.card) & (distance_km >= row.from_km)
        if not np.isnan(row.to_km):
            inside &= distance_km < row.to_km
        found[inside.to_numpy()] = row.zone
    return pd.Series(found, index=card.index, dtype=object)
