"""A start is found again by what its items stand for, whatever their numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer import pipeline
from optimizer.errors import InputError
from optimizer.optimise import Model, optimise
from optimizer.plan.item_keys import item_keys
from optimizer.plan.keys import ItemKeys
from optimizer.runs.start import Start, read_start, write_start
from optimizer.scenario import load, restrict
from optimizer.solver.carried import Carried
from optimizer.solver.lane_start import LaneStart, SiteNodes
from optimizer.solver.solution import Prices
from optimizer.solver.warm import Warm, warm_from


def keys(**kinds: list[int]) -> ItemKeys:
    named = {kind: np.array(kinds.get(kind, []), dtype=np.uint64) for kind in ItemKeys.__dataclass_fields__}
    return ItemKeys(**named)


def start() -> Start:
    """Rows 10, 11; measures 20, 21; gates 30, 31; sizes 40, 41; link prices on (10, 31) and (11, 30)."""
    no = np.zeros(0)
    prices = Prices(
        np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([0, 1]), np.array([1, 0]),
        np.array([5.0, 6.0]), no,
    )  # fmt: skip
    node = np.array([[7.0, 8.0], [9.0, 9.5]])
    lanes = LaneStart(
        row=np.array([0.1, 0.2]), measure=np.array([[0.3, 0.4], [np.nan, 0.5]]), weight=np.array([0.6, 0.7]),
        link_row=np.array([0, 1]), link_gate=np.array([1, 0]), link_size=np.array([2, 3]),
        link_price=np.array([0.8, 0.9]), rule=no, claim_row=np.array([1, 0]), claim_measure=np.array([1, 0]),
        claim_price=np.array([1.1, 1.2]), demand=np.array([3.0, 4.0]), proved=7.5,
    )  # fmt: skip
    sites = SiteNodes(
        count=np.array([1, 1, 2]), region=np.ones((2, 3), dtype=bool),
        allowed=np.array([[True, False, True], [True, True, False]]), must=np.eye(2, 3, dtype=bool),
        share=np.array([[0.25, np.nan, 0.5], [0.75, np.nan, 1.0]]),
        shift=replace(
            lanes, row=np.arange(6.0).reshape(2, 3), measure=np.ones((2, 2, 3)), weight=np.ones((2, 3)),
            link_price=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), rule=np.zeros((0, 3)),
            claim_price=np.ones((2, 3)),
        ),
    )  # fmt: skip
    warm = Warm(prices, np.array([True, False]), np.array([False, True]), node=node, lanes=lanes, sites=sites)
    return Start(keys(row=[10, 11], measure=[20, 21], gate=[30, 31], size=[40, 41], node=[50, 51]), warm)


def test_items_are_found_in_another_order_and_new_ones_are_unknown() -> None:
    other = keys(row=[11, 12, 10], measure=[21], gate=[31, 30, 32], size=[41, 42, 40], node=[52, 50])
    found = start().for_items(other)
    assert found.prices is not None and found.size is not None and found.gate is not None
    np.testing.assert_array_equal(found.node, [[np.nan, np.nan], [7.0, 8.0]])
    np.testing.assert_array_equal(found.prices.row, [2.0, np.nan, 1.0])
    np.testing.assert_array_equal(found.prices.measure, [4.0])
    links = set(zip(found.prices.link_row, found.prices.link_gate, found.prices.link_price, strict=True))
    assert links == {(2, 0, 5.0), (0, 1, 6.0)}
    assert found.lanes is not None
    np.testing.assert_array_equal(found.lanes.row, [0.2, np.nan, 0.1])
    np.testing.assert_array_equal(found.lanes.measure, [[np.nan, 0.5]])
    np.testing.assert_array_equal(found.lanes.weight, [0.7])
    lanes = found.lanes
    kept = zip(lanes.link_row, lanes.link_gate, lanes.link_size, lanes.link_price, strict=True)
    assert set(kept) == {(2, 0, 2, 0.8), (0, 1, 3, 0.9)}
    assert (lanes.claim_row.tolist(), lanes.claim_measure.tolist()) == ([0], [0])
    assert (lanes.claim_price.tolist(), lanes.proved) == ([1.1], 7.5)
    np.testing.assert_array_equal(lanes.demand, [4.0, np.nan, 3.0])
    sites = found.sites
    assert sites is not None
    assert sites.count.tolist() == [1, 1, 2]
    assert sites.region.tolist() == [[True] * 3, [False] * 3, [True] * 3]
    assert sites.allowed.tolist() == [[True, True, False], [False] * 3, [True, False, True]]
    assert sites.must.tolist() == [[False, True, False], [False] * 3, [True, False, False]]
    np.testing.assert_array_equal(sites.share[1], [np.nan] * 3)
    np.testing.assert_array_equal(sites.shift.row, [[3.0, 4.0, 5.0], [np.nan] * 3, [0.0, 1.0, 2.0]])
    assert len(sites.shift.link_price) == len(lanes.link_price)
    assert found.size.tolist() == [False, False, True]
    assert found.gate.tolist() == [True, False, False]


def test_links_of_items_that_are_gone_are_left_out() -> None:
    found = start().for_items(keys(row=[10], measure=[], gate=[30, 31], size=[]))
    assert found.prices is not None
    assert found.prices.link_price.tolist() == [5.0]


def test_what_is_stored_is_what_is_read(tmp_path: Path) -> None:
    write_start(tmp_path / "start.npz", start())
    again = read_start(tmp_path / "start.npz")
    assert again is not None
    for kind in ItemKeys.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again.keys, kind), getattr(start().keys, kind))
    np.testing.assert_array_equal(again.warm.size, [True, False])
    np.testing.assert_array_equal(again.warm.node, [[7.0, 8.0], [9.0, 9.5]])
    assert again.warm.prices is not None
    np.testing.assert_array_equal(again.warm.prices.link_price, [5.0, 6.0])
    assert again.warm.lanes is not None
    for name in LaneStart.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again.warm.lanes, name), getattr(start().warm.lanes, name))
    assert again.warm.sites is not None
    for name in ("count", "region", "allowed", "must", "share"):
        np.testing.assert_array_equal(getattr(again.warm.sites, name), getattr(start().warm.sites, name))
    for name in LaneStart.__dataclass_fields__:
        shifts = (kept.warm.sites.shift for kept in (again, start()) if kept.warm.sites is not None)
        np.testing.assert_array_equal(*(getattr(shift, name) for shift in shifts))
    assert read_start(tmp_path / "nothing.npz") is None


@pytest.fixture(scope="module")
def quickstart(scenarios_dir) -> Model:
    return pipeline.build(load(scenarios_dir / "quickstart.toml"))


def test_keys_tell_the_items_of_a_scenario_apart(quickstart: Model) -> None:
    problem = quickstart.labelled.problem
    found = item_keys(quickstart.labelled, quickstart.priced)
    legs = quickstart.labelled.legs
    assert legs is not None
    counts = {
        "row": problem.n_rows,
        "gate": problem.n_gates,
        "size": problem.n_sizes,
        "measure": problem.n_measures,
        "rule": problem.n_rules,
        "resource": problem.n_resources,
        "module": problem.n_modules,
        "tier": problem.n_tiers,
        "leg": int(np.sum(legs.option_head < 0)) + legs.count,
        "node": int(legs.head.node.max()) + 1,
        "option": problem.n_options,
    }
    assert set(counts) == set(ItemKeys.__dataclass_fields__)
    for kind, count in counts.items():
        key = getattr(found, kind)
        assert len(key) == count
        assert len(np.unique(key)) == count, f"two of kind {kind} have the same key"


def test_keys_do_not_depend_on_what_else_is_there(quickstart: Model) -> None:
    """Without one member every item that is left keeps its key, though most numbers change."""
    fewer = pipeline.build(restrict(quickstart.instance, quickstart.instance.members[1:]))
    whole = item_keys(quickstart.labelled, quickstart.priced)
    part = item_keys(fewer.labelled, fewer.priced)
    for kind in ItemKeys.__dataclass_fields__:
        assert np.isin(getattr(part, kind), getattr(whole, kind)).all(), kind


def test_lanes_keep_their_keys_whatever_ports_they_go_by(quickstart: Model) -> None:
    """Rates decide on the ports; only where two lanes differ in nothing else do they tell these apart."""
    priced = quickstart.priced
    freight = priced.supply.freight

    def keys_with(lanes: pd.DataFrame) -> ItemKeys:
        supply = replace(priced.supply, freight=replace(freight, lanes=lanes))
        return item_keys(quickstart.labelled, replace(priced, supply=supply))

    before = item_keys(quickstart.labelled, priced)
    moved = keys_with(freight.lanes.assign(discharge_place="elsewhere"))
    for kind in ItemKeys.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(moved, kind), getattr(before, kind), err_msg=kind)
    ports = freight.lanes["lane"].astype(str)
    alike = keys_with(freight.lanes.assign(service="any", start="any", hub="", site="", load_place=ports))
    assert len(np.unique(alike.gate)) == len(alike.gate)
    assert len(np.unique(alike.resource)) == len(alike.resource)


def test_a_re_solve_from_openings_and_prices_finds_the_same_plan(quickstart: Model) -> None:
    cold = optimise(quickstart)
    warm = warm_from(quickstart.labelled.problem, cold)
    for strategy in ("legs", "price"):
        instance = replace(quickstart.instance, solve=replace(quickstart.instance.solve, strategy=strategy))
        again = optimise(replace(quickstart, instance=instance), warm=warm)
        assert again.objective <= cold.objective * (1 + instance.solve.gap)
        assert again.bound <= cold.objective * (1 + 1e-9)


def test_a_run_that_kept_nothing_is_bad_input(quickstart: Model, tmp_path: Path) -> None:
    pipeline.solve(quickstart.instance, alone=False, run_dir=tmp_path / "first")
    (tmp_path / "first" / "certificate" / "start.npz").unlink()
    with pytest.raises(InputError, match="kept nothing to start from"):
        pipeline.solve(quickstart.instance, alone=False, warm=tmp_path / "first")


@pytest.fixture(scope="module")
def kept(quickstart: Model) -> Start:
    """What a solve of the quickstart keeps."""
    solution = optimise(quickstart)
    warm = warm_from(quickstart.labelled.problem, solution)
    return Start.of(item_keys(quickstart.labelled, quickstart.priced), replace(warm, prices=None))


def test_plan_and_relaxation_are_read_as_they_were_written(kept: Start, tmp_path: Path) -> None:
    write_start(tmp_path / "start.npz", kept)
    again = read_start(tmp_path / "start.npz")
    assert again is not None and again.warm.carried is not None and kept.warm.carried is not None
    np.testing.assert_array_equal(again.warm.option, kept.warm.option)
    np.testing.assert_array_equal(again.warm.share, kept.warm.share)
    np.testing.assert_array_equal(again.keys.option, kept.keys.option)
    for name in Carried.__dataclass_fields__:
        one, other = getattr(again.warm.carried, name), getattr(kept.warm.carried, name)
        pairs = zip(one, other, strict=True) if isinstance(other, tuple) else [(one, other)]
        for read, written in pairs:
            np.testing.assert_array_equal(read, written)


def test_the_plan_is_found_again_among_other_options(quickstart: Model, kept: Start) -> None:
    """Another member's orders are gone: the shares of the others come to the options that mean the same."""
    fewer = pipeline.build(restrict(quickstart.instance, quickstart.instance.members[1:]))
    problem = fewer.labelled.problem
    found = kept.for_items(item_keys(fewer.labelled, fewer.priced))
    assert found.option is not None and found.share is not None and found.carried is not None
    row = np.searchsorted(problem.row_start, found.option, side="right") - 1
    np.testing.assert_allclose(np.bincount(row, found.share, problem.n_rows), 1.0)
    assert fewer.labelled.legs is not None
    assert len(found.carried.row[0]) == problem.n_rows + int(fewer.labelled.legs.head.node.max()) + 1


