"""One line that lives while coalitions are costed: how many are done, and the time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from optimizer.alliance.coalition_solves import EnumerationProgress

__all__ = ["alliance_progress"]


@contextmanager
def alliance_progress(console: Console, title: str) -> Iterator[Callable[[EnumerationProgress], None]]:
    """Show a live line on a terminal (nothing elsewhere) and give the function that updates it."""
    with console.status(f"{title}: reading and pricing, then one solve for each coalition …") as status:

        def update(progress: EnumerationProgress) -> None:
            status.update(f"{title}: {describe(progress)}")

        yield update


def describe(progress: EnumerationProgress) -> str:
    """Say where an enumeration stands.

    >>> describe(EnumerationProgress(5, 31, 20.0, 104.0))
    '5 of 31 coalitions · 20 s · about 104 s left (Ctrl-C stops)'
    """
    left = f"about {progress.remaining_s:.0f} s left"
    return (
        f"{progress.done} of {progress.total} coalitions · {progress.elapsed_s:.0f} s · {left} (Ctrl-C stops)"
    )
