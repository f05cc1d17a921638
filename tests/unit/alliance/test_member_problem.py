"""Coalition problems, enumeration and participation on siting games small enough to check."""

import json
import warnings
from dataclasses import replace

import joblib
import numpy as np
import pytest

from optimizer.alliance.coalition import members_of
from optimizer.alliance.enumeration import enumerate_costs, tightened
from optimizer.alliance.member_problem import (
    MemberProblem,
    _without,
    coalition_problem,
    excluded_from_site,
    site_vetoed,
)
from optimizer.alliance.participation import Participation
from optimizer.alliance.siting_games import random_siting_game
from optimizer.errors import InfeasibleError
from optimizer.problem import ProblemBuilder, validate_problem
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Solution, Termination


def small(members: int = 3, seed: int = 1) -> MemberProblem:
    return random_siting_game(members, seed, sites=3, sizes=2, markets=4)


def exact(part, options, warm):
    return solve_direct(part.problem, options)


def two_members_and_a_rule() -> MemberProblem:
    """Each member has one row: direct at 9, or over the shared site (5, holds both) at 2 plus a fee of 1."""
    builder = ProblemBuilder(constant=3.0)
    rows = builder.add_rows([4.0, 4.0])
    site = builder.add_sites(1)
    size = builder.add_sizes(site, 5.0)
    gates = builder.add_gates([1.0, 1.0], np.repeat(site, 2))
    space = builder.add_measures(builder.add_resources(1), 0.0)
    builder.add_size_supply(size, space, 10.0)
    builder.add_options(rows, 9.0)
    builder.add_options(rows, 2.0, gates=gates, measures=np.full(2, space[0]), amounts=4.0)
    builder.add_rule(0.0, 1.0, gates=gates)
    builder.add_rule(1.0, 1.0, gates=gates[:1])
    problem = builder.build().problem
    return MemberProblem(problem, ("a", "b"), np.array([0, 1]), np.array([0, 1]))


def test_everybody_together_is_the_problem_itself():
    members = small()
    part = coalition_problem(members, 0b111)
    assert part.row.tolist() == list(range(members.problem.n_rows))
    assert part.problem.option_cost.tolist() == members.problem.option_cost.tolist()


def test_a_coalition_has_its_own_rows_and_all_sites():
    members = small()
    part = coalition_problem(members, 0b101)
    assert set(members.member_of_row[part.row]) == {0, 2}
    assert part.problem.n_sizes == members.problem.n_sizes
    assert part.problem.option_cost.tolist() == members.problem.option_cost[part.option].tolist()
    assert validate_problem(part.problem) == []


def test_rules_lose_the_gates_of_members_outside():
    members = two_members_and_a_rule()
    alone = coalition_problem(members, 0b10)
    # of the two rules only "at most one gate" remains, on b's gate alone; "a must use the site" is gone
    assert alone.rule.tolist() == [0]
    assert alone.problem.rule_index.tolist() == [members.problem.n_sizes + 1]
    assert validate_problem(alone.problem) == []


def test_costs_by_hand():
    # a must use the site: 3 + 5 + 1 + 2 = 11; b: 3 + min(9, 5 + 1 + 2) = 11; both, one gate only: 3 + 8 + 9
    game = enumerate_costs(two_members_and_a_rule(), SolveOptions(gap=0.0), solve_problem=exact).game
    assert game.upper.tolist() == pytest.approx([0, 11, 11, 20])
    assert game.lower.tolist() == pytest.approx([0, 11, 11, 20])


@pytest.mark.parametrize("seed", [1, 2])
def test_enumeration_agrees_with_participation(seed):
    members = small(4, seed)
    seen = []
    result = enumerate_costs(members, SolveOptions(gap=1e-6), on_progress=seen.append)
    model = Participation(members)
    costs = np.array([0.0] + [model.cost_of(mask).cost for mask in range(1, 16)])
    assert (result.game.lower <= costs + 1e-6).all()
    assert (costs <= result.game.upper + 1e-6).all()
    assert result.game.upper == pytest.approx(costs, rel=2e-6)
    assert result.solves == 15 and [point.done for point in seen] == list(range(1, 16))
    assert seen[-1].remaining_s == 0


def test_known_solutions_are_not_solved_again():
    members = small()
    options = SolveOptions(gap=1e-4)
    first = enumerate_costs(members, options)
    again = enumerate_costs(members, options, known=first.solutions)
    assert again.solves == 0
    assert again.game.upper.tolist() == first.game.upper.tolist()


@pytest.mark.slow
def test_two_processes_find_the_same():
    members = small()
    options = SolveOptions(gap=1e-6)
    one, two = enumerate_costs(members, options), enumerate_costs(members, options, jobs=2)
    assert two.game.upper == pytest.approx(one.game.upper, rel=2e-6)


def test_a_process_that_makes_way_for_a_new_one_is_nothing_to_warn_of(monkeypatch):
    """It gives the memory of a large coalition back; joblib takes that for a fault."""

    class Renewing:
        def __init__(self, **_: object) -> None:
            pass

        def __call__(self, tasks):
            for function, given, named in tasks:
                warnings.warn("A worker stopped while some jobs were given to the executor.", stacklevel=1)
                yield function(*given, **named)

    monkeypatch.setattr(joblib, "Parallel", Renewing)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = enumerate_costs(small(2), SolveOptions(gap=0.0), jobs=2)
    assert result.solves == 3
    assert not [each for each in heard if "worker stopped" in str(each.message)]


