"""Regions of a problem that only a limit on the number of sites couples."""
