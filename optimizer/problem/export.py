"""Write the whole problem as an MPS or LP file that any solver reads, with the user's own names.

Both formats are written from the arrays, block by block, so memory stays at that of the sparse matrix. The
constant of the objective is a column `constant` fixed at one, which every reader understands.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.matrix import LinearModel, Links, linear_model
from optimizer.problem.problem import Problem

__all__ = ["Labels", "write_lp", "write_mps", "write_problem"]

Labels = Mapping[str, Sequence[str]]
"""Names of items by kind: any of `row option site size gate resource measure module tier rule`."""

Floats = npt.NDArray[np.float64]
LONGEST_NAME = 255
TERMS_PER_LINE = 8
CONSTANT = "constant"
_COLUMN_KINDS = {
    "x": "option",
    "y": "size",
    "m": "gate",
    "n": "module",
    "w": "tier",
    "u": "tier",
    "z": "resource",
}
_ROW_KINDS = {"row": "row", "supply": "measure", "tier_from": "tier", "tier_to": "tier", "rule": "rule"}


def write_problem(
    problem: Problem, path: Path, labels: Labels | None = None, links: Links = Links.STRONG
) -> None:
    """Write an ``.mps`` or ``.lp`` file, as the name of the file says.

    Raises
    ------
    ValueError
        The name ends otherwise.
    """
    writers = {".mps": write_mps, ".lp": write_lp}
    if path.suffix.lower() not in writers:
        raise ValueError(f"{path.name}: the name of an exported model ends in .mps or .lp")
    writers[path.suffix.lower()](problem, path, labels, links)


def write_mps(
    problem: Problem, path: Path, labels: Labels | None = None, links: Links = Links.STRONG
) -> None:
    """Write a free-format MPS file.

    Parameters
    ----------
    labels
        Names of items; letters, digits, ``_`` and ``.`` are kept, anything else becomes ``_``. Items
        without a label are called by their number: ``x_17``.
    links
        How links are written.

    A rule with two limits becomes two constraints, ``…_lower`` and ``…_upper``.
    """
    model = linear_model(problem, links)
    columns = _column_names(model, labels)
    model, rows = _split_ranges(model, _row_names(model, labels))
    kind = _row_senses(model)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write("NAME entrepot\nROWS\n N cost\n")
        file.writelines(f" {sense} {name}\n" for sense, name in zip(kind, rows, strict=True))
        file.write("COLUMNS\n")
        _write_mps_columns(file, model, columns, rows)
        file.write("RHS\n")
        sides = np.where(kind == "G", model.row_lower, model.row_upper)
        file.writelines(
            f" rhs {rows[k]} {_number(sides[k])}\n"
            for k in np.flatnonzero((sides != 0.0) & np.isfinite(sides))
        )
        file.write("BOUNDS\n")
        file.writelines(
            f" UP bnd {name} {_number(upper)}\n"
            for name, upper in zip(columns, model.upper.tolist(), strict=True)
            if np.isfinite(upper)
        )
        file.write(f" FX bnd {CONSTANT} 1\nENDATA\n" if model.offset else "ENDATA\n")


def write_lp(problem: Problem, path: Path, labels: Labels | None = None, links: Links = Links.STRONG) -> None:
    """Write a CPLEX LP file; parameters as for `write_mps`."""
    model = linear_model(problem, links)
    columns = _column_names(model, labels)
    model, rows = _split_ranges(model, _row_names(model, labels))
    priced = np.flatnonzero(model.cost)
    names = [columns[k] for k in priced] + ([CONSTANT] if model.offset else [])
    costs = [*model.cost[priced].tolist(), *([model.offset] if model.offset else [])]
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write("Minimize\n cost:")
        file.writelines(_terms(costs, names) if names else [f" 0 {columns[0]}"])
        file.write("\nSubject To\n")
        _write_lp_rows(file, model, columns, rows)
        file.write("Bounds\n")
        upper = model.upper.tolist()
        file.writelines(
            f" 0 <= {name} <= {_number(upper[k])}\n"
            for k, name in enumerate(columns)
            if np.isfinite(upper[k])
        )
        file.write(f" {CONSTANT} = 1\n" if model.offset else "")
        integer = [columns[k] for k in np.flatnonzero(model.integer)]
        file.write("Generals\n" if integer else "")
        file.writelines(f" {name}\n" for name in integer)
        file.write("End\n")


def _write_mps_columns(file: TextIO, model: LinearModel, columns: list[str], rows: list[str]) -> None:
    matrix = sparse.csc_array(model.matrix)
    start, index, value = matrix.indptr.tolist(), matrix.indices, matrix.data
    integer = False
    for k, name in enumerate(columns):
        if bool(model.integer[k]) != integer:
            integer = not integer
            file.write(f" MARKER 'MARKER' '{'INTORG' if integer else 'INTEND'}'\n")
        lines = [f" {name} cost {_number(model.cost[k])}\n"]
        here = slice(start[k], start[k + 1])
        lines += [
            f" {name} {rows[i]} {_number(a)}\n"
            for i, a in zip(index[here].tolist(), value[here].tolist(), strict=True)
        ]
        file.writelines(lines)
    if integer:
        file.write(" MARKER 'MARKER' 'INTEND'\n")
    if model.offset:
        file.write(f" {CONSTANT} cost {_number(model.offset)}\n")


def _write_lp_rows(file: TextIO, model: LinearModel, columns: list[str], rows: list[str]) -> None:
    start, index, value = model.matrix.indptr.tolist(), model.matrix.indices, model.matrix.data
    for k, name in enumerate(rows):
        here = slice(start[k], start[k + 1])
        names = [columns[j] for j in index[here].tolist()] or [columns[0]]
        terms = list(_terms(value[here].tolist() or [0.0], names))
        lower, upper = model.row_lower[k], model.row_upper[k]
        if lower == upper:
            file.writelines([f" {name}:", *terms, f" = {_number(upper)}\n"])
        elif np.isfinite(upper):
            file.writelines([f" {name}:", *terms, f" <= {_number(upper)}\n"])
        elif np.isfinite(lower):
            file.writelines([f" {name}:", *terms, f" >= {_number(lower)}\n"])


def _terms(values: list[float], names: list[str]) -> Iterator[str]:
    for k, (value, name) in enumerate(zip(values, names, strict=True)):
        line_break = "\n  " if k and k % TERMS_PER_LINE == 0 else ""
        yield f"{line_break} {'-' if value < 0 else '+'} {_number(abs(value))} {name}"


def _split_ranges(model: LinearModel, rows: list[str]) -> tuple[LinearModel, list[str]]:
    """Split rows with two different limits in two, since not every reader knows ranges."""
    finite = np.isfinite(model.row_lower) & np.isfinite(model.row_upper)
    ranged = np.flatnonzero(finite & (model.row_lower != model.row_upper))
    if len(ranged) == 0:
        return model, rows
    lower, names = model.row_lower.copy(), list(rows)
    lower[ranged] = -np.inf
    for k in ranged:
        names[k] = f"{rows[k]}_upper"
    split = replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, model.matrix[ranged]], format="csr")),
        row_lower=np.concatenate([lower, model.row_lower[ranged]]),
        row_upper=np.concatenate([model.row_upper, np.full(len(ranged), np.inf)]),
    )
    return split, names + [f"{rows[k]}_lower" for k in ranged]


def _row_senses(model: LinearModel) -> npt.NDArray[np.str_]:
    """E, L or G."""
    equal = model.row_lower == model.row_upper
    return np.where(equal, "E", np.where(np.isfinite(model.row_upper), "L", "G"))


def _column_names(model: LinearModel, labels: Labels | None) -> list[str]:
    names: list[str] = []
    for block, place in model.columns.items():
        kept = np.flatnonzero(model.gate_column >= 0) if block == "m" else np.arange(place.stop - place.start)
        names.extend(_names(block, _COLUMN_KINDS[block], kept, labels))
    return names


def _row_names(model: LinearModel, labels: Labels | None) -> list[str]:
    names: list[str] = []
    for family, place in model.rows.items():
        count = np.arange(place.stop - place.start)
        names.extend(_names(family, _ROW_KINDS.get(family, ""), count, labels))
    return names


def _names(prefix: str, kind: str, numbers: npt.NDArray[np.int64], labels: Labels | None) -> list[str]:
    """Labels, cleaned and made unique by the item's number where they are not, or numbers."""
    given = (labels or {}).get(kind)
    if given is None:
        return [f"{prefix}_{k}" for k in numbers.tolist()]
    clean = [f"{prefix}_{re.sub(r'[^A-Za-z0-9_.]', '_', str(given[k]))}" for k in numbers.tolist()]
    seen: dict[str, int] = {}
    for name in clean:
        seen[name[:LONGEST_NAME]] = seen.get(name[:LONGEST_NAME], 0) + 1
    return [
        name if len(name) <= LONGEST_NAME and seen[name] == 1 else f"{name[: LONGEST_NAME - 12]}.{k}"
        for name, k in zip(clean, numbers.tolist(), strict=True)
    ]


def _number(value: float) -> str:
    """Shortest text that reads back as the same number.

    >>> _number(3.0), _number(0.1), _number(1e20)
    ('3', '0.1', '1e+20')
    """
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
