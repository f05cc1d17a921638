"""Each constraint family on each solver, alone on a case whose optimum is worked out by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.problem import Problem, ProblemBuilder, evaluate
from optimizer.solver.backends import available_backends, solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solve import solve
from tiny_problems import brute_force

GAP = 1e-4


def row() -> tuple[Problem, float]:
    """Every row is served once: the cheaper of 4 and 5, and 6, with a constant of 10: 20."""
    builder = ProblemBuilder(constant=10.0)
    builder.add_rows([1.0, 1.0])
    builder.add_options([0, 0, 1], [4.0, 5.0, 6.0])
    return builder.build().problem, 20.0


def link() -> tuple[Problem, float]:
    """A free-standing gate for 5 saves 3 on each of two rows: 5 + 2 · 1 = 7 < 2 · 4."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0])
    gate = builder.add_gates(5.0)
    builder.add_options(rows, 4.0)
    builder.add_options(rows, 1.0, gates=gate)
    return builder.build().problem, 7.0


def gate_site() -> tuple[Problem, float]:
    """The gate's fee 1 and its site's size 6 are both paid: 1 + 6 + 1 = 8 < 9."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0])
    site = builder.add_sites(1)
    builder.add_sizes(site, 6.0)
    gate = builder.add_gates(1.0, site)
    builder.add_options(rows, 9.0)
    builder.add_options(rows, 1.0, gates=gate)
    return builder.build().problem, 8.0


def restricted_gate() -> tuple[Problem, float]:
    """Only the second size, for 7, admits the gate, though the first costs 1: 7 + 1 = 8."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0])
    site = builder.add_sites(1)
    sizes = builder.add_sizes([0, 0], [1.0, 7.0])
    gate = builder.add_gates(0.0, site)
    builder.restrict_gates(gate, sizes[1:])
    builder.add_options(rows, 9.0)
    builder.add_options(rows, 1.0, gates=gate)
    return builder.build().problem, 8.0


def one_size() -> tuple[Problem, float]:
    """Sizes of 4 units for 1 and of 7 for 9 do not stack: of 8 units one goes direct for 5, 9 + 5 = 14.

    With the small size 4 units go direct: 1 + 4 · 5 = 21; both together would cost 10.
    """
    builder = ProblemBuilder()
    rows = builder.add_rows([8.0])
    site = builder.add_sites(1)
    sizes, gate = builder.add_sizes([0, 0], [1.0, 9.0]), builder.add_gates(0.0, site)
    space = builder.add_measures(builder.add_resources(1), 0.0)
    builder.add_size_supply(sizes, np.repeat(space, 2), [4.0, 7.0])
    builder.add_options(rows, 40.0)
    builder.add_options(rows, 0.0, gates=gate, measures=space, amounts=8.0)
    return builder.build().problem, 14.0


def supply() -> tuple[Problem, float]:
    """A line takes 6 of the 8 kg at 1 per kg; the rest goes at 3: 6 + 2 · 3 = 12."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0])
    line = builder.add_measures(builder.add_resources(1), 6.0)
    builder.add_options(rows, 8.0, measures=line, amounts=8.0)
    builder.add_options(rows, 24.0)
    return builder.build().problem, 12.0


def several_measures() -> tuple[Problem, float]:
    """W/M at 2 per unit: pooled 5 m³ and 5 t, so 10; charged one by one it would be 2 · (4 + 4) = 16."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0])
    lane = builder.add_resources(1, overflow_price=2.0, overflow_limit=np.inf)
    measures = builder.add_measures(np.repeat(lane, 2), 0.0)
    builder.add_options(rows, 0.0, measures=measures[None, :], amounts=[[4.0, 1.0], [1.0, 4.0]])
    return builder.build().problem, 10.0


def modules() -> tuple[Problem, float]:
    """For 50 m³: two 20GP of 27 for 2 · 17 = 34, a 40HQ of 65 for 30: 30."""
    builder = ProblemBuilder()
    rows = builder.add_rows([50.0])
    lane = builder.add_resources(1)
    space = builder.add_measures(lane, 0.0)
    kinds = builder.add_modules(np.repeat(lane, 2), [30.0, 17.0], [1, 3])
    builder.add_module_supply(kinds, np.repeat(space, 2), [65.0, 27.0])
    builder.add_options(rows, 0.0, measures=space, amounts=50.0)
    return builder.build().problem, 30.0


def module_limit() -> tuple[Problem, float]:
    """As `modules`, but no 40HQ and one 20GP: 27 m³ for 17 and 23 m³ of LCL at 2: 63."""
    builder = ProblemBuilder()
    rows = builder.add_rows([50.0])
    lane = builder.add_resources(1, overflow_price=2.0, overflow_limit=40.0)
    space = builder.add_measures(lane, 0.0)
    kinds = builder.add_modules(np.repeat(lane, 2), [30.0, 17.0], [0, 1])
    builder.add_module_supply(kinds, np.repeat(space, 2), [65.0, 27.0])
    builder.add_options(rows, 0.0, measures=space, amounts=50.0)
    return builder.build().problem, 63.0


