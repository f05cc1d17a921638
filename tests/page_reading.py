"""Reading a report in the browser, and writing figures as it should show them."""

import math

from selenium.webdriver.support.ui import WebDriverWait

__all__ = ["cells", "in_full", "in_short", "percent", "rows", "texts", "wait"]


def texts(browser, selector):
    """Texts of all elements, in one call."""
    ask = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent.trim())"
    return browser.execute_script(ask, selector)


def cells(browser, table, column):
    """Texts of a column of a table."""
    return texts(browser, f"[data-table={table}] td[data-column-id^='{column}-']")


def rows(browser, table):
    """Texts of a table: its headers, and a list of cells per line."""
    ask = """const table = document.querySelector(arguments[0]), told = (one) => one.textContent;
        return [[...table.querySelectorAll("th .gridjs-th-content")].map(told),
            [...table.querySelectorAll("tbody tr")].map((row) => [...row.cells].map(told))]"""
    return browser.execute_script(ask, table)


def in_full(amount, digits=0, currency="$"):
    """An amount of money as an English reader writes it.

    >>> in_full(-1234.5), in_full(9.161, 2, "US$")
    ('-$1,235', 'US$9.16')
    """
    shown = f"{abs(half_away(amount, digits)):,.{digits}f}"
    return f"{'-' if amount < 0 else ''}{currency}{shown}"


def half_away(amount, digits):
    """Round halves away from zero, as the page does and Python does not; 1e-9 forgives binary fractions."""
    scale = 10.0**digits
    return math.copysign(math.floor(abs(amount) * scale + 0.5 + 1e-9), amount) / scale


def percent(share, digits=1):
    """A share of 100 as the page shows it."""
    return f"{half_away(share, digits):.{digits}f}%"


def in_short(amount):
    """An amount in three digits: 1.68M, 96K.

    >>> in_short(1_681_870), in_short(96_022), in_short(-315_012), in_short(288.4)
    ('1.68M', '96K', '-315K', '288')
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, "")):
        if abs(amount) >= size or size == 1.0:
            return f"{float(f'{amount / size:.3g}'):g}{letter}"
    return ""


def wait(browser, holds, patience_s=60):
    """Wait until something holds."""
    WebDriverWait(browser, patience_s).until(lambda _: holds())
