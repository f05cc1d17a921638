"""A headless Chromium with nothing but a report in it; skips where none is installed."""

import shutil
import time

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.support.ui import WebDriverWait

from hand_made_run import finished_run
from optimizer.report.html import write_html

FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync"),
    *("disable-background-networking", "disable-component-update", "disable-dev-shm-usage"),
)
PATIENCE_S = 60


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium driven by its own driver, with the log of its console and of its network."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs Chromium and its driver (Debian packages chromium and chromium-driver)")
    options = ChromeOptions()
    for flag in FLAGS:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = Chrome(options, ChromeService(driver))
    yield made
    made.quit()


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """A report of two hand-made runs with a split of the cost."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    split = {
        "grand_coalition_cost": 100.0,
        "stand_alone_cost": {"anna": 70.0, "bela": 40.0},
        "saving": [10.0, 10.0],
        "core_nonempty": True,
        "allocations": {"shapley": {"anna": 65.0, "bela": 35.0}},
        "stability": {"shapley": {"in_core": True}},
    }
    write_html([finished_run("base"), finished_run("dear", last_mile=45.0)], path, alliance=split)
    return path


@pytest.fixture
def opened(browser, report):
    """Return a function that opens the report at a width, in a language, and waits until it is drawn."""

    def open_at(width, language="en"):
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get(report.as_uri())
        wait_for(browser, "en")
        if language != "en":
            browser.find_element("css selector", f"[data-language={language}]").click()
            wait_for(browser, language)
        return browser

    return open_at


def wait_for(browser, language):
    """Wait until everything is drawn in a language; tables draw themselves a moment later."""
    drawn = "!!document.querySelector('[data-table=members] td')"
    ready = f"return document.body.dataset.ready === arguments[0] && {drawn}"
    WebDriverWait(browser, PATIENCE_S).until(lambda one: one.execute_script(ready, language))
    time.sleep(0.2)
