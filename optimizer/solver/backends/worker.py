"""The solver's side of a solver process: read a job, run its backend, send back its reports; then the next.

Run by file, in a process of its own, by an interpreter that need not know Entrepot: only the standard
library, numpy and what the backend imports. Messages are pickles with their length in front. Whatever
a solver prints goes to the error stream. When the other side goes away, this process ends itself and
whatever it started (it leads its own process group).
"""

import importlib.util
import os
import pickle
import queue
import resource
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
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


@cache
def backend_of(file: str) -> Any:
    """Load a backend."""
    spec = importlib.util.spec_from_file_location("backend", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no backend {file}")
    backend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backend)
    return backend


def answer_of(job: Message, stop: threading.Event, send: Callable[[Message], None]) -> Message:
    """Run the backend that a job names."""
    limit_memory(job["memory_mb"])
    job["started"] = time.monotonic()
    try:
        run = backend_of(job["backend"]).run
        answer = run(job, lambda **point: send({"kind": "progress", **point}), stop)
    except MemoryError:
        return {"kind": "failure", "reason": "it ran out of the memory allowed"}
    except Exception as error:
        return {"kind": "failure", "reason": f"{type(error).__name__}: {error}"}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"kind": "answer", "peak_mb": peak_mb, **answer}


def main() -> None:
    """Read jobs from the standard input, run each, write messages to the standard output."""
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock, stop = threading.Lock(), threading.Event()
    jobs: queue.Queue[Message] = queue.Queue()

    def send(message: Message) -> None:
        with lock:
            write_message(messages, message)

    def listen() -> None:
        while (message := read_message(sys.stdin.buffer)) is not None:
            if message["kind"] == "stop":
                stop.set()
            else:
                stop.clear()
                jobs.put(message)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        send(answer_of(jobs.get(), stop, send))


if __name__ == "__main__":
    main()
