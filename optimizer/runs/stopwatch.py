"""Wall-clock time by step of a run."""

import time

__all__ = ["Stopwatch"]


class Stopwatch:
    """Measures the time from one step to the next.

    >>> watch = Stopwatch()
    >>> watch.lap("build")
    >>> watch.laps["build"] >= 0.0
    True
    """

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Book the time since the last lap on `step`."""
        now = time.perf_counter()
        self.laps[step] = self.laps.get(step, 0.0) + now - self._last
        self._last = now
