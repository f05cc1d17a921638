"""Faults of the scenario file itself: TOML, sections, keys, layers, inheritance, paths."""

from pathlib import Path

import pytest

from mini_scenario import SCENARIO, write_mini
from one_fault import faults_of, only_fault, swap

CASES: dict[str, tuple[str, str, str]] = {
    "broken_toml": (
        "gap = 0.001",
        "gap = = 0.001",
        "mini.toml line 8, column 7: found 'gap = = 0.001': The file is not valid TOML: invalid "
        "value. Mend the line.",
    ),
    "unclosed_list": (
        'tables = ["tables"]',
        'tables = ["tables"',
        "mini.toml line 5, column 1: found 'currency = \"USD\"': The file is not valid TOML: unclosed "
        "array. Mend the line.",
    ),
    "key_twice": (
        "gap = 0.001",
        "gap = 0.001\ngap = 0.01",
        "mini.toml line 9, column 11: found 'gap = 0.01': The file is not valid TOML: cannot "
        "overwrite a value. Mend the line.",
    ),
    "unknown_section": (
        "[solve]",
        "[solver]",
        "mini.toml: found 'solver': A scenario file has no such section. Did you mean 'solve'?",
    ),
    "unknown_key": (
        "gap = 0.001",
        "gapp = 0.001",
        "mini.toml [solve]: found 'gapp': The section has no such key. Did you mean 'gap'?",
    ),
    "text_for_a_flag": (
        "[solve]",
        '[model]\nsharing = "yes"\n[solve]',
        "mini.toml [model] key sharing: found 'yes': It should be a valid boolean. sharing: False: "
        "every member has its own copy of each site and no pooled freight.",
    ),
    "gap_of_two": (
        "gap = 0.001",
        "gap = 2.0",
        "mini.toml [solve] key gap: found '2.0': It should be less than or equal to 1. gap: "
        "Relative gap at which to stop; 0.001 is 0.1 %.",
    ),
    "no_threads": (
        "gap = 0.001",
        "threads = 0",
        "mini.toml [solve] key threads: found '0': It should be greater than or equal to 1. "
        "threads: Threads.",
    ),
    "endless_time_limit": (
        "gap = 0.001",
        "time_limit_s = inf",
        "mini.toml [solve] key time_limit_s: found 'inf': It should be a finite number. "
        "time_limit_s: Seconds after which to stop; by default none.",
    ),
    "format_of_the_future": (
        "format = 1",
        "format = 2",
        "mini.toml [scenario] key format: found '2': It should be 1. format: Version of the scenario format.",
    ),
    "no_currency": (
        'currency = "USD"\n',
        "",
        'mini.toml [scenario]: The key currency is missing. Add it, as in currency = "USD".',
    ),
    "unknown_currency": (
        'currency = "USD"',
        'currency = "RMB"',
        "mini.toml [scenario] key currency: found 'RMB': It is not a currency code of ISO 4217. Did "
        "you mean 'CNY'?",
    ),
    "no_tables": (
        'tables = ["tables"]\n',
        "",
        'mini.toml [scenario]: The key tables is missing. Add it, as in tables = ["tables"].',
    ),
    "text_for_a_list": (
        'tables = ["tables"]',
        'tables = "tables"',
        "mini.toml [scenario] key tables: found 'tables': It should be a valid list. tables: "
        "Layers: CSV folders, .xlsx workbooks or SQL URLs; later layers win, row by key.",
    ),
    "misspelt_layer": (
        'tables = ["tables"]',
        'tables = ["tabels"]',
        "mini.toml [scenario] key tables: found 'tabels': There is no such folder or workbook. Did "
        "you mean 'tables'?",
    ),
    "layer_nowhere": (
        'tables = ["tables"]',
        'tables = ["../nowhere/tables"]',
        "mini.toml [scenario] key tables: found '../nowhere/tables': There is no such folder or "
        "workbook. Give a path relative to the scenario file.",
    ),
    "file_for_a_layer": (
        'tables = ["tables"]',
        'tables = ["tables/demand.csv"]',
        "mini.toml [scenario] key tables: found 'tables/demand.csv': A layer is a folder of CSV "
        "files, an .xlsx workbook or a database URL. Name the folder that holds it.",
    ),
    "lock_file": (
        'tables = ["tables"]',
        'tables = ["~$book.xlsx"]',
        "mini.toml [scenario] key tables: found '~$book.xlsx': This is the lock file of a workbook "
        "that is open in Excel. Name the workbook: book.xlsx.",
    ),
    "edit_with_single_brackets": (
        "[solve]",
        '[edit]\ntable = "demand"\n[solve]',
        "mini.toml [edit]: Edits are a list. Write [[edit]] with two brackets.",
    ),
    "unknown_member_chosen": (
        'currency = "USD"',
        'currency = "USD"\nmembers = ["lamtern"]',
        "mini.toml [scenario] key members: found 'lamtern': No member is called like this. Did you "
        "mean 'lantern'?",
    ),
    "nobody_chosen": (
        'currency = "USD"',
        'currency = "USD"\nmembers = []',
        "mini.toml [scenario] key members: found '[]': List should have at least 1 item. members: "
        "Members that take part; by default all.",
    ),
    "unknown_unusual_column": (
        'currency = "USD"',
        'currency = "USD"\nunusual = ["products.weight"]',
        "[scenario] key unusual: found 'products.weight': No table has such a column. Did you mean "
        "'products.weight_kg'?",
    ),
    "extends_nothing": (
        'currency = "USD"',
        'currency = "USD"\nextends = "base.toml"',
        "mini.toml [scenario] key extends: found 'base.toml': There is no such scenario file to "
        "extend. Give a path relative to this file.",
    ),
    "extends_itself": (
        'currency = "USD"',
        'currency = "USD"\nextends = "mini.toml"',
        "mini.toml [scenario] key extends: found 'mini.toml': The scenario extends itself: "
        "mini.toml → mini.toml. Break the circle.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path: Path) -> None:
    old, new, message = CASES[name]
    assert SCENARIO.count(old) == 1
    assert only_fault(tmp_path, None, SCENARIO.replace(old, new)) == message


def test_circle_of_two(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('[scenario]\nextends = "mini.toml"\n')
    scenario = SCENARIO.replace("format = 1", 'extends = "other.toml"')
    assert only_fault(tmp_path, None, scenario) == (
        "other.toml [scenario] key extends: found 'mini.toml': The scenario extends itself: "
        "mini.toml → other.toml → mini.toml. Break the circle."
    )


def test_fault_of_an_extended_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("[model]\nahead_periods = -1\n")
    scenario = SCENARIO.replace("format = 1", 'extends = "base.toml"')
    assert only_fault(tmp_path, None, scenario).startswith("base.toml [model] key ahead_periods: found '-1'")


def test_misspelt_scenario(tmp_path: Path) -> None:
    path = write_mini(tmp_path).with_name("minni.toml")
    assert faults_of(path) == [f"{path}: There is no such file. Did you mean 'mini.toml'?"]


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "mini.toml"
    assert faults_of(path) == [f"{path}: There is no such file. Check the path."]


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    message = f"{tmp_path}: This is a folder, not a scenario file. Name the .toml file in it."
    assert faults_of(tmp_path) == [message]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty. Start it with [scenario]"),
        (b" \n", "The file is empty."),
        (b"PK\x03\x04\x00\x00", "The file is binary. A scenario is a TOML text file."),
        (b"\xff\xfe[\x00", "mini.toml line 1: The file is not UTF-8 text."),
        ('[scenario]\nname = "Köln"\n'.encode("latin-1"), "mini.toml line 2: The file is not UTF-8 text."),
    ],
)
def test_content_that_is_no_text(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mini.toml"
    path.write_bytes(content)
    faults = faults_of(path)
    assert len(faults) == 1
    assert message in faults[0]


def test_chosen_member_is_excluded(tmp_path: Path) -> None:
    change = swap("members", "false,10,Include", "false,10,Exclude")
    scenario = SCENARIO.replace("format = 1", 'members = ["toys"]')
    assert only_fault(tmp_path, change, scenario) == (
        "mini.toml [scenario] key members: found 'toys': The member is chosen here, but its status in "
        "members is Exclude. Set its status to Include, or leave it out of the list."
    )


def test_member_of_the_command_line_is_unknown(tmp_path: Path) -> None:
    message = "--members: found 'nobody': No member is called like this. Use one of: lantern, toys."
    assert only_fault(tmp_path, members=["nobody"]) == message


@pytest.mark.parametrize("key", ["tables", "extends"])
def test_name_too_long_for_the_system(key: str, tmp_path: Path) -> None:
    name = "x" * 5000
    old, new = ('["tables"]', f'["{name}"]') if key == "tables" else ("format = 1", f'extends = "{name}"')
    message = only_fault(tmp_path, None, SCENARIO.replace(old, new))
    assert message.startswith("mini.toml [scenario] key")


def test_scenario_name_too_long_for_the_system(tmp_path: Path) -> None:
    assert faults_of(tmp_path / ("x" * 5000))[0].endswith("There is no such file. Check the path.")
