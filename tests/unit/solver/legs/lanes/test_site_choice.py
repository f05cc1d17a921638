"""Sizes of least worth within limits on numbers of sites: the greedy choice against all choices."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from optimizer.problem import Problem, ProblemBuilder
from optimizer.solver.legs.lanes.choice import SiteChoice


def limited(random: np.random.Generator) -> Problem:
    """Five sites of one to three sizes, with limits that are nested, apart or crossing."""
    builder = ProblemBuilder()
    row = builder.add_rows([1.0])
    builder.add_options(row, [1.0])
    owner = np.repeat(builder.add_sites(5), random.integers(1, 4, 5))
    sizes = builder.add_sizes(owner, np.zeros(len(owner)))
    for sites in ([0, 1, 2, 3, 4], [0, 1], [2, 3], [1, 2], [0, 1, 4]):
        if random.random() < 0.6:
            most = float(random.integers(0, len(sites) + 1)) + random.choice([0.0, 0.5])
            builder.add_rule(-np.inf, most, sizes=sizes[np.isin(owner, sites)])
    if random.random() < 0.3:
        builder.add_rule(1.0, np.inf, sizes=sizes)
    return builder.build().problem


@pytest.mark.parametrize("seed", range(60))
def test_choice_is_the_cheapest_of_all_that_keep_the_limits(seed: int) -> None:
    random = np.random.default_rng([93, seed])
    problem = limited(random)
    choice = SiteChoice(problem)
    worth = random.integers(-9, 6, problem.n_sizes).astype(float)
    closed, must = random.random(problem.n_sizes) < 0.2, random.random(5) < 0.2
    start = problem.site_start
    of_site = [
        [s for s in range(start[k], start[k + 1]) if not closed[s]] + ([] if must[k] else [-1])
        for k in range(5)
    ]
    allowed = []
    for sizes in product(*of_site):
        opened = np.isin(np.arange(problem.n_sizes), sizes)
        done = [
            opened[problem.rule_index[problem.rule_start[r] : problem.rule_start[r + 1]]].sum()
            for r in choice.rules
        ]
        if np.all(done <= problem.rule_upper[choice.rules]):
            allowed.append(float(worth[opened].sum()))
    found = choice.chosen(worth.tolist(), closed, must)
    if found is None:
        assert not allowed
        return
    assert sum(worth[found]) == min(allowed)
    exact = choice.chosen([Fraction(float(each)) for each in worth], closed, must)
    assert exact == found


def test_rules_of_other_kinds_are_left_to_prices() -> None:
    builder = ProblemBuilder()
    builder.add_options(builder.add_rows([1.0]), [1.0])
    sizes = builder.add_sizes(np.repeat(builder.add_sites(2), 2), np.zeros(4))
    builder.add_rule(1.0, 2.0, sizes=sizes)
    builder.add_rule(-np.inf, 1.0, sizes=sizes[:3])
    builder.add_rule(-np.inf, 3.0, sizes=sizes, coefficients=[1.0, 2.0, 1.0, 2.0])
    builder.add_rule(-np.inf, 1.0, sizes=sizes)
    assert SiteChoice(builder.build().problem).rules.tolist() == [3]
