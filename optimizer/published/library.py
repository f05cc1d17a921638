"""The instances in a folder of published sets: format, variants and best-known value of each."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from optimizer.errors import Fault, InputError
from optimizer.problem import Problem
from optimizer.problem.legs import Legs
from optimizer.published.formats import Reading, detect_format, read_over_legs, read_problem

__all__ = ["BestKnown", "Entry", "find_instances"]


@dataclass(frozen=True)
class BestKnown:
    """Best value in the literature; `proved` tells whether somebody proved it optimal."""

    objective: float
    proved: bool
    source: str


@dataclass(frozen=True)
class Entry:
    """One instance, not yet read.

    `name` is `<set>/<file>` and, for a variant other than the set's own, `:single`, `:multi` or `:uncap`.
    """

    name: str
    path: Path
    form: str
    reading: Reading
    best: BestKnown | None

    def load(self) -> Problem:
        """Read the instance."""
        return read_problem(self.path, self.form, self.reading)

    def load_over_legs(self) -> tuple[Problem, Legs | None]:
        """Read the instance with its legs, where its options fall apart into some."""
        return read_over_legs(self.path, self.form, self.reading)


_OWN = Reading()


@dataclass(frozen=True)
class _Set:
    form: str
    reading: Reading = _OWN
    variants: tuple[tuple[str, str, Reading], ...] = ()


_SINGLE = ("single", "best_known_single_source.csv", Reading(single_source=True))
_SETS: dict[str, _Set] = {
    "orlib": _Set(
        "orlib", variants=(_SINGLE, ("uncap", "best_known_uncap.csv", Reading(uncapacitated=True)))
    ),
    "holmberg": _Set(
        "holmberg", Reading(single_source=True), (("multi", "best_known_multi_source.csv", Reading()),)
    ),
    "diaz": _Set("diaz", Reading(single_source=True)),
    "yang": _Set("holmberg", Reading(single_source=True)),
    "tbed1": _Set("tbed1", variants=(_SINGLE,)),
    "cornuejols": _Set("holmberg"),
    "uflib": _Set("uflib"),
    "tscflp": _Set("two_stage"),
    "mptscflp": _Set("multi_product"),
}
_MAIN_VALUES = "best_known.csv"
_SHARED_CAPACITY = {
    "capa": (8000, 10000, 12000, 14000),
    "capb": (5000, 6000, 7000, 8000),
    "capc": (5000, 5750, 6500, 7250),
}


def find_instances(folder: Path, only: Sequence[str] = ()) -> list[Entry]:
    """List the instances under a folder.

    Parameters
    ----------
    folder
        One set or a folder of sets. The format follows from the name of the set's folder, else from the
        contents of the file.
    only
        Names or beginnings of names (``cap41``, ``orlib_cap``, ``holmberg/p1``, ``holmberg/p1:multi``,
        ``i300_*``). Variants come only when named; without `only`, every instance in its set's own variant.

    Raises
    ------
    InputError
        The folder is not there, or a name in `only` fits nothing.
    """
    if not folder.is_dir():
        rule = "this is not a folder."
        raise InputError([Fault(str(folder), "", rule, "Name a folder that holds published instances.")])
    entries = [entry for place in sorted(_places(folder)) for entry in _entries(place)]
    if not only:
        return [entry for entry in entries if ":" not in entry.name]
    faults = [
        Fault("--only", name, "no instance has this name.", "Leave --only out to see all names.")
        for name in only
        if not any(_fits(entry.name, name) for entry in entries)
    ]
    if faults:
        raise InputError(faults)
    return [entry for entry in entries if any(_fits(entry.name, name) for name in only)]


def _fits(name: str, wanted: str) -> bool:
    plain, _, variant = wanted.partition(":")
    base, _, own = name.partition(":")
    if own != variant:
        return False
    pattern = re.compile(re.escape(plain).replace(r"\*", ".*"))
    folder, _, file = base.rpartition("/")
    return any(pattern.fullmatch(candidate) for candidate in (base, file, folder))


def _places(folder: Path) -> Iterator[Path]:
    yield folder
    yield from (place for place in folder.iterdir() if place.is_dir())


def _entries(place: Path) -> Iterator[Entry]:
    known = next((kind for key, kind in _SETS.items() if place.name.lower().startswith(key)), None)
    for path in sorted(place.iterdir(), key=_natural):
        if not path.is_file() or path.suffix in (".md", ".csv", ".json", ".png"):
            continue
        kind = known if known is not None else _Set(detect_format(path))
        yield from _variants(place, path, kind)


def _variants(place: Path, path: Path, kind: _Set) -> Iterator[Entry]:
    stem = re.sub(r"(\.txt)?(\.gz)?$", "", path.name)
    own = _values(place / _MAIN_VALUES)
    capacities = _SHARED_CAPACITY.get(stem, ()) if kind.form == "orlib" else ()
    if not capacities:
        yield Entry(f"{place.name}/{stem}", path, kind.form, kind.reading, own.get(stem))
    for capacity in capacities:
        name = f"{stem}_{capacity}"
        yield Entry(f"{place.name}/{name}", path, kind.form, Reading(capacity=capacity), own.get(name))
    for variant, file, reading in kind.variants:
        best = _values(place / file).get(stem)
        filled = Reading(reading.single_source, reading.uncapacitated, 1.0) if capacities else reading
        if best is not None:
            yield Entry(f"{place.name}/{stem}:{variant}", path, kind.form, filled, best)


def _values(path: Path) -> dict[str, BestKnown]:
    if not path.is_file():
        return {}
    with path.open(newline="") as lines:
        return {
            line["instance"]: BestKnown(float(line["objective"]), line["status"] == "optimal", line["source"])
            for line in csv.DictReader(lines)
        }


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]
