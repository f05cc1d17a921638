"""Landed cost: from a route to money per order, component by component, by dated rule.

`price` prices whole scenarios, `quote` one order over every route with the same functions. Each
component has a page in ``docs/``, starting with ``docs/index.md``.
"""

from optimizer.costing.enquiry import Enquiry, rate_source
from optimizer.costing.options import PricedOptions, price
from optimizer.costing.quote import quote

__all__ = ["Enquiry", "PricedOptions", "price", "quote", "rate_source"]
