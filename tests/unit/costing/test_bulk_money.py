"""Money tied up in bulk goods: payment terms, landed charges on stock, refunds that go back."""

import numpy as np
import pytest
from scipy.integrate import quad

from hand_instance import hand_instance
from optimizer.costing.options import price
from optimizer.costing.refund_settlement import settlement_cost, settlement_day
from optimizer.network import build


def priced(**terms):
    def change(tables):
        tables["members"][0] |= {"capital_rate_pct": 36.5} | terms

    instance = hand_instance(change=change)
    return price(instance, build(instance))


def test_goods_freight_and_duty_are_tied_up_until_the_sale():
    """36.5 % is 0.1 % a day. Goods 10 for 35 days at sea: 0.35; then 15 days on hand.

    On hand: goods 10, freight 0.10 (1 litre at 100 a revenue ton), inbound handling 0.006, duty 0.50, and
    the cost of 45 + 15 days of VAT, which is 10.5 · 0.19 · 0.001 · 60 = 0.1197: 10.7257 · 15 / 1000.
    """
    found = priced()
    recovery = 10.5 * 0.19 * 0.001 * 60
    assert found.inbound["cost_capital"].tolist() == pytest.approx([0.35])
    assert found.inbound["freight_charges"].tolist() == pytest.approx([0.106])
    assert found.inbound["border_charges"].tolist() == pytest.approx([0.5 + recovery])
    on_hand = 10 + 0.106 + 0.5 + recovery
    assert found.holding["cost_capital"].tolist() == pytest.approx([on_hand * 15 / 1000])


@pytest.mark.parametrize(
    ("term", "stage", "saved"),
    [
        ("goods_terms_days", "inbound", 10 * 30 / 1000),
        ("freight_terms_days", "holding", 0.106 * 30 / 1000),
        ("duty_terms_days", "holding", (0.5 + 10.5 * 0.19 * 0.001 * 60) * 30 / 1000),
    ],
)
def test_thirty_days_to_pay(term, stage, saved):
    """What is paid 30 days later is tied up 30 days less, at 0.1 % a day."""
    now, later = (getattr(result, stage)["cost_capital"] for result in (priced(), priced(**{term: 30.0})))
    assert (now - later).tolist() == pytest.approx([saved])


def test_terms_on_goods_count_for_parcels_too():
    """12 days of delivery, 30 days to pay: 18 days of supplier's credit on 10 at 0.1 % a day."""
    assert priced(goods_terms_days=30.0).direct["cost_capital"].tolist() == pytest.approx([-0.18])


@pytest.mark.parametrize(
    ("refunded", "deadline"),
    [("2026-12-31", "2027-04-30"), ("2027-01-01", "2028-04-30"), ("2026-02-01", "2027-04-30")],
)
def test_settlement_is_by_april_of_the_next_year(refunded, deadline):
    """STA Announcement 2025 No. 3, article 3."""
    found = settlement_day(np.array([refunded], "datetime64[D]"), np.array([4.0]))
    assert found == np.datetime64(deadline)


def test_no_month_no_settlement():
    assert np.isnat(settlement_day(np.array(["2026-12-31"], "datetime64[D]"), np.array([np.nan])))[0]


@pytest.mark.parametrize(
    ("youngest", "cycle", "left"), [(0, 90, 60), (20, 30, 60), (70, 30, 60), (0, 1, -20)]
)
def test_settlement_against_integration(youngest, cycle, left):
    """13 refunded, 20 %, 45 days for a new claim: average over evenly spread days of sale."""

    def away(day):
        return 13 * 0.2 / 365 * (day - left + 45) if day > left else 0.0

    points = [left] if youngest < left < youngest + cycle else None
    mean = quad(away, youngest, youngest + cycle, points=points)[0] / cycle
    assert settlement_cost(13.0, 20.0, youngest, cycle, left, 45.0) == pytest.approx(mean)


def test_settlement_of_a_lot_sold_in_one_day():
    """Sold on day 61, settled on day 60: 1 + 45 days; on day 60 itself nothing goes back."""
    assert settlement_cost(10.0, 36.5, 61.0, 0.0, 60.0, 45.0) == pytest.approx(10 * 46 / 1000)
    assert settlement_cost(10.0, 36.5, 60.0, 0.0, 60.0, 45.0) == 0.0


def test_stock_sold_after_settlement_day_gives_the_refund_back():
    """Arrival 16 January 2027, refunded 1.30 on departure in December 2026, settled on 31 January.

    Sold on days 0 to 31: 16 of 31 days after settlement, 8 days on average. Refunded in January or later
    (45 days), the goods are settled in 2028 only, and nothing goes back.
    """

    def new_year(tables, days):
        tables["members"][0]["capital_rate_pct"] = 36.5
        tables["export_regimes"][0] |= {"settle_month": 1.0, "refund_days": days}
        tables["periods"] = [{"period": "p", "start": "2027-01-01", "end": "2027-01-31"}]
        tables["demand"][0]["period"] = "p"

    def stock(days):
        instance = hand_instance(change=lambda tables: new_year(tables, days))
        found = price(instance, build(instance))
        return found.inbound["days_left"].tolist(), found.holding["cost_export_refund"].tolist()

    assert stock(0.0) == ([15.0], pytest.approx([1.3 * 16 / 31 * 8 / 1000]))
    assert stock(45.0) == ([15.0 + 365], [0.0])
