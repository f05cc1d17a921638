"""Probing: what a site's choice costs at least, asked of the relaxation before the tree has to find out.

A site that the relaxation hardly opens may still cost more than the gap when it has to open: then no plan
worth finding opens it, and all that it brings leaves the program. One solve without further cuts tells.
"""

from dataclasses import replace

import numpy as np

from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.clock import Course
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Node

__all__ = ["probed"]


def probed(relaxation: Relaxation, node: Node, answer: LinearAnswer, course: Course) -> Node:
    """Rule out the sites of a node that no plan below the cutoff opens, and have those open that none closes.

    Parameters
    ----------
    relaxation
        Left restricted to the node that is returned.
    node, answer
        The node and the solution of its relaxation.
    course
        Knows the cutoff, and when to stop.

    Returns
    -------
    Node
        What is missing from it has a bound no lower than the cutoff.
    """
    assert answer.values is not None
    problem = relaxation.program.problem
    size = answer.values[relaxation.program.model.columns["y"]]
    share = np.add.reduceat(np.append(size, 0.0), problem.site_start[:-1])
    for site in np.argsort(share, kind="stable"):
        span = slice(int(problem.site_start[site]), int(problem.site_start[site + 1]))
        if node.must[site] or not node.allowed[span].any() or course.over():
            continue
        allowed, must = node.allowed.copy(), node.must.copy()
        allowed[span] = False
        closed = replace(node, allowed=allowed)
        must[site] = True
        opened = replace(node, must=must)
        unlikely, rest = (opened, closed) if share[site] < 0.5 else (closed, opened)
        relaxation.restrict(unlikely.allowed, unlikely.must)
        if relaxation.reaches(course.cutoff):
            node = rest
    relaxation.restrict(node.allowed, node.must)
    return node
