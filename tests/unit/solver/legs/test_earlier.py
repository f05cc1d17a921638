"""An earlier plan where room is short now: rows give way that lose least by it."""

import numpy as np
import pytest

from optimizer.problem import Problem, ProblemBuilder
from optimizer.problem.evaluate import evaluate
from optimizer.solver.legs.earlier import earlier_plan
from optimizer.solver.warm import Warm


def three_rows(room: float, other_room: float = 0.0) -> Problem:
    """Three rows of 4, 5 and 6 orders; by a site with room they save 30, 10 and 12, by another one less."""
    builder = ProblemBuilder()
    rows, sites = builder.add_rows([4.0, 5.0, 6.0]), builder.add_sites(2)
    sizes = builder.add_sizes(sites, [1.0, 2.0])
    door = builder.add_gates(np.zeros(2), sites)
    space = builder.add_resources(2)
    measure = builder.add_measures(space, 0.0)
    builder.add_size_supply(sizes, measure, [room, other_room])
    builder.add_options(rows, [50.0, 50.0, 50.0])
    for site, cost in ((0, [20.0, 40.0, 38.0]), (1, [25.0, 44.0, 45.0])):
        builder.add_options(
            rows, cost, gates=np.full((3, 1), door[site]), measures=np.full((3, 1), measure[site]),
            amounts=np.array([[4.0], [5.0], [6.0]]),
        )  # fmt: skip
    return builder.build().problem


def taken_up(problem: Problem, opened: list[bool]) -> float | None:
    """Cost of the plan in which all rows came by the first site."""
    first = np.array([np.flatnonzero(of == 0)[0] for of in gates_by_row(problem)])
    warm = Warm(size=np.array(opened), option=problem.row_start[:-1] + first, share=np.ones(3))
    plan = earlier_plan(problem, warm)
    assert plan is None or evaluate(problem, plan.decisions).feasible
    return None if plan is None else plan.objective


def gates_by_row(problem: Problem) -> list[np.ndarray]:
    """Gate of each option, −1 for none, row by row."""
    gate = np.full(problem.n_options, -1)
    has = np.diff(problem.option_gate_start) > 0
    gate[has] = problem.option_gate
    return np.split(gate, problem.row_start[1:-1])


def test_with_room_enough_it_stays() -> None:
    assert taken_up(three_rows(15.0), [True, False]) == pytest.approx(98.0 + 1.0)


@pytest.mark.parametrize(("room", "cost"), [(14.9, 109.0), (10.0, 109.0), (4.0, 121.0), (3.0, 151.0)])
def test_rows_give_way_that_lose_least_for_their_orders(room: float, cost: float) -> None:
    assert taken_up(three_rows(room), [True, False]) == pytest.approx(cost)


def test_they_go_to_another_open_site_with_room() -> None:
    assert taken_up(three_rows(10.0, 20.0), [True, True]) == pytest.approx(102.0 + 3.0)


def test_without_another_way_there_is_no_plan() -> None:
    builder = ProblemBuilder()
    rows, site = builder.add_rows([4.0, 5.0]), builder.add_sites(1)
    door, space = builder.add_gates(np.zeros(1), site), builder.add_resources(1)
    measure = builder.add_measures(space, 0.0)
    builder.add_size_supply(builder.add_sizes(site, [1.0]), measure, [8.0])
    builder.add_options(
        rows, [1.0, 1.0], gates=np.full((2, 1), door[0]), measures=np.full((2, 1), measure[0]),
        amounts=np.array([[4.0], [5.0]]),
    )  # fmt: skip
    warm = Warm(size=np.array([True]), option=np.array([0, 1]), share=np.ones(2))
    assert earlier_plan(builder.build().problem, warm) is None
