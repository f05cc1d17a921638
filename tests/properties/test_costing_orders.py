"""Whole orders: scaling of currency, zero rates, dearer goods, later promises, more returns and losses."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lamp_world import WORLD, world
from optimizer.costing.direct import DIRECT_COSTS, direct_table
from optimizer.costing.import_charges import parcel_import_charges
from optimizer.costing.lateness import late_share
from optimizer.costing.loss import failure_cost
from optimizer.costing.orders import profile
from optimizer.costing.refund import net_refund

COSTS = [f"cost_{name}" for name in DIRECT_COSTS]
LANES = pd.DataFrame(
    {
        "member": "lantern", "service": ["post", "line", "ddp"], "mode": ["postal", "line", "line"],
        "market": "DE", "period": "2026-11", "zone": "DE", "distance_km": 8000.0,
        "days_mean": [20.0, 10.0, 10.0], "days_p95": [30.0, 15.0, 15.0],
    }
)  # fmt: skip


LAMP = """
    product,member,name,category,hs_code,weight_kg,length_cm,width_cm,height_cm,\
retail_price,unit_cost,currency"""


def lamps(*rows):
    """Products table: price, weight and height of each lamp, all else alike."""
    lines = [f"lamp{k},lantern,Lamp,home,940521,{w},30,20,{h},{p},10,EUR" for k, (p, w, h) in enumerate(rows)]
    return "\n".join([LAMP, *lines])


def border(*prices):
    """Duty, tax and clearance in November of lamps at the given prices."""
    instance = world(products=lamps(*((price, 0.8, 10) for price in prices)))
    asked = pd.DataFrame(
        {"product": [f"lamp{k}" for k in range(len(prices))], "origin": "CN", "destination": "DE",
         "channel": "courier", "duty_included": False, "date": pd.Timestamp("2026-11-01")}
    )  # fmt: skip
    return parcel_import_charges(instance, profile(instance), asked).sum(axis=1).to_numpy()


@settings(deadline=None, max_examples=10)
@given(st.integers(2, 5000))
def test_a_currency_worth_less_scales_every_amount(per_eur):
    fx = WORLD["fx_rates"] + f"\n        XTS,2020-01-01,{per_eur}"
    euro = direct_table(world(fx_rates=fx), LANES)
    other = direct_table(world("XTS", fx_rates=fx), LANES)
    np.testing.assert_allclose(other[COSTS], per_eur * euro[COSTS], rtol=1e-9)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(100, 15_000), min_size=2, max_size=20))
def test_a_dearer_parcel_never_pays_less_at_the_border(cents):
    """On either side of 150 EUR, and across it where the duty above exceeds the flat 3 EUR."""
    below = sorted(cent / 100 for cent in cents)
    charges = border(*below, *(price + 150.01 for price in below))
    assert (np.diff(charges) >= -1e-9).all()


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(1, 19), st.integers(5, 40)), min_size=2, max_size=8))
def test_heavier_and_bulkier_goods_never_cost_less_on_cards_without_a_falling_break(goods):
    weights, heights = sorted(kg / 10 for kg, _ in goods), sorted(cm for _, cm in goods)
    demand = "product,market,period,orders\n" + "\n".join(f"lamp{k},DE,2026-11,1" for k in range(len(goods)))
    products = lamps(*((40, w, h) for w, h in zip(weights, heights, strict=True)))
    table = direct_table(world(products=products, demand=demand), LANES)
    for _, on_service in table.groupby("service"):
        total = on_service["cost_parcel_base"] + on_service["cost_parcel_surcharges"]
        assert (np.diff(total) >= -1e-9).all()


def test_zero_rates_and_free_capital_cost_nothing():
    header = {name: WORLD[name].strip().splitlines()[0] for name in WORLD}
    free = direct_table(
        world(
            rate_breaks=header["rate_breaks"]
            + "\npost,DE,0,,0,0,whole\nline,DE,0,,0,0,whole\nddp,DE,0,,0,0,whole",
            surcharges=header["surcharges"],
            low_value_rules=header["low_value_rules"] + "\nEU,*,150,exempt,0,EUR,2020-01-01,",
            returns=header["returns"],
            export_regimes=header["export_regimes"]
            + "\nundeclared,None,false,false,0,departure,false,0,EUR\n9610,List,false,true,0,sale,true,0,EUR",
            members="member,name,origin,capital_rate_pct\nlantern,Lantern,CN-YIW,0",
            services="""
                service,name,mode,rate_card,regime,duty_channel
                post,Post,postal,post,undeclared,postal
                line,Line,line,line,9610,courier
                ddp,Line duty paid,line,ddp,9610,courier""",
        ),
        LANES,
    )
    assert len(free) == 3
    assert not free[COSTS].to_numpy().any()


@given(st.floats(1, 40), st.floats(1, 3.8), st.floats(1, 60), st.floats(0, 30))
def test_a_later_promise_is_missed_less_often(mean, ratio, promise, more):
    first, second = late_share(mean, mean * ratio, [promise, promise + more])
    assert 1 >= first >= second >= 0


@given(*[st.floats(0, 1)] * 2, *[st.floats(0, 500)] * 3)
def test_more_failures_never_cost_less(a, b, goods, send, price):
    low, high = sorted((a, b))
    cost = failure_cost(np.array([low, high]), np.full(2, goods), np.full(2, send), np.full(2, price))
    assert cost[0] <= cost[1] + 1e-9
    assert failure_cost(*(np.array([x]) for x in (0.0, goods, send, price)))[0] == 0.0


@given(st.floats(0, 1000), st.floats(0, 25), st.floats(0, 50), st.floats(0, 400), st.floats(0, 400))
def test_a_refund_that_comes_later_is_worth_less_and_never_negative(goods, rate, capital, a, b):
    early, late = sorted((a, b))
    worth = net_refund(np.full(2, goods), np.full(2, rate), np.full(2, capital), np.array([early, late]))
    assert worth[0] >= worth[1] >= 0
