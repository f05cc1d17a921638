"""Our side of a solver process: send the job, follow it, hold it to its limits, hand back its answer.

One process per solve: libraries that clash never meet, time and memory limits are hard, and a solver that
crashes ends this run and no other.
"""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from optimizer.errors import SolverError
from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.worker import Message, read_message, write_message
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Progress, Termination

__all__ = ["Answer", "Backend", "solve_in_process"]

POLL_S = 0.05
GRACE_S = 2.0
NO_BLAS_THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""NumPy would start a pool of threads that the solver process has no use for: a third of its start."""


@dataclass(frozen=True)
class Backend:
    """A solver that runs in its own process.

    Parameters
    ----------
    name
        Name by which it is asked for.
    file
        Python file, run by `python`, that has ``run(job, report, stop) -> answer``. The job holds `model`
        (the arrays of `LinearModel`, the matrix as CSR start, index, value), `variant`, `gap`,
        `time_limit_s`, `work_limit`, `threads`, `seed`, `parameters`, `start` and `started`; ``report`` takes
        `objective`, `bound` and optionally `values`; the answer holds `status`, `bound`, `values`
        (None without a plan), `solver`, the solver's name and version, and, where it is known, `began`,
        the moment (of the monotonic clock) at which the solver had its model and started, and `duals`.
    variant
        Passed to the file.
    python
        Interpreter.
    parameters
        Options in the solver's own words.
    """

    name: str
    file: Path
    variant: str
    python: str = sys.executable
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of a solve: why it stopped, the proved bound, the values of the columns if any.

    `setup_s` is the part of the time in which the process started and the solver was given its model; NaN
    where the process had to be ended. `duals` are those of the rows, where the program was linear and the
    solver gives them.
    """

    termination: Termination
    bound: float
    values: npt.NDArray[np.float64] | None
    solver: str
    trace: tuple[Progress, ...]
    peak_mb: float
    setup_s: float = float("nan")
    duals: npt.NDArray[np.float64] | None = None


_TERMINATIONS = {
    "optimal": Termination.OPTIMAL,
    "time_limit": Termination.TIME_LIMIT,
    "work_limit": Termination.WORK_LIMIT,
    "interrupted": Termination.INTERRUPTED,
    "infeasible": Termination.INFEASIBLE,
    "infeasible_or_unbounded": Termination.INFEASIBLE,  # costs and bounds leave no room for unbounded
}


def solve_in_process(
    model: LinearModel,
    backend: Backend,
    options: SolveOptions,
    start: npt.NDArray[np.float64] | None = None,
) -> Answer:
    """Solve a mixed-integer program in a process of its own, from a plan to start with where one is given.

    Raises
    ------
    SolverError
        The process crashed, ran out of memory or answered something that is not mapped.
    """
    follower = _Follower(options)
    with _process(backend) as (process, errors):
        _send(process, _job(model, backend, options) | {"start": start}, errors)
        messages = _messages(process)
        while True:
            try:
                answer = _turn(process, errors, messages, follower, backend)
            except KeyboardInterrupt:
                follower.interrupted = True
                continue
            if answer is not None:
                return answer


def _turn(
    process: subprocess.Popen[bytes],
    errors: BinaryIO,
    messages: "queue.Queue[Message]",
    follower: "_Follower",
    backend: Backend,
) -> Answer | None:
    """Take one message, if there is one, and see to the limits."""
    message: Message = {"kind": "silence"}
    with suppress(queue.Empty):
        message = messages.get(timeout=POLL_S)
    if message["kind"] == "end":
        raise SolverError(f"{backend.name} ended without an answer: {_last_words(process, errors)}")
    if message["kind"] == "failure":
        raise SolverError(f"{backend.name} failed: {message['reason']}")
    if message["kind"] == "answer":
        return follower.answer(message, backend)
    if message["kind"] == "progress":
        follower.hear(message)
    if follower.wants_stop() and not follower.stop_sent:
        follower.stop_sent = time.monotonic()
        with suppress(OSError):
            write_message(_stdin(process), {"kind": "stop"})
    ended = follower.overdue()
    return None if ended is None else follower.without_answer(ended, backend)


