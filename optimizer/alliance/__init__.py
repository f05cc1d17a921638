"""Who pays what in a shared plan, and does it hold: cost games, allocation rules, stability."""

from optimizer.alliance.allocate import AllianceResult, allocate
from optimizer.alliance.allocation import Allocation, UndefinedRuleError
from optimizer.alliance.coalition_solves import EnumerationProgress
from optimizer.alliance.enumeration import Enumeration, enumerate_costs
from optimizer.alliance.game import CostGame
from optimizer.alliance.generation import GeneratedCore, generate_core
from optimizer.alliance.member_problem import (
    MemberProblem,
    coalition_problem,
    excluded_from_site,
    site_vetoed,
)
from optimizer.alliance.member_view import member_view
from optimizer.alliance.rules import RuleInput, apply_rule, rule_names
from optimizer.alliance.settlement import settle
from optimizer.alliance.shapley_sampling import shapley_sampled
from optimizer.alliance.stability import Stability, outlook, stability, stability_table
from optimizer.alliance.what_if import best_partners, compare_plans, entry_exit, merger_gain, subgame

__all__ = [
    "AllianceResult",
    "Allocation",
    "CostGame",
    "Enumeration",
    "EnumerationProgress",
    "GeneratedCore",
    "MemberProblem",
    "RuleInput",
    "Stability",
    "UndefinedRuleError",
    "allocate",
    "apply_rule",
    "best_partners",
    "coalition_problem",
    "compare_plans",
    "entry_exit",
    "enumerate_costs",
    "excluded_from_site",
    "generate_core",
    "member_view",
    "merger_gain",
    "outlook",
    "rule_names",
    "settle",
    "shapley_sampled",
    "site_vetoed",
    "stability",
    "stability_table",
    "subgame",
]
