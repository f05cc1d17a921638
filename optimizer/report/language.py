"""The words of reports in each language, from one table per language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from optimizer.errors import Fault, InputError

__all__ = ["LANGUAGES", "MARK", "phrases", "translated"]

LANGUAGES = ("en", "zh")
MARK = "t:"
"""A text that starts so is the key of a phrase, wherever it stands in a chart."""

FOLDER = Path(__file__).parent / "languages"


@cache
def phrases(language: str) -> Mapping[str, str]:
    """Return every phrase of a language by its dotted key.

    Raises
    ------
    InputError
        There is no table for the language.

    Examples
    --------
    >>> phrases("en")["mode.postal"], phrases("zh")["mode.postal"]
    ('Postal parcel', '邮政小包')
    """
    if language not in LANGUAGES:
        known = f"Known: {', '.join(LANGUAGES)}."
        raise InputError([Fault("--lang", language, "there is no table of this language.", known)])
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, part in sections.items() for key, text in part.items()}


def translated(value: Any, language: str) -> Any:
    """Return a nested value with every marked text replaced by its phrase; unknown keys lose their prefix.

    >>> translated({"title": "t:mode.line", "values": ["t:component.new_fee", 3]}, "en")
    {'title': 'Dedicated line', 'values': ['new fee', 3]}
    """
    if isinstance(value, Mapping):
        return {key: translated(item, language) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [translated(item, language) for item in value]
    if isinstance(value, str) and value.startswith(MARK):
        key = value.removeprefix(MARK)
        return phrases(language).get(key, key.partition(".")[2].replace("_", " "))
    return value