def overflow_limit() -> tuple[Problem, float]:
    """Overflow at 1 is limited to 3 of 5 units, so two fifths go direct for 10: 3 + 4 = 7."""
    builder = ProblemBuilder()
    rows = builder.add_rows([5.0])
    lane = builder.add_resources(1, overflow_price=1.0, overflow_limit=3.0)
    space = builder.add_measures(lane, 0.0)
    builder.add_options(rows, 0.0, measures=space, amounts=5.0)
    builder.add_options(rows, 10.0)
    return builder.build().problem, 7.0


def tiers() -> tuple[Problem, float]:
    """All-units: 95 kg at 3 cost 285; charged as 100 kg at 2.5 with a fixed 5 they cost 255."""
    builder = ProblemBuilder()
    rows = builder.add_rows([95.0])
    lane = builder.add_resources(1)
    weight = builder.add_measures(lane, 0.0)
    builder.add_tiers(np.repeat(lane, 2), [0.0, 100.0], [100.0, 300.0], [0.0, 5.0], [3.0, 2.5])
    builder.add_options(rows, 0.0, measures=weight, amounts=95.0)
    return builder.build().problem, 255.0


def tier_end() -> tuple[Problem, float]:
    """The only tier ends at 60 of 80 units at 1, so a quarter goes direct for 100: 60 + 25 = 85."""
    builder = ProblemBuilder()
    rows = builder.add_rows([80.0])
    lane = builder.add_resources(1)
    weight = builder.add_measures(lane, 0.0)
    builder.add_tiers(lane, 0.0, 60.0, 0.0, 1.0)
    builder.add_options(rows, 0.0, measures=weight, amounts=80.0)
    builder.add_options(rows, 100.0)
    return builder.build().problem, 85.0


def single_source() -> tuple[Problem, float]:
    """Two sites of 6 units, rows of 5, 4 and 3, single sourced: one of 3 goes direct for 9 in 9 + 3 · 0."""
    builder = ProblemBuilder()
    rows = builder.add_rows([5.0, 4.0, 3.0], single=True)
    sites = builder.add_sites(2)
    sizes, gates = builder.add_sizes(sites, 0.0), builder.add_gates(0.0, sites)
    space = builder.add_measures(builder.add_resources(2), 0.0)
    builder.add_size_supply(sizes, space, 6.0)
    for k in range(2):
        builder.add_options(rows, 0.0, gates=gates[k], measures=space[[k]], amounts=[5.0, 4.0, 3.0])
    builder.add_options(rows, [15.0, 12.0, 9.0])
    return builder.build().problem, 9.0


def rule_upper() -> tuple[Problem, float]:
    """Two of three gates for free, at most one may open: the best saves 9 of 5 + 7 + 10: 12 + 1 = 13."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0, 1.0])
    gates = builder.add_gates([0.0, 0.0, 0.0])
    builder.add_options(rows, [5.0, 7.0, 10.0])
    builder.add_options(rows, 1.0, gates=gates)
    builder.add_rule(-np.inf, 1.0, gates=gates)
    return builder.build().problem, 13.0


def rule_lower() -> tuple[Problem, float]:
    """Keep open: the size that nothing needs is paid all the same, 3 + 6 = 9."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0])
    size = builder.add_sizes(builder.add_sites(1), 6.0)
    builder.add_options(rows, 3.0)
    builder.add_rule(1.0, 1.0, sizes=size)
    return builder.build().problem, 9.0


def rule_over_modules() -> tuple[Problem, float]:
    """Contract minimum of 3 containers at 4, though 2 would do: 12."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0])
    lane = builder.add_resources(1)
    space = builder.add_measures(lane, 0.0)
    kind = builder.add_modules(lane, 4.0, 9)
    builder.add_module_supply(kind, space, 10.0)
    builder.add_options(rows, 0.0, measures=space, amounts=20.0)
    builder.add_rule(3.0, np.inf, modules=kind)
    return builder.build().problem, 12.0


Case = Callable[[], tuple[Problem, float]]
CASES: dict[str, Case] = {
    case.__name__: case
    for case in (
        row,
        link,
        gate_site,
        restricted_gate,
        one_size,
        supply,
        several_measures,
        modules,
        module_limit,
        overflow_limit,
        tiers,
        tier_end,
        single_source,
        rule_upper,
        rule_lower,
        rule_over_modules,
    )
}


@pytest.mark.parametrize("name", CASES)
def test_hand_arithmetic_agrees_with_enumeration(name: str) -> None:
    problem, optimum = CASES[name]()
    assert brute_force(problem) == pytest.approx(optimum)


BACKENDS = [
    pytest.param(name, marks=() if name == "highs" else pytest.mark.slow) for name in available_backends()
]


@pytest.mark.parametrize("solver", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_family_on_every_backend(name: str, solver: str) -> None:
    problem, optimum = CASES[name]()
    solution = solve_direct(problem, SolveOptions(gap=GAP), solver=solver, reduced=False)
    assert solution.objective == pytest.approx(optimum, rel=GAP)
    assert evaluate(problem, solution.decisions).feasible


@pytest.mark.parametrize("strategy", ["auto", "price"])
@pytest.mark.parametrize("name", CASES)
def test_family_on_every_strategy(name: str, strategy: str) -> None:
    problem, optimum = CASES[name]()
    solution = solve(problem, SolveOptions(gap=0.0), strategy)
    assert solution.objective == pytest.approx(optimum)
    assert solution.bound <= optimum * (1 + 1e-9)
    assert evaluate(problem, solution.decisions).feasible
