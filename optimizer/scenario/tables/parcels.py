"""Parcel transport: services, lanes, rate cards with breaks and zones, surcharges."""

from optimizer.scenario.fields import Field, Kind, Table

__all__ = ["DISTANCE_ZONES", "LANES", "RATE_BREAKS", "RATE_CARDS", "SERVICES", "SURCHARGES"]

SERVICES = Table(
    "services",
    "Transport services: parcels direct, freight, and the last mile from a warehouse.",
    ("service",),
    (
        Field("service", Kind.TEXT, "", "Key of the service.", "epacket"),
        Field("name", Kind.TEXT, "", "Name to print.", "ePacket"),
        Field("carrier", Kind.TEXT, "", "Carrier.", "China Post", ""),
        Field(
            "mode",
            Kind.CHOICE,
            "",
            "Mode of transport.",
            "postal",
            choices=("postal", "express", "line", "sea", "air", "rail", "truck", "last_mile"),
        ),
        Field(
            "rate_card",
            Kind.TEXT,
            "",
            "Rate card of a parcel service; empty for freight.",
            "epacket-2026",
            "",
            refers="rate_cards.card",
        ),
        Field(
            "regime",
            Kind.TEXT,
            "",
            "Export customs regime; empty for the last mile.",
            "9610",
            "",
            refers="export_regimes.regime",
        ),
        Field(
            "duty_channel",
            Kind.CHOICE,
            "",
            "Under which import rules its goods arrive.",
            "postal",
            "freight",
            choices=("postal", "courier", "freight"),
        ),
        Field("accepts_battery", Kind.FLAG, "", "Takes goods with lithium batteries.", "false", False),
        Field("accepts_liquid", Kind.FLAG, "", "Takes liquids and creams.", "false", False),
        Field("max_weight_kg", Kind.NUMBER, "kg", "Heaviest parcel; empty: no limit.", "2", None, above=0),
        Field(
            "max_side_cm", Kind.NUMBER, "cm", "Longest side allowed; empty: no limit.", "60", None, above=0
        ),
        Field(
            "max_sides_sum_cm",
            Kind.NUMBER,
            "cm",
            "Largest length + width + height; empty: no limit.",
            "90",
            None,
            above=0,
        ),
        Field(
            "loss_pct",
            Kind.NUMBER,
            "% of parcels",
            "Lost or destroyed in an average month.",
            "1.2",
            0.0,
            minimum=0,
            maximum=100,
        ),
        Field(
            "damage_pct", Kind.NUMBER, "% of parcels", "Arrive damaged.", "0.4", 0.0, minimum=0, maximum=100
        ),
        Field(
            "status",
            Kind.CHOICE,
            "",
            "Exclude leaves the service out of the run.",
            "Include",
            "Include",
            choices=("Include", "Exclude"),
        ),
    ),
    sourced=True,
    required=True,
)

LANES = Table(
    "lanes",
    "Where parcel services and last miles run, how fast, and under which zone of the card.",
    ("service", "origin", "destination"),
    (
        Field("service", Kind.TEXT, "", "Parcel or last-mile service.", "epacket", refers="services.service"),
        Field(
            "origin",
            Kind.TEXT,
            "",
            "Place, site or country it starts from (the most specific row wins).",
            "CN",
        ),
        Field(
            "destination",
            Kind.TEXT,
            "",
            "Market or country it delivers to (the most specific row wins).",
            "DE",
        ),
        Field("zone", Kind.TEXT, "", "Zone on the card; empty: by distance_zones of the card.", "DE", ""),
        Field(
            "days_mean", Kind.NUMBER, "days", "Mean door-to-door time.", "12", above=0, plausible=(0.5, 60)
        ),
        Field(
            "days_p95",
            Kind.NUMBER,
            "days",
            "Time that 95 % of parcels keep.",
            "21",
            above=0,
            plausible=(0.5, 120),
        ),
        Field(
            "capacity_kg_per_day",
            Kind.NUMBER,
            "kg per day",
            "Chargeable weight the carrier takes; empty: no limit.",
            "",
            None,
            minimum=0,
        ),
    ),
    dated=True,
    sourced=True,
    required=True,
)

