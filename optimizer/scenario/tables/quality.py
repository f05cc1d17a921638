"""What goes wrong and what it emits: returns, losses by month, emission factors; and the planner's rules."""

from optimizer.scenario.fields import Field, Kind, Table

__all__ = ["EMISSION_FACTORS", "LOSS_MONTHS", "RETURNS", "RULES"]

RETURNS = Table(
    "returns",
    "How much comes back, by category and country, sold direct or from a warehouse.",
    ("category", "country", "channel"),
    (
        Field("category", Kind.TEXT, "", "Product category, or * for all.", "apparel"),
        Field("country", Kind.TEXT, "", "Country, or * for all (the more specific row wins).", "DE", "*"),
        Field(
            "channel",
            Kind.CHOICE,
            "",
            "Sold direct from the origin, or from a warehouse.",
            "warehouse",
            choices=("direct", "warehouse"),
        ),
        Field(
            "return_pct",
            Kind.NUMBER,
            "% of orders",
            "Orders that come back or are refunded.",
            "25",
            minimum=0,
            maximum=100,
        ),
        Field(
            "shipped_back_pct",
            Kind.NUMBER,
            "% of returns",
            "Returns that travel back; the rest is refunded and lost.",
            "100",
            100.0,
            minimum=0,
            maximum=100,
        ),
        Field(
            "resale_pct",
            Kind.NUMBER,
            "% of returns shipped back",
            "Goods that can be sold again.",
            "80",
            minimum=0,
            maximum=100,
        ),
        Field(
            "disposal_amount",
            Kind.NUMBER,
            "money per unit",
            "Cost of destroying a unit that cannot.",
            "0.4",
            0.0,
            minimum=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the amount.", "USD"),
    ),
    sourced=True,
)

LOSS_MONTHS = Table(
    "loss_months",
    "Factor on the loss share of parcel services by calendar month; a month without a row counts 1.",
    ("month",),
    (
        Field("month", Kind.INTEGER, "month", "Calendar month, 1 to 12.", "11", minimum=1, maximum=12),
        Field(
            "factor", Kind.NUMBER, "", "Multiple of the average month.", "1.4", above=0, plausible=(0.5, 3)
        ),
    ),
    sourced=True,
)

EMISSION_FACTORS = Table(
    "emission_factors",
    "Greenhouse gas per tonne-kilometre of a leg.",
    ("leg",),
    (
        Field(
            "leg",
            Kind.CHOICE,
            "",
            "Kind of leg.",
            "sea",
            choices=("sea", "air", "rail", "truck", "van", "parcel_air"),
        ),
        Field(
            "kg_per_tkm",
            Kind.NUMBER,
            "kg CO₂e per t·km",
            "Factor.",
            "0.0198",
            minimum=0,
            plausible=(0.001, 5),
        ),
        Field("scope", Kind.CHOICE, "", "Well-to-wheel or tank-to-wheel.", "WTW", choices=("WTW", "TTW")),
    ),
    sourced=True,
)

RULES = Table(
    "rules",
    "Rules that the planner adds.",
    ("rule",),
    (
        Field("rule", Kind.TEXT, "", "Name of the rule, used in messages.", "at-most-four"),
        Field(
            "kind",
            Kind.CHOICE,
            "",
            "max_open/min_open: sites open among `sites`; at_most_one: either/or; requires: the first site "
            "needs the second; budget: fixed cost of openings; carbon_cap: kg CO₂e over the horizon; "
            "max_orders: orders a month through `sites`.",
            "max_open",
            choices=("max_open", "min_open", "at_most_one", "requires", "budget", "carbon_cap", "max_orders"),
        ),
        Field("sites", Kind.TEXT, "", "Sites separated by spaces; empty: all.", "DE-HAM PL-WAW", ""),
        Field("value", Kind.NUMBER, "", "Number of sites, money, kg or orders.", "4", None, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of a budget.", "USD", "USD"),
    ),
)
