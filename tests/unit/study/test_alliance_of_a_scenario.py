"""The cost game of a scenario: its values are the costs of the pipeline's own plans."""

import pytest

from optimizer import pipeline
from optimizer.errors import InputError
from optimizer.study.alliance import alliance, member_sizes
from small_scenarios import one_member


@pytest.fixture(scope="module")
def pair(tmp_path_factory, scenarios_dir):
    """Two firms of the quickstart."""
    path = one_member(tmp_path_factory.mktemp("pair"), scenarios_dir, name="pair")
    path.write_text(path.read_text().replace('["lantern"]', '["lantern", "brightwear"]'))
    return pipeline.load(path)


def test_values_are_those_of_the_pipeline_and_splits_add_up(pair):
    result = alliance(pair, rules=["shapley", "proportional_orders"])
    together = pipeline.solve(pair)
    assert result.game.total == pytest.approx(together.objective, rel=1e-6)
    alone = dict(zip(result.game.players, result.game.alone(), strict=True))
    assert alone == pytest.approx(dict(together.stand_alone), rel=1e-6)
    for allocation in result.allocations.values():
        assert allocation.shares.sum() == pytest.approx(together.objective, rel=1e-9)


def test_sizes_are_orders_and_the_goods_in_them(pair):
    sizes = member_sizes(pair)
    demand = pair["demand"].merge(pair["products"], on="product")
    orders = demand.groupby("member")["orders"].sum()
    assert sizes["orders"].tolist() == [orders[member] for member in pair.members]
    assert (sizes["volume"] > 0).all() and (sizes["weight"] > 0).all()


def test_nothing_to_split_where_nothing_is_shared(pair, tmp_path, scenarios_dir):
    path = one_member(tmp_path, scenarios_dir, "[model]\nsharing = false\n")
    path.write_text(path.read_text().replace('["lantern"]', '["lantern", "brightwear"]'))
    with pytest.raises(InputError, match="sharing"):
        alliance(path)
