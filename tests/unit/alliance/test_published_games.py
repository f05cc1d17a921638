"""Every game with a known solution, every rule given there, to 1e-6."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from optimizer.alliance.allocation import UndefinedRuleError
from optimizer.alliance.core import core_test, cost_of_stability, least_core
from optimizer.alliance.equal_profit import equal_profit
from optimizer.alliance.game import CostGame
from optimizer.alliance.kohlberg import is_nucleolus
from optimizer.alliance.modiclus import modiclus
from optimizer.alliance.nucleolus import nucleolus, prenucleolus
from optimizer.alliance.properties import is_subadditive, is_submodular
from optimizer.alliance.proportional import proportional
from optimizer.alliance.separable import (
    cost_gap,
    equal_charge,
    equal_saving,
    separable_remaining_benefits,
    tau_value,
)
from optimizer.alliance.separation import ExplicitSeparator
from optimizer.alliance.serial import serial_fees
from optimizer.alliance.shapley import shapley_value, solidarity_value
from optimizer.alliance.spanning_tree import bird_fees

NAMES = [
    "airport_wikipedia",
    "coopgame_4p",
    "coopgame_shapley_15_1",
    "coopgame_tau_73_1",
    "coopproductgame_3p",
    "ferguson_coal",
    "gately_60_1",
    "glove_1_9",
    "hasan_broadcast_2011",
    "ibn_ezra_estate",
    "lemaire_insurance_1991",
    "mcst_bird_3",
    "modiclus_70_1",
    "peleg_sudholter_5_5_12",
    "siting_cfl_n12_s2",
    "siting_cfl_n8_s1",
    "siting_cfl_n8_s2",
    "skane_water_1982",
    "stach_tau_2011",
    "talmud_100",
    "talmud_300",
    "tva_1981",
    "ufl_triangle_empty_core",
]

RULES = {
    "shapley": shapley_value,
    "solidarity": solidarity_value,
    "tau": tau_value,
    "cgm": lambda game: cost_gap(game)[0],
    "scrb": separable_remaining_benefits,
    "gately": separable_remaining_benefits,
    "ecm": equal_charge,
    "equal_savings": equal_saving,
    "proportional_standalone": lambda game: proportional(game.total, game.alone()),
    "nucleolus": lambda game: nucleolus(game).as_floats,
    "prenucleolus": lambda game: prenucleolus(game).as_floats,
    "per_capita_nucleolus": lambda game: prenucleolus(game, per="size").as_floats,
    "proportional_nucleolus": lambda game: prenucleolus(game, per="cost").as_floats,
    "modiclus": lambda game: modiclus(game).as_floats,
}

CHECKED_ELSEWHERE = {"tol", "bird", "verified_by", "epm_note", "nucleolus_note", "bird_in_core"}
FACTS = {
    "least_core_eps",
    "least_core_eps_IR",
    "core_nonempty",
    "submodular_cost",
    "submodular",
    "subadditive_cost",
    "subadditive",
    "tau_quasibalanced",
    "epm_core",
    "epm_core_f",
    "cost_of_stability",
    "nucleolus_levels",
}


def load(folder: Path, name: str) -> tuple[dict, CostGame, int]:
    """Return the file, its cost game and the sign that turns shares into the file's payoffs."""
    data = json.loads((folder / f"{name}.json").read_text())
    if data["kind"] == "cost":
        return data, CostGame.from_values(data["values"]), 1
    return data, CostGame.from_worths(data["values"]), -1


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, list) and any(math.isnan(entry) for entry in value))


@pytest.mark.parametrize("name", NAMES)
def test_rules_reproduce_the_file(games_dir, name):
    data, game, sign = load(games_dir, name)
    computed = data["computed"]
    assert set(computed) - set(RULES) <= FACTS | CHECKED_ELSEWHERE, "a rule of the file is not tested"
    for rule in set(computed) & set(RULES):
        if is_missing(computed[rule]):
            with pytest.raises(UndefinedRuleError):
                RULES[rule](game)
        else:
            shares = sign * RULES[rule](game)
            assert np.abs(shares - computed[rule]).max() < 1e-6, rule


@pytest.mark.parametrize("name", NAMES)
def test_printed_values_hold_within_their_tolerance(games_dir, name):
    data, game, sign = load(games_dir, name)
    published = data.get("published", {})
    tolerance = max(published.get("tol", 0.0), 1e-6)
    for rule in set(published) & set(RULES):
        assert np.abs(sign * RULES[rule](game) - published[rule]).max() <= tolerance, rule


