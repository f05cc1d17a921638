"""What one member may see: its own numbers, the alliance's totals, and whether its share holds."""

from typing import Any

from optimizer.alliance.allocate import AllianceResult, percent_saved

__all__ = ["member_view"]

PLACES = 2

ALL_COSTED = (
    "Every one of the {} coalitions short of the whole was costed with a proved lower bound; in_core is "
    "true only if the shares of each stay at or below that bound, false only if some coalition has a plan "
    "that costs it less, and undecided otherwise."
)
PARTLY_COSTED = (
    "The alliance is too large to cost every coalition; in_core is true only where a search over all of "
    "them proved it, false only if some coalition has a plan that costs it less, and undecided otherwise."
)


def member_view(result: AllianceResult, member: str) -> dict[str, Any]:
    """Return a member's confidential report as plain data, rounded to the cent.

    It is a function of the member's own costs (now, if it told, and alone) and shares, of the alliance's
    totals (number of members, common cost, sum of stand-alone costs) and of verdicts. It names no other
    member and no coalition, and holds no excess, marginal cost or order of members: none of another's
    volumes, rates or shares can be computed from it, unless the alliance has only two members, where the
    totals tell all (`two_members` warns of that).
    """
    game = result.game
    player = game.players.index(member)
    alone = float(game.alone()[player])
    total = game.total
    everybody_alone = round(float(sum(sorted(game.alone().tolist()))), PLACES)
    rules: dict[str, dict[str, Any]] = {}
    for rule, allocation in result.allocations.items():
        judged = result.stability[rule]
        share = round(float(allocation.shares[player]), PLACES)
        rules[rule] = {
            "share": share,
            "saving": round(alone - share, PLACES),
            "saving_percent": round(100 * (1 - share / alone), PLACES) if alone else None,
            "no_more_than_alone": _own_verdict(game.lower[1 << player], game.upper[1 << player], share),
            "in_core": judged.in_core,
        } | _from_now(result, member, share)
    now = result.cost_now.get(member)
    return {
        "member": member,
        "two_members": game.n == 2,
        "alliance": {
            "members": game.n,
            "common_cost": round(total, PLACES),
            "sum_of_stand_alone_costs": everybody_alone,
            "saving": round(everybody_alone - round(total, PLACES), PLACES),
        },
        **({} if now is None else {"cost_now": round(now, PLACES)}),
        "stand_alone_cost": round(alone, PLACES),
        **{f"stand_alone_{name}": saved for name, saved in _from_now(result, member, alone).items()},
        "rules": rules,
        "proof": PARTLY_COSTED if result.partial else ALL_COSTED.format((1 << game.n) - 2),
    }


def _from_now(result: AllianceResult, member: str, pays: float) -> dict[str, Any]:
    """Return what the member saves against its own cost now; nothing where it did not tell that."""
    now = result.cost_now.get(member)
    if now is None:
        return {}
    percent = percent_saved(now, pays)
    return {
        "saving_from_now": round(now - pays, PLACES),
        "saving_from_now_percent": None if percent is None else round(percent, PLACES),
    }


def _own_verdict(lower: float, upper: float, share: float) -> bool | str:
    if share <= lower + 10**-PLACES / 2:
        return True
    return "undecided" if share <= upper + 10**-PLACES / 2 else False
