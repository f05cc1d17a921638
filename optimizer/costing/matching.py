"""Finding the most specific rule: country before EU, longest HS prefix, named before ``*``."""

from collections.abc import Callable, Sequence

import pandas as pd

__all__ = ["ANY", "EU27", "country_or_union", "match", "named_or_any", "prefixes"]

ANY = "*"
UNION = "EU"
EU27 = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


def country_or_union(country: str) -> list[str]:
    """Return the keys under which rules for a country stand, the most specific first.

    Examples
    --------
    >>> country_or_union("DE"), country_or_union("NO")
    (['DE', 'EU'], ['NO'])
    """
    return [country, UNION] if country in EU27 else [country]


def named_or_any(name: str) -> list[str]:
    """Return a name and the ``*`` that stands for all."""
    return [name, ANY] if name != ANY else [ANY]


def prefixes(hs_code: str) -> list[str]:
    """Return the prefixes of an HS code, the longest first, then ``*``.

    Examples
    --------
    >>> prefixes("9503")
    ['9503', '950', '95', '9', '*']
    """
    return [hs_code[:length] for length in range(len(hs_code), 0, -1)] + [ANY]


def match(
    requests: pd.DataFrame,
    rules: pd.DataFrame,
    keys: Sequence[tuple[str, str, Callable[[str], list[str]]]],
    within: Sequence[str] = (),
) -> pd.DataFrame:
    """Return for each request the most specific rule, or one per value of `within`.

    Parameters
    ----------
    requests
        One row per request.
    rules
        One row per rule, already limited to those in force.
    keys
        Triples (column of `requests`, column of `rules`, function that lists what to look for, most
        specific first). The first triple decides before the second, and so on.
    within
        Columns of `rules`; the best rule is taken for each combination of their values, and the
        results add up.

    Returns
    -------
    pandas.DataFrame
        Columns of `rules` and ``request``, the position of the request it answers.
    """
    found = pd.DataFrame({"request": range(len(requests))})
    ranks = []
    for wanted, column, alternatives in keys:
        values = requests[wanted].unique()
        listed = [(value, name, rank) for value in values for rank, name in enumerate(alternatives(value))]
        choices = pd.DataFrame(listed, columns=["_value", column, f"_rank_{column}"])
        present = choices[choices[column].isin(rules[column])]
        found["_value"] = requests[wanted].to_numpy()[found["request"]]
        found = found.merge(present, on="_value", how="inner").drop(columns="_value")
        ranks.append(f"_rank_{column}")
    found = found.merge(rules, on=[column for _, column, _ in keys], how="inner")
    found = found.sort_values(["request", *ranks], kind="stable")
    return found.drop_duplicates(["request", *within]).drop(columns=ranks).reset_index(drop=True)
