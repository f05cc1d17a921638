"""The rules by name, in the order in which they are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from optimizer.alliance.allocation import Allocation
from optimizer.alliance.coalition import Table
from optimizer.alliance.core import least_core
from optimizer.alliance.equal_profit import equal_profit, minmax_core, nearest_to_proportional
from optimizer.alliance.game import CostGame
from optimizer.alliance.nucleolus import nucleolus, prenucleolus
from optimizer.alliance.proportional import proportional
from optimizer.alliance.separable import (
    equal_charge,
    equal_saving,
    separable_remaining_benefits,
    tau_value,
)
from optimizer.alliance.separation import ExplicitSeparator
from optimizer.alliance.shapley import owen_value, shapley_value, solidarity_value, weighted_shapley
from optimizer.errors import Fault, InputError
from optimizer.problem.problem import Floats

__all__ = ["RuleInput", "apply_rule", "known_rules", "rule_names"]


@dataclass(frozen=True, eq=False)
class RuleInput:
    """What the rules may look at.

    Attributes
    ----------
    game : CostGame
    measures : mapping of str to float64, shape (n,)
        Sizes of the members (`orders`, `volume`, `weight`, …): each gives a rule `proportional_<name>`.
    bargaining : float64, shape (n,), or None
        Bargaining weights > 0; they give the rules `weighted_shapley`, `weighted_nucleolus`,
        `weighted_saving`.
    blocs : sequence of sequences of int, or None
        A partition of the members; it gives the rule `owen`.
    """

    game: CostGame
    measures: Mapping[str, Floats] = field(default_factory=dict)
    bargaining: Floats | None = None
    blocs: Sequence[Sequence[int]] | None = None


def rule_names(inputs: RuleInput) -> tuple[str, ...]:
    """Return the names of the rules that these inputs allow."""
    names = ["proportional_stand_alone", *(f"proportional_{name}" for name in inputs.measures), *_PLAIN]
    if inputs.bargaining is not None:
        names += list(_WEIGHTED)
    if inputs.blocs is not None:
        names.append("owen")
    return tuple(names)


def known_rules(names: Sequence[str], inputs: RuleInput) -> None:
    """Refuse names of rules that there are not for these inputs, each with the nearest that there is."""
    known = rule_names(inputs)
    faults = []
    for name in names:
        if name in known:
            continue
        near = get_close_matches(name, known, 1)
        mend = (
            "It needs bargaining weights."
            if name in _WEIGHTED
            else f"Did you mean {near[0]}?"
            if near
            else ""
        )
        faults.append(
            Fault("rule", name, f"known rules are {', '.join(known)}.", mend or "Choose one of them.")
        )
    if faults:
        raise InputError(faults)


def apply_rule(name: str, inputs: RuleInput) -> Allocation:
    """Split c(N) by the named rule.

    Raises
    ------
    InputError
        There is no such rule for these inputs.
    UndefinedRuleError
        The rule is not defined on this game.
    """
    game = inputs.game
    known_rules([name], inputs)
    note = ""
    if name == "proportional_stand_alone":
        shares = proportional(game.total, game.alone())
    elif name.startswith("proportional_") and name.removeprefix("proportional_") in inputs.measures:
        shares = proportional(game.total, np.asarray(inputs.measures[name.removeprefix("proportional_")]))
    elif name == "owen" and inputs.blocs is not None:
        shares = owen_value(game, inputs.blocs)
    elif name in _WEIGHTED and inputs.bargaining is not None:
        shares = _WEIGHTED[name](game, np.asarray(inputs.bargaining, dtype=np.float64))
    else:
        shares, note = _PLAIN[name](game)
    return Allocation.of(name, game.players, shares, note)


def _relief(game: CostGame) -> tuple[ExplicitSeparator, float, str]:
    """Return what must be added to every coalition's cost so that the core is not empty."""
    separator = ExplicitSeparator(game)
    stages = least_core(separator, game.exact(game.everybody)).stages
    level = float(stages[0].level) if stages else 0.0
    note = "the core is empty: taken over the least core" if level < 0 else ""
    return separator, max(0.0, -level), note


def _equal_profit(game: CostGame) -> tuple[Table, str]:
    separator, relief, note = _relief(game)
    return equal_profit(separator, game.total, game.alone(), relief).shares, note


def _minmax(game: CostGame) -> tuple[Table, str]:
    separator, relief, note = _relief(game)
    return minmax_core(separator, game.total, game.alone(), relief).shares, note


def _least_core(game: CostGame) -> tuple[Table, str]:
    separator = ExplicitSeparator(game)
    stages = least_core(separator, game.exact(game.everybody)).stages
    level = float(stages[0].level) if stages else 0.0
    result = nearest_to_proportional(separator, game.total, game.alone(), -level)
    return result.shares, "of the least core, the split nearest to proportional"


def _simple(rule: Callable[[CostGame], Table]) -> Callable[[CostGame], tuple[Table, str]]:
    return lambda game: (rule(game), "")


_PLAIN: dict[str, Callable[[CostGame], tuple[Table, str]]] = {
    "equal_saving": _simple(equal_saving),
    "equal_charge": _simple(equal_charge),
    "separable_costs": _simple(separable_remaining_benefits),
    "tau_value": _simple(tau_value),
    "shapley": _simple(shapley_value),
    "solidarity": _simple(solidarity_value),
    "equal_profit": _equal_profit,
    "minmax_core": _minmax,
    "least_core": _least_core,
    "nucleolus": _simple(lambda game: nucleolus(game).as_floats),
    "prenucleolus": _simple(lambda game: prenucleolus(game).as_floats),
    "per_capita_nucleolus": _simple(lambda game: prenucleolus(game, per="size").as_floats),
    "proportional_nucleolus": _simple(lambda game: prenucleolus(game, per="cost").as_floats),
}

_WEIGHTED: dict[str, Callable[[CostGame, Floats], Table]] = {
    "weighted_saving": lambda game, weights: equal_saving(game, weights=weights),
    "weighted_shapley": weighted_shapley,
    "weighted_nucleolus": lambda game, weights: prenucleolus(game, per="size", weights=weights).as_floats,
}
