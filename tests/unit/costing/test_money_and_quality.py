"""Exchange, capital, refund, loss, returns, lateness and carbon: one sum on paper for each."""

import numpy as np
import pandas as pd
import pytest

from lamp_world import world
from optimizer.costing.capital import capital_cost
from optimizer.costing.carbon import carbon_cost, emission_factor, leg_kg
from optimizer.costing.lateness import late_share, lateness_cost
from optimizer.costing.loss import failure_cost, failure_share, loss_factor
from optimizer.costing.money import Exchange
from optimizer.costing.refund import export_refund, refund_rate_pct
from optimizer.costing.returns import return_cost, return_rules
from optimizer.errors import InputError
from optimizer.scenario.instance import ModelSettings


@pytest.mark.parametrize(
    ("currency", "date", "factor", "arithmetic"),
    [
        ("USD", "2026-06-30", 0.8, "1 EUR / 1.25: the rate of 2020 still holds"),
        ("USD", "2026-07-01", 1 / 1.2, "the rate of that very day"),
        ("GBP", "2026-07-01", 1.25, "1 / 0.8"),
        ("EUR", "2026-07-01", 1.0, "the scenario's own"),
    ],
)
def test_exchange(currency, date, factor, arithmetic):
    assert float(Exchange(world()).rate(currency, date)) == pytest.approx(factor), arithmetic


def test_exchange_crosses_two_currencies():
    """GBP to USD on 2026-07-01: 1.2 / 0.8 = 1.5 USD per GBP."""
    assert float(Exchange(world("USD")).rate("GBP", "2026-07-01")) == pytest.approx(1.5)


def test_exchange_without_a_rate_names_currency_date_and_table():
    with pytest.raises(InputError, match=r"table fx_rates.*CNY on 2025-12-31"):
        Exchange(world()).rate(
            np.array(["CNY", "USD"]), np.array(["2025-12-31", "2026-01-01"], dtype="datetime64[D]")
        )


def test_capital():
    """30 EUR of goods for 20 days at 10 % a year: 30 x 0.1 x 20 / 365 = 0.16438."""
    assert float(capital_cost(30.0, 10.0, 20.0)) == pytest.approx(0.164384, abs=1e-6)


def refund(regime, member, hs_code="940521", days_to_sale=0.0, returned=0.0):
    asked = pd.DataFrame(
        {"regime": [regime], "date": pd.to_datetime(["2026-06-01"]), "member": [member], "hs_code": [hs_code],
         "goods_cost": [100.0], "days_to_sale": [days_to_sale], "returned_share": [returned]}
    )  # fmt: skip
    return float(-export_refund(world(), asked)["export_refund"].iloc[0])


@pytest.mark.parametrize(
    ("arguments", "amount", "arithmetic"),
    [
        (("9810", "lantern"), 12.87, "13, less 13 x 0.1 x 36.5/365 = 0.13"),
        (
            ("9810", "lantern", "940521", 90.0),
            12.87,
            "the clock runs from departure: the sale does not matter",
        ),
        (("9810", "lantern", "910211"), 8.91, "9102 gets 9 %: 9 - 0.09"),
        (("9610", "lantern"), 12.74, "13, less 13 x 0.1 x 73/365 = 0.26"),
        (("9610", "lantern", "940521", 73.0), 12.48, "from the sale: 146 days, 13 - 0.52"),
        (("9610", "lantern", "940521", 0.0, 0.1), 11.466, "a tenth comes back: 13 x 0.9 = 11.7, less 2 %"),
        (("9810", "lantern", "940521", 0.0, 0.1), 12.87, "9810 does not claw back"),
        (("undeclared", "lantern"), 0.0, "nothing declared, nothing refunded"),
        (("9810", "corner"), 0.0, "small-scale taxpayer"),
        (("9810", "bare"), 0.0, "no VAT invoice"),
    ],
)
def test_export_refund(arguments, amount, arithmetic):
    assert refund(*arguments) == pytest.approx(amount), arithmetic


def test_declaration_is_paid_with_or_without_refund():
    asked = pd.DataFrame(
        {"regime": ["9610", "9610", ""], "member": ["corner", "lantern", "lantern"], "hs_code": "940521",
         "date": pd.Timestamp("2026-06-01"), "goods_cost": 100.0, "days_to_sale": 0.0, "returned_share": 0.0}
    )  # fmt: skip
    assert export_refund(world(), asked)["export_declaration"].tolist() == [0.1, 0.1, 0.0]


def test_refund_rates_by_date():
    """Batteries: 9 % to 31 March 2026, 6 % to 31 December, then 0 %."""
    rates = """
        hs_prefix,rate_pct,valid_from,valid_to
        8507,9,2026-01-01,2026-03-31
        8507,6,2026-04-01,2026-12-31
        8507,0,2027-01-01,"""
    days = ["2026-03-31", "2026-04-01", "2026-12-31", "2027-01-01"]
    asked = pd.DataFrame({"hs_code": "850760", "date": pd.to_datetime(days)})
    assert refund_rate_pct(world(refund_rates=rates), asked).tolist() == [9.0, 6.0, 6.0, 0.0]
    with pytest.raises(InputError, match=r"table refund_rates.*HS 940521 on 2026-03-31"):
        refund_rate_pct(world(refund_rates=rates), asked.assign(hs_code="940521"))


