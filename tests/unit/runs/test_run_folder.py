"""Run folders appear complete or not at all, and never overwrite anything."""

import pytest

from optimizer.errors import InputError
from optimizer.runs.folder import claim, new_folder, probe
from optimizer.runs.manifest import changed_files, file_hashes
from optimizer.runs.store import read_run


def test_nothing_is_left_of_a_run_that_fails_while_it_is_written(tmp_path):
    with pytest.raises(ZeroDivisionError), claim(tmp_path / "run") as draft:
        (draft / "half.txt").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_never_overwritten(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "kept.txt").write_text("kept")
    with pytest.raises(InputError, match="never overwrites"), claim(tmp_path / "run"):
        pass
    assert (tmp_path / "run" / "kept.txt").read_text() == "kept"


def test_a_folder_that_appears_meanwhile_is_kept(tmp_path):
    with pytest.raises(InputError, match="appeared"), claim(tmp_path / "run"):
        (tmp_path / "run").mkdir()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_in_the_way_is_bad_input(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write there"):
        probe(tmp_path / "file" / "run")


def test_numbers_go_on_after_the_runs_that_are_there(tmp_path):
    (tmp_path / "demo-1").mkdir()
    (tmp_path / "demo-2").write_text("a file counts as taken too")
    assert new_folder("demo", tmp_path).name == "demo-3"


def test_changed_missing_and_added_files_are_all_named(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    recorded = file_hashes(tmp_path)
    (tmp_path / "a").write_text("changed")
    (tmp_path / "b").unlink()
    (tmp_path / "d").write_text("added")
    assert changed_files(tmp_path, recorded) == ["a", "b", "d"]


@pytest.mark.parametrize("text", [None, "", "[]", '{"format": 99}', '{"format": 1}'])
def test_what_is_no_run_is_bad_input(tmp_path, text):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError):
        read_run(tmp_path)
