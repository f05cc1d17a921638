"""Least excess by branch and bound over openings, for problems whose members meet only at sites."""