@pytest.mark.parametrize("name", NAMES)
def test_facts_about_the_game(games_dir, name):
    data, game, _ = load(games_dir, name)
    computed = data["computed"]
    separator = ExplicitSeparator(game)
    free = float(least_core(separator, game.exact(game.everybody)).stages[0].level)
    assert free == pytest.approx(computed["least_core_eps"], abs=1e-6)
    assert (free >= 0) == computed["core_nonempty"]
    if computed.get("least_core_eps_IR") is not None:
        rational = least_core(separator, game.exact(game.everybody), rational=True)
        assert float(rational.stages[0].level) == pytest.approx(computed["least_core_eps_IR"], abs=1e-6)
    for key in {"submodular_cost", "submodular"} & set(computed):
        assert is_submodular(game) == computed[key]
    for key in {"subadditive_cost", "subadditive"} & set(computed):
        assert is_subadditive(game) == computed[key]
    if "tau_quasibalanced" in computed:
        assert cost_gap(game)[1] == computed["tau_quasibalanced"]
    if "cost_of_stability" in computed:
        subsidy = cost_of_stability(separator, game.total).subsidy
        assert subsidy == pytest.approx(computed["cost_of_stability"], abs=1e-6)
    if "nucleolus_levels" in computed:
        levels = sorted({round(float(stage.level), 6) for stage in nucleolus(game).stages})
        assert levels == pytest.approx(computed["nucleolus_levels"], abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_equal_profit_reaches_the_optimum_inside_the_core(games_dir, name):
    data, game, _ = load(games_dir, name)
    if data["computed"].get("epm_core_f") is None:
        pytest.skip("the file gives no equal profit optimum")
    separator = ExplicitSeparator(game)
    result = equal_profit(separator, game.total, game.alone())
    ratios = result.shares / game.alone()
    assert result.value == pytest.approx(data["computed"]["epm_core_f"], abs=1e-6)
    assert ratios.max() - ratios.min() == pytest.approx(result.value, abs=1e-6)
    assert core_test(separator, result.shares).in_core is True
    if data["computed"].get("epm_core") is not None and result.value == 0:
        assert result.shares == pytest.approx(data["computed"]["epm_core"], abs=1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "ibn_ezra_estate"])
def test_kohlberg_confirms_both_nucleoli_and_refutes_a_shift(games_dir, name):
    _, game, _ = load(games_dir, name)
    shift = np.zeros(game.n)
    shift[:2] = [game.total * 1e-4, -game.total * 1e-4]
    for rational, rule in ((True, nucleolus), (False, prenucleolus)):
        shares = rule(game).as_floats
        assert is_nucleolus(game, shares, rational)
        assert not is_nucleolus(game, shares + shift, rational)


def test_nucleolus_is_exact_in_rationals(games_dir):
    _, game, _ = load(games_dir, "ufl_triangle_empty_core")
    assert [str(share) for share in nucleolus(game).shares] == ["7/3", "7/3", "7/3"]
    _, game, _ = load(games_dir, "skane_water_1982")
    assert [str(share) for share in nucleolus(game).shares][:2] == ["407/20", "3617/300"]
    _, game, _ = load(games_dir, "ibn_ezra_estate")
    assert [str(-share) for share in prenucleolus(game).shares] == ["260/3", "80/3", "20/3", "0"]


@pytest.mark.parametrize("name", ["ibn_ezra_estate", "skane_water_1982", "talmud_300", "stach_tau_2011"])
def test_closed_forms_agree_in_floats_and_in_fractions(games_dir, name):
    _, game, _ = load(games_dir, name)
    for rule in (shapley_value, solidarity_value, equal_charge, equal_saving):
        exact = rule(game, exact=True)
        assert exact.sum() == game.exact(game.everybody)
        assert np.abs(exact.astype(float) - rule(game)).max() < 1e-9 * abs(game.total)


def test_bird_fees_lie_in_the_core(games_dir):
    data, game, _ = load(games_dir, "mcst_bird_3")
    links = np.array([[0, 3, 8], [3, 0, 4], [8, 4, 0]], dtype=float)
    fees = bird_fees(np.full(3, 10.0), links)
    assert fees.tolist() == data["published"]["bird"]
    assert core_test(ExplicitSeparator(game), fees).in_core is data["computed"]["bird_in_core"]


def test_airport_of_thirteen_thousand_movements(games_dir):
    data = json.loads((games_dir / "airport_birmingham_1968.json").read_text())
    fees = serial_fees(data["cost"], data["movements"])
    assert fees == pytest.approx(data["computed_shapley_fee"], abs=1e-9)
    assert fees == pytest.approx(data["published_shapley_fee_per_movement"], abs=0.0051)
    assert (fees * data["movements"]).sum() == pytest.approx(max(data["cost"]), rel=1e-12)


def test_airport_with_one_movement_per_type(games_dir):
    data = json.loads((games_dir / "airport_birmingham_1968.json").read_text())
    single = data["one_movement_per_type"]
    costs = data["cost"]
    values = [max((costs[i] for i in range(11) if mask >> i & 1), default=0) for mask in range(1 << 11)]
    game = CostGame.from_values(values)
    assert shapley_value(game) == pytest.approx(single["shapley"], abs=1e-6)
    assert serial_fees(costs) == pytest.approx(single["shapley"], abs=1e-6)
    assert nucleolus(game).as_floats == pytest.approx(single["nucleolus"], abs=1e-6)
