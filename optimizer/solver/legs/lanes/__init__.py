"""Prices over legs with the supply of every lane decided whole, not by a price per unit."""
