"""Splittable facility location, capacitated or not: recognised, and solved by its own compiled tree."""
