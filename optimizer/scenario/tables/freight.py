"""Bulk freight to warehouses: lanes, rates, containers, handling at either end, inland legs."""

from optimizer.scenario.fields import Field, Kind, Table

__all__ = ["CONTAINERS", "FREIGHT_LANES", "FREIGHT_RATES", "HANDLING_CHARGES", "INLAND_RATES"]

FREIGHT_LANES = Table(
    "freight_lanes",
    "Main legs of freight between two places of the network.",
    ("service", "from_place", "to_place"),
    (
        Field("service", Kind.TEXT, "", "Freight service.", "sea-eu", refers="services.service"),
        Field("from_place", Kind.TEXT, "", "Place of loading.", "CNNGB", refers="places.place"),
        Field("to_place", Kind.TEXT, "", "Place of discharge.", "DEHAM", refers="places.place"),
        Field("days_mean", Kind.NUMBER, "days", "Mean time from port to port; empty: from the distance.", "38", None, above=0, plausible=(1, 90)),
        Field("days_p95", Kind.NUMBER, "days", "Time that 95 % of sailings keep.", "48", None, above=0, plausible=(1, 120)),
        Field("distance_km", Kind.NUMBER, "km", "Length of the leg; empty: computed.", "", None, above=0),
        Field(
            "kg_per_m3", Kind.NUMBER, "kg/m³", "Weight that counts as one m³ (W/M; air: 167).", "1000", 1000.0, above=0,
            plausible=(100, 1100),
        ),
        Field("shipments_per_month", Kind.NUMBER, "per month", "Consignments the fees per shipment count.", "1", 1.0, above=0),
    ),
    dated=True,
    sourced=True,
)

FREIGHT_RATES = Table(
    "freight_rates",
    "Price of a main leg: per container, per revenue ton (LCL, W/M), or per kg with all-units breaks.",
    ("service", "from_place", "to_place", "unit", "break_from_kg"),
    (
        Field("service", Kind.TEXT, "", "Freight service.", "sea-eu", refers="services.service"),
        Field(
            "mode", Kind.CHOICE, "", "Mode of the service, for edits that pick by mode.", "sea",
            choices=("sea", "air", "rail", "truck"),
        ),
        Field("from_place", Kind.TEXT, "", "Place of loading.", "CNNGB", refers="places.place"),
        Field("to_place", Kind.TEXT, "", "Place of discharge.", "DEHAM", refers="places.place"),
        Field(
            "unit", Kind.CHOICE, "", "What the amount is for; lcl is a revenue ton (W/M).", "40HQ",
            choices=("20GP", "40GP", "40HQ", "lcl", "kg"),
        ),
        Field("break_from_kg", Kind.NUMBER, "kg", "Lower end of a kg break, included; 0 otherwise.", "0", 0.0, minimum=0),
        Field("amount", Kind.NUMBER, "money per unit", "Price.", "2450", minimum=0),
        Field("minimum_amount", Kind.NUMBER, "money per shipment", "Smallest charge (lcl and kg).", "0", 0.0, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the amounts.", "USD"),
        Field("duty_included", Kind.FLAG, "", "Delivered duty paid: duty and clearance are in the rate.", "false", False),
    ),
    dated=True,
    sourced=True,
)

CONTAINERS = Table(
    "containers",
    "Container types: what a loose load really takes.",
    ("container",),
    (
        Field("container", Kind.CHOICE, "", "Type.", "40HQ", choices=("20GP", "40GP", "40HQ")),
        Field("usable_m3", Kind.NUMBER, "m³", "Usable volume of loose cartons.", "65", above=0, plausible=(20, 80)),
        Field("payload_t", Kind.NUMBER, "t", "Payload.", "24", above=0, plausible=(15, 30)),
        Field("us_road_limit_t", Kind.NUMBER, "t", "Payload that US roads allow.", "19", above=0, plausible=(15, 30)),
    ),
    sourced=True,
)

HANDLING_CHARGES = Table(
    "handling_charges",
    "Charges at either end of a freight leg: terminal handling, documents, customs, pickup, consolidation.",
    ("place", "side", "mode", "item"),
    (
        Field("place", Kind.TEXT, "", "Place or country (the place wins, item by item).", "CN"),
        Field(
            "side", Kind.CHOICE, "", "Origin, destination, or consolidation (when pooled there).", "origin",
            choices=("origin", "destination", "consolidation"),
        ),
        Field("mode", Kind.CHOICE, "", "Mode of the main leg, or * for all.", "sea", "*", choices=("*", "sea", "air", "rail", "truck")),
        Field("item", Kind.TEXT, "", "Name of the charge.", "THC 40"),
        Field(
            "basis", Kind.CHOICE, "", "What the amount is for; declaration is once per member and shipment.", "container_40",
            choices=("shipment", "declaration", "container_20", "container_40", "lcl", "m3", "kg", "pct_of_value"),
        ),
        Field("amount", Kind.NUMBER, "money or %", "Charge.", "1750", minimum=0),
        Field("minimum_amount", Kind.NUMBER, "money", "Smallest charge.", "0", 0.0, minimum=0),
        Field("maximum_amount", Kind.NUMBER, "money", "Largest charge; empty: none.", "", None, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the amounts.", "CNY"),
    ),
    dated=True,
    sourced=True,
)

INLAND_RATES = Table(
    "inland_rates",
    "Trucking between an origin, a port or terminal, a hub and a site, per country.",
    ("country", "unit"),
    (
        Field("country", Kind.COUNTRY, "ISO 3166 alpha-2", "Country in which the leg ends (begins, for origins).", "DE"),
        Field(
            "unit", Kind.CHOICE, "", "What is moved; m3 is a part load.", "40HQ",
            choices=("20GP", "40GP", "40HQ", "m3"),
        ),
        Field("amount", Kind.NUMBER, "money per unit", "Fixed part.", "180", 0.0, minimum=0),
        Field("amount_per_km", Kind.NUMBER, "money per unit and km", "Per road kilometre.", "1.6", 0.0, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the amounts.", "EUR"),
    ),
    dated=True,
    sourced=True,
)
