"""Every figure that a report shows, read back out of the page and compared with the plan's tables."""

import pytest

from optimizer.report.language import phrases
from page_reading import cells, in_full, in_short, percent, rows, texts, wait

REAL = [
    "quickstart",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("eu_alliance", "eu_us_alliance")),
]
MODES = ("postal", "express", "line", "warehouse")
WORDS = phrases("en")


def money(amounts):
    """Amounts of one column: cents where all are small."""
    digits = 2 if max(map(abs, amounts), default=0.0) < 1000 else 0
    return [in_full(amount, digits) for amount in amounts]


@pytest.mark.parametrize("kind", REAL)
def test_the_first_screen(opened, reports, kind):
    browser, run = opened(kind, 1280), reports(kind).runs[0]
    plan, result = run.plan, run.manifest["result"]
    alone = sum(result["stand_alone_cost_by_member"].values())
    cost, opens = in_full(plan.cost), plan["openings"].sort_values("orders", ascending=False)
    assert texts(browser, "#answer-opens .figure")[0].startswith(f"{len(opens)} warehouse")
    shown = opens.head(4)
    assert texts(browser, "#answer-opens .name") == list(shown["name"])
    assert texts(browser, "#answer-opens .size") == list(shown["size"])
    assert texts(browser, "#answer-opens .load") == [f"{orders:,.0f} orders" for orders in shown["orders"]]
    if alone:
        saving = alone - plan.cost
        figure = f"{in_full(saving, 2 if saving < 1000 else 0)} {percent(100 * saving / alone)}"
        assert texts(browser, "#answer-saves .figure") == [figure]
        assert texts(browser, "#answer-saves .bar-figure") == [in_full(alone), cost]
        assert cost in browser.find_element("id", "headline").text
    assert texts(browser, "#answer-sure .bar-figure") == [in_full(result["bound"]), cost]
    promised = plan["market_service"].dropna(subset="promise_days")
    on_time = 100.0 * (1.0 - promised["late_orders"].sum() / promised["orders"].sum())
    carbon, orders = plan["carbon"]["co2_kg"].sum(), plan["flows"]["orders"].sum()
    tonnes = f"{carbon / 1000:,.{1 if carbon < 100_000 else 0}f} t CO₂e"
    assert texts(browser, "#cards .figure") == [cost, f"{orders:,.0f}", percent(on_time), tonnes]
    assert texts(browser, "#card-cost .detail") == [f"{in_full(plan.cost / orders, 2)} per order"]


def test_the_saving_and_its_proof_in_words(opened):
    browser = opened("hand_made", 1280)
    headline = browser.find_element("id", "headline").text
    assert headline == (
        "Open one warehouse: FR-LIL. Together the members pay $100.00, $10.00 (9.1%) less than each alone."
    )
    assert browser.find_element("id", "proof").text == "Proved: no plan can be cheaper by more than 1.23%."
    assert texts(browser, "#answer-sure .figure") == ["Within 1.23%"]
    assert texts(browser, "#card-on_time .figure") == ["90.0%"]


def test_a_plan_without_warehouse_saving_proof_or_promise_says_so(opened):
    browser = opened("bare", 1280)
    headline = browser.find_element("id", "headline").text
    assert headline == "Open no warehouse: every order goes direct. The plan costs $40.00."
    assert texts(browser, ".answer .figure") == ["No warehouse", "–", "Not proved"]
    assert browser.find_element("id", "proof").text == WORDS["proof.none"]
    assert texts(browser, "#card-on_time dd") == ["–", "no delivery time is promised"]


@pytest.mark.parametrize("kind", REAL)
def test_markets_line_by_line(opened, reports, kind):
    browser, plan = opened(kind, 1280), reports(kind).runs[0].plan
    service, costs = plan["market_service"], plan["costs"].groupby("market")["amount"].sum()
    orders = service.groupby("market")["orders"].sum().sort_values(ascending=False, kind="stable")
    assert cells(browser, "markets", "market") == list(orders.index)
    assert cells(browser, "markets", "orders") == [f"{amount:,.0f}" for amount in orders]
    assert cells(browser, "markets", "cost") == money([costs.get(market, 0.0) for market in orders.index])
    unit = [costs.get(market, 0.0) / amount for market, amount in orders.items()]
    assert cells(browser, "markets", "cost_per_order") == money(unit)
    weighted = service.assign(**{mode: service[f"{mode}_pct"] * service["orders"] for mode in MODES})
    by_market = weighted.groupby("market")[[*MODES, "late_orders"]].sum().reindex(orders.index)
    for mode in MODES:
        shares = by_market[mode] / orders
        assert cells(browser, "markets", f"{mode}_pct") == [percent(share) for share in shares]
    promised = service.dropna(subset="promise_days").groupby("market")["orders"].sum().reindex(orders.index)
    kept = 100.0 * (1.0 - by_market["late_orders"] / promised)
    assert cells(browser, "markets", "on_time_pct") == [
        "–" if share != share else percent(share) for share in kept
    ]


