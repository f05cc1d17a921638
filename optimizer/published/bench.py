"""The benchmark: our strategies and the installed peers, side by side, under one protocol (README.md)."""

from collections.abc import Callable, Sequence
from pathlib import Path

from optimizer.errors import Fault, InputError
from optimizer.published.generated import Generated, find_generated
from optimizer.published.library import Entry, find_instances
from optimizer.published.measure import Case, Measurement, measure
from optimizer.solver.backends import BACKENDS, available_backends

__all__ = ["run_bench"]


def run_bench(
    folder: Path | None,
    *,
    only: Sequence[str] = (),
    strategies: Sequence[str] = ("auto",),
    peers: Sequence[str] = (),
    gap: float = 1e-4,
    time_limit_s: float = 60.0,
    threads: int = 1,
    seeds: Sequence[int] = (0,),
    memory_mb: int | None = None,
    certify: bool = False,
    on_result: Callable[[Measurement], None] | None = None,
) -> list[Measurement]:
    """Measure every solver on every instance with every seed, one after the other.

    Parameters
    ----------
    folder
        A set or a folder of sets; None where `only` names generated instances alone.
    only
        Names of instances (see `find_instances`) and of generated ones (``generated/alliance-M``).
    strategies, peers
        Our strategies by name; peers by backend name, ``highspy`` or ``highspy:aggregated``.
    gap, time_limit_s, threads, memory_mb
        The same for everybody.
    seeds
        Each solve is repeated with each seed; tables show medians.
    certify
        Prove the bounds of our strategies again from their certificates, after the clock has stopped.
    on_result
        Called after each solve.

    Returns
    -------
    list of Measurement
        By instance, then seed, then solver, so that solvers meet the same state of the machine.

    Raises
    ------
    InputError
        A name fits no instance, or a peer is not installed.
    """
    solvers = [*strategies, *(f"peer:{peer}" for peer in _checked_peers(peers))]
    measurements = []
    for instance in _instances(folder, only):
        for seed in seeds:
            for solver in solvers:
                case = Case(instance, solver, gap, time_limit_s, threads, seed, memory_mb, certify)
                measurements.append(measure(case))
                if on_result is not None:
                    on_result(measurements[-1])
    return measurements


def _instances(folder: Path | None, only: Sequence[str]) -> list[Entry | Generated]:
    made = tuple(name for name in only if name.startswith("generated/"))
    named = [name for name in only if not name.startswith("generated/")]
    instances: list[Entry | Generated] = []
    if folder is not None and (named or not made):
        instances.extend(find_instances(folder, named))
    elif named:
        mend = "Name the folder that holds the instances."
        raise InputError([Fault("--instances", "", "a folder is needed for these names.", mend)])
    return [*instances, *find_generated(made)]


def _checked_peers(peers: Sequence[str]) -> Sequence[str]:
    installed = available_backends()
    faults = []
    for peer in peers:
        name = peer.partition(":")[0]
        if name not in BACKENDS:
            mend = f"Known are {', '.join(BACKENDS)}."
            faults.append(Fault("--peers", peer, "no peer has this name.", mend))
        elif name not in installed:
            mend = "Install entrepot[peers], here or in the environment named by ENTREPOT_PEERS_PYTHON."
            faults.append(Fault("--peers", peer, "this solver is not installed.", mend))
    if faults:
        raise InputError(faults)
    return peers