RATE_CARDS = Table(
    "rate_cards",
    "Rate cards of parcel services: how a parcel's chargeable weight is found.",
    ("card",),
    (
        Field("card", Kind.TEXT, "", "Key of the card.", "epacket-2026"),
        Field("currency", Kind.CURRENCY, "", "Currency of its breaks.", "CNY"),
        Field(
            "divisor_cm3_per_kg",
            Kind.NUMBER,
            "cm³/kg",
            "Volumetric divisor; empty: actual weight only.",
            "",
            None,
            above=0,
            plausible=(3000, 10000),
        ),
        Field(
            "step_kg",
            Kind.NUMBER,
            "kg",
            "Chargeable weight is rounded up to this step; 0: no rounding.",
            "0.001",
            0.0,
            minimum=0,
            plausible=(0, 5),
        ),
        Field("minimum_kg", Kind.NUMBER, "kg", "Smallest chargeable weight.", "0", 0.0, minimum=0),
        Field(
            "minimum_amount", Kind.NUMBER, "money per parcel", "Smallest base charge.", "0", 0.0, minimum=0
        ),
        Field(
            "duty_included",
            Kind.FLAG,
            "",
            "Whether the rate already holds duty and import tax.",
            "false",
            False,
        ),
    ),
    sourced=True,
)

RATE_BREAKS = Table(
    "rate_breaks",
    "Weight breaks of a card: amount + amount_per_kg × chargeable kg, for weight_from ≤ kg < weight_to.",
    ("card", "zone", "weight_from_kg"),
    (
        Field("card", Kind.TEXT, "", "Rate card.", "epacket-2026", refers="rate_cards.card"),
        Field("zone", Kind.TEXT, "", "Zone.", "DE"),
        Field("weight_from_kg", Kind.NUMBER, "kg", "Lower end, included.", "0", 0.0, minimum=0),
        Field("weight_to_kg", Kind.NUMBER, "kg", "Upper end, excluded; empty: no end.", "2", None, above=0),
        Field("amount", Kind.NUMBER, "money per parcel", "Fixed part.", "18.85", 0.0, minimum=0),
        Field(
            "amount_per_kg",
            Kind.NUMBER,
            "money per kg",
            "Times the chargeable weight.",
            "70.44",
            0.0,
            minimum=0,
        ),
        Field(
            "per_kg_on",
            Kind.CHOICE,
            "",
            "Whether the per-kg part counts the whole weight or that above weight_from.",
            "whole",
            "whole",
            choices=("whole", "excess"),
        ),
    ),
    dated=True,
    sourced=True,
)

DISTANCE_ZONES = Table(
    "distance_zones",
    "Zones of a last-mile card by distance, for from ≤ km < to.",
    ("card", "from_km"),
    (
        Field("card", Kind.TEXT, "", "Rate card.", "usps-ga", refers="rate_cards.card"),
        Field("from_km", Kind.NUMBER, "km", "Lower end, included.", "0", 0.0, minimum=0),
        Field("to_km", Kind.NUMBER, "km", "Upper end, excluded; empty: no end.", "241", None, above=0),
        Field("zone", Kind.TEXT, "", "Zone on the card.", "1-2"),
    ),
    sourced=True,
)

SURCHARGES = Table(
    "surcharges",
    "Fuel, peak, remote and oversize surcharges on a rate card, by date.",
    ("card", "surcharge", "zone"),
    (
        Field("card", Kind.TEXT, "", "Rate card.", "dhl-express", refers="rate_cards.card"),
        Field("surcharge", Kind.TEXT, "", "Name of the surcharge.", "fuel"),
        Field("zone", Kind.TEXT, "", "Zone, or * for all.", "*", "*"),
        Field(
            "basis",
            Kind.CHOICE,
            "",
            "What the amount multiplies.",
            "pct_of_base",
            choices=("pct_of_base", "parcel", "kg"),
        ),
        Field(
            "amount",
            Kind.NUMBER,
            "% or money",
            "Percent of the base charge, or money per parcel or kg.",
            "28.25",
            minimum=0,
        ),
        Field(
            "minimum_amount",
            Kind.NUMBER,
            "money per parcel",
            "Smallest surcharge where it applies.",
            "0",
            0.0,
            minimum=0,
        ),
        Field(
            "condition",
            Kind.CHOICE,
            "",
            "When it applies.",
            "always",
            "always",
            choices=("always", "remote", "battery", "side_over_cm", "weight_from_kg"),
        ),
        Field(
            "threshold", Kind.NUMBER, "cm or kg", "Threshold of the last two conditions.", "", None, above=0
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of money amounts.", "CNY"),
    ),
    dated=True,
    sourced=True,
)
