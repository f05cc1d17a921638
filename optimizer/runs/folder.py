"""Where a run is written: a name that is free, and a folder that appears complete or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optimizer.errors import Fault, InputError

__all__ = ["claim", "new_folder", "probe"]


def new_folder(scenario: str, parent: Path = Path("runs")) -> Path:
    """Return the first free ``<parent>/<scenario>-<n>``, n = 1, 2, ….

    >>> import tempfile
    >>> parent = Path(tempfile.mkdtemp())
    >>> (parent / "demo-1").mkdir()
    >>> new_folder("demo", parent).name
    'demo-2'
    """
    number = 1
    while (parent / f"{scenario}-{number}").exists():
        number += 1
    return parent / f"{scenario}-{number}"


def probe(folder: Path) -> None:
    """Raise `InputError` when a run could not be written there: taken, or no right to write.

    Called before a solve, so that no minute of work is lost to a wrong folder name.
    """
    if folder.exists():
        raise InputError(
            [_fault(folder, "a run never overwrites anything.", "Name a folder that does not exist.")]
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)).rmdir()
    except OSError as error:
        raise InputError(
            [_fault(folder, f"cannot write there ({error.strerror}).", "Choose another place.")]
        ) from error


@contextmanager
def claim(folder: Path) -> Iterator[Path]:
    """Give a hidden sibling to write into and rename it to `folder` when all went well.

    Whatever happens inside, `folder` never exists half-written, and the sibling is removed on error.

    >>> target = Path(tempfile.mkdtemp()) / "run"
    >>> with claim(target) as draft:
    ...     _ = (draft / "a.txt").write_text("complete")
    ...     seen = target.exists()
    >>> seen, (target / "a.txt").read_text()
    (False, 'complete')
    """
    probe(folder)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        draft.chmod(0o755)
        yield draft
        if folder.exists():
            raise InputError([_fault(folder, "appeared while this run was solved.", "Name another folder.")])
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _fault(folder: Path, rule: str, mend: str) -> Fault:
    return Fault("output folder", str(folder), rule, mend)
