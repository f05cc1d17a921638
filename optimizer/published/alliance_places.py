"""The real places of the alliance family: markets with their population, sites with their rent, ports."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Places", "distance_km", "places"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
REGIONS = ("US", "EU")


@dataclass(frozen=True)
class Places:
    """Markets and sites in two regions, ports of entry, origins and the two consolidation ports.

    `region` columns hold 0 for US and 1 for Europe. Half of the sites lie in each region.
    """

    markets: pd.DataFrame
    sites: pd.DataFrame
    ports: pd.DataFrame
    origins: pd.DataFrame
    consolidation: pd.DataFrame


def places(n_markets: int, n_sites: int) -> Places:
    """Choose the most populous markets (US states and European regions) and the first sites of the list.

    Half of the markets are US states, as far as there are enough of them.
    """
    table = pd.read_csv(Path(__file__).with_name("alliance_places.csv"))
    by_kind = {kind: group.reset_index(drop=True) for kind, group in table.groupby("kind")}
    markets, sites, ports = by_kind["market"], by_kind["site"], by_kind["port"]
    n_us = min(n_markets // 2, int((markets["region"] == "US").sum()))
    return Places(
        markets=_first_of_each(markets, (n_us, n_markets - n_us)),
        sites=_first_of_each(sites, (n_sites // 2, n_sites // 2)),
        ports=_numbered(ports[ports["region"] != "CN"]),
        origins=by_kind["origin"],
        consolidation=ports[ports["region"] == "CN"].reset_index(drop=True),
    )


def distance_km(first: pd.DataFrame, second: pd.DataFrame) -> Floats:
    """Great-circle distances in km, shape (first, second), on a sphere of radius 6371 km."""
    lat_1, lon_1 = np.radians(first[["lat", "lon"]].to_numpy(dtype=np.float64)).T
    lat_2, lon_2 = np.radians(second[["lat", "lon"]].to_numpy(dtype=np.float64)).T
    half = np.sin((lat_1[:, None] - lat_2) / 2) ** 2
    half = half + np.cos(lat_1)[:, None] * np.cos(lat_2) * np.sin((lon_1[:, None] - lon_2) / 2) ** 2
    distance: Floats = 2 * 6371.0 * np.arcsin(np.sqrt(half))
    return distance


def _first_of_each(table: pd.DataFrame, counts: tuple[int, int]) -> pd.DataFrame:
    chosen = [table[table["region"] == region].head(n) for region, n in zip(REGIONS, counts, strict=True)]
    return _numbered(pd.concat(chosen))


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reset_index(drop=True)
    return table.assign(region=table["region"].map(REGIONS.index))