@pytest.mark.parametrize("kind", REAL)
def test_markets_by_component(opened, reports, kind):
    browser, plan = opened(kind, 1280), reports(kind).runs[0].plan
    browser.find_element("id", "components").click()
    last = list(plan.cost_by("component"))[-1]
    wait(
        browser, lambda: len(cells(browser, "markets", last)) == len(cells(browser, "markets", "market")) > 0
    )
    order = cells(browser, "markets", "market")
    table = plan["costs"].pivot_table(index="market", columns="component", values="amount", aggfunc="sum")
    for component in plan.cost_by("component"):
        given = table[component].reindex(order).fillna(0.0)
        assert cells(browser, "markets", component) == money(list(given)), component


@pytest.mark.parametrize("kind", REAL)
def test_lanes_openings_and_members(opened, reports, kind):
    browser, plan = opened(kind, 1280), reports(kind).runs[0].plan
    lanes = plan["shipments"]
    freight = lanes[[name for name in lanes.columns if name.startswith("cost_")]].sum(axis=1)
    assert cells(browser, "lanes", "orders") == [f"{amount:,.0f}" for amount in lanes["orders"]]
    assert cells(browser, "lanes", "arrival_period") == list(lanes["arrival_period"])
    assert cells(browser, "lanes", "cost") == money(list(freight))
    for name in ("cost_containers", "cost_lcl", "cost_air", "cost_fees"):
        shown = cells(browser, "lanes", name)
        assert shown == (money(list(lanes[name])) if lanes[name].any() else []), name
    openings = plan["openings"]
    assert cells(browser, "openings", "site") == list(openings["site"])
    assert cells(browser, "openings", "orders") == [f"{amount:,.0f}" for amount in openings["orders"]]
    assert cells(browser, "openings", "site_cost") == money(list(openings["cost"]))
    by = (
        plan["costs"]
        .pivot_table(index="component", columns="member", values="amount", aggfunc="sum")
        .fillna(0.0)
    )
    components = list(plan.cost_by("component"))
    assert cells(browser, "members", "component") == [
        *(WORDS[f"component.{one}"] for one in components),
        "Total",
    ]
    for member, total in plan.cost_by("member").items():
        assert cells(browser, "members", member) == money([*by[member].reindex(components), total])
    assert cells(browser, "members", "total") == money([*plan.cost_by("component").values(), plan.cost])


@pytest.mark.parametrize("kind", REAL)
def test_figures_in_the_charts(opened, reports, kind):
    browser, plan = opened(kind, 1280), reports(kind).runs[0].plan
    drawn = texts(browser, "#chart-cost svg .mark-text.role-mark text")
    amounts = plan.cost_by("component")
    shown = sorted(amounts, key=lambda name: -abs(amounts[name]))[:12]
    assert drawn[-1] == in_short(plan.cost)
    assert {in_short(amounts[name]) for name in shown} <= set(drawn)
    peak = plan["flows"].groupby("period")["orders"].sum().max()
    assert texts(browser, "#chart-throughput svg .mark-text.role-mark text")[-1] == f"{peak:,.0f}"
    stock = plan["site_periods"].groupby("period")["m3"].sum().max()
    assert (
        texts(browser, "#chart-stock svg .mark-text.role-mark text")[-1]
        == f"{stock:,.{1 if stock < 100 else 0}f}"
    )


def test_runs_side_by_side(opened, reports):
    browser, runs = opened("three_runs", 1280), reports("three_runs").runs
    first, *others = (run.plan for run in runs)
    headers, lines = rows(browser, "#comparison .pairs > div:nth-child(1) table")
    assert headers[:3] == ["Run", "Cost", "Change"]
    assert [line[1] for line in lines] == money([run.plan.cost for run in runs])
    assert [line[2] for line in lines] == money([run.plan.cost - first.cost for run in runs])
    titles = texts(browser, "#comparison h3")
    for view in ("component", "member", "market", "mode"):
        position = titles.index(WORDS[f"compare.{view}"]) + 1
        _, lines = rows(browser, f"#comparison .pairs > div:nth-child({position}) table")
        keys = [line[0] for line in lines]
        named = {
            WORDS.get(f"{view}.{key}", key): key for plan in (first, *others) for key in plan.cost_by(view)
        }
        base = [first.cost_by(view).get(named[key], 0.0) for key in keys]
        assert set(keys) == set(named)
        assert [line[1] for line in lines] == money(base)
        for step, plan in enumerate(others):
            there = [plan.cost_by(view).get(named[key], 0.0) for key in keys]
            assert [line[2 + 2 * step] for line in lines] == money(there)
            changes = [now - before for now, before in zip(there, base, strict=True)]
            assert [line[3 + 2 * step] for line in lines] == money(changes)


def test_the_split_of_an_alliance(opened):
    browser = opened("hand_made", 1280)
    assert rows(browser, "#alliance table")[1] == [
        ["each alone", "$70.00", "$40.00", ""],
        ["Shapley value", "$65.00", "$35.00", "yes"],
    ]
    assert WORDS["ui.alliance_holds"] in browser.find_element("id", "alliance").text


def test_a_warehouse_on_the_map_tells_its_figures(opened, reports):
    browser, plan = opened("quickstart", 1280), reports("quickstart").runs[0].plan
    browser.find_element("css selector", "#map .site.open").click()
    told = texts(browser, ".leaflet-popup-content")[0]
    site = plan["openings"].iloc[0]
    assert f"{site['name']} ({site['site']})" in told
    assert f"Orders: {site['orders']:,.0f}" in told
    assert f"Peak stock (m³): {site['peak_m3']:,.1f}" in told
