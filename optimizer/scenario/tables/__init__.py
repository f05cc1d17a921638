"""Every table a scenario may hold, defined once: columns, types, units, defaults, meanings, rules."""

from optimizer.scenario.fields import Table
from optimizer.scenario.tables import customs, firms, freight, geography, parcels, quality, warehouses

__all__ = ["TABLES"]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        firms.MEMBERS,
        firms.PRODUCTS,
        firms.ORDER_MIX,
        firms.CARTONS,
        geography.MARKETS,
        geography.PERIODS,
        firms.DEMAND,
        geography.PLACES,
        geography.HUBS,
        parcels.SERVICES,
        parcels.LANES,
        parcels.RATE_CARDS,
        parcels.RATE_BREAKS,
        parcels.DISTANCE_ZONES,
        parcels.SURCHARGES,
        freight.FREIGHT_LANES,
        freight.FREIGHT_RATES,
        freight.CONTAINERS,
        freight.HANDLING_CHARGES,
        freight.INLAND_RATES,
        warehouses.SITES,
        warehouses.SITE_SIZES,
        warehouses.WAREHOUSE_CHARGES,
        warehouses.STORAGE_TIERS,
        warehouses.ORDER_FEE_TIERS,
        warehouses.MEMBER_SITES,
        customs.DUTY_RULES,
        customs.CUSTOMS_VALUES,
        customs.LOW_VALUE_RULES,
        customs.TAX_RULES,
        customs.CLEARANCE_FEES,
        customs.EXPORT_REGIMES,
        customs.REFUND_RATES,
        customs.FX_RATES,
        quality.RETURNS,
        quality.LOSS_MONTHS,
        quality.EMISSION_FACTORS,
        quality.RULES,
    )
}
