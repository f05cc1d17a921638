"""Probing: what a site's choice costs at least, asked of the relaxation before the tree has to find out.

A site that the relaxation hardly opens may still cost more than the gap when it has to open: then no plan
worth finding opens it, and all that it brings leaves the program. Asked between the rounds of cuts, while the
program is small, a few steps of the simplex method tell, and every later round has the less to do.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.solver.backends.linear import MOST_STEPS, LinearAnswer
from optimizer.solver.carried import Carried
from optimizer.solver.clock import Course
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Node, whole

__all__ = ["Probing", "without_dear_sizes"]

Bools = npt.NDArray[np.bool_]

STEPS = 300
"""Steps of the simplex method after which a question stays open."""

DEAR = 2.0
"""Gaps asked for that a departure from an earlier plan must have cost for it to be asked for at once."""

HOPE = 1.1
"""How many times what a choice cost when last asked the gap may be for it to be asked again."""

WORTH_BRANCHING = 0.3
"""Part of the gap that a site's choice has to cost for the tree to branch on it first."""

CLOSED = 1e-9


class Probing:
    """Asks of nodes, and remembers what each site's unlikely choice cost when last asked.

    Parameters
    ----------
    relaxation
        Restricted to the node that is asked of.
    course
        Knows the cutoff, and when to stop.
    earlier
        What was handed over by another relaxation: choices that were too cheap to be ruled out there at a
        gap are not asked for at such a gap again.
    """

    def __init__(self, relaxation: Relaxation, course: Course, earlier: Carried | None = None) -> None:
        self._relaxation = relaxation
        self._course = course
        self._cost = np.full(relaxation.program.problem.n_sites, np.inf)
        if earlier is not None:
            np.minimum.at(self._cost, self._site, earlier.asked)

    def handed_over(self) -> Carried:
        """What the relaxation hands over, and what choices cost."""
        return replace(self._relaxation.handed_over(), asked=self._cost[self._site])

    @property
    def _site(self) -> npt.NDArray[np.int64]:
        """Site of each size."""
        return owner(self._relaxation.program.problem.site_start)

    def narrowed(self, node: Node, answer: LinearAnswer) -> Node:
        """Rule out the sites of a node that no plan below the cutoff opens, have those open that none closes.

        Parameters
        ----------
        node, answer
            The node and a solution of its relaxation, which may have got rows since.

        Returns
        -------
        Node
            What is missing from it has a bound no lower than the cutoff. The relaxation is restricted to it.
        """
        relaxation, course, cutoff = self._relaxation, self._course, self._course.cutoff
        if not np.isfinite(cutoff):
            return node
        node = without_dear_sizes(relaxation, node, answer, cutoff)
        problem = relaxation.program.problem
        share = self._share(answer)
        for site in np.argsort(np.minimum(share, 1.0 - share), kind="stable"):
            span = slice(int(problem.site_start[site]), int(problem.site_start[site + 1]))
            settled = node.must[site] or not node.allowed[span].any()
            if settled or cutoff - answer.objective > HOPE * self._cost[site] or course.over():
                continue
            closed, opened = _choices(node, int(site), span)
            unlikely, rest = (opened, closed) if share[site] < 0.5 else (closed, opened)
            relaxation.restrict(unlikely.allowed, unlikely.must)
            reached, objective = relaxation.reaches(cutoff, STEPS)
            self._cost[site] = objective - answer.objective
            node = rest if reached else node
        relaxation.restrict(node.allowed, node.must)
        return node

    def kept(self, sizes: Bools) -> Node:
        """Rule out what opens or closes sites otherwise than an earlier plan.

        Of those that were dear when last asked for the dearest comes first. The relaxation of the whole need
        not be solved for this: the steps of each question lead on to the next.

        Parameters
        ----------
        sizes
            Sizes that the plan opens.

        Returns
        -------
        Node
            What is missing from it has a bound no lower than the cutoff. The relaxation is restricted to it.
        """
        relaxation, problem = self._relaxation, self._relaxation.program.problem
        node = whole(problem.n_sizes, problem.n_sites)
        dear, steps = DEAR * self._course.options.gap * abs(self._course.objective), MOST_STEPS
        for site in np.argsort(-self._cost, kind="stable"):
            span = slice(int(problem.site_start[site]), int(problem.site_start[site + 1]))
            if self._cost[site] < dear or span.start == span.stop or self._course.over():
                continue
            closed, opened = _choices(node, int(site), span)
            other, rest = (closed, opened) if sizes[span].any() else (opened, closed)
            relaxation.restrict(other.allowed, other.must)
            reached, _ = relaxation.reaches(self._course.cutoff, steps)
            node = rest if reached else node
            steps = STEPS
        relaxation.restrict(node.allowed, node.must)
        return node

    def halves(self, node: Node, answer: LinearAnswer) -> tuple[Node, Node] | None:
        """Split a node by the choice that costs most, the likelier half first; None where none costs much.

        The unlikely half needs few cuts to be closed, and the other is a smaller program.
        """
        gap = self._course.cutoff - answer.objective
        if not np.isfinite(gap):
            return None
        start = self._relaxation.program.problem.site_start
        spans = [slice(int(start[site]), int(start[site + 1])) for site in range(len(self._cost))]
        free = ~node.must & [bool(node.allowed[span].any()) for span in spans]
        cost = np.where(free & np.isfinite(self._cost), self._cost, -np.inf)
        site = int(np.argmax(cost)) if len(cost) else -1
        if site < 0 or cost[site] <= WORTH_BRANCHING * gap:
            return None
        closed, opened = _choices(node, site, spans[site])
        return (closed, opened) if self._share(answer)[site] < 0.5 else (opened, closed)

    def _share(self, answer: LinearAnswer) -> npt.NDArray[np.float64]:
        """How far the solution opens each site."""
        assert answer.values is not None
        program = self._relaxation.program
        size = answer.values[program.model.columns["y"]]
        shares: npt.NDArray[np.float64] = np.add.reduceat(
            np.append(size, 0.0), program.problem.site_start[:-1]
        )
        return shares


def without_dear_sizes(relaxation: Relaxation, node: Node, answer: LinearAnswer, cutoff: float) -> Node:
    """Rule out closed sizes whose reduced costs alone take the bound to the cutoff."""
    assert answer.values is not None and answer.reduced is not None
    sizes = relaxation.program.model.columns["y"]
    beyond = answer.bound + answer.reduced[sizes] >= cutoff
    dear = node.allowed & (answer.values[sizes] <= CLOSED) & beyond
    return replace(node, allowed=node.allowed & ~dear) if dear.any() else node


def _choices(node: Node, site: int, span: slice) -> tuple[Node, Node]:
    """Parts of a node in which a site is closed, and in which it is open."""
    allowed, must = node.allowed.copy(), node.must.copy()
    allowed[span] = False
    must[site] = True
    return replace(node, allowed=allowed), replace(node, must=must)
