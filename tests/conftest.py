"""Fixtures that every suite shares."""

from pathlib import Path

import pytest

from optimizer.pipeline import solve

ROOT = Path(__file__).resolve().parent.parent


def _beside(name: str) -> Path:
    """Return a data folder that stands beside the checkout, or skip the test with the reason."""
    folder = ROOT.parent / "shared" / name
    if not folder.is_dir():
        pytest.skip(f"the folder {name!r} of published data is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def benchmarks_dir() -> Path:
    """Published instances, one folder per set."""
    return _beside("benchmarks")


@pytest.fixture(scope="session")
def games_dir() -> Path:
    """Cost games with known solutions."""
    return _beside("games")


@pytest.fixture(scope="session")
def realdata_dir() -> Path:
    """Sourced figures as collected, before they became reference tables."""
    return _beside("realdata")


@pytest.fixture(scope="session")
def scenarios_dir() -> Path:
    """The scenarios shipped with the project."""
    return ROOT / "scenarios"


@pytest.fixture(scope="session")
def quickstart_run(scenarios_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the quickstart solved with one thread, each member alone included."""
    folder = tmp_path_factory.mktemp("runs") / "quickstart-1"
    solve(scenarios_dir / "quickstart.toml", threads=1, run_dir=folder)
    return folder
