"""The open nodes of the search, as arrays that compiled code can push to and pop from."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.single_source.arrays import Data, Node

__all__ = ["Stack", "grown", "new_stack", "pop", "push"]


class Stack(NamedTuple):
    """Open nodes, the deepest last; `bound` is what is proved of each."""

    site: npt.NDArray[np.int8]
    allowed: Bools
    home: Ints
    left: Floats
    slack: Floats
    price: Floats
    bound: Floats
    height: Ints


def new_stack(data: Data, height: int) -> Stack:
    """Room for some open nodes."""
    sites, rows = data.cost.shape
    return Stack(
        np.zeros((height, sites), dtype=np.int8),
        np.zeros((height, sites, rows), dtype=bool),
        np.zeros((height, rows), dtype=np.int64),
        np.zeros((height, sites)),
        np.zeros((height, 1)),
        np.zeros((height, rows)),
        np.zeros(height),
        np.zeros(1, dtype=np.int64),
    )


def grown(stack: Stack) -> Stack:
    """The same stack with twice the room."""

    def twice(part: Any) -> Any:
        return np.concatenate([part, np.zeros_like(part)])

    return Stack(
        twice(stack.site), twice(stack.allowed), twice(stack.home), twice(stack.left), twice(stack.slack),
        twice(stack.price), twice(stack.bound), stack.height,
    )  # fmt: skip


@njit(cache=True)
def push(stack: Stack, node: Node, price: Floats, bound: float) -> None:
    """Put a node on the stack."""
    at = stack.height[0]
    stack.site[at] = node.site
    stack.allowed[at] = node.allowed
    stack.home[at] = node.home
    stack.left[at] = node.left
    stack.slack[at] = node.slack
    stack.price[at] = price
    stack.bound[at] = bound
    stack.height[0] = at + 1


@njit(cache=True)
def pop(stack: Stack, node: Node, price: Floats) -> float:
    """Take the top node off the stack into `node` and `price`; returns its bound."""
    at = stack.height[0] - 1
    node.site[:] = stack.site[at]
    node.allowed[:] = stack.allowed[at]
    node.home[:] = stack.home[at]
    node.left[:] = stack.left[at]
    node.slack[:] = stack.slack[at]
    price[:] = stack.price[at]
    stack.height[0] = at
    return float(stack.bound[at])
