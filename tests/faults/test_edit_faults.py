"""Faults of edits: an edit that cannot be read, fits nothing, or leaves a fault behind."""

from pathlib import Path

import pytest

from mini_scenario import SCENARIO
from one_fault import only_fault

CASES: dict[str, tuple[str, str]] = {
    "no_key": (
        "nonsense",
        "--edit 1: found 'nonsense': An edit is a list of key=value. Write it as in "
        "\"table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35\".",
    ),
    "unknown_table": (
        "table=demnd; column=orders; multiply=2",
        "--edit 1: found 'demnd': There is no such table. Did you mean 'demand'?",
    ),
    "unknown_column": (
        "table=demand; column=order; multiply=2",
        "--edit 1: found 'order': The table demand has no such column. Did you mean 'orders'?",
    ),
    "unknown_key": (
        "tabel=demand; table=demand; column=orders; multiply=2",
        "--edit 1: found 'tabel': The section has no such key. Did you mean 'table'?",
    ),
    "key_twice": (
        "table=demand; table=demand; column=orders; multiply=2",
        "--edit 1: found 'table': The key stands twice. Give one edit per --edit.",
    ),
    "word_for_a_factor": (
        "table=demand; column=orders; multiply=two",
        "--edit 1: found 'two': multiply takes a number. Write it as in \"table=freight_rates; "
        "where=mode == 'sea'; column=amount; multiply=1.35\".",
    ),
    "factor_that_is_no_number": (
        "table=demand; column=orders; multiply=nan",
        "--edit 1 key multiply: found 'nan': It should be a finite number. multiply: Factor on the values.",
    ),
    "no_action": (
        "table=demand; column=orders",
        "--edit 1: An edit needs exactly one of multiply, add, set, delete. Write it as in "
        "\"table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35\".",
    ),
    "two_actions": (
        "table=demand; column=orders; multiply=2; add=3",
        "--edit 1: found 'multiply, add': An edit needs exactly one of multiply, add, set, delete. "
        "Write it as in \"table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35\".",
    ),
    "text_multiplied": (
        "table=demand; column=product; multiply=2",
        "--edit 1: found 'product': product is no number, so multiply does not apply. Use set.",
    ),
    "no_row_matches": (
        "table=demand; where=market == 'FR'; column=orders; multiply=2",
        "--edit 1 key where: found \"market == 'FR'\": No row of demand (5 rows) matches. Check the "
        "names and values in where.",
    ),
    "unknown_column_in_where": (
        "table=demand; where=markt == 'DE'; column=orders; multiply=2",
        "--edit 1 key where: found \"markt == 'DE'\": There is no column markt. Did you mean 'market'?",
    ),
    "assignment_in_where": (
        "table=demand; where=market = 'DE'; column=orders; multiply=2",
        "--edit 1 key where: found \"market = 'DE'\": The condition cannot be read. Write it as in "
        "\"mode == 'sea'\".",
    ),
    "text_without_quotes": (
        "table=demand; where=market == DE; column=orders; multiply=2",
        "--edit 1 key where: found 'market == DE': There is no column DE. Use one of: market, "
        "orders, period, product. A text stands in quotes: 'DE'.",
    ),
    "number_compared_with_text": (
        "table=demand; where=orders == 'x'; column=orders; multiply=2",
        "--edit 1 key where: found \"orders == 'x'\": orders and 'x' are of different types. Put "
        "texts in quotes and leave numbers without.",
    ),
    "no_date_in_where": (
        "table=periods; where=start == 'May'; column=end; set=2026-12-31",
        "--edit 1 key where: found \"start == 'May'\": 'May' is not a date. Write it as in '2026-11-30'.",
    ),
    "call_in_where": (
        "table=demand; where=__import__('os').system('true'); column=orders; multiply=2",
        "--edit 1 key where: found \"__import__('os').system('true')\": "
        "\"__import__('os').system('true')\" is neither true nor false. Compare a column with a "
        "value, as in \"mode == 'sea'\".",
    ),
    "method_in_where": (
        "table=demand; where=orders.mean() > 3; column=orders; multiply=2",
        "--edit 1 key where: found 'orders.mean() > 3': 'orders.mean()' is neither a column nor a "
        "value. Compare columns with texts in quotes and numbers only.",
    ),
    "fraction_of_units": (
        "table=order_mix; column=units; multiply=1.3",
        "--edit 1 column units: found '1.3': units must stay a whole number. Choose another factor, "
        "or use set.",
    ),
    "set_to_no_number": (
        "table=demand; column=orders; set=many",
        "--edit 1 column orders: found 'many': It is not a number. Write a number, as in 420.",
    ),
    "set_to_no_choice": (
        "table=sites; column=status; set=Cosed",
        "--edit 1 column status: found 'Cosed': It must be one of: Open, Closed, Consider. Did you "
        "mean 'Closed'?",
    ),
    "delete_maybe": (
        "table=demand; delete=maybe",
        "--edit 1: found 'maybe': delete takes true and nothing else. Write it as in "
        "\"table=freight_rates; where=mode == 'sea'; column=amount; multiply=1.35\".",
    ),
    "delete_with_column": (
        "table=demand; column=orders; delete=true",
        "--edit 1: found 'orders': delete takes no column. Remove the column: delete takes whole rows.",
    ),
    "negative_result": (
        "table=demand; where=orders > 500; column=orders; add=-600",
        "tables/demand.csv (edited) row 3 column orders: found '-90': It must be at least 0 orders. "
        "Write a value as in 420.",
    ),
    "key_made_twice": (
        "table=demand; column=market; set=DE",
        "tables/demand.csv (edited) row 4 column product: found 'lamp / DE / 2026-11': After the edits the "
        "key (product + market + period) stands twice in demand. Remove or change this row or row 2.",
    ),
    "reference_broken": (
        "table=demand; where=market == 'PL' and orders > 0; column=market; set=FR",
        "tables/demand.csv (edited) row 4 column market: found 'FR': The table markets has no such "
        "market. Use one of: DE, PL.",
    ),
    "everything_deleted": (
        "table=demand; delete=true",
        "mini.toml: No demand is left after members, products, statuses and zero orders are "
        "considered. Include a member that has orders.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    edit, message = CASES[name]
    assert only_fault(tmp_path, edits=[edit]) == message


def test_edit_in_a_scenario_file_is_named_by_file_and_number(tmp_path: Path) -> None:
    edits = """
[[edit]]
table = "demand"; column = "orders"; multiply = 2

[[edit]]
table = "demand"; column = "orders"; where = "market == 'FR'"; multiply = 2
""".replace("; ", "\n")
    assert only_fault(tmp_path, None, SCENARIO + edits).startswith("mini.toml [[edit]] 2 key where: found")
