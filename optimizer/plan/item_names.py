"""Names of the problem's items in the words of the business, for exported models."""

import pandas as pd

from optimizer.problem.labels import LabelledProblem

__all__ = ["item_names"]

SHOWN = {
    "row": ["product", "market", "period"],
    "gate": ["kind", "owner", "member", "site", "lane_period", "hub", "period"],
    "size": ["owner", "site", "size", "opens"],
    "resource": ["kind", "owner", "site", "market", "lane_period", "lane", "rule", "period"],
    "module": ["lane_period", "container"],
    "rule": ["owner", "rule"],
}
"""Label columns that make up a name, by kind of item; −1 and empty texts are left out."""


def item_names(labelled: LabelledProblem) -> dict[str, list[str]]:
    """Return a name for every row, option, gate, size, resource, measure, module, tier and rule.

    Names are made of the labels joined by dots. An option is named by its row and its number in it.
    """
    labels = labelled.labels
    tables = {
        "row": labels.rows,
        "gate": labels.gates,
        "size": labels.sizes,
        "resource": labels.resources,
        "module": labels.modules,
        "rule": labels.rules,
    }
    names = {kind: _joined(table, SHOWN[kind]) for kind, table in tables.items()}
    row = labels.options["row"]
    number = row.groupby(row).cumcount()
    rows = names["row"]
    names["option"] = [f"{rows[i]}.{k}" for i, k in zip(row, number, strict=True)]
    resources = names["resource"]
    of_measure = labels.measures[["resource", "measure"]].itertuples(index=False)
    names["measure"] = [f"{resources[resource]}.{measure}" for resource, measure in of_measure]
    names["tier"] = [f"{resources[int(r)]}.tier{k}" for k, r in enumerate(labels.tiers["resource"])]
    return names


def _joined(table: pd.DataFrame, columns: list[str]) -> list[str]:
    texts = [table[name].astype(str).replace("-1", "") for name in columns if name in table]
    lines = zip(*texts, strict=True) if texts else ()
    return [".".join(part for part in line if part) for line in lines]
