"""Costs and plans of coalitions kept in a folder, one file each, so that no solve is done twice."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt

from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.stability import RELATIVE_TOLERANCE
from optimizer.errors import Fault, InputError
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Decisions, Prices, Solution, Termination, relative_gap

__all__ = ["CoalitionStore"]

DECISIONS = ("option", "share", "size", "gate", "module", "tier", "tier_level", "overflow")
PRICES = ("row", "measure", "link_row", "link_gate", "link_price", "rule")
ENOUGH = 0.9


class CoalitionStore:
    """A folder of solutions by coalition, for one problem.

    Parameters
    ----------
    folder
        Made if it is not there.
    members
        The problem; a folder that keeps costs of another one is refused.
    options
        How closely costs are asked for now.
    """

    def __init__(self, folder: Path, members: MemberProblem, options: SolveOptions) -> None:
        self.folder = folder
        self._options = options
        self._stamp = f"{joblib.hash(members)}\n{' '.join(members.players)}\n"
        stamp = folder / "problem.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if stamp.exists() and stamp.read_text(encoding="utf-8") != self._stamp:
                rule = "keeps costs of another problem (other data, edits, wishes or version)."
                raise InputError([Fault("--keep", str(folder), rule, "Name another folder.")])
            stamp.write_text(self._stamp, encoding="utf-8")
        except OSError as error:
            rule = f"cannot be written ({error.strerror})."
            raise InputError([Fault("--keep", str(folder), rule, "Name another folder.")]) from error

    def read(self) -> dict[int, Solution]:
        """Return the solutions that are as good as asked for, or had as much time as they would get now."""
        found = {}
        for path in sorted(self.folder.glob("*.npz")):
            solution = _read(path)
            if self._good_enough(solution):
                found[int(path.stem)] = solution
        return found

    def write(self, mask: int, solution: Solution) -> None:
        """Keep a solution; a file is there whole or not at all."""
        path = self.folder / f"{mask}.npz"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **_arrays(solution))
        part.replace(path)

    def _good_enough(self, solution: Solution) -> bool:
        """Tell whether a solution will do for what is asked now."""
        if relative_gap(solution.objective, solution.bound) <= max(self._options.gap, RELATIVE_TOLERANCE):
            return True
        limit = self._options.time_limit_s
        return limit is not None and solution.runtime_s >= ENOUGH * limit


def _arrays(solution: Solution) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {
        "figures": np.array([solution.objective, solution.bound, solution.runtime_s]),
        "words": np.array([str(solution.termination), solution.proof]),
    }
    if solution.decisions is not None:
        arrays |= {f"decisions_{name}": getattr(solution.decisions, name) for name in DECISIONS}
    if solution.prices is not None:
        arrays |= {f"prices_{name}": getattr(solution.prices, name) for name in PRICES}
    return arrays


def _read(path: Path) -> Solution:
    with np.load(path, allow_pickle=False) as kept:
        objective, bound, runtime_s = kept["figures"].tolist()
        termination, proof = kept["words"].tolist()
        decisions = prices = None
        if "decisions_option" in kept:
            decisions = Decisions(**{name: kept[f"decisions_{name}"] for name in DECISIONS})
        if "prices_row" in kept:
            prices = Prices(**{name: kept[f"prices_{name}"] for name in PRICES})
    return Solution(
        termination=Termination(termination),
        objective=objective,
        bound=bound,
        decisions=decisions,
        prices=prices,
        proof=proof,
        runtime_s=runtime_s,
    )