def test_a_start_of_before_plans_were_kept_still_warms(
    quickstart: Model, kept: Start, tmp_path: Path
) -> None:
    path = tmp_path / "start.npz"
    write_start(path, kept)
    new = (
        "plan_",
        "carried_",
        *(f"key_{kind}" for kind in ("resource", "module", "tier", "leg", "node", "option")),
    )
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files if not name.startswith(new)}
    np.savez(path, **arrays)
    old = read_start(path)
    assert old is not None
    warm = old.for_items(item_keys(quickstart.labelled, quickstart.priced))
    assert warm.option is None and warm.carried is None and warm.size is not None
    cold, again = optimise(quickstart), optimise(quickstart, warm=warm)
    assert again.bound <= cold.objective * (1 + 1e-9)
    assert again.objective <= cold.objective * (1 + quickstart.instance.solve.gap)


def test_links_of_before_some_were_kept_that_are_slack_are_tight(kept: Start, tmp_path: Path) -> None:
    assert kept.warm.carried is not None
    link = kept.warm.carried.link
    write_start(tmp_path / "start.npz", kept)
    with np.load(tmp_path / "start.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays |= {"carried_link": link[:, :2]}
    del arrays["carried_asked"]
    np.savez(tmp_path / "old.npz", **arrays)
    old = read_start(tmp_path / "old.npz")
    assert old is not None and old.warm.carried is not None
    np.testing.assert_array_equal(old.warm.carried.link[:, :2], link[:, :2])
    assert old.warm.carried.link[:, 2].all()
    np.testing.assert_array_equal(old.warm.carried.asked, np.full(len(kept.keys.size), np.inf))
