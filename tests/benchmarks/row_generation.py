"""Least core and nucleolus by row generation on random siting games: the solves, and where time went.

    python tests/benchmarks/row_generation.py        # nucleolus of 8 to 24 members, seeds 1 to 3
    python tests/benchmarks/row_generation.py --members 30 --stages 1 --accuracy 1e-4

Games are of the class 8 sites × 3 sizes, 12 markets (`optimizer.alliance.siting_games`). Times are CPU
seconds of one thread, compiled code warm; `programs` is what linear programs and exact arithmetic took.
"""

import argparse
import time

from optimizer.alliance.generation import GeneratedCore, generate_core
from optimizer.alliance.siting_games import random_siting_game

COLUMNS = (
    "members seed rule          cpu s single searches  lps    nodes costing searching programs "
    " eps/c(N)   slack"
)


def line(members: int, seed: int, found: GeneratedCore, cpu_s: float) -> str:
    """Return one line of the table."""
    single = found.solves - found.exact_separations
    rest = cpu_s - found.costing_s - found.separation_s
    total = found.total[1]
    return (
        f"{members:7d} {seed:4d} {found.rule:<12s} {cpu_s:6.2f} {single:6d} {found.exact_separations:8d} "
        f"{found.programs:4d} {found.nodes:8d} {found.costing_s:7.2f} {found.separation_s:9.2f} {rest:8.2f} "
        f"{found.epsilon[1] / total:+.2e} {found.slack / total:.1e}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, nargs="+", default=[8, 10, 12, 16, 20, 24])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--stages", type=int, default=None)
    parser.add_argument("--accuracy", type=float, default=None)
    asked = parser.parse_args()
    generate_core(random_siting_game(4, 1))
    print(COLUMNS)
    for members in asked.members:
        for seed in asked.seeds:
            game = random_siting_game(members, seed)
            started = time.process_time()
            found = generate_core(game, stages=asked.stages, accuracy=asked.accuracy)
            print(line(members, seed, found, time.process_time() - started), flush=True)


if __name__ == "__main__":
    main()
