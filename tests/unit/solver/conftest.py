"""Problems that several tests of the solver share."""

import pytest

from leg_programs import labelled_of
from optimizer.problem.labels import LabelledProblem
from optimizer.scenario import load


@pytest.fixture(scope="module")
def firm(tmp_path_factory, scenarios_dir) -> LabelledProblem:
    """One firm of the European alliance: ten sites of three sizes each, with containers and tiers."""
    path = tmp_path_factory.mktemp("firm") / "one.toml"
    base = (scenarios_dir / "eu_alliance.toml").as_posix()
    text = f'[scenario]\nname = "one"\nformat = 1\nextends = "{base}"\nmembers = ["yiwu-toys"]\n'
    path.write_text(text, encoding="utf-8")
    return labelled_of(load(path))
