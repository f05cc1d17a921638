"""Several shared-warehouse plans for one alliance, ranked by total, by the worst-off member, by stability."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.alliance.what_if import compare_plans
from optimizer.errors import Fault, InputError
from optimizer.pipeline import load
from optimizer.scenario.instance import Instance
from optimizer.study.alliance import AllianceStudy
from optimizer.study.coalitions import openings

__all__ = ["PlansCompared", "compare_alliances", "plans_to_compare"]


@dataclass(frozen=True, eq=False)
class PlansCompared:
    """Studies of several plans by name, the scenario's own first.

    Attributes
    ----------
    studies : dict of str to AllianceStudy
    edits : dict of str to str
        The edit by which a plan differs from the first, where it does.
    ranking : pandas.DataFrame
        Per plan and rule, see `optimizer.alliance.what_if.compare_plans`.
    """

    studies: Mapping[str, AllianceStudy]
    edits: Mapping[str, str]
    ranking: pd.DataFrame

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        plans = {
            name: {
                "edit": self.edits.get(name, ""),
                **study.result.to_json(),
                "opens": openings(study.costed, study.result.game.everybody),
            }
            for name, study in self.studies.items()
        }
        return {"plans": plans, "ranking": self.ranking.to_dict("records")}


def plans_to_compare(
    scenario: Path, edits: Sequence[str], others: Sequence[str]
) -> tuple[dict[str, Instance], dict[str, str]]:
    """Load the scenario, and each plan to compare it with: another scenario file, or the same with an edit.

    The edits of the command line are made in the scenario itself and in those that differ from it by an edit.

    Returns
    -------
    tuple
        Instances by name (that of the file, or ``edit 1``, ``edit 2``, …), and the edits by name.
    """
    plans = {scenario.stem: load(scenario, edits)}
    changes: dict[str, str] = {}
    for text in others:
        if text.endswith(".toml"):
            path = Path(text)
            plans[path.stem if path.stem not in plans else text] = load(path)
        else:
            name = f"edit {len(changes) + 1}"
            plans[name] = load(scenario, [*edits, text])
            changes[name] = text
    if len(plans) < 2:
        mend = "Name another scenario file or an edit."
        raise InputError([Fault("--compare", ", ".join(others), "leaves one plan only.", mend)])
    return plans, changes


def compare_alliances(
    plans: Mapping[str, Instance],
    edits: Mapping[str, str],
    study: Callable[[str, Instance], AllianceStudy],
) -> PlansCompared:
    """Study each plan and rank plans and rules; the first two as `plans_to_compare` returns them.

    Raises
    ------
    InputError
        The plans are in different currencies.
    """
    currencies = sorted({instance.currency for instance in plans.values()})
    if len(currencies) > 1:
        rule = "amounts in different currencies cannot be compared."
        raise InputError([Fault("--compare", ", ".join(currencies), rule, "Set one currency.")])
    studies = {name: study(name, instance) for name, instance in plans.items()}
    return PlansCompared(studies, edits, compare_plans({name: one.result for name, one in studies.items()}))
