"""Where and when: places of the network, markets, hubs and periods."""

from optimizer.scenario.fields import Field, Kind, Table

__all__ = ["HUBS", "MARKETS", "PERIODS", "PLACES"]

LATITUDE = Field("lat", Kind.NUMBER, "degrees north", "Latitude.", "53.55", minimum=-90, maximum=90)
LONGITUDE = Field("lon", Kind.NUMBER, "degrees east", "Longitude.", "9.99", minimum=-180, maximum=180)

PLACES = Table(
    "places",
    "Nodes of the freight network: origins, consolidation points, ports, airports, terminals, hubs.",
    ("place",),
    (
        Field("place", Kind.TEXT, "", "Key, a UN/LOCODE or IATA code where there is one.", "CNNGB"),
        Field("name", Kind.TEXT, "", "Name to print.", "Ningbo"),
        Field("country", Kind.COUNTRY, "ISO 3166 alpha-2", "Country.", "CN"),
        Field(
            "kind",
            Kind.CHOICE,
            "",
            "What can happen there.",
            "port",
            choices=("origin", "consolidation", "port", "airport", "rail_terminal", "border", "hub"),
        ),
        LATITUDE,
        LONGITUDE,
    ),
    sourced=True,
    required=True,
)

MARKETS = Table(
    "markets",
    "Where orders are delivered, with the service promised there.",
    ("market",),
    (
        Field("market", Kind.TEXT, "", "Key of the market.", "DE"),
        Field("name", Kind.TEXT, "", "Name to print.", "Germany"),
        Field("country", Kind.COUNTRY, "ISO 3166 alpha-2", "Country of delivery.", "DE"),
        LATITUDE,
        LONGITUDE,
        Field(
            "remote", Kind.FLAG, "", "Whether carriers charge their remote-area surcharge.", "false", False
        ),
        Field(
            "promise_days",
            Kind.NUMBER,
            "days",
            "Delivery time promised to buyers; empty: none.",
            "10",
            None,
            above=0,
        ),
        Field(
            "promise_share_pct",
            Kind.NUMBER,
            "%",
            "Share of a period's orders that must arrive within the promise.",
            "80",
            0.0,
            minimum=0,
            maximum=100,
        ),
        Field(
            "late_order_amount",
            Kind.NUMBER,
            "money per order",
            "Price of a late order beyond the promised share; empty: the promise is a hard limit.",
            "",
            None,
            minimum=0,
        ),
        Field(
            "dispute_pct",
            Kind.NUMBER,
            "% of late orders",
            "Late orders whose buyers dispute the payment.",
            "2",
            0.0,
            minimum=0,
            maximum=100,
        ),
        Field(
            "dispute_lost_pct",
            Kind.NUMBER,
            "% of disputes",
            "Disputes that end with the price paid back.",
            "60",
            100.0,
            minimum=0,
            maximum=100,
        ),
        Field("dispute_amount", Kind.NUMBER, "money", "Fee per dispute.", "15", 0.0, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the amounts.", "USD", "USD"),
    ),
    required=True,
)

HUBS = Table(
    "hubs",
    "Transshipment hubs that freight may pass.",
    ("hub",),
    (
        Field("hub", Kind.TEXT, "", "Place of kind hub.", "NLRTM-HUB", refers="places.place"),
        Field(
            "amount",
            Kind.NUMBER,
            "money per month",
            "Contract fee while the hub is used.",
            "800",
            0.0,
            minimum=0,
        ),
        Field("handling_per_m3", Kind.NUMBER, "money per m³", "Cross-docking.", "14", 0.0, minimum=0),
        Field("dwell_days", Kind.NUMBER, "days", "Time spent in the hub.", "2", 1.0, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the amounts.", "EUR"),
    ),
    sourced=True,
)

PERIODS = Table(
    "periods",
    "The planning horizon: consecutive periods without gap or overlap.",
    ("period",),
    (
        Field("period", Kind.TEXT, "", "Key of the period.", "2026-11"),
        Field("start", Kind.DATE, "date", "First day.", "2026-11-01"),
        Field("end", Kind.DATE, "date", "Last day, included.", "2026-11-30"),
    ),
    required=True,
)
