"""Reports in a real browser: no error, no request, no barrier, and everything in them can be used."""

import json
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from optimizer.report.language import phrases
from page_reading import cells, texts, wait

AXE = Path(__file__).parent / "axe.min.js"
WIDTHS = (1280, 390)
SHIPPED = [pytest.param(name, marks=pytest.mark.slow) for name in ("eu_alliance", "eu_us_alliance")]
REAL = ["quickstart", "three_runs", *SHIPPED]
CUT_OFF = """return [...document.querySelectorAll('.chart')].flatMap((place) => {
    const frame = place.getBoundingClientRect(), drawn = place.querySelector('svg').getBoundingClientRect();
    return drawn.right > frame.right + 1 ? [place.parentElement.id] : [] })"""
LANDSCAPE_PX = 1032
"""What an A4 page on its side leaves between margins of 12 mm."""


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (390, "zh")])
@pytest.mark.parametrize("kind", ["hand_made", "bare", *REAL])
def test_it_opens_quietly_fits_the_screen_and_bars_nobody(opened, kind, width, language):
    browser = opened(kind, width, language)
    assert [line["message"] for line in browser.get_log("browser")] == []
    sent = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
    asked = [one["params"]["request"]["url"] for one in sent if one["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script(CUT_OFF) == []
    assert serious_faults(browser) == []


@pytest.mark.parametrize(("width", "language"), [(390, "en"), (1280, "zh")])
@pytest.mark.parametrize("kind", ["quickstart", *SHIPPED])
def test_each_language_at_each_width(opened, kind, width, language):
    browser = opened(kind, width, language)
    assert [line["message"] for line in browser.get_log("browser")] == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert serious_faults(browser) == []


def serious_faults(browser):
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[0])")
    return [
        (fault["id"], [node["html"][:120] for node in fault["nodes"][:3]])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", REAL)
def test_layers_sorting_search_and_language(opened, reports, kind, width):
    browser, plan = opened(kind, width), reports(kind).runs[0].plan
    markets = plan["market_service"].groupby("market")["name"].first()
    assert len(texts(browser, "#map .market")) == len(markets)
    layer = browser.find_element("xpath", "//*[@id='layers']//label[contains(., 'Markets')]//input")
    layer.click()
    assert texts(browser, "#map .market") == []
    layer.click()
    assert len(texts(browser, "#map .market")) == len(markets)

    browser.find_element("css selector", "[data-table=markets] th[data-column-id^=cost-] button").click()
    costs = plan["costs"].groupby("market")["amount"].sum().reindex(markets.index)
    wait(browser, lambda: cells(browser, "markets", "market") == list(costs.sort_values().index))

    wanted = markets.index[-1]
    if len(markets) > 8:
        search = browser.find_element("css selector", "[data-table=markets] input")
        search.send_keys(markets[wanted])
        holds = [code for code, name in markets.items() if markets[wanted].lower() in name.lower()]
        wait(browser, lambda: sorted(cells(browser, "markets", "market")) == sorted(holds))
        search.send_keys(Keys.BACKSPACE * len(markets[wanted]))
        wait(browser, lambda: len(cells(browser, "markets", "market")) == len(markets))
    else:  # few markets need no search: what members pay by component has enough lines for one
        search = browser.find_element("css selector", "[data-table=members] input")
        search.send_keys("last mile")
        wait(browser, lambda: set(cells(browser, "members", "component")) == {"Last mile"})

    browser.find_element("css selector", "[data-language=zh]").click()
    wait(browser, lambda: "市场" in texts(browser, "h2"))
    assert browser.execute_script("return document.documentElement.lang") == "zh-CN"
    assert browser.find_element("id", "headline").text.startswith("启用")


def test_everything_can_be_reached_and_done_with_the_keyboard(opened):
    browser = opened("hand_made", 1280)

    def press(*keys):
        ActionChains(browser).send_keys(*keys).perform()

    def tab_to(script):
        """Press Tab until the element in focus satisfies a script."""
        for _ in range(60):
            press(Keys.TAB)
            if browser.execute_script(f"const one = document.activeElement; return {script}"):
                return
        raise AssertionError(script)

    tab_to("one.className === 'skip'")
    tab_to("one.dataset.language === 'zh'")
    press(Keys.ENTER)
    wait(browser, lambda: "市场" in texts(browser, "h2"))
    named = "one.closest('label').textContent.includes('市场')"
    tab_to(f"one.type === 'checkbox' && one.closest('#layers') && {named}")
    press(Keys.SPACE)
    assert texts(browser, "#map .market") == []
    before = browser.execute_script(
        "return document.querySelector('#map .leaflet-control-scale').textContent"
    )
    tab_to("one.id === 'map'")
    press("+")
    scale = "return document.querySelector('#map .leaflet-control-scale').textContent"
    wait(browser, lambda: browser.execute_script(scale) != before)
    tab_to("one.className.includes?.('site open')")
    press(Keys.ENTER)
    wait(browser, lambda: texts(browser, ".leaflet-popup-content strong") == ["Lille (FR-LIL)"])
    tab_to("one.id === 'components'")
    press(Keys.SPACE)
    head = "[data-table=markets] th[data-column-id^=last_mile-]"
    wait(browser, lambda: texts(browser, f"{head} .gridjs-sort-neutral"))
    tab_to(f"one.closest('{head}')")
    press(Keys.ENTER)
    wait(browser, lambda: texts(browser, f"{head} .gridjs-sort-asc"))
    press(Keys.ENTER)
    wait(browser, lambda: cells(browser, "markets", "market") == ["FR", "DE"])


def test_choosing_the_other_run(opened):
    browser = opened("hand_made", 1280)
    browser.find_element("css selector", "#run option:nth-child(2)").click()
    wait(browser, lambda: "$115.00" in browser.find_element("id", "headline").text)
    wait(browser, lambda: cells(browser, "markets", "cost") == ["$40.00", "$75.00"])


@pytest.mark.parametrize("kind", REAL)
def test_no_table_is_cut_off_on_paper(opened, browser, kind):
    opened(kind, LANDSCAPE_PX)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        every = "[...document.querySelectorAll('.wide table')]"
        beyond = f"return {every}.map((one) => one.scrollWidth - one.closest('.wide').clientWidth)"
        assert max(browser.execute_script(beyond)) <= 0
        hidden = "one.scrollHeight > one.clientHeight + 1"
        boxes = (
            f"return {every}.filter((table) => {{ const one = table.parentElement; return {hidden} }}).length"
        )
        assert browser.execute_script(boxes) == 0
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_catchments_can_be_shown(opened):
    browser = opened("quickstart", 1280)
    shapes = "#map path.leaflet-interactive[stroke-dasharray='4 3']"
    assert texts(browser, shapes) == []
    label = phrases("en")["layer.catchments"]
    browser.find_element("xpath", f"//*[@id='layers']//label[contains(., '{label}')]//input").click()
    assert len(texts(browser, shapes)) == 1
