"""The text form of edits."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.scenario.edits import edit_text, parse_edits
from optimizer.scenario.settings import EditSection

WORDS = st.sampled_from(["a", "it's", 'say "so"', "a; b", "x=y", "", "'", "mode == 'sea'", "2026-11-01"])


@settings(deadline=None)
@given(
    st.one_of(
        st.builds(
            EditSection, table=st.just("demand"), column=st.just("orders"), multiply=st.floats(-1e9, 1e9)
        ),
        st.builds(EditSection, table=st.just("demand"), column=st.just("orders"), add=st.integers(-9, 9)),
        st.builds(EditSection, table=st.just("members"), column=st.just("name"), set=WORDS),
        st.builds(
            EditSection, table=st.just("lanes"), where=st.just("zone == 'a;b=c'"), delete=st.just(True)
        ),
    )
)
def test_what_is_printed_is_read_again(edit: EditSection) -> None:
    parsed, faults = parse_edits([edit_text(edit)])
    assert not faults
    found = parsed[0].edit
    assert (found.table, found.where, found.column, found.delete) == (
        edit.table,
        edit.where,
        edit.column,
        edit.delete,
    )
    assert found.set == edit.set
    if edit.multiply is not None:
        assert found.multiply == pytest.approx(edit.multiply, rel=1e-11)
    assert found.add == edit.add


def test_date_of_a_toml_file_is_printed_as_a_date() -> None:
    edit = EditSection(table="periods", column="end", set=dt.date(2026, 12, 24))
    assert edit_text(edit) == "table=periods; column=end; set=2026-12-24"


def test_numbers_of_the_edits_count_from_one() -> None:
    _, faults = parse_edits(["table=demand; column=orders; set=1", "nonsense"])
    assert [fault.where for fault in faults] == ["--edit 2"]
