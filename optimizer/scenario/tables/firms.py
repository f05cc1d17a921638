"""Who sells what: members, products, orders, cartons and demand."""

from optimizer.scenario.fields import Field, Kind, Table

__all__ = ["CARTONS", "DEMAND", "MEMBERS", "ORDER_MIX", "PRODUCTS"]


def _terms(name: str, meaning: str) -> Field:
    """A payment term of a firm in days; negative where it pays in advance."""
    text = f"Days from {meaning}; negative: in advance."
    return Field(name, Kind.NUMBER, "days", text, "30", 0.0, minimum=-365, maximum=365)


MEMBERS = Table(
    "members",
    "Exporters that may form an alliance.",
    ("member",),
    (
        Field("member", Kind.TEXT, "", "Short key of the firm.", "lantern"),
        Field("name", Kind.TEXT, "", "Name to print.", "Lantern Home Co."),
        Field("origin", Kind.TEXT, "", "Place its goods leave from.", "CN-YIW", refers="places.place"),
        Field(
            "taxpayer",
            Kind.CHOICE,
            "",
            "VAT status at home; small-scale taxpayers get no export refund.",
            "general",
            "general",
            choices=("general", "small_scale"),
        ),
        Field("vat_invoice", Kind.FLAG, "", "Whether it holds VAT invoices for what it buys.", "true", True),
        Field(
            "capital_rate_pct",
            Kind.NUMBER,
            "% per year",
            "Cost of capital tied up in goods, refunds and taxes.",
            "8",
            8.0,
            minimum=0,
            maximum=100,
        ),
        _terms("goods_terms_days", "departure to paying for the goods"),
        _terms("freight_terms_days", "arrival in bulk to paying freight and handling"),
        _terms("duty_terms_days", "arrival in bulk to paying duty and import tax"),
        Field(
            "cost_now_over_horizon",
            Kind.NUMBER,
            "money over all periods",
            "What the firm pays today for the same orders, to compare with: neither plans nor shares depend "
            "on it; empty: not told.",
            "",
            None,
            minimum=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of cost now; empty: the scenario's.", "", ""),
        Field(
            "status",
            Kind.CHOICE,
            "",
            "Exclude leaves the firm out of the run.",
            "Include",
            "Include",
            choices=("Include", "Exclude"),
        ),
    ),
    required=True,
)

PRODUCTS = Table(
    "products",
    "Product classes of each member.",
    ("product",),
    (
        Field("product", Kind.TEXT, "", "Short key of the product class.", "lantern-lamp"),
        Field("member", Kind.TEXT, "", "Firm that sells it.", "lantern", refers="members.member"),
        Field("name", Kind.TEXT, "", "Name to print.", "LED table lamp"),
        Field("category", Kind.TEXT, "", "Category that the returns table uses.", "home"),
        Field("hs_code", Kind.TEXT, "HS", "Harmonised System code, 6 to 10 digits, no dots.", "940521"),
        Field(
            "weight_kg", Kind.NUMBER, "kg", "Gross weight of one unit.", "0.9", above=0, plausible=(0.005, 70)
        ),
        Field(
            "length_cm",
            Kind.NUMBER,
            "cm",
            "Longest side of one packed unit.",
            "28",
            above=0,
            plausible=(1, 300),
        ),
        Field(
            "width_cm",
            Kind.NUMBER,
            "cm",
            "Middle side of one packed unit.",
            "18",
            above=0,
            plausible=(1, 200),
        ),
        Field(
            "height_cm",
            Kind.NUMBER,
            "cm",
            "Shortest side of one packed unit.",
            "16",
            above=0,
            plausible=(0.1, 200),
        ),
        Field(
            "retail_price", Kind.NUMBER, "money per unit", "Selling price abroad, before VAT.", "32", above=0
        ),
        Field(
            "unit_cost",
            Kind.NUMBER,
            "money per unit",
            "Purchase or transfer price without VAT: customs value in bulk and basis of the refund.",
            "11",
            above=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of both prices.", "USD"),
        Field(
            "cargo",
            Kind.CHOICE,
            "",
            "What carriers must be able to take.",
            "general",
            "general",
            choices=("general", "battery", "liquid"),
        ),
        Field("single_source", Kind.FLAG, "", "Each market is served in one way per period.", "false", False),
        Field(
            "status",
            Kind.CHOICE,
            "",
            "Exclude leaves the product out of the run.",
            "Include",
            "Include",
            choices=("Include", "Exclude"),
        ),
    ),
    required=True,
)

ORDER_MIX = Table(
    "order_mix",
    "How many units orders hold; a product without rows sells one unit per order.",
    ("product", "units", "headings"),
    (
        Field("product", Kind.TEXT, "", "Product class.", "lantern-lamp", refers="products.product"),
        Field("units", Kind.INTEGER, "units per order", "Units in the order.", "2", minimum=1, maximum=1000),
        Field(
            "headings",
            Kind.INTEGER,
            "tariff headings",
            "Tariff headings in the parcel (the EU's flat duty counts them).",
            "1",
            1,
            minimum=1,
        ),
        Field(
            "share_pct",
            Kind.NUMBER,
            "%",
            "Share of the product's orders; adds up to 100 per product.",
            "20",
            above=0,
            maximum=100,
        ),
    ),
)

CARTONS = Table(
    "cartons",
    "Carton catalogue from which each order is packed.",
    ("carton",),
    (
        Field("carton", Kind.TEXT, "", "Key of the carton.", "C3"),
        Field("length_cm", Kind.NUMBER, "cm", "Inner length.", "30", above=0, plausible=(5, 200)),
        Field("width_cm", Kind.NUMBER, "cm", "Inner width.", "20", above=0, plausible=(5, 200)),
        Field("height_cm", Kind.NUMBER, "cm", "Inner height.", "20", above=0, plausible=(0.5, 200)),
        Field(
            "tare_kg", Kind.NUMBER, "kg", "Weight of the empty carton.", "0.15", minimum=0, plausible=(0, 5)
        ),
        Field("max_weight_kg", Kind.NUMBER, "kg", "Heaviest content.", "15", above=0),
        Field("amount", Kind.NUMBER, "money per carton", "Price of the carton.", "0.35", minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the price.", "USD"),
    ),
    sourced=True,
)

DEMAND = Table(
    "demand",
    "Orders per product class, market and period.",
    ("product", "market", "period"),
    (
        Field("product", Kind.TEXT, "", "Product class.", "lantern-lamp", refers="products.product"),
        Field("market", Kind.TEXT, "", "Market.", "DE", refers="markets.market"),
        Field("period", Kind.TEXT, "", "Period of sale.", "2026-11", refers="periods.period"),
        Field(
            "orders", Kind.NUMBER, "orders", "Orders in the period; zero rows are dropped.", "420", minimum=0
        ),
    ),
    required=True,
)
