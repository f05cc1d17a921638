"""The solver process is held to its limits, and what goes wrong in it is an error of that run."""

import sys
from pathlib import Path

import numpy as np
import pytest

from optimizer.errors import SolverError
from optimizer.problem import ProblemBuilder
from optimizer.problem.matrix import LinearModel, linear_model
from optimizer.solver.backends.process import Answer, Backend, solve_in_process
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Progress, Termination


@pytest.fixture
def model() -> LinearModel:
    builder = ProblemBuilder()
    builder.add_options(builder.add_rows([1.0]), [7.0])
    return linear_model(builder.build().problem)


def run(folder: Path, model: LinearModel, body: str, **limits: object) -> Answer:
    """Run a made-up backend."""
    lines = "\n    ".join(body.splitlines())
    file = folder / "backend.py"
    file.write_text(
        f"import os, signal, time\nimport numpy as np\n\ndef run(job, report, stop):\n    {lines}\n"
    )
    return solve_in_process(model, Backend("made-up", file, "v", sys.executable), SolveOptions(**limits))


def answer(status: str, bound: float = 7.0) -> str:
    return f"return dict(status={status!r}, bound={bound}, values=np.ones(1), solver='made up')"


def test_the_answer_comes_back(tmp_path: Path, model: LinearModel) -> None:
    result = run(tmp_path, model, answer("optimal"))
    assert (result.termination, result.bound, result.values.tolist()) == (Termination.OPTIMAL, 7.0, [1.0])
    assert result.peak_mb > 1


def test_printing_does_not_disturb_the_messages(tmp_path: Path, model: LinearModel) -> None:
    assert run(tmp_path, model, "print('Academic license', flush=True)\n" + answer("optimal")).bound == 7.0


def test_an_unmapped_status_is_an_error(tmp_path: Path, model: LinearModel) -> None:
    with pytest.raises(SolverError, match="reason that is not known: dreaming"):
        run(tmp_path, model, answer("dreaming"))


def test_a_crash_is_an_error_with_its_signal(tmp_path: Path, model: LinearModel) -> None:
    with pytest.raises(SolverError, match="ended without an answer: signal SIGSEGV"):
        run(tmp_path, model, "os.kill(os.getpid(), signal.SIGSEGV)")


def test_an_exception_is_an_error_with_its_text(tmp_path: Path, model: LinearModel) -> None:
    with pytest.raises(SolverError, match="made-up failed: KeyError: 'nothing'"):
        run(tmp_path, model, "raise KeyError('nothing')")


def test_memory_is_limited(tmp_path: Path, model: LinearModel) -> None:
    with pytest.raises(SolverError, match="memory"):
        run(tmp_path, model, "block = np.ones(10**9)\n" + answer("optimal"), memory_mb=1500)


DEAF = "report(objective=9.0, bound=5.0, values=np.ones(1))\ntime.sleep(60)\n"


def test_a_solver_deaf_to_its_limit_is_ended_with_its_best_plan(tmp_path: Path, model: LinearModel) -> None:
    result = run(tmp_path, model, DEAF + answer("optimal"), time_limit_s=0.2)
    assert result.termination is Termination.TIME_LIMIT
    assert (result.bound, result.values.tolist()) == (5.0, [1.0])


def test_a_solver_deaf_to_an_interruption_is_ended_with_its_best_plan(
    tmp_path: Path, model: LinearModel
) -> None:
    seen: list[Progress] = []
    result = run(tmp_path, model, DEAF, on_progress=seen.append, should_stop=lambda: bool(seen))
    assert result.termination is Termination.INTERRUPTED
    assert (result.bound, result.values.tolist()) == (5.0, [1.0])
    assert [(point.objective, point.bound) for point in seen] == [(9.0, 5.0)]


def test_interruption_from_the_keyboard(tmp_path: Path, model: LinearModel) -> None:
    """Ctrl-C reaches us, not the solver, and is passed on as a wish to stop."""
    raised = []

    def press(point: Progress) -> None:
        if not raised:
            raised.append(point)
            raise KeyboardInterrupt

    body = "report(objective=9.0, bound=5.0, values=np.ones(1))\nstop.wait(30)\n" + answer("interrupted", 6.0)
    result = run(tmp_path, model, body, on_progress=press)
    assert result.termination is Termination.INTERRUPTED
    assert result.bound == 6.0


def test_bounds_only_rise(tmp_path: Path, model: LinearModel) -> None:
    body = "report(objective=9.0, bound=6.5)\nreport(objective=9.0, bound=-np.inf)\n" + answer(
        "time_limit", -1e300
    )
    result = run(tmp_path, model, body)
    assert result.bound == 6.5
    assert result.trace[-1].bound == 6.5
    assert np.isfinite([point.objective for point in result.trace]).all()
