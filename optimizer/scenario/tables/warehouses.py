"""Candidate sites, their sizes, and what a provider charges."""

from optimizer.scenario.fields import Field, Kind, Table
from optimizer.scenario.tables.geography import LATITUDE, LONGITUDE

__all__ = ["MEMBER_SITES", "ORDER_FEE_TIERS", "SITES", "SITE_SIZES", "STORAGE_TIERS", "WAREHOUSE_CHARGES"]

SITES = Table(
    "sites",
    "Candidate and existing overseas warehouses.",
    ("site",),
    (
        Field("site", Kind.TEXT, "", "Key of the site.", "DE-HAM"),
        Field("name", Kind.TEXT, "", "Name to print.", "Hamburg"),
        Field("country", Kind.COUNTRY, "ISO 3166 alpha-2", "Country.", "DE"),
        LATITUDE,
        LONGITUDE,
        Field("provider", Kind.TEXT, "", "Whose tariff applies.", "de-3pl"),
        Field("accepts_battery", Kind.FLAG, "", "Whether it stores lithium batteries.", "true", True),
        Field("accepts_liquid", Kind.FLAG, "", "Whether it stores liquids.", "true", True),
        Field(
            "status",
            Kind.CHOICE,
            "",
            "Open stays open, Closed stays closed, Consider is decided.",
            "Consider",
            "Consider",
            choices=("Open", "Closed", "Consider"),
        ),
    ),
    sourced=True,
)

SITE_SIZES = Table(
    "site_sizes",
    "Sizes in which a site can be opened: leased space, or a 3PL contract.",
    ("site", "size"),
    (
        Field("site", Kind.TEXT, "", "Site.", "DE-HAM", refers="sites.site"),
        Field("size", Kind.TEXT, "", "Name of the size.", "medium"),
        Field(
            "model",
            Kind.CHOICE,
            "",
            "Leased space, or pay-per-use at a 3PL.",
            "lease",
            choices=("lease", "3pl"),
        ),
        Field(
            "rent_per_month", Kind.NUMBER, "money per month", "Rent or contract base fee.", "6640", minimum=0
        ),
        Field(
            "labour_per_month",
            Kind.NUMBER,
            "money per month",
            "Staff that the size needs whatever the load.",
            "7000",
            0.0,
            minimum=0,
        ),
        Field("start_up", Kind.NUMBER, "money", "Racking, systems, deposit: once.", "12000", 0.0, minimum=0),
        Field(
            "lease_months",
            Kind.INTEGER,
            "months",
            "Minimum term; start-up is spread over it.",
            "36",
            12,
            minimum=1,
        ),
        Field(
            "capacity_m3",
            Kind.NUMBER,
            "m³",
            "Stock it holds at a time.",
            "900",
            above=0,
            plausible=(1, 200000),
        ),
        Field(
            "capacity_orders_per_month",
            Kind.NUMBER,
            "orders per month",
            "Orders it can ship.",
            "9000",
            above=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the amounts.", "EUR"),
    ),
    sourced=True,
)

WAREHOUSE_CHARGES = Table(
    "warehouse_charges",
    "Unit charges of a provider.",
    ("provider", "item", "weight_from_kg"),
    (
        Field("provider", Kind.TEXT, "", "Provider.", "de-3pl"),
        Field(
            "item",
            Kind.CHOICE,
            "",
            "What is charged.",
            "first_unit",
            choices=(
                "inbound_m3",
                "inbound_unit",
                "first_unit",
                "further_unit",
                "packing",
                "return_order",
                "onboarding",
                "monthly_minimum",
            ),
        ),
        Field(
            "weight_from_kg",
            Kind.NUMBER,
            "kg",
            "Lower end of a weight step of the order, included; 0 otherwise.",
            "0",
            0.0,
            minimum=0,
        ),
        Field("amount", Kind.NUMBER, "money", "Per m³, unit, order, member or month.", "1.83", minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the amount.", "EUR"),
    ),
    dated=True,
    sourced=True,
)

STORAGE_TIERS = Table(
    "storage_tiers",
    "Storage per m³ and day by stock age, for from ≤ days < to.",
    ("provider", "age_from_days"),
    (
        Field("provider", Kind.TEXT, "", "Provider.", "de-3pl"),
        Field("age_from_days", Kind.NUMBER, "days", "Lower end, included.", "30", 0.0, minimum=0),
        Field("age_to_days", Kind.NUMBER, "days", "Upper end, excluded; empty: no end.", "60", None, above=0),
        Field(
            "amount_per_m3_day",
            Kind.NUMBER,
            "money per m³ and day",
            "Storage price.",
            "0.35",
            minimum=0,
            plausible=(0, 20),
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the amount.", "EUR"),
    ),
    dated=True,
    sourced=True,
)

ORDER_FEE_TIERS = Table(
    "order_fee_tiers",
    "Fee per order by the pooled monthly orders of all members at a site; all units at the tier reached.",
    ("provider", "orders_from"),
    (
        Field("provider", Kind.TEXT, "", "Provider.", "us-3pl"),
        Field("orders_from", Kind.NUMBER, "orders per month", "Lower end, included.", "300", 0.0, minimum=0),
        Field(
            "orders_to",
            Kind.NUMBER,
            "orders per month",
            "Upper end, excluded; empty: no end.",
            "500",
            None,
            above=0,
        ),
        Field(
            "amount_per_order", Kind.NUMBER, "money per order", "Fee.", "3.08", minimum=0, plausible=(0, 20)
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the fee.", "USD"),
    ),
    dated=True,
    sourced=True,
)

MEMBER_SITES = Table(
    "member_sites",
    "Who may use which site, and what joining it costs; a pair without a row is allowed.",
    ("member", "site"),
    (
        Field("member", Kind.TEXT, "", "Firm.", "lantern", refers="members.member"),
        Field("site", Kind.TEXT, "", "Site.", "DE-HAM", refers="sites.site"),
        Field("allowed", Kind.FLAG, "", "Whether the firm may use the site.", "true", True),
        Field(
            "onboarding",
            Kind.NUMBER,
            "money",
            "Joining fee; empty: the provider's onboarding charge.",
            "",
            None,
            minimum=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the fee.", "EUR", "USD"),
    ),
)
