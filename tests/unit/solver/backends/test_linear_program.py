"""The linear program that grows: what happens where HiGHS gives up on its last basis."""

import pytest

from optimizer.errors import SolverError
from optimizer.problem import ProblemBuilder
from optimizer.problem.matrix import LinearModel, linear_model
from optimizer.solver.backends.linear import LinearProgram


def two_options() -> LinearModel:
    """One row, options of 3 and 7: the optimum is 3."""
    builder = ProblemBuilder()
    builder.add_options(builder.add_rows([1.0]).repeat(2), [3.0, 7.0])
    return linear_model(builder.build().problem)


def test_a_solve_that_gives_up_is_tried_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    program = LinearProgram(two_options(), lambda: False)
    real, given_up = LinearProgram._status, iter([True])

    def status(self: LinearProgram) -> str:
        return "kNotset" if next(given_up, False) else real(self)

    monkeypatch.setattr(LinearProgram, "_status", status)
    assert program.solve(10.0).objective == pytest.approx(3.0)


def test_reaching_a_bound_is_told_from_running_out_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    program = LinearProgram(two_options(), lambda: False)
    assert program.reaches(4.0, 10.0, 100) == (False, pytest.approx(3.0))
    assert program.reaches(2.0, 10.0, 100)[0]
    program.leave_costs()
    assert program.solve(10.0).objective == pytest.approx(3.0)
    monkeypatch.setattr(LinearProgram, "_status", lambda _: "kIterationLimit")
    assert program.reaches(2.0, 10.0, 1) == (False, pytest.approx(3.0))


def test_one_that_gives_up_twice_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    program = LinearProgram(two_options(), lambda: False)
    monkeypatch.setattr(LinearProgram, "_status", lambda _: "kNotset")
    with pytest.raises(SolverError, match="kNotset"):
        program.solve(10.0)
