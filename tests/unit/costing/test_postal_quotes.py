"""Our shipped rates against a forwarder's quotes of one day: one parcel of 1.2 kg, 12 x 12 x 12 cm."""

import numpy as np
import pandas as pd
import pytest

from optimizer.costing.enquiry import Enquiry, rate_source
from optimizer.costing.quote import quote

SERVICES = {
    "ePacket (EUB)": "epacket",
    "e-EMS (ETK)": "e-ems",
    "YunExpress general": "yun-line",
    "HK DHL": "dhl-express",
    "UPS HK-5000": "ups-express",
    "UPS HK-5500": "ups-express",
}
KNOWN_MISSES = {
    ("AU", "YunExpress general"): "our line tariff is of another edition, 41 % dearer to AU",
    ("GB", "UPS HK-5500"): "an agent's cheaper product; our UPS card follows HK-5000",
    ("JP", "HK DHL"): "27 %: the list-to-net multiplier is one figure for all zones",
}


@pytest.fixture(scope="module")
def compared(realdata_dir, scenarios_dir):
    """Quoted and own price, in CNY, of every country and service that both have."""
    quoted = pd.read_csv(realdata_dir / "postal_quotes_1p2kg.csv", keep_default_na=False)
    rates = rate_source(scenarios_dir / "reference" / "2026", "CNY")
    rows = []
    for country, group in quoted.groupby("dest"):
        parcel = Enquiry(
            "Shenzhen", str(country), 1.2, (12.0, 12.0, 12.0), 25.0, ("950300",), np.datetime64("2026-01-27")
        )
        parts = {item["service"]: item["components"] for item in quote(rates, parcel)["routes"]}
        for name, price in zip(group["service"], group["price"], strict=True):
            own = parts.get(SERVICES.get(name, ""))
            if own:
                rows.append((country, name, float(price), own["parcel_base"] + own["parcel_surcharges"]))
    return pd.DataFrame(rows, columns=["country", "service", "quoted", "own"])


def test_four_in_five_quotes_lie_within_a_quarter(compared):
    off = (compared["own"] / compared["quoted"] - 1).abs()
    assert len(compared) >= 20
    assert float((off <= 0.25).mean()) >= 0.8


def test_the_others_are_listed(compared):
    off = (compared["own"] / compared["quoted"] - 1).abs() > 0.25
    missed = set(zip(compared.loc[off, "country"], compared.loc[off, "service"], strict=True))
    assert missed <= set(KNOWN_MISSES)
