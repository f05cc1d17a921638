"""A task beside another: one result whatever the threads, with its bound, and an end with the other."""

from threading import current_thread, main_thread

import pytest

from optimizer.solver.beside import beside
from optimizer.solver.clock import Course
from optimizer.solver.limits import SolveOptions


@pytest.mark.parametrize("threads", [1, 2])
def test_the_result_comes_with_its_bound(threads: int) -> None:
    course = Course(SolveOptions(threads=threads))

    def task(own: Course) -> bool:
        own.raise_floor(7.0)
        return current_thread() is main_thread()

    with beside(course, task) as found:
        assert course.floor < 7.0
        assert found() == (threads == 1)
    assert course.floor == pytest.approx(7.0)


def test_a_task_ends_with_what_it_is_beside() -> None:
    def task(own: Course) -> None:
        while not own.over():
            pass

    with pytest.raises(KeyboardInterrupt), beside(Course(SolveOptions(threads=2)), task):
        raise KeyboardInterrupt


def test_nothing_is_begun_when_the_solve_is_over() -> None:
    begun = []
    course = Course(SolveOptions(threads=2, should_stop=lambda: True))
    with beside(course, begun.append):
        pass
    assert begun == []
