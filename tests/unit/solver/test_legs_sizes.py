"""Search over sizes: from poor sizes to better ones, no set ranked or looked at twice."""

import numpy as np
import pytest

from leg_programs import labelled_of
from optimizer.problem.evaluate import evaluate
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.clock import Course
from optimizer.solver.legs import size_search
from optimizer.solver.legs.search import LegSearch
from optimizer.solver.legs.size_search import search_sizes
from optimizer.solver.limits import SolveOptions
from tiny_instances import tiny_instance

SEEDS = (0, 2, 10)
EXACT = SolveOptions(gap=0.0, threads=1)


def started(seed: int) -> LegSearch:
    """A search that knows the plan with the first size only, which is not a good one."""
    instance = tiny_instance(seed)
    labelled = labelled_of(instance)
    assert labelled.legs is not None
    search = LegSearch(labelled.problem, labelled.legs, Course(EXACT))
    search.look(np.arange(labelled.problem.n_sizes) == 0)
    assert search.course.plan is not None
    return search


@pytest.mark.parametrize("seed", SEEDS)
def test_search_finds_the_best_sizes_and_tries_none_twice(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    search = started(seed)
    ranked, looked = [], []
    relaxation, look = size_search._relaxation, search.look

    def ranking(of: LegSearch, sizes: np.ndarray) -> float:
        ranked.append(sizes.tobytes())
        return relaxation(of, sizes)

    def looking(sizes: np.ndarray) -> None:
        looked.append(sizes.tobytes())
        look(sizes)

    monkeypatch.setattr(size_search, "_relaxation", ranking)
    monkeypatch.setattr(search, "look", looking)
    start = search.course.objective
    search_sizes(search, np.ones(search.problem.n_sizes))
    optimum = solve_direct(search.problem, EXACT).objective
    assert optimum < start * (1.0 - 1e-3)
    assert search.course.objective == pytest.approx(optimum, rel=1e-3)
    assert evaluate(search.problem, search.course.plan.decisions).feasible
    assert len(set(ranked)) == len(ranked) > 1
    assert len(set(looked)) == len(looked) > 0
