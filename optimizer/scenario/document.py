"""Reading a scenario file and those it extends into one document: layers, edits and settings in order."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from optimizer.errors import Fault, InputError
from optimizer.scenario.codes import CURRENCIES, CURRENCY_SLIPS
from optimizer.scenario.faultlist import suggestion
from optimizer.scenario.instance import ModelSettings, SolveSettings
from optimizer.scenario.readers.layer import label_of
from optimizer.scenario.readers.raw import unreadable
from optimizer.scenario.settings import EditSection, ModelSection, ScenarioSection, SolveSection, read_section

__all__ = ["Document", "LayerName", "PlacedEdit", "read_document"]

_SECTIONS = ("scenario", "edit", "model", "solve")


@dataclass(frozen=True)
class LayerName:
    """A layer as a scenario file names it: text, folder of that file, place for faults."""

    name: str
    folder: Path
    where: str


@dataclass(frozen=True)
class PlacedEdit:
    """An edit and where it stands."""

    edit: EditSection
    where: str


@dataclass
class Document:
    """A scenario file with all it extends.

    Parameters
    ----------
    name, currency, members, unusual
        From the ``[scenario]`` sections, the extending file winning.
    layers, edits
        In the order in which they apply: those of the extended file first.
    model, solve
        Keys given, merged.
    inputs
        SHA-256 of each file read.
    """

    name: str = ""
    currency: str = ""
    members: tuple[str, ...] | None = None
    unusual: tuple[str, ...] = ()
    layers: list[LayerName] = field(default_factory=list)
    edits: list[PlacedEdit] = field(default_factory=list)
    model: dict[str, Any] = field(default_factory=dict)
    solve: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)


def read_document(path: Path) -> tuple[Document, list[Fault]]:
    """Return the scenario file at a path, merged over those it extends, and every fault of its sections.

    Raises
    ------
    InputError
        If the file, or one it extends, cannot be read at all.
    """
    document = Document()
    faults: list[Fault] = []
    _read(path, path.parent, document, faults, chain=())
    document.name = document.name or path.stem
    if faults:
        return document, faults
    if not document.currency:
        where = f"{path.name} [scenario]"
        faults.append(Fault(where, "", "The key currency is missing.", 'Add it, as in currency = "USD".'))
    if not document.layers:
        where = f"{path.name} [scenario]"
        faults.append(Fault(where, "", "The key tables is missing.", 'Add it, as in tables = ["tables"].'))
    return document, faults


def _read(path: Path, home: Path, document: Document, faults: list[Fault], chain: tuple[Path, ...]) -> None:
    """Merge one file into the document, what it extends first."""
    where = label_of(path, home) if chain else path.name
    content = _content(path, where if chain else str(path))
    document.inputs[where] = hashlib.sha256(content).hexdigest()
    sections = _parse(content, where)
    faults += [
        Fault(where, name, "A scenario file has no such section.", suggestion(name, _SECTIONS))
        for name in sections
        if name not in _SECTIONS
    ]
    section, found = read_section(ScenarioSection, _table(sections, "scenario"), f"{where} [scenario]")
    faults += found
    if section is not None and section.extends:
        base = (path.parent / section.extends).resolve()
        trail = (*chain, path.resolve())
        if base in trail:
            names = " → ".join(item.name for item in (*trail, base))
            rule = f"The scenario extends itself: {names}."
            raise InputError(
                [Fault(f"{where} [scenario] key extends", section.extends, rule, "Break the circle.")]
            )
        if not _exists(base, Path.is_file):
            near = [item.name for item in base.parent.glob("*.toml") if item.resolve() != path.resolve()]
            rule = "There is no such scenario file to extend."
            mend = suggestion(base.name, near) if near else "Give a path relative to this file."
            raise InputError([Fault(f"{where} [scenario] key extends", section.extends, rule, mend)])
        _read(path.parent / section.extends, home, document, faults, trail)
    if section is not None:
        _merge_scenario(section, path, where, document, faults)
    _merge_settings(sections, where, document, faults)
    _merge_edits(sections, where, document, faults)


def _content(path: Path, where: str) -> bytes:
    """Return the bytes of a scenario file."""
    if _exists(path, Path.is_dir):
        mend = "Name the .toml file in it."
        raise InputError([Fault(where, "", "This is a folder, not a scenario file.", mend)])
    if not _exists(path, Path.is_file):
        near = [item.name for item in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        mend = suggestion(path.name, near) if near else "Check the path."
        raise InputError([Fault(where, "", "There is no such file.", mend)])
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InputError([unreadable(where, problem)]) from None
    if not content.strip():
        mend = 'Start it with [scenario], name = "…", currency = "USD" and tables = ["…"].'
        raise InputError([Fault(where, "", "The file is empty.", mend)])
    return content


def _exists(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether a path is of a kind; one that the system refuses, as too long, is not."""
    try:
        return kind(path)
    except OSError:
        return False


