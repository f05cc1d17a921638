"""Existing solvers behind one function, each run in a process of its own."""

from optimizer.solver.backends.direct import BACKENDS, available_backends, solve_direct

__all__ = ["BACKENDS", "available_backends", "solve_direct"]