def test_loss_by_month():
    """November is 1.5 times the average month: 2 x 1.5 + 0.5 = 3.5 %; June 2.5 %."""
    factor = loss_factor(world(), np.array(["2026-11-30", "2026-06-01"], dtype="datetime64[D]"))
    assert failure_share(np.full(2, 2.0), np.full(2, 0.5), factor) == pytest.approx([0.035, 0.025])


def test_failure_cost():
    """2 % fail: 0.02 x (10 goods + 12 dispatch) + 0.0004 x 40 refunded = 0.44 + 0.016."""
    cost = failure_cost(*(np.array([x]) for x in (0.02, 10.0, 12.0, 40.0)))
    assert cost == pytest.approx([0.456])


@pytest.mark.parametrize(
    ("channel", "country", "way_back", "handling", "amount", "arithmetic"),
    [
        ("direct", "DE", 12.0, 0.0, 0.625, "5 % x [20 % x (12 + 10 + 0.5) + 80 % x 10] = 0.05 x (4.5 + 8)"),
        ("warehouse", "DE", 4.0, 1.5, 1.625, "20 % x [4 + 1.5 + 25 % x 10.5] = 0.2 x 8.125"),
        (
            "warehouse",
            "FR",
            4.0,
            1.5,
            0.76,
            "10 % x [4 + 1.5 + 20 % x 10.5] = 0.1 x 7.6: the row for any country",
        ),
    ],
)
def test_returns(channel, country, way_back, handling, amount, arithmetic):
    asked = pd.DataFrame({"category": ["home"], "country": [country], "date": pd.to_datetime(["2026-06-01"])})
    rules = return_rules(world(), asked, channel)
    cost = return_cost(rules, np.array([10.0]), np.array([1.0]), np.array([way_back]), handling)
    assert cost == pytest.approx([amount]), arithmetic


def test_returns_left_out_or_missing():
    asked = pd.DataFrame({"category": ["beauty"], "country": ["DE"], "date": pd.to_datetime(["2026-06-01"])})
    header = "category,country,channel,return_pct,resale_pct,currency"
    assert return_rules(world(returns=header), asked, "warehouse")["returned"].tolist() == [0.0]
    with pytest.raises(InputError, match=r"table returns.*beauty sold warehouse in DE"):
        return_rules(world(), asked, "warehouse")


@pytest.mark.parametrize(
    ("mean", "p95", "promise", "share", "arithmetic"),
    [
        (12.0, 21.0, 21.0, 0.05, "the 95 % time is kept by 95 %"),
        (12.0, 12.0, 12.0, 0.0, "no spread, promised day included"),
        (12.0, 12.0, 11.9, 1.0, "no spread, too late for sure"),
        (12.0, 21.0, np.nan, 0.0, "no promise"),
        # ln(21/12) = 0.559616; sigma = 1.644854 - sqrt(2.705543 - 1.119232) = 0.385365
        # mu = 2.484907 - 0.074253
        # z = (2.410654 - 2.302585) / 0.385365 = 0.280433; Phi(z) = 0.610427
        (12.0, 21.0, 10.0, 0.610427, "see above"),
    ],
)
def test_late_share(mean, p95, promise, share, arithmetic):
    assert float(late_share(mean, p95, promise)) == pytest.approx(share, abs=2e-6), arithmetic


def test_late_share_agrees_with_simulation():
    sigma = 1.6448536 - np.sqrt(1.6448536**2 - 2 * np.log(21 / 12))
    times = np.random.default_rng(7).lognormal(np.log(12) - sigma**2 / 2, sigma, 400_000)
    assert times.mean() == pytest.approx(12.0, rel=0.005)
    assert float((times > 15).mean()) == pytest.approx(float(late_share(12.0, 21.0, 15.0)), abs=0.003)


def test_lateness_cost():
    """13 % late at 2 EUR each: 0.26; without an amount nothing."""
    assert lateness_cost([0.13, 0.13], [2.0, np.nan]).tolist() == pytest.approx([0.26, 0.0])


def test_carbon():
    """0.9 kg over 8,500 km at 0.6 kg/tkm: 0.0009 x 8500 x 0.6 = 4.59 kg; at 80 EUR a tonne 0.3672."""
    kg = leg_kg(0.9, 8500.0, emission_factor(world(), "parcel_air"))
    assert float(kg) == pytest.approx(4.59)
    assert float(carbon_cost(kg, 80.0)) == pytest.approx(0.3672)


def test_carbon_without_a_factor_names_the_leg():
    with pytest.raises(InputError, match=r"table emission_factors.*leg rail"):
        emission_factor(world(), "rail")


def test_without_any_factor_carbon_is_left_out_unless_it_costs():
    header = "leg,kg_per_tkm,scope"
    assert emission_factor(world(emission_factors=header), "rail") == 0.0
    priced = world(emission_factors=header, model=ModelSettings(carbon_price_per_t=1.0))
    with pytest.raises(InputError, match="leg rail"):
        emission_factor(priced, "rail")
