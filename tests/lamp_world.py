"""A hand-made world of one lamp firm: every figure is round, so that results can be checked on paper."""

from dataclasses import replace
from functools import cache

from optimizer.scenario.instance import Instance, ModelSettings
from tiny_instance import changed, tiny_instance

WORLD = {
    "members": """
        member,name,origin,taxpayer,vat_invoice,capital_rate_pct
        lantern,Lantern,CN-YIW,general,true,10
        corner,Corner,CN-YIW,small_scale,true,10
        bare,Bare,CN-YIW,general,false,10""",
    "products": """
        product,member,name,category,hs_code,weight_kg,length_cm,width_cm,height_cm,retail_price,unit_cost,currency,cargo
        lamp,lantern,Lamp,home,940521,0.8,30,20,10,40,10,EUR,general
        watch,lantern,Watch,electronics,910211,0.1,10,8,4,100,30,EUR,battery
        cream,corner,Cream,beauty,330499,0.2,8,5,5,20,4,EUR,liquid""",
    "places": """
        place,name,country,kind,lat,lon
        CN-YIW,Yiwu,CN,origin,29.3,120.1""",
    "markets": """
        market,name,country,lat,lon,remote,promise_days,late_order_amount,currency
        DE,Germany,DE,51,10,false,10,2,EUR
        GB,Britain,GB,52,-1,false,,,EUR
        US,United States,US,40,-90,true,,,EUR""",
    "periods": """
        period,start,end
        2026-06,2026-06-01,2026-06-30
        2026-11,2026-11-01,2026-11-30""",
    "demand": """
        product,market,period,orders
        lamp,DE,2026-06,100
        lamp,DE,2026-11,100""",
    "services": """
        service,name,mode,rate_card,regime,duty_channel,accepts_battery,accepts_liquid,max_weight_kg,loss_pct,damage_pct
        post,Post,postal,post,undeclared,postal,false,false,2,2,0
        line,Line,line,line,9610,courier,true,true,30,1,0.5
        ddp,Line duty paid,line,ddp,9610,courier,true,true,30,0,0""",
    "lanes": """
        service,origin,destination,zone,days_mean,days_p95
        post,CN,DE,DE,20,30
        line,CN,DE,DE,10,15
        ddp,CN,DE,DE,10,15""",
    "rate_cards": """
        card,currency,divisor_cm3_per_kg,step_kg,minimum_kg,minimum_amount,duty_included
        post,EUR,,0.001,0,0,false
        line,EUR,5000,0.5,0.5,0,false
        ddp,EUR,,0,0,0,true""",
    "rate_breaks": """
        card,zone,weight_from_kg,weight_to_kg,amount,amount_per_kg,per_kg_on
        post,DE,0,2.001,2,10,whole
        line,DE,0,1,6,0,whole
        line,DE,1,5,6,4,excess
        line,DE,5,,0,4,whole
        ddp,DE,0,,5,5,whole""",
    "surcharges": """
        card,surcharge,zone,basis,amount,condition,threshold,currency,valid_from,valid_to
        line,fuel,*,pct_of_base,20,always,,EUR,2026-01-01,
        line,peak,DE,parcel,1,always,,EUR,2026-11-01,2026-12-31""",
    "export_regimes": """
        regime,name,refund,needs_invoice,refund_days,refund_at,clawback_on_return,declaration_amount,currency
        undeclared,Undeclared,false,false,0,departure,false,0,EUR
        9610,Retail list,true,true,73,sale,true,0.1,EUR
        9810,Overseas warehouse,true,true,36.5,departure,false,0,EUR""",
    "refund_rates": """
        hs_prefix,rate_pct
        *,13
        9102,9""",
    "duty_rules": """
        destination,origin,hs_prefix,rule,channel,rate_pct,valid_from,valid_to
        EU,*,*,mfn,*,3,2020-01-01,
        EU,*,9405,mfn,*,4,2020-01-01,
        US,*,*,mfn,*,2,2020-01-01,
        US,CN,9405,section-301,*,25,2020-01-01,
        US,*,*,section-122,*,10,2026-02-24,2026-07-24
        GB,*,*,mfn,*,2,2020-01-01,""",
    "low_value_rules": """
        destination,channel,threshold,treatment,amount,currency,valid_from,valid_to
        EU,*,150,exempt,0,EUR,2020-01-01,2026-06-30
        EU,*,150,per_heading,3,EUR,2026-07-01,2028-06-30
        GB,*,135,exempt,0,GBP,2020-01-01,
        US,*,800,exempt,0,USD,2020-01-01,2025-05-01
        JP,*,10000,exempt,0,JPY,2020-01-01,""",
    "tax_rules": """
        destination,rate_pct,at_sale_threshold,relief_threshold,parcel_tax_recoverable,bulk_tax_recoverable,recovery_days,currency
        DE,19,150,0,false,true,73,EUR
        GB,20,135,0,false,true,0,GBP
        JP,10,0,10000,false,true,0,JPY
        US,0,0,0,true,true,0,USD
        NO,25,0,0,true,false,0,EUR""",
    "clearance_fees": """
        destination,channel,fee,applies,basis,amount,minimum_amount,currency
        EU,*,presentation,above,parcel,10,0,EUR
        US,courier,entry,all,parcel,1,0,USD
        US,courier,processing,all,pct_of_value,0.5,2,USD
        GB,*,heading,within,heading,0.5,0,GBP""",
    "fx_rates": """
        currency,date,per_eur
        USD,2020-01-01,1.25
        USD,2026-07-01,1.2
        GBP,2020-01-01,0.8
        JPY,2020-01-01,160
        CNY,2026-01-01,8""",
    "returns": """
        category,country,channel,return_pct,shipped_back_pct,resale_pct,disposal_amount,currency
        *,*,direct,5,20,0,0.5,EUR
        home,*,warehouse,10,100,80,0.5,EUR
        home,DE,warehouse,20,100,75,0.5,EUR""",
    "loss_months": """
        month,factor
        11,1.5""",
    "emission_factors": """
        leg,kg_per_tkm,scope
        parcel_air,0.6,WTW
        van,0.8,WTW""",
}  # fmt: skip


def world(currency: str = "EUR", model: ModelSettings | None = None, **changes: str) -> Instance:
    """Return the world, with whole tables replaced by `changes`."""
    whole = _whole(currency)
    return changed(replace(whole, model=model) if model else whole, **changes)


@cache
def _whole(currency: str) -> Instance:
    return tiny_instance(currency, **WORLD)
