"""How long a scenario takes after edits of one line, cold and from the run before the edit.

Protocol: `python tests/benchmarks/edits.py SCENARIO EDITS [--gap 0.001] [--threads 2] [--time-limit 300]
[--warm-only]` on an idle machine; EDITS has one edit a line, as `--edit` takes it. Seconds are those of the
solver; the first solve compiles and is not counted.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from optimizer.pipeline import solve
from optimizer.runs.outcome import Outcome


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", type=Path)
    parser.add_argument("edits", type=Path)
    parser.add_argument("--gap", type=float, default=0.001)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--time-limit", type=float, default=300.0)
    parser.add_argument("--warm-only", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Measure and print a row for every edit, then medians."""
    given = asked()

    def solved(edits: list[str], warm: Path | None, run_dir: Path | None = None) -> Outcome:
        return solve(
            given.scenario,
            edits=edits,
            gap=given.gap,
            time_limit_s=given.time_limit,
            threads=given.threads,
            alone=False,
            warm=warm,
            run_dir=run_dir,
        )

    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        solved([], None, before)
        print(f"before: {in_words(solved([], None))}", flush=True)
        for line in given.edits.read_text(encoding="utf-8").splitlines():
            warm = solved([line], before)
            if given.warm_only:
                print(f"warm {in_words(warm)} | {line}", flush=True)
                continue
            cold = solved([line], None)
            ratios.append(warm.seconds["solve"] / cold.seconds["solve"])
            words = f"cold {in_words(cold)} | warm {in_words(warm)} | {ratios[-1]:.2f} | {line}"
            print(words, flush=True)
    if ratios:
        print(f"median {statistics.median(ratios):.2f}, most {max(ratios):.2f} of the cold solve")


def in_words(outcome: Outcome) -> str:
    """Seconds of the solver, plan and gap."""
    return f"{outcome.seconds['solve']:.2f} s, {outcome.objective:,.0f}, gap {100 * outcome.gap:.3f} %"


if __name__ == "__main__":
    main()
