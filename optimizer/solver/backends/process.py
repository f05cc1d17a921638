"""Our side of a solver process: send a job, follow it, hold it to its limits, hand back its answer.

Libraries that clash never meet, time and memory limits are hard, and a solver that crashes ends this run and
no other.
"""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import numpy.typing as npt

from optimizer.errors import SolverError
from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.follower import Answer, Follower
from optimizer.solver.backends.worker import Message, read_message, write_message
from optimizer.solver.limits import SolveOptions

__all__ = ["Answer", "Backend", "SolverProcess", "solve_in_process"]

Floats = npt.NDArray[np.float64]

POLL_S = 0.05
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


def solve_in_process(
    model: LinearModel, backend: Backend, options: SolveOptions, start: Floats | None = None
) -> Answer:
    """Solve a mixed-integer program in a process of its own, from a plan to start with where one is given.

    Raises
    ------
    SolverError
        The process crashed, ran out of memory or answered something that is not mapped.
    """
    with SolverProcess(backend) as process:
        return process.solve(model, options, start)


class SolverProcess:
    """A solver process, started with its first job; one that had to be ended is started anew for the next.

    Parameters
    ----------
    backend
        The solver that it runs.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all that it started."""
        running, self._running = self._running, None
        if running is not None:
            running.end()

    def solve(self, model: LinearModel, options: SolveOptions, start: Floats | None = None) -> Answer:
        """Solve a mixed-integer program, from a plan to start with where one is given.

        Raises
        ------
        SolverError
            The process crashed, ran out of memory or answered something that is not mapped.
        """
        follower = Follower(options)
        try:
            if self._running is None:
                self._running = _Running(self.backend.python)
            self._running.send(_job(model, self.backend, options) | {"start": start})
            while True:
                try:
                    answer = self._turn(self._running, follower)
                except KeyboardInterrupt:
                    follower.interrupted = True
                    continue
                if answer is not None:
                    return answer
        except BaseException:
            self.close()
            raise

    def _turn(self, running: "_Running", follower: Follower) -> Answer | None:
        """Take one message, if there is one, and see to the limits."""
        message, name = running.message(), self.backend.name
        if message["kind"] == "end":
            raise SolverError(f"{name} ended without an answer: {running.last_words()}")
        if message["kind"] == "failure":
            raise SolverError(f"{name} failed: {message['reason']}")
        if message["kind"] == "answer":
            return follower.answer(message, name)
        if message["kind"] == "progress":
            follower.hear(message)
        if follower.wants_stop() and not follower.stop_sent:
            follower.stop_sent = time.monotonic()
            running.stop()
        ended = follower.overdue()
        if ended is None:
            return None
        self.close()
        return follower.without_answer(ended, name)


def _job(model: LinearModel, backend: Backend, options: SolveOptions) -> Message:
    arrays = {
        name: getattr(model, name)
        for name in ("cost", "offset", "lower", "upper", "integer", "row_lower", "row_upper")
    }
    matrix = model.matrix
    index_type = np.int32 if matrix.nnz < 2**31 else np.int64
    arrays["matrix"] = (matrix.indptr.astype(index_type), matrix.indices.astype(np.int32), matrix.data)
    return {
        "kind": "job",
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


class _Running:
    """A process that runs, and the thread that reads its messages; the last of these is of kind `end`."""

    def __init__(self, python: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115, as it is open for as long as the process runs
        self._process = subprocess.Popen(
            [python, "-P", str(Path(__file__).with_name("worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env={**NO_BLAS_THREADS, **os.environ},
        )
        self._messages: queue.Queue[Message] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, job: Message) -> None:
        """Send a job."""
        try:
            write_message(self._stdin, job)
        except OSError as error:
            raise SolverError(f"the solver process did not start: {self.last_words()}") from error

    def message(self) -> Message:
        """Wait a moment for the next message; one of kind `silence` where there is none."""
        with suppress(queue.Empty):
            return self._messages.get(timeout=POLL_S)
        return {"kind": "silence"}

    def stop(self) -> None:
        """Ask the solver to stop."""
        with suppress(OSError):
            write_message(self._stdin, {"kind": "stop"})

    def last_words(self) -> str:
        """How the process ended, and the last line that it wrote to its error stream."""
        code = self._process.wait()
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace").strip().splitlines()
        ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"{ended}; {text[-1] if text else 'it said nothing'}"

    def end(self) -> None:
        """End the process and whatever it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._errors.close()

    @property
    def _stdin(self) -> BinaryIO:
        if self._process.stdin is None:
            raise SolverError("the solver process has no input")
        return self._process.stdin  # type: ignore[return-value]

    def _read(self) -> None:
        stream: BinaryIO | None = self._process.stdout  # type: ignore[assignment]
        try:
            while stream is not None and (message := read_message(stream)) is not None:
                self._messages.put(message)
        except (OSError, ValueError, EOFError):
            pass
        finally:
            self._messages.put({"kind": "end"})
