"""Net present value, payback and return, against sums on paper and against brute force."""

import numpy as np
import pytest

from optimizer.costing.investment import (
    annuity_factor,
    discount_factor,
    evaluate_opening,
    internal_rate_pct,
    net_present_value,
    payback_days,
    start_up_share,
)


def test_discounting_with_payment_terms():
    """Half a year at 21 %: 1.21^-0.5 = 1 / 1.1; paid half a year later still: 1 / 1.21."""
    assert float(discount_factor(182.5, 21.0)) == pytest.approx(1 / 1.1)
    assert float(discount_factor(182.5, 21.0, 182.5)) == pytest.approx(1 / 1.21)
    assert float(discount_factor(182.5, 21.0, -182.5)) == 1.0


def test_net_present_value():
    """-1210 now, 1331 in one year, 0 rate: 121; at 10 %: 1331 / 1.1 = 1210: zero."""
    assert net_present_value([-1210, 1331], [0, 365], 0.0) == pytest.approx(121.0)
    assert net_present_value([-1210, 1331], [0, 365], 10.0) == pytest.approx(0.0, abs=1e-9)


def test_annuity_repays_the_loan():
    """Twelve payments of the annuity, discounted month by month, are worth 1."""
    monthly = 1.08 ** (1 / 12)
    paid = sum(annuity_factor(12, 8.0) / monthly**month for month in range(1, 13))
    assert paid == pytest.approx(1.0)


def test_start_up_over_the_lease():
    assert start_up_share(12000, 36, 36) == 12000
    assert start_up_share(12000, 36, 48) == 12000
    assert start_up_share(12000, 36, 9) == 3000


@pytest.mark.parametrize(
    ("savings", "day"), [([500, 500], 200.0), ([1000, 0], 100.0), ([400, 400], np.inf), ([250, 1500], 150.0)]
)
def test_payback(savings, day):
    """Outlay 1000, savings on days 100 and 200: 750 of 1500 in the second half is day 150."""
    assert payback_days(1000.0, savings, [100, 200]) == day


def test_internal_rate():
    """100 now against 121 in two years: 10 %. No change of sign: none."""
    assert internal_rate_pct([-100, 121], [0, 730]) == pytest.approx(10.0)
    assert np.isnan(internal_rate_pct([100, 121], [0, 730]))


def test_opening_plan():
    """Outlay 1000; 1100 in a year, 10 %: NPV 0, payback on the last day, return 10 %."""
    result = evaluate_opening(1000.0, [1100.0], [365.0], 10.0)
    assert result.net_present_value == pytest.approx(0.0, abs=1e-9)
    assert result.payback_days == pytest.approx(365.0)
    assert result.return_pct == pytest.approx(10.0)
    assert result.profit_per_unit == pytest.approx(0.0, abs=1e-12)


def test_savings_without_outlay_have_no_return():
    result = evaluate_opening(0.0, [100.0], [365.0], 0.0)
    assert (result.net_present_value, result.payback_days) == (100.0, 0.0)
    assert np.isnan(result.return_pct)
