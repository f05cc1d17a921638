"""The command that prices one order or one bulk shipment: quote."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands.options import NEWEST, AsJson
from optimizer.costing.enquiry import Enquiry, rate_source
from optimizer.costing.quote import quote as price_order
from optimizer.costing.quote_bulk import quote_bulk
from optimizer.report.answers import print_quote
from optimizer.report.bulk import print_bulk
from optimizer.report.command import guarded, out, parse_date, parse_dims, show

app = typer.Typer()


@app.command()
@guarded
def quote(
    origin: Annotated[str, typer.Option(help="Place the goods leave from.")],
    to: Annotated[str, typer.Option(help="Market or country; in bulk also a site or place.")],
    weight: Annotated[float, typer.Option(help="kg of one packed unit.", min=0)],
    value: Annotated[float, typer.Option(help="Selling price of one unit, before VAT.", min=0)],
    hs: Annotated[list[str], typer.Option(help="HS code; repeat for other goods in the parcel.")],
    date: Annotated[str, typer.Option(help="Day of sale, as 2026-11-10.")],
    dims: Annotated[str, typer.Option(help="cm of one packed unit, as 30x20x10.")] = "",
    qty: Annotated[int, typer.Option(help="Units in the order, or in the bulk shipment.", min=1)] = 1,
    bulk: Annotated[bool, typer.Option("--bulk", help="Price all units as one bulk shipment.")] = False,
    cbm: Annotated[
        float | None,
        typer.Option(help="m³ of a bulk shipment, instead of --dims; then kg and value are its own.", min=0),
    ] = None,
    currency: Annotated[str, typer.Option(help="Currency of the value.")] = "",
    unit_cost: Annotated[float | None, typer.Option(help="Purchase price of one unit.")] = None,
    cargo: Annotated[str, typer.Option(help="general, battery or liquid.")] = "general",
    member: Annotated[str, typer.Option(help="Firm of the scenario whose tax status counts.")] = "",
    rates: Annotated[
        Path, typer.Option(help="Scenario, or folder of rates.", show_default="the newest reference tables")
    ] = NEWEST,
    as_json: AsJson = False,
) -> None:
    """Price one order, or one bulk shipment, over every route on a day.

    Example: entrepot quote --origin Yiwu --to DE --weight 0.8 --dims 30x20x10 --value 25 --hs 950300
    --date 2026-11-10

    In bulk: entrepot quote --bulk --origin Yiwu --to DE --weight 3200 --cbm 18 --value 24000
    --hs 950300 --date 2026-11-10
    """
    source = rate_source(rates)
    if bulk and cbm:
        side = 100 * cbm ** (1 / 3)
        sides = (side, side, side)
    else:
        sides = parse_dims(dims)
    asked = Enquiry(
        origin=origin,
        to=to,
        weight_kg=weight,
        dims_cm=sides,
        value=value,
        hs=tuple(hs),
        date=parse_date(date),
        quantity=qty,
        currency=currency,
        unit_cost=unit_cost,
        cargo=cargo,
        member=member,
    )
    answer = quote_bulk(source, asked) if bulk else price_order(source, asked)
    if as_json:
        show(answer)
    else:
        print_bulk(out, answer) if bulk else print_quote(out, answer)
