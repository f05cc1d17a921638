"""Two-stage location: flows, bounds on changes of openings, the relaxation, recognition, the whole search."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from optimizer.problem.evaluate import evaluate
from optimizer.published.families import two_stage_legs, two_stage_location
from optimizer.solver.certificate import exact_bound
from optimizer.solver.legs.two_stage.certificate import Certificate
from optimizer.solver.legs.two_stage.form import TwoStage, as_two_stage
from optimizer.solver.legs.two_stage.network import CLOSE, OPEN, PLANT, SATELLITE, Network
from optimizer.solver.legs.two_stage.program import StageProgram
from optimizer.solver.legs.two_stage.tree import first_box
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination
from optimizer.solver.solve import solve
from tiny_forms import tiny_legs

SEEDS = (0, 1, 2)


def arrays(seed, plants=4, satellites=6, customers=9, products=2):
    random = np.random.default_rng([71, seed])
    demand = random.integers(3, 12, (customers, products)).astype(float)
    share = demand.sum(axis=0)
    plant_room = np.floor(share * random.uniform(0.35, 0.8, (plants, 1)))
    satellite_room = np.floor(share * random.uniform(0.25, 0.6, (satellites, 1)))
    return (
        demand,
        (plant_room, random.integers(80, 160, plants).astype(float)),
        (satellite_room, random.integers(30, 70, satellites).astype(float)),
        random.uniform(1.0, 6.0, (products, plants, satellites)),
        random.uniform(1.0, 9.0, (products, satellites, customers)),
    )


def location(seed, **sizes):
    parts = arrays(seed, **sizes)
    return two_stage_location(*parts), two_stage_legs(*parts[-2:])


def stage_of(seed, **sizes) -> TwoStage:
    stage = as_two_stage(*location(seed, **sizes))
    assert stage is not None
    return stage


def relaxed(stage, *, linked, openings=None):
    """Optimum of the linear program, over given openings where there are some; `inf` where infeasible."""
    products, plants, satellites = stage.first.shape
    customers = stage.demand.shape[1]
    sites = plants + satellites
    tails, heads = stage.first.size, stage.second.size
    tail = sites + np.arange(tails).reshape(stage.first.shape)
    head = sites + tails + np.arange(heads).reshape(stage.second.shape)
    width = sites + tails + heads

    def row(*terms):
        line = np.zeros(width)
        for columns, value in terms:
            line[columns] = value
        return line

    equal, right, below = [], [], []
    for m in range(products):
        for k in range(customers):
            equal.append(row((head[m, k], 1.0)))
            right.append(stage.demand[m, k])
        for j in range(satellites):
            equal.append(row((tail[m, :, j], 1.0), (head[m, :, j], -1.0)))
            right.append(0.0)
            below.append(row((head[m, :, j], 1.0), (plants + j, -stage.satellite_room[m, j])))
        below += [row((tail[m, i], 1.0), (i, -stage.plant_room[m, i])) for i in range(plants)]
    if linked:
        for m, k, j in np.ndindex(*stage.second.shape):
            most = min(stage.demand[m, k], stage.satellite_room[m, j])
            below.append(row((head[m, k, j], 1.0), (plants + j, -most)))
        for m, i, j in np.ndindex(*stage.first.shape):
            most = min(stage.plant_room[m, i], stage.satellite_room[m, j])
            below.append(row((tail[m, i, j], 1.0), (plants + j, -most)))
            below.append(row((tail[m, i, j], 1.0), (i, -most)))
    cost = np.concatenate([stage.plant_cost, stage.satellite_cost, stage.first.ravel(), stage.second.ravel()])
    bounds = np.column_stack([np.zeros(width), np.r_[np.ones(sites), np.full(width - sites, np.inf)]])
    if openings is not None:
        bounds[:sites] = np.r_[openings.plant, openings.satellite].astype(float)[:, None]
    answer = linprog(
        cost, sparse.csr_array(np.array(below)), np.zeros(len(below)), np.array(equal), right, bounds
    )
    return answer.fun if answer.status == 0 else np.inf


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_stay_cheapest_while_openings_change(seed):
    stage = stage_of(seed)
    network, random, served = Network(stage), np.random.default_rng(seed), 0
    for _ in range(40):
        kind = int(random.choice([PLANT, SATELLITE]))
        action = int(random.choice([OPEN, OPEN, CLOSE]))
        sites = network.sites(kind, action == CLOSE)
        if len(sites):
            network.change(kind, action, int(random.choice(sites)))
        best = relaxed(stage, linked=False, openings=network.openings)
        assert network.served == np.isfinite(best)
        if network.served:
            served += 1
            assert network.cost == pytest.approx(best, rel=1e-9)
    assert 5 < served < 40


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_of_flows_bound_what_changes_save(seed):
    stage = stage_of(seed)
    network, random, tight = Network(stage), np.random.default_rng(seed), 0
    for _ in range(30):
        for kind in (PLANT, SATELLITE):
            opened, closed = network.sites(kind, True), network.sites(kind, False)
            saved = network.most_saved(kind, closed).sum(axis=0) - network.price(kind)[closed]
            lost = network.least_lost(kind, opened) - network.price(kind)[opened]
            before = network.cost
            slack = 1e-9 * before
            for at, site in enumerate(closed):
                network.keep()
                after = network.change(kind, OPEN, int(site))
                assert after >= before - saved[at] - slack
                tight += after <= before - saved[at] + slack
                for place, other in enumerate(opened):
                    network.keep()
                    swapped = network.change(kind, CLOSE, int(other))
                    assert swapped >= before - saved[at] + lost[place] - slack
                    network.put_back()
                network.put_back()
                assert network.cost == before
        kind = int(random.choice([PLANT, SATELLITE]))
        sites = network.sites(kind, False)
        network.change(kind, OPEN, int(random.choice(sites))) if len(sites) else None
    assert tight


def test_a_change_that_comes_to_too_much_is_given_up():
    stage = stage_of(0)
    network = Network(stage)
    network.change(PLANT, OPEN, 0)
    before = network.cost
    network.keep()
    saved = network.most_saved(SATELLITE, np.array([0]))[:, 0]
    assert network.change(SATELLITE, OPEN, 0, before - 10.0 * saved.sum(), saved) == np.inf
    network.put_back()
    assert network.cost == before
    assert not network.openings.satellite.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_that_of_the_relaxation_with_all_links(seed):
    stage = stage_of(seed, satellites=14, customers=16)
    network = Network(stage)
    program = StageProgram(stage, network.flows, lambda: np.inf, lambda: False, 1e-7)
    answer = program.solve(np.inf, 0.0)
    best = relaxed(stage, linked=True)
    assert best * (1.0 - 1e-6) <= answer.bound <= best * (1.0 + 1e-9)
    assert answer.bound > relaxed(stage, linked=False) * (1.0 + 1e-4)
    assert len(program.ways.order) < stage.first.size + stage.second.size


def test_a_bound_that_is_cut_short_holds():
    stage = stage_of(1, satellites=14, customers=16)
    program = StageProgram(stage, Network(stage).flows, lambda: np.inf, lambda: False, 1e-7)
    answer = program.solve(1.0, 0.0)
    assert 1.0 <= answer.bound <= relaxed(stage, linked=True)


def test_fewest_sites_have_room_for_every_product():
    """Of rooms 10, 9, 2 two make 19; the second product of 12 needs all three of 6, 5, 4."""
    stage = stage_of(0)
    few = replace(
        stage,
        demand=np.array([[19.0], [12.0]]),
        plant_room=np.array([[10.0, 2.0, 9.0], [4.0, 6.0, 5.0]]),
        satellite_room=np.array([[19.0, 1.0], [12.0, 1.0]]),
    )
    assert first_box(few).count_lower.tolist() == [3.0, 1.0]


def test_the_layout_tells_products_apart():
    parts = arrays(0)
    stage = as_two_stage(two_stage_location(*parts), two_stage_legs(*parts[-2:]))
    assert stage is not None
    order = [0, 1] if stage.demand[0, 0] == parts[0][0, 0] else [1, 0]
    np.testing.assert_allclose(stage.demand[order], parts[0].T)
    np.testing.assert_allclose(stage.first[order], parts[3])
    np.testing.assert_allclose(stage.second[order], parts[4].transpose(0, 2, 1))
    np.testing.assert_allclose(stage.plant_room[order], parts[1][0].T)
    np.testing.assert_allclose(stage.satellite_cost, parts[2][1])


def test_legs_of_the_family_add_up_to_its_options():
    problem, legs = location(1)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    head, tail = legs.option_head, legs.option_tail
    cost = problem.row_demand[row] * (legs.head.cost[head] + legs.tail.cost[tail])
    np.testing.assert_allclose(problem.option_cost, cost)
    assert np.array_equal(legs.head_row[head], row)
    assert np.array_equal(legs.head.node[head], legs.tail.node[tail])
    for own, of_legs in (
        (problem.option_gate, (legs.head.gate, legs.tail.gate)),
        (problem.option_use_measure, (legs.head.measure, legs.tail.measure)),
    ):
        joined = np.column_stack([of_legs[0][head, 0], of_legs[1][tail, 0]])
        assert np.array_equal(np.sort(own.reshape(-1, 2), axis=1), np.sort(joined, axis=1))


def test_other_problems_over_legs_are_not_taken():
    problem, legs = location(0)
    assert as_two_stage(replace(problem, gate_fee=problem.gate_fee + 1.0), legs) is None
    assert as_two_stage(replace(problem, measure_supply=problem.measure_supply + 1.0), legs) is None
    shared = replace(legs.tail, measure=np.zeros_like(legs.tail.measure))
    assert as_two_stage(problem, replace(legs, tail=shared)) is None
    assert all(as_two_stage(*tiny_legs(seed)) is None for seed in range(10))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_proves_the_optimum(seed):
    problem, legs = location(seed, plants=5, satellites=8, customers=10)
    options = SolveOptions(gap=1e-6, time_limit_s=60.0)
    found = solve(problem, options, "auto", legs=legs)
    proved = solve(problem, options, "direct")
    assert found.termination is proved.termination is Termination.OPTIMAL
    assert found.objective == pytest.approx(proved.objective, rel=2e-6)
    assert found.bound <= proved.objective * (1.0 + 1e-9)
    assert found.bound >= found.objective * (1.0 - 2e-6)
    assert found.decisions is not None
    assert evaluate(problem, found.decisions).feasible
    assert "tree over openings" in found.proof
    assert found.prices is not None
    assert 0.75 * proved.objective < exact_bound(problem, found.prices, legs) <= proved.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_stored_prices_prove_the_relaxation_without_links(seed):
    problem, legs = location(seed, satellites=14, customers=16)
    stage = as_two_stage(problem, legs)
    assert stage is not None
    program = StageProgram(stage, Network(stage).flows, lambda: np.inf, lambda: False, 1e-7)
    certificate = Certificate(problem, legs, stage, 1)
    certificate.consider(program.solve(np.inf, 0.0, links=False))
    assert certificate.prices is not None
    proved = float(exact_bound(problem, certificate.prices, legs))
    assert proved == pytest.approx(certificate.bound, rel=1e-9)
    assert proved >= relaxed(stage, linked=False) * (1.0 - 1e-5)


def test_too_little_room_is_infeasible():
    parts = arrays(0)
    small = (parts[1][0] * 0.1, parts[1][1])
    problem = two_stage_location(parts[0], small, *parts[2:])
    found = solve(problem, SolveOptions(), "legs", legs=two_stage_legs(*parts[-2:]))
    assert found.termination is Termination.INFEASIBLE
    assert found.decisions is None
