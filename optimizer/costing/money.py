"""Money: exchange rates by date."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import Dates, Floats
from optimizer.costing.validity import day, missing
from optimizer.scenario.instance import Instance

__all__ = ["Exchange"]

BASE = "EUR"


@dataclass(frozen=True)
class Exchange:
    """Factors from any currency to the scenario's, by date.

    ``factor(c, d) = per_eur(scenario currency, d) / per_eur(c, d)`` with the newest rate not after d; a
    currency without such a rate is an error. The euro itself needs no row.

    Parameters
    ----------
    instance
        Its `fx_rates` and its currency are used.
    """

    instance: Instance

    def per_eur(self, currency: str, dates: npt.ArrayLike) -> Floats:
        """Return units of `currency` per euro on each date.

        Raises
        ------
        InputError
            Names the currency, the date and the table.
        """
        wanted = np.asarray(dates, dtype="datetime64[D]")
        none: tuple[Dates, Floats] = (np.empty(0, dtype="datetime64[D]"), np.empty(0))
        known, fixings = self._fixings.get(currency, none)
        if not len(known) and currency == BASE:
            return np.ones(wanted.shape)
        position = np.searchsorted(known, wanted, side="right") - 1
        if np.any(position < 0):
            first = wanted[position < 0].min()
            mend = f"Add a rate of {currency} dated on or before it."
            raise missing("fx_rates", [f"{currency} on {day(first)}"], mend)
        rates: Floats = fixings[position]
        return rates

    @cached_property
    def _fixings(self) -> dict[str, tuple[Dates, Floats]]:
        """Dates and rates of every currency, oldest first."""
        table = self.instance["fx_rates"].sort_values("date", kind="stable")
        return {
            str(currency): (
                rows["date"].to_numpy().astype("datetime64[D]"),
                rows["per_eur"].to_numpy(np.float64),
            )
            for currency, rows in table.groupby("currency", sort=False)
        }

    def rate(self, currencies: object, dates: npt.ArrayLike) -> Floats:
        """Return the factor to scenario currency for each pair of currency and date.

        Parameters
        ----------
        currencies
            One code, or an array of codes.
        dates
            One date, or an array that broadcasts with `currencies`.

        Raises
        ------
        InputError
            A currency has no rate on or before a date.
        """
        names = np.asarray(currencies, dtype=object)
        wanted = np.asarray(dates, dtype="datetime64[D]")
        names, wanted = np.broadcast_arrays(names, wanted)
        codes, known = pd.factorize(names.ravel())
        days, each = np.unique(wanted.ravel(), return_inverse=True)
        table = self.table([str(name) for name in known], days)
        factors: Floats = table[codes, each].reshape(names.shape)
        return factors

    def table(self, currencies: Sequence[str], dates: Dates) -> Floats:
        """Return the factors of `currencies` (rows) on `dates` (columns); an empty code gives 1."""
        factors = np.ones((len(currencies), len(dates)))
        for row, currency in enumerate(currencies):
            if currency not in ("", self.instance.currency):
                factors[row] = self.per_eur(self.instance.currency, dates) / self.per_eur(currency, dates)
        return factors
