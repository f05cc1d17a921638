"""The memory in which a search over openings works, laid out once and used again."""

from typing import NamedTuple

import numpy as np

from optimizer.alliance.openings.plans import Node, Plan, begin_plan
from optimizer.alliance.openings.structure import SiteStructure
from optimizer.problem.problem import Floats, Ints

__all__ = ["Cuts", "Room", "Stack", "begin_room"]

MOST_PLANS = 96
SET_ASIDE = 8192
"""Nodes beyond those of one dive that a stack has room for."""


class Stack(NamedTuple):
    """Open nodes, last in first out."""

    open_sites: Ints
    sizes: Ints
    state: Ints
    need: Ints
    bar: Ints
    price: Floats
    bound: Floats
    is_root: Ints


class Cuts(NamedTuple):
    """Plans met: their base cost, their use beyond what there is, and their choices."""

    base: Floats
    excess: Floats
    open_sites: Ints
    inside: Ints
    used: Ints
    size: Ints
    weight: Floats


class Room(NamedTuple):
    """Everything a search works in.

    `top` (1,): height of the stack; `visit` (1,): nodes since the last change of the open sites; `lowest`
    (1,): least bound settled; `aside`: room to move nodes in.
    """

    top: Ints
    visit: Ints
    lowest: Floats
    root_bound: Floats
    unit: Floats
    reach: Ints
    stack: Stack
    aside: Stack
    cuts: Cuts
    plan: Plan
    node: Node
    basis: Ints
    inverse: Floats
    dual: Floats
    column: Floats
    size: Ints
    price: Floats
    best_price: Floats
    best_margin: Floats
    part: Floats


def begin_room(game: SiteStructure) -> Room:
    """Return a workplace for searches over the game."""
    n, sites, measures = game.n, game.n_sites, len(game.standing)
    dive = 4 * (n * (sites + 1) + len(game.size_cost)) + 16
    whole = np.int64
    unit = np.maximum(game.size_supply.max(axis=0, initial=0.0), game.standing + game.brought.sum(axis=0))
    return Room(
        np.zeros(1, whole),
        np.zeros(1, whole),
        np.zeros(1),
        np.zeros(1 << sites),
        np.where(unit > 0.0, unit, 1.0),
        _reach(game),
        _begin_stack(game, (1 << sites) + SET_ASIDE + dive),
        _begin_stack(game, dive),
        Cuts(
            np.zeros(MOST_PLANS),
            np.zeros((MOST_PLANS, measures)),
            np.zeros(MOST_PLANS, whole),
            np.zeros((MOST_PLANS, n), whole),
            np.zeros((MOST_PLANS, n), whole),
            np.zeros((MOST_PLANS, sites), whole),
            np.zeros(MOST_PLANS),
        ),
        begin_plan(game),
        Node(*(np.zeros(width, whole) for width in (1, sites, n, n, n))),
        np.zeros(measures + 1, whole),
        np.zeros((measures + 1, measures + 1)),
        np.zeros(measures + 1),
        np.zeros(measures + 1),
        np.zeros(sites, whole),
        np.zeros(measures),
        np.zeros(measures),
        np.zeros(n),
        np.zeros(max(int(np.diff(game.site_start).max(initial=1)), 1)),
    )


def _begin_stack(game: SiteStructure, depth: int) -> Stack:
    """Return a stack that holds so many nodes."""
    n, sites, whole = game.n, game.n_sites, np.int64
    return Stack(
        np.zeros(depth, whole),
        np.zeros((depth, sites), whole),
        np.zeros((depth, n), whole),
        np.zeros((depth, n), whole),
        np.zeros((depth, n), whole),
        np.zeros((depth, len(game.standing))),
        np.zeros(depth),
        np.zeros(depth, whole),
    )


def _reach(game: SiteStructure) -> Ints:
    """Return, as bits, the sites whose options use each measure (bit `sites`: options without a site)."""
    site = np.arange(len(game.cell_start) - 1) % (game.n_sites + 1)
    of_option = np.repeat(site, np.diff(game.cell_start))
    of_use = np.repeat(of_option, np.diff(game.use_start))
    reach = np.zeros(len(game.standing), np.int64)
    np.bitwise_or.at(reach, game.use_measure, 1 << of_use)
    return reach
