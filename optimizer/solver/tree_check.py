"""Whether a stored search tree covers every plan: each inner node cuts the range of one item in two."""

import numpy as np

from optimizer.errors import CheckError
from optimizer.problem.problem import Problem
from optimizer.solver.solution import INNER, SearchTree

__all__ = ["leaves_of"]


def leaves_of(problem: Problem, tree: SearchTree) -> list[int]:
    """Return the leaves of a tree that leaves no plan out.

    Raises
    ------
    CheckError
        With every node that is not split in two halves, and every leaf that nothing closes.
    """
    nodes = len(tree.parent)
    lengths = {len(part) for part in (tree.item, tree.at, tree.above, tree.prices_of, tree.word)}
    if lengths != {nodes} or not nodes or tree.parent[0] != -1:
        raise CheckError(["the search tree has no root, or its columns differ in length"])
    if np.any(tree.parent[1:] < 0) or np.any(tree.parent[1:] >= np.arange(1, nodes)):
        raise CheckError(["a node of the search tree does not stand after its parent"])
    children: list[list[int]] = [[] for _ in range(nodes)]
    for node in range(1, nodes):
        children[int(tree.parent[node])].append(node)
    faults = []
    for node, below in enumerate(children):
        if below:
            faults += _split_faults(problem, tree, node, below)
        elif tree.prices_of[node] == INNER and not tree.word[node] > -np.inf:
            faults.append(f"nothing closes leaf {node} of the search tree")
        elif not INNER <= tree.prices_of[node] < len(tree.prices):
            faults.append(f"leaf {node} of the search tree names prices that are not there")
    if faults:
        raise CheckError(faults)
    return [node for node, below in enumerate(children) if not below]


def _split_faults(problem: Problem, tree: SearchTree, node: int, below: list[int]) -> list[str]:
    """Say why the children of a node do not cover it."""
    item, at = int(tree.item[below[0]]), int(tree.at[below[0]])
    same = all(tree.item[child] == item and tree.at[child] == at for child in below)
    if len(below) != 2 or not same or tree.above[below[0]] == tree.above[below[1]]:
        return [f"the children of node {node} of the search tree do not cover it"]
    first_module = problem.n_sizes + problem.n_gates
    first_option = first_module + problem.n_modules
    if not 0 <= item < first_option + problem.n_options:
        return [f"node {node} of the search tree splits an item that is not there"]
    if first_module <= item < first_option:
        return [] if at >= 0 else [f"node {node} of the search tree cuts a count below zero"]
    if at != 0:
        return [f"node {node} of the search tree cuts a yes or no elsewhere than between the two"]
    if item >= first_option:
        row = np.searchsorted(problem.row_start, item - first_option, side="right") - 1
        if not problem.row_single[row]:
            return [f"node {node} of the search tree splits an option whose share may be anything"]
    return []
