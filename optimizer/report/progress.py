"""One line that lives while a solve runs: incumbent, bound, gap and time."""

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

from optimizer.solver.solution import Progress, relative_gap

__all__ = ["interruptible", "progress_line"]


@contextmanager
def progress_line(console: Console, title: str) -> Iterator[Callable[[Progress], None]]:
    """Show a live line on a terminal (nothing elsewhere) and give the function that updates it."""
    with console.status(f"{title}: reading and pricing …") as status:

        def update(progress: Progress) -> None:
            status.update(f"{title}: {describe(progress)}")

        yield update


def describe(progress: Progress) -> str:
    """Say where a solve stands.

    >>> describe(Progress(3.21, 2000.0, 1990.0))
    'plan 2,000 · bound 1,990 · gap 0.50 % · 3 s (Ctrl-C keeps the best plan)'
    """
    plan = f"plan {progress.objective:,.0f}" if math.isfinite(progress.objective) else "no plan yet"
    bound = f"bound {progress.bound:,.0f}" if math.isfinite(progress.bound) else "no bound yet"
    gap = relative_gap(progress.objective, progress.bound)
    words = f"gap {100 * gap:.2f} % · " if math.isfinite(gap) else ""
    return f"{plan} · {bound} · {words}{progress.seconds:.0f} s (Ctrl-C keeps the best plan)"


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop, which the given function tells; the second one kills."""
    wishes: list[int] = []

    def wish(number: int, frame: FrameType | None) -> None:
        if wishes:
            raise KeyboardInterrupt
        wishes.append(number)

    before = signal.signal(signal.SIGINT, wish)
    try:
        yield lambda: bool(wishes)
    finally:
        signal.signal(signal.SIGINT, before)
