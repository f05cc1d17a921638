"""Conditions on the rows of a table, as in ``mode == 'sea' and amount > 100``: a small, closed language.

Allowed are column names, texts, numbers, true and false, comparisons (also chained), ``in`` and ``not in`` a
list, ``and``, ``or``, ``not`` (also ``&``, ``|``, ``~``), and the tests ``column.startswith('…')``,
``column.endswith('…')`` and ``column.contains('…')``. Dates are compared with texts like ``'2026-11-01'``.
Nothing else is evaluated: no calls, attributes, arithmetic or subscripts.
"""

import ast
import datetime as dt
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from optimizer.scenario.faultlist import nearest, suggestion

__all__ = ["BadExpression", "rows_where"]

Mask = np.ndarray

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_TESTS = ("startswith", "endswith", "contains")


class BadExpression(ValueError):  # noqa: N818 - it never leaves the scenario reader, where it becomes a Fault
    """A condition that cannot be understood: the rule it breaks and how to mend it."""

    def __init__(self, rule: str, mend: str) -> None:
        self.rule, self.mend = rule, mend
        super().__init__(rule)


def rows_where(frame: pd.DataFrame, condition: str) -> Mask:
    """Return which rows of a table satisfy a condition.

    Parameters
    ----------
    frame
        Table; columns that start with ``#`` cannot be named.
    condition
        Condition; the empty text holds for every row.

    Returns
    -------
    numpy.ndarray
        Bool, shape (rows,).

    Raises
    ------
    BadExpression
        If the condition is not in the language, names an unknown column or compares text with a number.

    Examples
    --------
    >>> table = pd.DataFrame({"mode": ["sea", "air"], "amount": [90.0, 5.0]})
    >>> rows_where(table, "mode in ['sea', 'rail'] and 50 < amount <= 90").tolist()
    [True, False]
    """
    if not condition.strip():
        return np.ones(len(frame), dtype=bool)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of comparisons by `is`, refused below
            tree = ast.parse(condition.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadExpression("The condition cannot be read.", "Write it as in \"mode == 'sea'\".") from None
    return _mask(tree, frame)


def _mask(node: ast.expr, frame: pd.DataFrame) -> Mask:  # noqa: PLR0911 - one case per kind of node
    """Return the rows for which a node that is true or false holds."""
    match node:
        case ast.BoolOp(op=op, values=values):
            masks = [_mask(value, frame) for value in values]
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return np.asarray(join.reduce(masks), dtype=bool)
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
            first, second = _mask(left, frame), _mask(right, frame)
            return np.asarray(first & second if isinstance(op, ast.BitAnd) else first | second)
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return ~_mask(operand, frame)
        case ast.Compare():
            return _comparison(node, frame)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=test), args=[ast.Constant(str(word))]):
            return _text_test(name, test, word, frame)
        case ast.Name(id=name) if _column(name, frame).dtype == bool:
            return np.asarray(_column(name, frame), dtype=bool)
        case ast.Constant(value=bool(value)):
            return np.full(len(frame), value)
    rule = f"{ast.unparse(node)!r} is neither true nor false."
    raise BadExpression(rule, "Compare a column with a value, as in \"mode == 'sea'\".")


def _comparison(node: ast.Compare, frame: pd.DataFrame) -> Mask:
    """Return the rows for which a comparison, chained ones included, holds."""
    result = np.ones(len(frame), dtype=bool)
    left = node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(op, ast.In | ast.NotIn):
            result &= _membership(left, op, right, frame)
        elif type(op) in _COMPARISONS:
            result &= _compare(left, _COMPARISONS[type(op)], right, frame)
        else:
            raise BadExpression("Only ==, !=, <, <=, >, >= and in compare.", "Write == for is.")
        left = right
    return result


def _compare(
    left: ast.expr, compare: Callable[[Any, Any], Any], right: ast.expr, frame: pd.DataFrame
) -> Mask:
    """Return the rows for which one comparison of two values holds; NaN compares as false."""
    first, second = _value(left, frame), _value(right, frame)
    if isinstance(first, pd.Series):
        second = _as_type_of(first, second)
    elif isinstance(second, pd.Series):
        first = _as_type_of(second, first)
    try:
        return np.broadcast_to(np.asarray(compare(first, second), dtype=bool), (len(frame),))
    except (TypeError, ValueError):
        raise _mixed(ast.unparse(left), ast.unparse(right)) from None


def _membership(left: ast.expr, op: ast.cmpop, right: ast.expr, frame: pd.DataFrame) -> Mask:
    """Return the rows whose value is, or is not, in a list of constants."""
    column = _value(left, frame)
    if not isinstance(column, pd.Series) or not isinstance(right, ast.List | ast.Tuple | ast.Set):
        raise BadExpression(
            "in needs a column before it and a list after it.", "Write it as in \"market in ['DE']\"."
        )
    values = [_as_type_of(column, _value(item, frame)) for item in right.elts]
    inside = np.asarray(column.isin(values), dtype=bool)
    return inside if isinstance(op, ast.In) else ~inside


def _text_test(name: str, test: str, word: str, frame: pd.DataFrame) -> Mask:
    """Return the rows whose text starts with, ends with or contains a word."""
    column = _column(name, frame)
    if test not in _TESTS or column.dtype != object:
        rule = f"{name}.{test} is not a test on this column."
        raise BadExpression(rule, f"On a text column use one of: {', '.join(_TESTS)}.")
    if test == "contains":
        return np.asarray(column.str.contains(word, regex=False), dtype=bool)
    found = column.str.startswith(word) if test == "startswith" else column.str.endswith(word)
    return np.asarray(found, dtype=bool)


def _value(node: ast.expr, frame: pd.DataFrame) -> object:
    """Return a column or a constant."""
    match node:
        case ast.Name(id="true" | "false" as word):
            return word == "true"
        case ast.Name(id=name):
            return _column(name, frame)
        case ast.Constant(value=str() | float() | int() | bool() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float() | int() as number)):
            return -number
    rule = f"{ast.unparse(node)!r} is neither a column nor a value."
    raise BadExpression(rule, "Compare columns with texts in quotes and numbers only.")


def _column(name: str, frame: pd.DataFrame) -> pd.Series:
    """Return a column by name."""
    valid = [str(column) for column in frame.columns if not str(column).startswith("#")]
    if name not in valid:
        quotes = "" if nearest(name, valid) else f" A text stands in quotes: '{name}'."
        raise BadExpression(f"There is no column {name}.", f"{suggestion(name, valid)}{quotes}")
    return frame[name]


def _as_type_of(column: pd.Series, value: object) -> object:
    """Return a constant as a value that can be compared with a column; a fault if it is of another type."""
    if isinstance(value, pd.Series):
        return value
    if column.dtype.kind == "M":
        try:
            return pd.Timestamp(dt.date.fromisoformat(str(value)))
        except ValueError:
            raise BadExpression(f"{value!r} is not a date.", "Write it as in '2026-11-30'.") from None
    if (column.dtype == object) != isinstance(value, str):
        raise _mixed(str(column.name), repr(value))
    return value


def _mixed(left: str, right: str) -> BadExpression:
    """Return the complaint that a text is compared with a number."""
    rule = f"{left} and {right} are of different types."
    return BadExpression(rule, "Put texts in quotes and leave numbers without.")
