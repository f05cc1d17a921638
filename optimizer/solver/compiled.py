"""Functions compiled for one thread and for several."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit

__all__ = ["for_one_thread", "for_threads"]

Compiled = Callable[..., Any]


def for_one_thread(function: Compiled) -> Compiled:
    """Compile a function; its parallel loops are plain ones."""
    compiled: Compiled = njit(cache=True, nogil=True)(function)
    return compiled


def for_threads(function: Compiled) -> Compiled:
    """Compile a function with its loops in parallel.

    The compiler's cache tells functions by their names, not by how they were compiled. So this one gets a
    name of its own: otherwise whichever was compiled first would stand in for both.
    """
    assert isinstance(function, FunctionType)
    twin = FunctionType(function.__code__, function.__globals__)
    twin.__qualname__ = f"{function.__qualname__}_for_threads"
    compiled: Compiled = njit(cache=True, parallel=True, nogil=True)(twin)
    return compiled
