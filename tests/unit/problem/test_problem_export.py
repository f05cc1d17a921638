"""Exported files read back, by readers that are not ours, to the same optimum; golden files fix the text."""

from pathlib import Path

import numpy as np
import pulp
import pytest

from optimizer.problem import ProblemBuilder
from optimizer.problem.export import write_lp, write_mps, write_problem
from optimizer.problem.matrix import linear_model
from tiny_problems import FEATURES, brute_force, tiny_problem


def solve_mps(path: Path) -> float:
    """Solve with PuLP's MPS reader and CBC."""
    _, model = pulp.LpProblem.fromMPS(str(path))
    model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0.0))
    return float(pulp.value(model.objective)) if model.sol_status == 1 else np.inf


def solve_lp(path: Path) -> float:
    """Solve with the LP reader of HiGHS."""
    import scipy.optimize._highspy._core as highs

    solver = highs._Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(path)) == highs.HighsStatus.kOk
    solver.run()
    optimal = solver.getModelStatus() == highs.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value) if optimal else np.inf


@pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated")
@pytest.mark.parametrize("seed", range(8))
def test_exported_files_keep_the_optimum(seed: int, tmp_path: Path) -> None:
    problem = tiny_problem(seed, FEATURES)
    optimum = brute_force(problem)
    write_mps(problem, tmp_path / "model.mps")
    write_lp(problem, tmp_path / "model.lp")
    assert solve_lp(tmp_path / "model.lp") == pytest.approx(optimum, rel=1e-6)
    assert solve_lp(tmp_path / "model.mps") == pytest.approx(optimum, rel=1e-6)
    assert solve_mps(tmp_path / "model.mps") == pytest.approx(optimum, rel=1e-6)


def test_labels_become_names(tmp_path: Path) -> None:
    builder = ProblemBuilder()
    builder.add_options(builder.add_rows([1.0, 1.0]), [5.0, 6.0])
    labels = {"row": ["Köln, toys", "Köln; toys"], "option": ["a" * 400, "sea"]}
    write_lp(builder.build().problem, tmp_path / "model.lp", labels)
    text = (tmp_path / "model.lp").read_text()
    names = [part for part in text.replace(":", " ").split() if part[0] in "xr" and "_" in part]
    assert {"row_K_ln__toys.0", "row_K_ln__toys.1", "x_sea"} < set(names)
    assert max(len(name) for name in names) <= 255


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in \.mps or \.lp"):
        write_problem(tiny_problem(0), tmp_path / "model.sav")


GOLDEN = Path(__file__).parents[2] / "golden"


def _base(builder: ProblemBuilder, fee: float = 0.0, n_sizes: int = 1) -> dict[str, np.ndarray]:
    """Two rows, direct for 9 and 8 or through a site for 3 and 2."""
    rows = builder.add_rows([2.0, 4.0])
    site = builder.add_sites(1)
    sizes = builder.add_sizes(np.zeros(n_sizes, int), 5.0 + np.arange(n_sizes))
    gate = builder.add_gates(fee, site)
    resource = builder.add_resources(1)
    measure = builder.add_measures(resource, 0.0)
    builder.add_size_supply(sizes, measure, 6.0 + 4.0 * np.arange(n_sizes))
    builder.add_options(rows, [9.0, 8.0])
    builder.add_options(rows, [3.0, 2.0], gates=gate, measures=measure, amounts=[2.0, 4.0])
    return {"rows": rows, "sizes": sizes, "gate": gate, "resource": resource, "measure": measure}


def row_and_link() -> ProblemBuilder:
    builder = ProblemBuilder()
    _base(builder)
    return builder


def gate_with_a_fee_and_two_sizes() -> ProblemBuilder:
    builder = ProblemBuilder(constant=7.0)
    _base(builder, fee=1.5, n_sizes=2)
    return builder


def single_source() -> ProblemBuilder:
    builder = ProblemBuilder()
    builder.add_rows([1.0, 1.0], single=[True, False])
    builder.add_options([0, 0, 1], [4.0, 5.0, 6.0])
    return builder


def containers_and_overflow() -> ProblemBuilder:
    """One lane with two measures: two kinds of container and LCL at 2.5 a revenue ton, at most 10."""
    builder = ProblemBuilder()
    rows = builder.add_rows([1.0, 1.0])
    lane = builder.add_resources(1, overflow_price=2.5, overflow_limit=10.0)
    measures = builder.add_measures(np.repeat(lane, 2), [0.0, 1.0])
    modules = builder.add_modules(np.repeat(lane, 2), [30.0, 18.0], [2, 3])
    builder.add_module_supply(np.repeat(modules, 2), np.tile(measures, 2), [65.0, 19.0, 27.0, 17.0])
    builder.add_options(rows, [1.0, 2.0], measures=measures[None, :], amounts=[[20.0, 3.0], [40.0, 18.0]])
    return builder


def tiers() -> ProblemBuilder:
    builder = ProblemBuilder()
    fees = builder.add_resources(1)
    measure = builder.add_measures(fees, 0.0)
    builder.add_tiers(np.repeat(fees, 2), [0.0, 300.0], [300.0, 900.0], [0.0, 50.0], [3.85, 3.08])
    builder.add_options(builder.add_rows([250.0, 100.0]), 0.0, measures=measure, amounts=[250.0, 100.0])
    return builder


def rules() -> ProblemBuilder:
    """At most one size, and the gate must be open; the first has two limits."""
    builder = ProblemBuilder()
    items = _base(builder, n_sizes=2)
    builder.add_rule(0.0, 1.0, sizes=items["sizes"])
    builder.add_rule(1.0, np.inf, gates=items["gate"])
    return builder


MODELS = {model.__name__: model for model in (
    row_and_link, gate_with_a_fee_and_two_sizes, single_source, containers_and_overflow, tiers, rules
)}  # fmt: skip
OPTIMA = {
    "row_and_link": 10.0,  # open for 5, both through the site: 3 + 2
    "gate_with_a_fee_and_two_sizes": 18.5,  # 7 + 5 + 1.5 + 3 + 2: the first size holds 6
    "single_source": 10.0,
    "containers_and_overflow": 35.5,  # 21 t against 19 + 1 of a 40HQ: 30 + 1 + 2 + 2.5 of overflow
    "tiers": 1128.0,  # 350 orders in the second tier: 50 + 3.08 · 350
    "rules": 10.0,
}


@pytest.mark.parametrize("name", MODELS)
def test_golden_lp_files(name: str, tmp_path: Path) -> None:
    """To renew a golden file on purpose, copy what the failing test wrote."""
    write_lp(MODELS[name]().build().problem, tmp_path / f"{name}.lp")
    assert (tmp_path / f"{name}.lp").read_text() == (GOLDEN / f"{name}.lp").read_text()
    assert solve_lp(GOLDEN / f"{name}.lp") == pytest.approx(OPTIMA[name])


def test_every_constraint_family_has_a_golden_file() -> None:
    text = " ".join(path.read_text() for path in GOLDEN.glob("*.lp"))
    families = linear_model(tiny_problem(0)).rows
    assert [family for family in families if f" {family}_0" not in text] == []
    assert [block for block in "xymnwuz" if f" {block}_0" not in text] == []