def test_a_coalition_takes_over_the_plans_of_its_parts():
    """With a solver that answers badly for pairs, two lone members side by side are the better plan."""
    members = small(2)

    def careless(part, options, warm):
        problem = part.problem
        solution = solve_direct(problem, options)
        if problem.n_rows == members.problem.n_rows:
            direct = problem.row_start[:-1].copy()
            closed = np.full(problem.n_sites, -1)
            plan = replace(
                solution.decisions,
                option=direct,
                share=np.ones(len(direct)),
                size=closed,
                gate=np.zeros(problem.n_gates, dtype=bool),
            )
            cost = problem.option_cost[direct].sum()
            return replace(solution, objective=cost, decisions=plan)
        return solution

    result = enumerate_costs(members, SolveOptions(gap=0.0), solve_problem=careless)
    one, two, both = result.game.upper[1:]
    worst = members.problem.option_cost[members.problem.row_start[:-1]].sum()
    assert one + two < worst - 1
    assert result.game.lower[3] <= both <= one + two + 1e-6
    assert result.solutions[3].objective == both


def test_a_coalition_without_a_plan_takes_its_part_of_a_larger_ones():
    """With a solver that finds nothing for lone members, each has its part of the pair's plan."""
    members = small(2)

    def lazy(part, options, warm):
        solution = solve_direct(part.problem, options)
        if part.problem.n_rows == members.problem.n_rows:
            return solution
        return replace(solution, objective=np.inf, decisions=None, termination=Termination.TIME_LIMIT)

    result = enumerate_costs(members, SolveOptions(gap=0.0), solve_problem=lazy)
    whole = result.solutions[3]
    for mask in (1, 2):
        truth = solve_direct(coalition_problem(members, mask).problem, SolveOptions(gap=0.0)).objective
        assert truth - 1e-6 <= result.game.upper[mask] <= whole.objective
        assert result.game.lower[mask] == pytest.approx(truth, rel=1e-6)
    assert result.solutions[1].objective == result.game.upper[1]


def test_a_loose_gap_gives_intervals_that_hold():
    members = small(4, 3)
    loose = enumerate_costs(members, SolveOptions(gap=0.05)).game
    model = Participation(members)
    for mask in range(1, 16):
        cost = model.cost_of(mask).cost
        assert loose.lower[mask] - 1e-6 <= cost <= loose.upper[mask] + 1e-6


def test_intervals_are_tightened_over_supersets():
    lower, upper = tightened(np.array([0, 5, 1, 3, 2, 2, 2, 2.0]), np.array([0, 9, 9, 8, 9, 9, 9, 7.0]))
    assert lower.tolist() == [0, 5, 1, 5, 2, 5, 2, 5]
    assert upper.tolist() == [0, 7, 7, 7, 7, 7, 7, 7]


def test_a_member_without_a_plan_is_named():
    def nothing(part, options, warm):
        return Solution(Termination.INFEASIBLE, np.inf, np.inf, None, None, "", 0.0)

    with pytest.raises(InfeasibleError, match="member 1, member 2, member 3"):
        enumerate_costs(small(), SolveOptions(), solve_problem=nothing)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_program_finds_the_coalition_of_least_excess(seed):
    members = small(4, seed)
    model = Participation(members)
    costs = {mask: model.cost_of(mask).cost for mask in range(1, 16)}
    random = np.random.default_rng(seed)
    for _ in range(4):
        prices = random.uniform(0.7, 1.1) * np.array([costs[1 << i] for i in range(4)])
        excess = {mask: costs[mask] - prices[list(members_of(mask))].sum() for mask in range(1, 15)}
        least = min(excess, key=excess.__getitem__)
        answer = model.least_excess(prices, level=1e9)
        assert answer.coalition == least
        assert answer.objective == pytest.approx(excess[least], abs=1e-3)
        assert answer.bound <= excess[least] + 1e-6
        nothing = model.least_excess(prices, level=excess[least] - 1.0)
        assert nothing.coalition is None and nothing.bound <= excess[least] - 1.0 + 1e-6
        own = model.least_excess(prices, level=1e9, with_member=2)
        assert own.objective == pytest.approx(min(v for m, v in excess.items() if m >> 2 & 1), abs=1e-3)


def test_a_veto_and_an_exclusion_never_make_a_coalition_cheaper():
    members = small()
    free = Participation(members)
    used = int(np.argmax(free.cost_of(7).point[free.sizes])) // 2
    vetoed, barred = site_vetoed(members, used), excluded_from_site(members, "member 1", used)
    assert validate_problem(vetoed.problem) == [] == validate_problem(barred.problem)
    without, shut = Participation(vetoed), Participation(barred)
    for mask in range(1, 8):
        cost = free.cost_of(mask).cost
        assert without.cost_of(mask).cost >= shut.cost_of(mask).cost - 1e-6 >= cost - 2e-6
        if not mask & 1:
            assert shut.cost_of(mask).cost == pytest.approx(cost)
    assert without.cost_of(7).cost > free.cost_of(7).cost + 1


def test_a_veto_that_strands_somebody_is_refused():
    members = two_members_and_a_rule()
    dear = np.flatnonzero(np.diff(members.problem.option_gate_start) == 0)
    only_site = _without(members, np.isin(np.arange(members.problem.n_options), dear[:1]))
    with pytest.raises(InfeasibleError, match="without the site a has orders"):
        site_vetoed(only_site, 0)


def test_published_siting_games_are_of_this_class(games_dir):
    data = json.loads((games_dir / "siting_cfl_n8_s1.json").read_text())
    game = random_siting_game(data["n"], seed=1)
    assert game.problem.n_sites == 8 and game.problem.n_sizes == 24
    assert game.problem.n_rows == data["n"] * 12
