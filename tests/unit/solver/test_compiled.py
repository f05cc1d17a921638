"""Compiled for several threads, a function is not what was compiled for one."""

import numpy as np
from numba import prange

from optimizer.solver.compiled import for_one_thread, for_threads


def _doubled(values, found):  # type: ignore[no-untyped-def]
    for k in prange(len(values)):
        found[k] = 2.0 * values[k]


def test_the_cache_keeps_both_apart() -> None:
    one, several = for_one_thread(_doubled), for_threads(_doubled)
    values = np.arange(5.0)
    for each in (one, several):
        found = np.empty(5)
        each(values, found)
        np.testing.assert_array_equal(found, 2.0 * values)
    assert one._cache._impl.filename_base != several._cache._impl.filename_base  # type: ignore[attr-defined]
