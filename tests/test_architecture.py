"""Who may import whom: the table of the design, enforced on every import of every module."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "optimizer"

ALLOWED: dict[str, set[str]] = {
    "units": set(),
    "errors": set(),
    "scenario": {"units", "errors"},
    "network": {"scenario", "units", "errors"},
    "costing": {"network", "scenario", "units", "errors"},
    "problem": {"costing", "scenario", "units", "errors"},
    "reference": {"costing", "scenario", "units", "errors"},
    "solver": {"problem", "errors"},
    "plan": {"costing", "network", "scenario", "problem", "solver.solution", "units", "errors"},
    "runs": {
        "plan",
        "costing",
        "scenario",
        "problem.labels",
        "solver.certificate",
        "solver.solution",
        "solver.carried",
        "solver.lane_start",
        "solver.tree_proof",
        "solver.warm",
        "errors",
    },
    "alliance": {"solver", "problem", "errors"},
    "study": {
        "pipeline",
        "optimise",
        "alliance",
        "runs",
        "plan",
        "solver",
        "problem",
        "costing",
        "network",
        "scenario",
        "errors",
    },
    "report": {"plan", "alliance", "study", "runs", "solver.solution", "scenario", "units", "errors"},
    "published": {"problem", "solver", "scenario", "errors"},
    "commands": {
        *(
            "pipeline",
            "report",
            "study",
            "alliance",
            "published",
            "runs",
            "costing",
            "scenario",
            "solver.limits",
        ),
        "errors",
    },
    "optimise": {"reference", "solver", "plan", "problem", "costing", "scenario", "errors"},
    "pipeline": {
        "optimise",
        *("study.compare", "runs", "plan", "solver", "problem", "costing", "network", "scenario"),
        *("reference", "errors"),
    },
}
"""Packages (or single modules of them) that each package may import besides itself."""


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST) -> list[tuple[str, int]]:
    """Every name imported anywhere in the module, as a dotted path, with its line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def may_import(owner: str, target: str) -> bool:
    """Whether package `owner` may import ``optimizer.<target>``."""
    if target.split(".", maxsplit=1)[0] in {owner, "__version__"}:
        return True
    return any(target == one or target.startswith(f"{one}.") for one in ALLOWED[owner])


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_imports_follow_the_design(path: Path) -> None:
    parts = dotted(path).split(".")
    owner = parts[1] if len(parts) > 1 else ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = []
    for name, line in imported(tree):
        if name == "cli" or name.startswith("cli."):
            wrong.append(f"line {line}: nothing imports the command line")
        if not name.startswith("optimizer."):
            continue
        target = name.removeprefix("optimizer.")
        if not owner or not may_import(owner, target):
            wrong.append(f"line {line}: {owner or 'optimizer'} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_every_package_is_in_the_table() -> None:
    there = {path.stem if path.is_file() else path.name for path in PACKAGE.iterdir()}
    code = {
        name
        for name in there
        if (PACKAGE / f"{name}.py").exists() or (PACKAGE / name / "__init__.py").exists()
    }
    assert code - {"__init__"} <= set(ALLOWED)


def test_the_check_of_a_plan_never_sees_the_problem_or_a_solver() -> None:
    seen, queue = set(), sorted((PACKAGE / "plan" / "check").rglob("*.py"))
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        for name, _ in imported(ast.parse(path.read_text(encoding="utf-8"))):
            assert not name.startswith(("optimizer.problem", "optimizer.solver")), (
                f"{dotted(path)} imports {name}"
            )
            queue += [file for file in candidates(name) if file.exists()]
    assert len(seen) > 1


def candidates(name: str) -> list[Path]:
    """Files that a dotted import may mean, the packages on the way included."""
    if not name.startswith("optimizer."):
        return []
    parts = name.split(".")
    files = [ROOT.joinpath(*parts[:end]) / "__init__.py" for end in range(2, len(parts) + 1)]
    return files + [ROOT.joinpath(*parts[:end]).with_suffix(".py") for end in range(2, len(parts) + 1)]


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_no_import_hides_inside_a_function(path: Path) -> None:
    """Imports stand at the top; only peers that may be absent are imported where they are used."""
    optional = ("highspy", "pyscipopt", "scipy.optimize._highspy", "matplotlib")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = {name for name, _ in imported(function) if not name.startswith(optional)}
            assert not inside, f"{function.name} (line {function.lineno}) imports {sorted(inside)}"


def test_solver_knows_no_business_word() -> None:
    words = ("warehouse", "parcel", "member", "container", "carrier")
    for path in sorted((PACKAGE / "solver").rglob("*.py")):
        names = {
            node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else node.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Name | ast.arg | ast.FunctionDef | ast.ClassDef)
        }
        assert not [name for name in names for word in words if word in name.lower().split("_")], path
