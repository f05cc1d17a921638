"""Dated rules of states: duty, low value, import tax, clearance, export refund, exchange rates."""

from optimizer.scenario.fields import Field, Kind, Table

__all__ = [
    "CLEARANCE_FEES",
    "CUSTOMS_VALUES",
    "DUTY_RULES",
    "EXPORT_REGIMES",
    "FX_RATES",
    "LOW_VALUE_RULES",
    "REFUND_RATES",
    "TAX_RULES",
]

DESTINATION = Field(
    "destination", Kind.TEXT, "", "Country, or EU for all member states (the country wins).", "EU"
)
CHANNEL = Field(
    "channel",
    Kind.CHOICE,
    "",
    "Under which import rules goods arrive, or * for all.",
    "*",
    "*",
    choices=("*", "postal", "courier", "freight"),
)

DUTY_RULES = Table(
    "duty_rules",
    "Import duty in percent of the customs value. Rows of different `rule` add up; "
    "within one rule the longest HS prefix wins.",
    ("destination", "origin", "hs_prefix", "rule", "channel"),
    (
        DESTINATION,
        Field("origin", Kind.TEXT, "", "Country of origin, or * for all.", "CN", "*"),
        Field("hs_prefix", Kind.TEXT, "HS", "Leading digits of the HS code, or * for all.", "9503"),
        Field("rule", Kind.TEXT, "", "Name of the rule: mfn, section-301, ...", "mfn"),
        CHANNEL,
        Field("rate_pct", Kind.NUMBER, "% of customs value", "Duty rate.", "4.7", minimum=0, maximum=300),
    ),
    dated=True,
    sourced=True,
)

CUSTOMS_VALUES = Table(
    "customs_values",
    "What duty on bulk goods is counted on. An empty table leaves freight out everywhere.",
    ("destination",),
    (
        DESTINATION,
        Field(
            "freight_pct",
            Kind.NUMBER,
            "% of freight",
            "Part of the freight to the border that counts: 100 under CIF, 0 under FOB.",
            "100",
            minimum=0,
            maximum=100,
        ),
    ),
    dated=True,
    sourced=True,
)

