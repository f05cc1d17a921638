"""A task beside another: in a second thread where a solve has one, and in turn where it has not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from optimizer.solver.clock import Course

__all__ = ["beside"]

Result = TypeVar("Result")


@contextmanager
def beside(course: Course, task: Callable[[Course], Result]) -> Iterator[Callable[[], Result]]:
    """Begin a task in a second thread, if there is one; it ends with what is done meanwhile.

    What comes of it depends on the plan that is known when it begins, not on when that is.

    Parameters
    ----------
    course
        Knows the threads and the limits.
    task
        Gets a course of its own, with the same limits and the plan that is known.

    Yields
    ------
    callable
        Gives the result, for which it waits, and reports the bound of the task's course.
    """
    own = Course(replace(course.options, on_progress=None), course.started, course.plan)
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(task, own) if course.options.threads > 1 and not course.over() else None

        def found() -> Result:
            result = task(own) if begun is None else begun.result()
            course.raise_floor(own.floor)
            return result

        try:
            yield found
        finally:
            own.interrupted = True
