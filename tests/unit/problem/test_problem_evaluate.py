"""Costs and violations of a plan, against a case worked by hand."""

import dataclasses

import numpy as np
import pytest

from optimizer.problem import Problem, ProblemBuilder, evaluate
from optimizer.solver.solution import Decisions


def problem() -> Problem:
    """Two rows (the second single sourced), one site of two sizes, a lane with a module, tiers, overflow."""
    builder = ProblemBuilder(constant=100.0)
    builder.add_rows([1.0, 1.0], single=[False, True])
    site = builder.add_sites(1)
    sizes = builder.add_sizes([0, 0], [10.0, 15.0])
    gate = builder.add_gates(2.0, site)
    resource = builder.add_resources(2, overflow_price=[0.0, 3.0], overflow_limit=[0.0, 5.0])
    measure = builder.add_measures(resource, [0.0, 1.0])
    builder.add_size_supply(sizes, measure[[0, 0]], [4.0, 8.0])
    module = builder.add_modules(resource[1:], 6.0, 2)
    builder.add_module_supply(module, measure[1:], 2.0)
    builder.add_tiers(resource[[1, 1]], [0.0, 2.0], [2.0, 9.0], [1.0, 2.0], [1.5, 0.5])
    builder.add_options([0, 1], [20.0, 30.0])
    builder.add_options(
        [0, 1], [4.0, 6.0], gates=gate, measures=measure[None, :], amounts=[[4.0, 4.0], [4.0, 6.0]]
    )
    builder.add_rule(0.0, 1.0, sizes=sizes, modules=module)
    return builder.build().problem


def plan(**changes: object) -> Decisions:
    """Half of row 0 direct, the rest and row 1 through the larger size."""
    decisions = Decisions(
        option=np.array([0, 1, 3]),
        share=np.array([0.5, 0.5, 1.0]),
        size=np.array([1]),
        gate=np.array([True]),
        module=np.array([0]),
        tier=np.array([-1, 3 - 2]),
        tier_level=np.array([0.0, 4.0]),
        overflow=np.array([0.0, 3.0]),
    )
    return dataclasses.replace(decisions, **changes)


def test_cost_by_part_by_hand() -> None:
    """Lane use 0.5·4 + 6 = 8 = 1 supply + 4 tier + 3 overflow; 10 + 2 + 6, 15, 2, 2 + 0.5·4, 3·3."""
    result = evaluate(problem(), plan())
    assert result.violations == ()
    assert result.parts == {
        "option": 18.0,
        "size": 15.0,
        "gate": 2.0,
        "module": 0.0,
        "tier": 4.0,
        "overflow": 9.0,
        "constant": 100.0,
    }
    assert result.objective == 148.0


BROKEN = {
    "row": {"share": np.array([0.5, 0.4, 1.0])},
    "single_source": {"option": np.array([0, 1, 2, 3]), "share": np.array([0.5, 0.5, 0.5, 0.5])},
    "link": {"gate": np.array([False])},
    "gate_site": {"size": np.array([-1])},
    "supply": {"size": np.array([0])},
    "tier": {"tier_level": np.array([0.0, 1.0]), "overflow": np.array([0.0, 5.0]), "module": np.array([1])},
    "rule": {"module": np.array([1])},
    "domain": {"overflow": np.array([0.0, 6.0])},
}


@pytest.mark.parametrize("family", BROKEN)
def test_each_family_is_checked(family: str) -> None:
    result = evaluate(problem(), plan(**BROKEN[family]))
    assert family in {violation.family for violation in result.violations}
    assert not result.feasible


def test_closed_gate_reports_the_largest_share() -> None:
    result = evaluate(problem(), plan(gate=np.array([False])))
    assert [v.excess for v in result.violations if v.family == "link"] == [1.0]
