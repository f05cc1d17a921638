"""Faults across tables: facts that are each allowed but do not go together."""

from pathlib import Path

import pytest

from one_fault import Change, add, both, only_fault, swap

CASES: dict[str, tuple[Change, str]] = {
    "order_mix_of_90": (
        swap("order_mix", "lamp,1,1,80", "lamp,1,1,70"),
        "tables/order_mix.csv row 2 column share_pct: found '90': The shares of a product's orders "
        "add up to 100 %. Those of lamp add up to 90: mend one.",
    ),
    "p95_below_mean": (
        swap("lanes", "CN,DE,DE,12,21", "CN,DE,DE,21,12"),
        "tables/lanes.csv row 2 column days_p95: found '12': The time that 95 % keep cannot be "
        "shorter than the mean. Write at least 21, or exchange the two.",
    ),
    "promise_without_days": (
        swap("markets", "PL,Poland,PL,52.1,19.4,false,,0", "PL,Poland,PL,52.1,19.4,false,,80"),
        "tables/markets.csv row 3 column promise_share_pct: found '80': A share of orders is "
        "promised, but promise_days is empty. Give promise_days, or set the share to 0.",
    ),
    "parcel_without_card": (
        swap("services", "dhl-de-2026,,courier", ",,courier"),
        "tables/services.csv row 4 column rate_card: A parcel or last-mile service needs a rate card. "
        "Name a card of rate_cards.",
    ),
    "export_without_regime": (
        swap("services", "epacket-2026,9610", "epacket-2026,"),
        "tables/services.csv row 2 column regime: A service that leaves the country needs an export "
        "regime. Name a regime of export_regimes.",
    ),
    "freight_in_parcel_lanes": (
        add("lanes", "sea-eu,CN,DE,,38,48,2026-01-01,quote,sourced"),
        "tables/lanes.csv row 6 column service: found 'sea-eu': lanes holds parcel and last-mile "
        "services, this one carries freight. Move the row to freight_lanes, or name a parcel service.",
    ),
    "parcels_in_freight_lanes": (
        both(add("freight_lanes", "epacket,CNNGB,DEHAM,12,21,2026-01-01,quote,sourced")),
        "tables/freight_lanes.csv row 3 column service: found 'epacket': freight_lanes holds freight "
        "services, this one carries parcels. Move the row to lanes, or name a service of mode sea, "
        "air, rail or truck.",
    ),
    "lane_without_rate": (
        add("freight_lanes", "sea-eu,DEHAM,CNNGB,38,48,2026-01-01,index,sourced"),
        "tables/freight_lanes.csv row 3 column service: found 'sea-eu / DEHAM / CNNGB': freight_rates "
        "has no rate for this lane. Add a row for sea-eu / DEHAM / CNNGB to freight_rates, or remove "
        "the lane.",
    ),
    "mode_of_a_rate": (
        swap("freight_rates", "sea-eu,sea,CNNGB,DEHAM,lcl", "sea-eu,air,CNNGB,DEHAM,lcl"),
        "tables/freight_rates.csv row 3 column mode: found 'air': The mode differs from that of the "
        "service. Write sea, or name another service.",
    ),
    "container_not_described": (
        swap("freight_rates", "DEHAM,40HQ", "DEHAM,20GP"),
        "tables/freight_rates.csv row 2 column unit: found '20GP': The table containers does not "
        "describe this container. Add it to containers.",
    ),
    "surcharge_without_threshold": (
        swap("surcharges", "always", "side_over_cm"),
        "tables/surcharges.csv row 2 column threshold: found 'side_over_cm': The condition needs a "
        "threshold. Give the side in cm or the weight in kg.",
    ),
    "surcharge_as_a_share": (
        swap("surcharges", "parcel,0.19", "pct_of_base,0.19"),
        "tables/surcharges.csv row 2 column amount: found '0.19': A surcharge in percent lies between "
        "0.5 and 500. Write percent: 28 percent is 28, not 0.28.",
    ),
    "site_without_size": (
        swap("sites", "21.01,de-3pl,Closed", "21.01,de-3pl,Consider")
        if 0
        else both(swap("site_sizes", "DE-HAM,medium,lease,6640,900,9000,EUR,quote,sourced\n", "")),
        "tables/sites.csv row 2 column site: found 'DE-HAM': The site has no row in site_sizes, so it "
        "cannot open. Add a size, or set its status to Closed.",
    ),
    "hub_of_another_kind": (
        swap("places", "Rotterdam hub,NL,hub", "Rotterdam hub,NL,port"),
        "tables/hubs.csv row 2 column hub: found 'NLRTM-HUB': A hub is a place of kind hub. It is a "
        "port in places: set its kind to hub, or name another place.",
    ),
    "rule_without_value": (
        swap("rules", "max_open,,1", "max_open,,"),
        "tables/rules.csv row 2 column value: found 'max_open': A rule of this kind needs a value. "
        "Give the number of sites, the money, the kg or the orders.",
    ),
    "requires_one_site": (
        swap("rules", "max_open,,1", "requires,DE-HAM,"),
        "tables/rules.csv row 2 column sites: found 'DE-HAM': requires takes two or more sites, at_most_one "
        "two or more (or all). Write the keys of the sites, separated by spaces.",
    ),
    "nobody_takes_part": (
        both(
            swap("members", "true,8,Include", "true,8,Exclude"),
            swap("members", "false,10,Include", "false,10,Exclude"),
        ),
        "mini.toml: No demand is left after members, products, statuses and zero orders are "
        "considered. Include a member that has orders.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    change, message = CASES[name]
    assert only_fault(tmp_path, change) == message
