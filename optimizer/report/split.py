"""The split of the cost, as ``entrepot alliance --json`` prints it, as plain data that a page can show."""

from collections.abc import Mapping
from typing import Any

__all__ = ["split_content"]

OBJECTION_COLUMNS = (
    {"key": "rule", "kind": "rule"},
    {"key": "objectors", "kind": "text"},
    {"key": "pays", "kind": "money"},
    {"key": "alone_low", "kind": "money"},
    {"key": "alone_high", "kind": "money"},
    {"key": "gain_low", "kind": "money"},
    {"key": "gain_high", "kind": "money"},
    {"key": "proved", "kind": "verdict"},
)


def split_content(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each member pays under each rule, whether that holds, and who gains by leaving.

    Parameters
    ----------
    result
        ``AllianceResult.to_json()``.

    Returns
    -------
    dict
        ``total``, ``saving`` (low and high), ``core_nonempty``, ``table`` (cost now of those that
        told, cost alone, also its proved least where that is less, then a line per rule) and
        ``objections`` (a line per rule and group; ``proved`` is false where the group gains only if its
        cost alone is at the low end of what is known of it).
    """
    members = list(result["stand_alone_cost"])
    least = _least_alone(result)
    rows: list[list[Any]] = []
    if result.get("cost_now"):
        rows.append(["cost_now", *(result["cost_now"].get(member) for member in members), None])
    rows.append([None, *(result["stand_alone_cost"][member] for member in members), None])
    if any(least[member] < 0.9999 * result["stand_alone_cost"][member] for member in least):
        rows.append(["alone_at_least", *(least.get(member) for member in members), None])
    for rule, allocation in result["allocations"].items():
        paid = [allocation[member] for member in members]
        rows.append([rule, *paid, str(result["stability"][rule]["in_core"]).lower()])
    columns = [{"key": "rule", "kind": "rule"}]
    columns += [{"key": member, "kind": "money", "name": member} for member in members]
    columns.append({"key": "in_core", "kind": "verdict"})
    return {
        "total": result["grand_coalition_cost"],
        "saving": result["saving"],
        "core_nonempty": str(result["core_nonempty"]).lower(),
        "table": {"columns": columns, "rows": rows},
        "objections": {"columns": list(OBJECTION_COLUMNS), "rows": _objections(result["stability"])},
    }


def _least_alone(result: Mapping[str, Any]) -> dict[str, float]:
    """Proved least cost of each member by itself, as far as it is known."""
    alone = [one for one in result.get("coalitions", ()) if len(one["members"]) == 1]
    return {one["members"][0]: one["cost"][0] for one in alone}


def _objections(stability: Mapping[str, Any]) -> list[list[Any]]:
    """One line per rule and group that would, or might, pay less on its own."""
    return [
        [rule, " + ".join(one["members"]), one["pays"], *one["alone"], *one["gain"], proved]
        for rule, judged in stability.items()
        for kind, proved in (("blocking", "true"), ("doubtful", "false"))
        for one in judged.get(kind, ())
    ]
