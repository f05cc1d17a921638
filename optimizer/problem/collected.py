"""Blocks of columns collected one after the other, numbered as they come."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optimizer.problem.ragged import Array

__all__ = ["Collected"]

Ids = npt.NDArray[np.int64]


@dataclass
class Collected:
    """Columns by name, in blocks, with the number of items of each kind so far."""

    _counts: dict[str, int] = field(default_factory=dict, kw_only=True)
    _columns: dict[str, list[Array]] = field(default_factory=dict, kw_only=True)

    def _count(self, kind: str) -> int:
        return self._counts.get(kind, 0)

    def _add(self, kind: str, **columns: Array) -> Ids:
        self._pair(kind, **columns)
        first = self._count(kind)
        self._counts[kind] = first + len(self._columns[next(iter(columns))][-1])
        return np.arange(first, self._counts[kind], dtype=np.int64)

    def _pair(self, kind: str, **columns: Array) -> None:
        try:
            spread = np.broadcast_arrays(*(np.atleast_1d(column) for column in columns.values()))
        except ValueError as error:
            shapes = {name: column.shape for name, column in columns.items()}
            raise ValueError(f"the columns of a {kind} block differ in length: {shapes}") from error
        for name, column in zip(columns, spread, strict=True):
            self._columns.setdefault(name, []).append(column)

    def _column(self, name: str, dtype: npt.DTypeLike) -> Array:
        return np.concatenate([np.zeros(0, dtype), *self._columns.get(name, [])]).astype(dtype, copy=False)
