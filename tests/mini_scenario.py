"""A small, complete and faultless scenario in code: two members, two markets, two sites, two months."""

from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["SCENARIO", "SOURCED", "TABLES", "rows_of", "write_mini"]

SOURCED = ("quote 2026", "sourced", "")
SCENARIO = """[scenario]
name = "mini"
format = 1
tables = ["tables"]
currency = "USD"

[solve]
gap = 0.001
"""

TABLES: dict[str, str] = {
    "members": """
member,name,origin,taxpayer,vat_invoice,capital_rate_pct,status
lantern,Lantern Home,CN-YIW,general,true,8,Include
toys,Yiwu Toys,CN-YIW,small_scale,false,10,Include
""",
    "products": """
product,member,name,category,hs_code,weight_kg,length_cm,width_cm,height_cm,retail_price,unit_cost,currency,cargo
lamp,lantern,Table lamp,home,940521,0.9,28,18,16,32,11,USD,general
bear,toys,Plush bear,toys,950349,0.4,30,20,15,18,5,USD,general
""",
    "order_mix": """
product,units,headings,share_pct
lamp,1,1,80
lamp,2,1,20
""",
    "markets": """
market,name,country,lat,lon,remote,promise_days,promise_share_pct,late_order_amount,currency
DE,Germany,DE,51.0,9.9,false,10,50,4,EUR
PL,Poland,PL,52.1,19.4,false,,0,,EUR
""",
    "periods": """
period,start,end
2026-11,2026-11-01,2026-11-30
2026-12,2026-12-01,2026-12-31
""",
    "demand": """
product,market,period,orders
lamp,DE,2026-11,420
lamp,DE,2026-12,510
lamp,PL,2026-11,80
bear,DE,2026-11,300
bear,PL,2026-12,0
""",
    "places": """
place,name,country,kind,lat,lon,source,quality
CN-YIW,Yiwu,CN,origin,29.31,120.07,GeoNames,sourced
CNNGB,Ningbo,CN,port,29.87,121.55,UN/LOCODE,sourced
DEHAM,Hamburg,DE,port,53.54,9.98,UN/LOCODE,sourced
NLRTM-HUB,Rotterdam hub,NL,hub,51.9,4.5,UN/LOCODE,sourced
""",
    "hubs": """
hub,amount,handling_per_m3,dwell_days,currency,source,quality
NLRTM-HUB,800,14,2,EUR,quote,soft
""",
    "services": """
service,name,mode,rate_card,regime,duty_channel,max_weight_kg,loss_pct,source,quality
epacket,ePacket,postal,epacket-2026,9610,postal,2,1.2,quote,sourced
sea-eu,Sea Europe,sea,,9810,freight,,0.1,quote,sourced
dhl-de,DHL Paket,last_mile,dhl-de-2026,,courier,31.5,0.2,quote,sourced
""",
    "lanes": """
service,origin,destination,zone,days_mean,days_p95,valid_from,source,quality
epacket,CN,DE,DE,12,21,2026-01-01,quote,sourced
epacket,CN,PL,DE,14,24,2026-01-01,quote,sourced
dhl-de,DE-HAM,DE,,2,3,2026-01-01,quote,sourced
dhl-de,DE-HAM,PL,2,3,5,2026-01-01,quote,sourced
""",
    "rate_cards": """
card,currency,divisor_cm3_per_kg,step_kg,source,quality
epacket-2026,CNY,,0.001,quote,sourced
dhl-de-2026,EUR,5000,0,quote,sourced
""",
    "rate_breaks": """
card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg,valid_from,valid_to,source,quality
epacket-2026,DE,0,2,18.85,70.44,2026-01-01,,quote,sourced
dhl-de-2026,1,0,5,3.9,0.1,2026-01-01,2026-12-31,quote,sourced
dhl-de-2026,1,5,31.5,4.9,0.1,2026-01-01,2026-12-31,quote,sourced
dhl-de-2026,2,0,,9.5,0.3,2026-01-01,2026-12-31,quote,sourced
""",
    "distance_zones": """
card,from_km,to_km,zone,source,quality
dhl-de-2026,0,700,1,quote,sourced
dhl-de-2026,700,,2,quote,sourced
""",
    "surcharges": """
card,surcharge,basis,amount,condition,threshold,currency,valid_from,source,quality
dhl-de-2026,peak,parcel,0.19,always,,EUR,2026-11-01,quote,sourced
""",
    "freight_lanes": """
service,from_place,to_place,days_mean,days_p95,valid_from,source,quality
sea-eu,CNNGB,DEHAM,38,48,2026-01-01,index,sourced
""",
    "freight_rates": """
service,mode,from_place,to_place,unit,break_from_kg,amount,currency,valid_from,source,quality
sea-eu,sea,CNNGB,DEHAM,40HQ,0,2450,USD,2026-01-01,index,sourced
sea-eu,sea,CNNGB,DEHAM,lcl,0,60,USD,2026-01-01,index,sourced
""",
    "containers": """
container,usable_m3,payload_t,us_road_limit_t,source,quality
40HQ,65,24,19,ISO 668,sourced
""",
    "inland_rates": """
country,unit,amount,amount_per_km,currency,valid_from,source,quality
CN,m3,20,0.1,CNY,2026-01-01,quote,soft
DE,40HQ,180,1.6,EUR,2026-01-01,quote,soft
DE,m3,30,0.1,EUR,2026-01-01,quote,soft
""",
    "sites": """
site,name,country,lat,lon,provider,status,source,quality
DE-HAM,Hamburg,DE,53.55,9.99,de-3pl,Consider,quote,sourced
PL-WAW,Warsaw,PL,52.23,21.01,de-3pl,Closed,quote,sourced
""",
    "site_sizes": """
site,size,model,rent_per_month,capacity_m3,capacity_orders_per_month,currency,source,quality
DE-HAM,medium,lease,6640,900,9000,EUR,quote,sourced
PL-WAW,medium,lease,4640,900,9000,EUR,quote,sourced
""",
    "warehouse_charges": """
provider,item,weight_from_kg,amount,currency,valid_from,source,quality
de-3pl,first_unit,0,1.83,EUR,2026-01-01,quote,sourced
de-3pl,inbound_m3,0,9.5,EUR,2026-01-01,quote,sourced
""",
    "storage_tiers": """
provider,age_from_days,age_to_days,amount_per_m3_day,currency,valid_from,source,quality
de-3pl,0,30,0.2,EUR,2026-01-01,quote,sourced
de-3pl,30,,0.35,EUR,2026-01-01,quote,sourced
""",
    "order_fee_tiers": """
provider,orders_from,orders_to,amount_per_order,currency,valid_from,source,quality
de-3pl,0,300,3.85,EUR,2026-01-01,quote,sourced
de-3pl,300,,3.08,EUR,2026-01-01,quote,sourced
""",
    "member_sites": """
member,site,allowed,onboarding,currency
lantern,DE-HAM,true,500,EUR
toys,PL-WAW,true,,EUR
""",
    "duty_rules": """
destination,origin,hs_prefix,rule,channel,rate_pct,valid_from,source,quality
EU,*,9405,mfn,*,4.7,2026-01-01,TARIC,sourced
EU,*,9503,mfn,*,0,2026-01-01,TARIC,sourced
""",
    "low_value_rules": """
destination,channel,threshold,treatment,amount,currency,valid_from,valid_to,source,quality
EU,*,150,exempt,0,EUR,2020-01-01,,Regulation 1186/2009,sourced
EU,*,150,per_heading,3,EUR,2026-07-01,2028-06-30,Regulation 2026,sourced
""",
    "tax_rules": """
destination,rate_pct,at_sale_threshold,currency,valid_from,source,quality
DE,19,150,EUR,2026-01-01,UStG,sourced
PL,23,150,EUR,2026-01-01,VAT act,sourced
""",
    "export_regimes": """
regime,name,refund,refund_days,currency,valid_from,source,quality
9610,retail parcels,true,60,CNY,2025-01-01,GACC,sourced
9810,overseas warehouse,true,45,CNY,2025-01-27,GACC,sourced
""",
    "refund_rates": """
hs_prefix,rate_pct,valid_from,source,quality
9405,9,2025-01-01,STA,sourced
9503,13,2025-01-01,STA,sourced
""",
    "fx_rates": """
currency,date,per_eur,source,quality
USD,2026-10-30,1.1172,ECB,sourced
CNY,2026-10-30,7.4326,ECB,sourced
""",
    "returns": """
category,country,channel,return_pct,resale_pct,currency,source,quality
*,*,warehouse,8,80,USD,survey,soft
*,*,direct,5,0,USD,survey,soft
""",
    "loss_months": """
month,factor,source,quality
11,1.4,insurer,sourced
""",
    "emission_factors": """
leg,kg_per_tkm,scope,source,quality
sea,0.0198,WTW,GLEC v3.2,sourced
van,0.6,WTW,GLEC v3.2,sourced
""",
    "rules": """
rule,kind,sites,value,currency
at-most-one,max_open,,1,USD
""",
}


def rows_of(table: str) -> list[list[str]]:
    """Return the header and rows of a table of the mini scenario as cells."""
    return [line.split(",") for line in TABLES[table].strip().splitlines()]


def write_mini(
    folder: Path,
    change: Callable[[dict[str, str]], None] | None = None,
    scenario: str = SCENARIO,
    tables: Mapping[str, str] = TABLES,
) -> Path:
    """Write the mini scenario, changed by a function of its table texts, and return the scenario file."""
    texts = {name: text.lstrip("\n") for name, text in tables.items()}
    if change is not None:
        change(texts)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / "tables" / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "mini.toml"
    path.write_text(scenario, encoding="utf-8")
    return path
