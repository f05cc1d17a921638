"""A headless Chromium with nothing but a report in it; skips where none is installed."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.support.ui import WebDriverWait

from hand_made_run import bare_run, finished_run
from optimizer import pipeline, scenario
from optimizer.report.html import write_html
from optimizer.runs.folder import new_folder
from optimizer.runs.store import Run, read_run

FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync"),
    *("disable-background-networking", "disable-component-update", "disable-dev-shm-usage"),
)
PATIENCE_S = 60
LIMITS = {
    "eu_alliance": {"gap": 0.05, "time_limit_s": 300.0},
    "eu_us_alliance": {"gap": 0.25, "time_limit_s": 300.0},
}
DEARER_SEA = "table=freight_rates; where=mode == 'sea'; column=amount; multiply=3"
DEARER_POST = "table=rate_breaks; where=amount > 0; column=amount; multiply=2"
SPLIT = {
    "grand_coalition_cost": 100.0,
    "stand_alone_cost": {"anna": 70.0, "bela": 40.0},
    "saving": [10.0, 10.0],
    "core_nonempty": True,
    "allocations": {"shapley": {"anna": 65.0, "bela": 35.0}},
    "stability": {"shapley": {"in_core": True, "blocking": [], "doubtful": []}},
}


@dataclass(frozen=True)
class Report:
    """A report and the runs it shows."""

    path: Path
    runs: tuple[Run, ...]


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
def reports(browser, request, scenarios_dir, tmp_path_factory):
    """Return a function that makes the report of a kind, once."""
    folder, made = tmp_path_factory.mktemp("reports"), {}

    def solved(name, edits=(), **limits):
        run = new_folder(name, folder)  # called as another run elsewhere, so that whole paths name both
        path = scenarios_dir / f"{name}.toml"
        pipeline.solve(path, edits=edits, alone=False, threads=2, run_dir=run, **limits)
        return run

    def runs_of(kind):
        if kind == "quickstart":
            return [request.getfixturevalue("quickstart_run")]
        if kind == "three_runs":
            what_ifs = [solved("quickstart", [edit], gap=0.01) for edit in (DEARER_SEA, DEARER_POST)]
            return [request.getfixturevalue("quickstart_run"), *what_ifs]
        return [solved(kind, **LIMITS[kind])]

    def report(kind):
        if kind not in made:
            path = folder / f"{kind}.html"
            if kind == "hand_made":
                shown = [finished_run("base"), finished_run("dear", last_mile=45.0)]
                write_html(shown, path, alliance=SPLIT)
            elif kind == "bare":
                shown = [bare_run()]
                write_html(shown, path)
            else:
                read = [read_run(run) for run in runs_of(kind)]
                shown = [(run, scenario.load(run.scenario)) for run in read]
                write_html(shown, path)
            made[kind] = Report(path, tuple(run for run, _ in shown))
        return made[kind]

    return report


@pytest.fixture
def opened(browser, reports):
    """Return a function that opens a report at a width, in a language, and waits until it is drawn."""

    def open_at(kind, width, language="en"):
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        path = reports(kind).path
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get(path.as_uri())
        wait_for(browser, "en")
        if language != "en":
            browser.find_element("css selector", f"[data-language={language}]").click()
            wait_for(browser, language)
        return browser

    return open_at


def wait_for(browser, language):
    """Wait until everything is drawn in a language; tables draw themselves a moment later."""
    drawn = "[...document.querySelectorAll('main [data-table]')].every((one) => one.querySelector('td'))"
    ready = f"return document.body.dataset.ready === arguments[0] && {drawn}"
    WebDriverWait(browser, PATIENCE_S).until(lambda one: one.execute_script(ready, language))
    time.sleep(0.2)
