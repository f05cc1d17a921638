"""Sub-coalitions."""

from pathlib import Path

import pandas as pd
import pytest

from mini_scenario import write_mini
from optimizer.errors import InputError
from optimizer.scenario import Instance, load, restrict


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return load(write_mini(tmp_path_factory.mktemp("mini")))


def test_coalition_keeps_its_own_demand_and_all_that_is_common(mini: Instance) -> None:
    alone = restrict(mini, ["toys"])
    assert alone.members == ("toys",)
    assert alone["demand"]["product"].tolist() == ["bear"]
    assert list(alone["demand"].index) == [0]
    for name in ("markets", "periods", "sites", "services", "lanes", "freight_rates", "fx_rates"):
        pd.testing.assert_frame_equal(alone[name], mini[name])


def test_coalition_equals_loading_with_the_same_members(tmp_path: Path, mini: Instance) -> None:
    loaded = load(write_mini(tmp_path), members=["lantern"])
    for name, frame in restrict(mini, ["lantern"]).tables.items():
        pd.testing.assert_frame_equal(loaded[name], frame)


def test_grand_coalition_changes_nothing_and_the_input_stays(mini: Instance) -> None:
    before = {name: frame.copy() for name, frame in mini.tables.items()}
    whole = restrict(mini, list(mini.members))
    restrict(mini, ["toys"])
    for name, frame in before.items():
        pd.testing.assert_frame_equal(whole[name], frame)
        pd.testing.assert_frame_equal(mini[name], frame)


def test_unknown_member_or_nobody_is_an_error(mini: Instance) -> None:
    with pytest.raises(InputError, match="Did you mean 'lantern'"):
        restrict(mini, ["lamtern"])
    with pytest.raises(InputError, match="A coalition needs a member"):
        restrict(mini, [])
