"""The solver's side of a solver process: read one job, run one backend, send back what it reports.

Run by file, in a process of its own, by an interpreter that need not know Entrepot: only the standard
library, numpy and what the backend imports. Messages are pickles with their length in front. Whatever
a solver prints goes to the error stream. When the other side goes away, this process ends itself and
whatever it started (it leads its own process group).
"""

import importlib.util
import os
import pickle
import resource
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

Message = dict[str, Any]


def read_message(stream: BinaryIO) -> Message | None:
    """Read one message; None when the stream has ended, be it within one: its writer was killed."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = struct.unpack("<Q", head)[0]
    body = stream.read(size)
    if len(body) < size:
        return None
    message: Message = pickle.loads(body)
    return message


def write_message(stream: BinaryIO, message: Message) -> None:
    """Write one message and flush."""
    body = pickle.dumps(message, protocol=5)
    stream.write(struct.pack("<Q", len(body)))
    stream.write(body)
    stream.flush()


def limit_memory(memory_mb: int | None) -> None:
    """Make allocations beyond the limit fail in this process."""
    if memory_mb is not None:
        kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
        resource.setrlimit(kind, (memory_mb * 2**20, memory_mb * 2**20))


def run_job(job: Message, stop: threading.Event, send: Callable[[Message], None]) -> None:
    """Run the backend that the job names and send its answer."""
    spec = importlib.util.spec_from_file_location("backend", job["backend"])
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no backend {job['backend']}")
    backend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backend)
    answer = backend.run(job, lambda **point: send({"kind": "progress", **point}), stop)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    send({"kind": "answer", "peak_mb": peak_mb, **answer})


def main() -> None:
    """Read a job from the standard input, run it, write messages to the standard output."""
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock, stop = threading.Lock(), threading.Event()

    def send(message: Message) -> None:
        with lock:
            write_message(messages, message)

    def listen() -> None:
        while read_message(sys.stdin.buffer) is not None:
            stop.set()
        os.killpg(0, signal.SIGKILL)

    job = read_message(sys.stdin.buffer)
    if job is None:
        return
    limit_memory(job["memory_mb"])
    threading.Thread(target=listen, daemon=True).start()
    job["started"] = time.monotonic()
    try:
        run_job(job, stop, send)
    except MemoryError:
        send({"kind": "failure", "reason": "it ran out of the memory allowed"})
    except Exception as error:
        send({"kind": "failure", "reason": f"{type(error).__name__}: {error}"})
    os._exit(0)


if __name__ == "__main__":
    main()
