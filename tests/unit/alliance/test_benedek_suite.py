"""The suite of Benedek, Fliege and Nguyen (2021): random games of 5 to 20 players, to 1e-9."""

import json

import numpy as np
import pytest

from optimizer.alliance.game import CostGame
from optimizer.alliance.kohlberg import is_nucleolus
from optimizer.alliance.nucleolus import nucleolus

FILES = (
    [f"v1n{n}" for n in ("5j1", "5j3", "5j5", "10j1", "10j3", "15j1", "20j1")]
    + [f"v2n{n}" for n in ("5j2", "5j4", "5j6", "10j2", "10j4", "15j2")]
    + [f"v3n{n}" for n in ("5j1", "5j3", "5j5", "10j1", "10j3", "15j1", "20j1")]
    + [f"v4n{n}" for n in ("5j2", "5j4", "5j6", "10j2", "10j4", "15j2")]
)


class LinearCongruential:
    """The generator of the authors' platform, so that a seed names a game."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def __call__(self) -> int:
        self.state = (self.state * 214013 + 2531011) & 0xFFFFFFFF
        return self.state >> 16 & 0x7FFF


def worths(kind: int, n: int, seed: int) -> np.ndarray:
    """Return v(S) by mask for one of the four families."""
    rand, last = LinearCongruential(seed), (1 << n) - 1
    values = np.zeros(last + 1)
    if kind == 1:
        values[last] = rand() % 201 + 100 * (n - 2)
        for mask in range(1, last):
            size = mask.bit_count()
            values[mask] = 0 if size == 1 else rand() % (100 * size) + 1
    elif kind == 3:
        values[last], draw = 1, rand() % 10
        for i in range(n):
            values[last ^ 1 << i], draw = float(draw < 9), rand() % 10
            for j in range(i + 1, n):
                values[last ^ 1 << i ^ 1 << j], draw = float(draw < 9), rand() % 10
    else:
        reach = 50 * n if kind == 2 else n
        values[3] = rand() % reach + 1
        for mask in range(5, last + 1):
            if mask.bit_count() > 1:
                values[mask] = rand() % reach + 1
    return values


@pytest.mark.parametrize("file", FILES)
def test_nucleolus(games_dir, file):
    suite = json.loads((games_dir / "benedek_suite.json").read_text())["games"]
    assert {entry["file"] for entry in suite} == {f"{name}.txt" for name in FILES}
    entry = next(entry for entry in suite if entry["file"] == f"{file}.txt")
    values = worths(entry["type"], entry["n"], entry["seed"])
    assert values[-1] == entry["vN"]
    if "values" in entry:
        assert values.tolist() == entry["values"]
    game = CostGame.from_worths(values)
    result = nucleolus(game)
    assert result.unique and result.slack == 0
    assert np.abs(-result.as_floats - entry["nucleolus"]).max() < 1e-9
    assert float(result.stages[0].level) == pytest.approx(entry["least_core_eps"], abs=1e-9)
    if entry["n"] <= 15:
        assert is_nucleolus(game, result.as_floats)
