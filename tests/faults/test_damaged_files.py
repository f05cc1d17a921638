"""Files damaged at random: whatever is in them, `load` gives an instance or faults, and nothing else."""

from pathlib import Path
from random import Random

import pytest

from mini_scenario import TABLES, write_mini
from optimizer.errors import InputError
from optimizer.scenario import load

SCRAPS = (
    *(b"", b"-1", b"nan", b"1e400", b"1e-320", b"9" * 400, b"2026-02-30", b"true", b"*", b"#", b"\xff"),
    *(b'"', b",", b";", b"\n", b"\x00", b"[", b"=", "１２".encode(), b"[[edit]]\n"),
)


def damaged(content: bytes, random: Random) -> bytes:
    """Return a file with a few cells, lines or bytes exchanged for scraps."""
    for _ in range(random.choice((1, 1, 2, 4))):
        if random.random() < 0.6:
            cells = content.split(b",")
            cells[random.randrange(len(cells))] = random.choice(SCRAPS)
            content = b",".join(cells)
        else:
            start = random.randrange(len(content) + 1)
            content = content[:start] + random.choice(SCRAPS) + content[start + random.randrange(4) :]
    return content


@pytest.mark.parametrize("seed", range(40))
def test_damage_is_survived(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    path = write_mini(tmp_path)
    victim = path if seed % 5 == 0 else tmp_path / "tables" / f"{random.choice(sorted(TABLES))}.csv"
    victim.write_bytes(damaged(victim.read_bytes(), random))
    try:
        assert load(path).members
    except InputError as error:
        assert error.faults
        assert all(fault.where and fault.rule for fault in error.faults)
