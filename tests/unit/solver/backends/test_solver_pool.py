"""Processes of a pool take one program after the other, and outlive what goes wrong in one of them."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from optimizer.errors import SolverError
from optimizer.problem import ProblemBuilder
from optimizer.problem.matrix import LinearModel, linear_model
from optimizer.solver.backends.pool import SolverPool
from optimizer.solver.backends.process import Backend
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Termination

BODY = """
import os, time
import numpy as np

calls = 0

def run(job, report, stop):
    global calls
    calls += 1
    if job["seed"] == 13:
        os._exit(3)
    if job["seed"] == 14:
        report(objective=9.0, bound=5.0, values=np.ones(1))
        stop.wait(30)
        return dict(status="interrupted", bound=5.0, values=np.ones(1), solver="made up")
    time.sleep(0.3)
    bound = calls + 100.0 * stop.is_set()
    return dict(status="optimal", bound=bound, values=np.array([float(os.getpid())]), solver="made up")
"""


@pytest.fixture
def model() -> LinearModel:
    builder = ProblemBuilder()
    builder.add_options(builder.add_rows([1.0]), [7.0])
    return linear_model(builder.build().problem)


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    file = tmp_path / "backend.py"
    file.write_text(BODY)
    return Backend("made-up", file, "v", sys.executable)


def ended(process: float) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    return False


def test_one_after_the_other_by_the_same_process(backend: Backend, model: LinearModel) -> None:
    with SolverPool(backend) as pool:
        answers = [pool.solve(model, SolveOptions()) for _ in range(3)]
    assert [answer.bound for answer in answers] == [1.0, 2.0, 3.0]
    processes = {answer.values[0] for answer in answers}
    assert len(processes) == 1
    assert ended(processes.pop())


def test_side_by_side_by_a_process_each(backend: Backend, model: LinearModel) -> None:
    with SolverPool(backend) as pool, ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: pool.solve(model, SolveOptions()), range(4)))
    assert len({answer.values[0] for answer in answers}) == 2


def test_after_a_crash_the_next_program_has_a_new_process(backend: Backend, model: LinearModel) -> None:
    with SolverPool(backend) as pool:
        with pytest.raises(SolverError, match="ended without an answer: exit code 3"):
            pool.solve(model, SolveOptions(seed=13))
        assert pool.solve(model, SolveOptions()).bound == 1.0


def test_a_wish_to_stop_is_forgotten_with_its_program(backend: Backend, model: LinearModel) -> None:
    with SolverPool(backend) as pool:
        stopped = pool.solve(model, SolveOptions(seed=14, should_stop=lambda: True))
        after = pool.solve(model, SolveOptions())
    assert stopped.termination is Termination.INTERRUPTED
    assert after.bound == 2.0
