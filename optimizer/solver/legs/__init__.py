"""The legs strategy: a far smaller program where options fall apart into legs, its cuts and its tree."""