LOW_VALUE_RULES = Table(
    "low_value_rules",
    "What happens to consignments whose goods are worth at most the threshold.",
    ("destination", "channel"),
    (
        DESTINATION,
        CHANNEL,
        Field(
            "threshold",
            Kind.NUMBER,
            "money",
            "Intrinsic value up to which the rule holds, included.",
            "150",
            minimum=0,
        ),
        Field(
            "treatment",
            Kind.CHOICE,
            "",
            "No duty, or a flat amount per tariff heading in the parcel.",
            "per_heading",
            choices=("exempt", "per_heading"),
        ),
        Field("amount", Kind.NUMBER, "money per heading", "Flat duty.", "3", 0.0, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of threshold and amount.", "EUR"),
    ),
    dated=True,
    sourced=True,
)

TAX_RULES = Table(
    "tax_rules",
    "VAT or GST on imports. Tax that buyers pay on the sale is the same for every route "
    "and is left out of landed cost.",
    ("destination",),
    (
        Field("destination", Kind.COUNTRY, "ISO 3166 alpha-2", "Country.", "DE"),
        Field("tax", Kind.TEXT, "", "Name of the tax.", "VAT", "VAT"),
        Field("rate_pct", Kind.NUMBER, "%", "Standard rate.", "19", minimum=0, maximum=60),
        Field(
            "at_sale_threshold",
            Kind.NUMBER,
            "money",
            "Parcels worth at most this are taxed at the sale (IOSS and the like), nothing at import.",
            "150",
            0.0,
            minimum=0,
        ),
        Field(
            "relief_threshold",
            Kind.NUMBER,
            "money",
            "Parcels worth at most this are free of import tax.",
            "0",
            0.0,
            minimum=0,
        ),
        Field(
            "parcel_tax_recoverable",
            Kind.FLAG,
            "",
            "Import tax on dearer parcels is recovered from the buyer.",
            "true",
            True,
        ),
        Field("bulk_tax_recoverable", Kind.FLAG, "", "Import tax on stock is deducted later.", "true", True),
        Field(
            "recovery_days",
            Kind.NUMBER,
            "days",
            "Days until bulk import tax comes back (0: deferred accounting).",
            "60",
            60.0,
            minimum=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the thresholds.", "EUR"),
    ),
    dated=True,
    sourced=True,
)

CLEARANCE_FEES = Table(
    "clearance_fees",
    "Fees of carriers and customs per parcel that crosses the border.",
    ("destination", "channel", "fee"),
    (
        DESTINATION,
        CHANNEL,
        Field("fee", Kind.TEXT, "", "Name of the fee.", "presentation fee"),
        Field(
            "applies",
            Kind.CHOICE,
            "",
            "To all parcels, or to those above or within the low-value threshold.",
            "above",
            "all",
            choices=("all", "above", "within"),
        ),
        Field(
            "basis",
            Kind.CHOICE,
            "",
            "Per parcel, per tariff heading, or percent of the goods' value.",
            "parcel",
            "parcel",
            choices=("parcel", "heading", "pct_of_value"),
        ),
        Field("amount", Kind.NUMBER, "money or %", "Fee.", "6", minimum=0),
        Field("minimum_amount", Kind.NUMBER, "money", "Smallest fee.", "0", 0.0, minimum=0),
        Field("currency", Kind.CURRENCY, "", "Currency of the fee.", "EUR"),
    ),
    dated=True,
    sourced=True,
)

EXPORT_REGIMES = Table(
    "export_regimes",
    "Customs regimes of export and what they mean for the VAT refund.",
    ("regime",),
    (
        Field("regime", Kind.TEXT, "", "Code of the regime.", "9810"),
        Field("name", Kind.TEXT, "", "Name to print.", "export to an overseas warehouse"),
        Field("refund", Kind.FLAG, "", "Whether VAT paid on the goods is refunded.", "true"),
        Field("needs_invoice", Kind.FLAG, "", "Whether a VAT invoice is needed for it.", "true", True),
        Field(
            "refund_days",
            Kind.NUMBER,
            "days",
            "Days from departure (from sale, if not pre-refunded) to the money.",
            "45",
            minimum=0,
        ),
        Field(
            "refund_at",
            Kind.CHOICE,
            "",
            "What starts the clock.",
            "departure",
            "departure",
            choices=("departure", "sale"),
        ),
        Field(
            "settle_month",
            Kind.NUMBER,
            "month",
            "Month of the year after the refund by whose end the goods must be sold, or it is paid back "
            "until they are; empty: no such rule.",
            "4",
            None,
            minimum=1,
            maximum=12,
        ),
        Field(
            "clawback_on_return",
            Kind.FLAG,
            "",
            "Whether goods that come back lose the refund.",
            "true",
            False,
        ),
        Field(
            "declaration_amount",
            Kind.NUMBER,
            "money per parcel",
            "Cost of declaring one parcel.",
            "0.05",
            0.0,
            minimum=0,
        ),
        Field("currency", Kind.CURRENCY, "", "Currency of the amount.", "CNY"),
    ),
    dated=True,
    sourced=True,
)

REFUND_RATES = Table(
    "refund_rates",
    "Export VAT refund in percent of the invoice value before VAT; the longest HS prefix wins.",
    ("hs_prefix",),
    (
        Field("hs_prefix", Kind.TEXT, "HS", "Leading digits of the HS code, or * for all.", "9503"),
        Field("rate_pct", Kind.NUMBER, "%", "Refund rate.", "13", minimum=0, maximum=25),
    ),
    dated=True,
    sourced=True,
)

FX_RATES = Table(
    "fx_rates",
    "Exchange rates: units of the currency per euro; the newest rate not after the date counts.",
    ("currency", "date"),
    (
        Field("currency", Kind.CURRENCY, "", "Currency.", "USD"),
        Field("date", Kind.DATE, "date", "Date of the rate.", "2026-10-30"),
        Field("per_eur", Kind.NUMBER, "units per euro", "Rate.", "1.1172", above=0, plausible=(0.1, 100000)),
    ),
    sourced=True,
    required=True,
)
