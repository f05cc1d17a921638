"""A tree that is begun in a second thread: once, only where there is one, and no error is lost."""

import pytest

from optimizer.solver.clock import Course
from optimizer.solver.legs.search import LegSearch
from optimizer.solver.limits import SolveOptions
from tiny_lanes import tiny_lanes


def search_on(threads: int, *, tree: bool = True, stopped: bool = False) -> LegSearch:
    problem, legs = tiny_lanes(0)
    options = SolveOptions(threads=threads, should_stop=lambda: stopped)
    return LegSearch(problem, legs, Course(options), tree=tree)


def test_a_tree_is_begun_once_however_often_that_is_asked_for() -> None:
    search = search_on(2)
    with search.begun_beside() as taken:
        assert taken
        with search.begun_beside() as inner:
            assert not inner
    with search.begun_beside() as later:
        assert not later


@pytest.mark.parametrize(
    ("threads", "tree", "stopped"), [(1, True, False), (2, False, False), (2, True, True)]
)
def test_no_thread_is_taken_without_use(threads: int, tree: bool, stopped: bool) -> None:
    with search_on(threads, tree=tree, stopped=stopped).begun_beside() as taken:
        assert not taken


def test_what_goes_wrong_meanwhile_is_told() -> None:
    with pytest.raises(ArithmeticError), search_on(2).begun_beside():
        raise ArithmeticError


def test_the_tree_finds_the_same_begun_beside_or_not() -> None:
    plans = []
    for threads in (1, 2):
        search = search_on(threads)
        with search.begun_beside():
            pass
        search.branch()
        plans.append((search.course.objective, search.course.floor))
    assert plans[0] == pytest.approx(plans[1], rel=1e-9)
    assert plans[0][0] == pytest.approx(plans[0][1], rel=1e-3)