def _parse(content: bytes, where: str) -> dict[str, Any]:
    """Return the sections of a TOML file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        rule = "The file is not UTF-8 text."
        mend = "A scenario is a TOML text file; save it as UTF-8."
        raise InputError([Fault(f"{where} line {line}", "", rule, mend)]) from None
    if "\x00" in text:
        raise InputError([Fault(where, "", "The file is binary.", "A scenario is a TOML text file.")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        reason, _, spot = str(problem).partition(" (at ")
        spot = spot.rstrip(")")
        rule = f"The file is not valid TOML: {reason[0].lower()}{reason[1:]}."
        raise InputError(
            [Fault(f"{where} {spot}".rstrip(), _line(text, spot), rule, "Mend the line.")]
        ) from None


def _line(text: str, spot: str) -> str:
    """Return the line of a text that a TOML error points at."""
    words = spot.replace(",", "").split()
    number = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _table(sections: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a section, empty if it is absent or no section at all (that is a fault found elsewhere)."""
    found = sections.get(name, {})
    return found if isinstance(found, dict) else {name: found}


def _merge_scenario(
    section: ScenarioSection, path: Path, where: str, document: Document, faults: list[Fault]
) -> None:
    """Put the ``[scenario]`` section of a file over that of the files it extends."""
    place = f"{where} [scenario] key"
    document.name = section.name or path.stem
    document.unusual += tuple(section.unusual)
    document.layers += [LayerName(name, path.parent, f"{place} tables") for name in section.tables]
    if section.members is not None:
        document.members = tuple(section.members)
    if section.currency:
        document.currency = section.currency
        if section.currency not in CURRENCIES:
            slip = CURRENCY_SLIPS.get(section.currency.upper(), "")
            mend = f"Did you mean {slip!r}?" if slip else 'Write the code, as in "USD".'
            rule = "It is not a currency code of ISO 4217."
            faults.append(Fault(f"{place} currency", section.currency, rule, mend))


def _merge_settings(sections: Mapping[str, Any], where: str, document: Document, faults: list[Fault]) -> None:
    """Check the ``[model]`` and ``[solve]`` keys of a file and put them over those before."""
    model, solve = _table(sections, "model"), _table(sections, "solve")
    found = read_section(ModelSection, model, f"{where} [model]", asdict(ModelSettings()))[1]
    found += read_section(SolveSection, solve, f"{where} [solve]", asdict(SolveSettings()))[1]
    faults += found
    document.model.update(model)
    document.solve.update(solve)


def _merge_edits(sections: Mapping[str, Any], where: str, document: Document, faults: list[Fault]) -> None:
    """Add the edits of a file after those before."""
    edits = sections.get("edit", [])
    if not isinstance(edits, list):
        mend = "Write [[edit]] with two brackets."
        faults.append(Fault(f"{where} [edit]", "", "Edits are a list.", mend))
        return
    for number, given in enumerate(edits, start=1):
        place = f"{where} [[edit]] {number}"
        section, found = read_section(
            EditSection, given if isinstance(given, dict) else {"edit": given}, place
        )
        faults += found
        if section is not None:
            document.edits.append(PlacedEdit(section, place))
