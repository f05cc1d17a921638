"""The report in a real browser: no error, no request, readable figures, layers, tables, languages, access."""

import json
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

AXE = Path(__file__).parent / "axe.min.js"
WIDTHS = (1280, 390)


def texts(browser, selector):
    return [one.text for one in browser.find_elements("css selector", selector)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_opens_without_error_or_request_and_fits_the_screen(opened, width, language):
    browser = opened(width, language)
    assert [line["message"] for line in browser.get_log("browser")] == []
    sent = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
    asked = [one["params"]["request"]["url"] for one in sent if one["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_serious_accessibility_fault(opened, width, language):
    browser = opened(width, language)
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[0])")
    serious = [
        (fault["id"], [node["html"][:120] for node in fault["nodes"][:3]])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_first_screen_says_what_opens_what_it_saves_and_how_sure(opened):
    browser = opened(1280)
    headline = browser.find_element("id", "headline").text
    assert (
        headline
        == "Open one warehouse: FR-LIL. Together the members pay $100.00, $10.00 (9.1%) less than each alone."
    )
    assert browser.find_element("id", "proof").text == "Proved: no plan can be cheaper by more than 1.23%."
    assert browser.find_element("id", "card-on_time").text.splitlines()[1] == "90.0%"


def test_figures_in_the_tables_are_those_of_the_plan(opened):
    browser = opened(1280)
    costs = texts(browser, "[data-table=markets] td[data-column-id^=cost-]")
    assert costs == ["$40.00", "$60.00"]
    assert texts(browser, "[data-table=lanes] td[data-column-id^=cost-]") == ["$100.00"]


def test_switching_the_language_changes_words_and_keeps_figures(opened):
    browser = opened(1280, "zh")
    assert browser.execute_script("return document.documentElement.lang") == "zh-CN"
    assert browser.find_element("id", "headline").text.startswith("启用一个仓库：FR-LIL。联盟共付 US$100.00")
    assert "市场" in texts(browser, "h2")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_layer_of_the_map_goes_and_comes_back(opened, width):
    browser = opened(width)
    shapes = "return document.querySelectorAll('#map path.leaflet-interactive').length"
    before = browser.execute_script(shapes)
    toggle = "document.querySelectorAll('#map .leaflet-control-layers-overlays input')[3].click()"
    browser.execute_script(toggle)
    assert browser.execute_script(shapes) == before - 2
    browser.execute_script(toggle)
    assert browser.execute_script(shapes) == before


def test_sorting_a_table_by_keyboard(opened):
    browser = opened(1280)
    head = "[data-table=markets] th[data-column-id^=cost-]"
    cells = "[data-table=markets] td[data-column-id^=cost-]"
    browser.find_element("css selector", f"{head} button").send_keys(Keys.ENTER)
    browser.find_element("css selector", f"{head} button").send_keys(Keys.ENTER)
    assert texts(browser, cells) == ["$60.00", "$40.00"]


def test_choosing_the_other_run_and_every_component(opened):
    browser = opened(1280)
    browser.find_element("css selector", "#run option:nth-child(2)").click()
    browser.find_element("id", "components").click()
    browser.implicitly_wait(5)
    assert "$115.00" in browser.find_element("id", "headline").text
    assert texts(browser, "[data-table=markets] td[data-column-id^=last_mile-]") == ["$0.00", "$65.00"]


def test_runs_side_by_side_and_the_split(opened):
    browser = opened(1280)
    assert "$15.00" in browser.find_element("id", "comparison").text
    split = browser.find_element("id", "alliance").text
    assert "Shapley value" in split
    assert "$65.00" in split