class _Follower:
    """What is known of a running solve."""

    def __init__(self, options: SolveOptions) -> None:
        self.options = options
        self.started = time.monotonic()
        self.stop_sent = 0.0
        self.interrupted = False
        self.trace: list[Progress] = []
        self.bound = -np.inf
        self.objective = np.inf
        self.values: npt.NDArray[np.float64] | None = None

    def hear(self, message: Message) -> None:
        """Take in an incumbent or a bound, and pass it on."""
        bound, objective = float(message["bound"]), float(message["objective"])
        if -1e30 < bound < 1e30:
            self.bound = max(self.bound, bound)
        if message.get("values") is not None and objective <= self.objective:
            self.values = message["values"]
        if objective < 1e30:
            self.objective = min(self.objective, objective)
        point = Progress(time.monotonic() - self.started, self.objective, min(self.bound, self.objective))
        known = self.trace[-1] if self.trace else None
        if known is None or (known.objective, known.bound) != (point.objective, point.bound):
            self.trace.append(point)
        if self.options.on_progress is not None:
            self.options.on_progress(point)

    def wants_stop(self) -> bool:
        """Tell whether the user, or the limit plus a grace, asks the solver to stop."""
        asked = self.options.should_stop is not None and self.options.should_stop()
        self.interrupted = self.interrupted or asked
        limit = self.options.time_limit_s
        late = limit is not None and time.monotonic() - self.started > limit + GRACE_S / 2
        return self.interrupted or late

    def overdue(self) -> Termination | None:
        """Tell why the process must be ended now, if it must."""
        if not self.stop_sent or time.monotonic() - self.stop_sent < GRACE_S:
            return None
        return Termination.INTERRUPTED if self.interrupted else Termination.TIME_LIMIT

    def answer(self, message: Message, backend: Backend) -> Answer:
        """Turn the solver's last word into an answer."""
        termination = _TERMINATIONS.get(message["status"])
        if termination is None:
            raise SolverError(f"{backend.name} stopped for a reason that is not known: {message['status']}")
        if termination is Termination.INTERRUPTED and not self.interrupted:
            termination = Termination.TIME_LIMIT
        stated = float(message["bound"])
        bound = max(self.bound, stated) if -1e30 < stated < 1e30 else self.bound
        values = message["values"] if message["values"] is not None else self.values
        return Answer(
            termination,
            bound,
            values,
            message["solver"],
            tuple(self.trace),
            float(message["peak_mb"]),
            max(0.0, float(message.get("began", self.started)) - self.started),
            message.get("duals"),
        )

    def without_answer(self, termination: Termination, backend: Backend) -> Answer:
        """Return the best that was heard from a process that had to be ended."""
        return Answer(termination, self.bound, self.values, backend.name, tuple(self.trace), float("nan"))


def _job(model: LinearModel, backend: Backend, options: SolveOptions) -> Message:
    arrays = {
        name: getattr(model, name)
        for name in ("cost", "offset", "lower", "upper", "integer", "row_lower", "row_upper")
    }
    matrix = model.matrix
    index_type = np.int32 if matrix.nnz < 2**31 else np.int64
    arrays["matrix"] = (matrix.indptr.astype(index_type), matrix.indices.astype(np.int32), matrix.data)
    return {
        "model": arrays,
        "backend": str(backend.file),
        "variant": backend.variant,
        "parameters": dict(backend.parameters),
        "gap": options.gap,
        "time_limit_s": options.time_limit_s,
        "work_limit": options.work_limit,
        "threads": options.threads,
        "seed": options.seed,
        "memory_mb": options.memory_mb,
    }


@contextmanager
def _process(backend: Backend) -> Iterator[tuple[subprocess.Popen[bytes], BinaryIO]]:
    worker = Path(__file__).with_name("worker.py")
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [backend.python, "-P", str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            env={**NO_BLAS_THREADS, **os.environ},
        )
        try:
            yield process, errors
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()


def _stdin(process: subprocess.Popen[bytes]) -> BinaryIO:
    if process.stdin is None:
        raise SolverError("the solver process has no input")
    return process.stdin  # type: ignore[return-value]


def _send(process: subprocess.Popen[bytes], job: Message, errors: BinaryIO) -> None:
    try:
        write_message(_stdin(process), job)
    except OSError as error:
        raise SolverError(f"the solver process did not start: {_last_words(process, errors)}") from error


def _messages(process: subprocess.Popen[bytes]) -> "queue.Queue[Message]":
    """Read the process's messages in a thread; the last one is of kind `end`."""
    messages: queue.Queue[Message] = queue.Queue()
    stream: BinaryIO | None = process.stdout  # type: ignore[assignment]

    def read() -> None:
        try:
            while stream is not None and (message := read_message(stream)) is not None:
                messages.put(message)
        except (OSError, ValueError, EOFError):
            pass
        finally:
            messages.put({"kind": "end"})

    threading.Thread(target=read, daemon=True).start()
    return messages


def _last_words(process: subprocess.Popen[bytes], errors: BinaryIO) -> str:
    code = process.wait()
    errors.seek(0)
    text = errors.read().decode(errors="replace").strip().splitlines()
    ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"{ended}; {text[-1] if text else 'it said nothing'}"
